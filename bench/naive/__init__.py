"""The same jobs as people write them first. Nothing of this is used outside the bench."""
