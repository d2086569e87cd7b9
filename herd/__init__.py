"""Location servers that exchange the locations of clients: docs/herd.md.

The package is independent of Django and of the site. Only tweets.py talks to the API of the site.
"""
