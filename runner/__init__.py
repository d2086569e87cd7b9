"""`script/run`: all processes of Chirp on one machine, under one process manager.

options     the options of the command line and of the environment
__main__    checks what could prevent a start, then hands over to the manager
orphans     ends processes that a killed manager left behind
programs    the table of processes: their commands, their order, how to stop them
manager     supervisor, which starts, restarts and stops them, and prefixes their output
prepare     runs first: database, secrets, static files, demo
reload      for development: restarts a process when the code changes
ready       runs last: waits until the web answers, and prints the URLs
"""
