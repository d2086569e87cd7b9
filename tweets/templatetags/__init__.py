"""Tags of tweets."""
