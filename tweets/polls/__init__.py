"""Polls: the choices of a tweet on which those who may see it vote, once, until the poll ends."""
