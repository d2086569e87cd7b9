"""Other projects that do the same work, in separate virtual environments."""
