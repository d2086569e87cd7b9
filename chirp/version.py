"""The version of Chirp."""

VERSION = "1.0"
