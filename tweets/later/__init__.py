"""Tweets for later: drafts, and scheduled tweets."""
