"""Chirp's project package: settings, wiring and the tools that every app shares."""
