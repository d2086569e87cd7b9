"""Measures Chirp and compares it with floors and peers: `script/bench`; see README.md."""
