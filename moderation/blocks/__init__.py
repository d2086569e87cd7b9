"""E-mail domains, networks and words that administrators block."""
