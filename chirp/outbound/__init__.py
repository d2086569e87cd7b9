"""Requests to hosts that strangers name: link previews, push services."""
