"""`script/run`: everything that Chirp consists of, on one machine, under one process manager.

options     what was asked for on the command line
__main__    look before we leap: refuse in clear words what cannot work
orphans     end what a killed manager left behind
programs    the table of processes: command, order, how to stop
manager     supervisor, which starts, restarts and stops them, and prefixes what they say
prepare     runs first: database, secrets, static files, demo
reload      for development: starts a process again when the code has changed
ready       runs last: waits for the web to answer, and says where to go
"""
