"""Simple implementations of the same work, used only by the bench."""
