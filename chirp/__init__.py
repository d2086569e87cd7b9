"""Chirp's project package: settings, wiring and the tools every app shares. It knows no domain."""

from chirp.celery import app as celery_app

__all__ = ["celery_app"]
