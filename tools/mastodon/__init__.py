"""Run programs that strangers wrote for Mastodon against a running Chirp.

They are Mastodon.py, toot and masto.js. Each runs in a process of its own: Mastodon.py is a package
called `mastodon`, as our own room is.
"""
