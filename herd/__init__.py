"""Location servers that tell each other where clients are: docs/herd.md.

They stand alone: no Django, nothing of the site. Tweets come through one small port (tweets.py).
"""
