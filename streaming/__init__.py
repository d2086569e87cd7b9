"""Live updates: the process that holds open streams, and what they say (docs/streams.md)."""
