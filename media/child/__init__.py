"""What decodes uploads: a program that runs in a process of its own and imports no Django.

A file that makes a decoder hang, crash or take all memory ends this process and nothing else.
"""
