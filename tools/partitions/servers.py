"""Temporary servers for measurements on generated rows."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.embedded import Servers


@contextmanager
def temporary_servers() -> Iterator[tuple[Path, "Servers"]]:
    """Start servers in a temporary directory, and set Django up with them, without limits."""
    with tempfile.TemporaryDirectory(prefix="chirp-measured-") as name:
        os.environ |= {
            "VAR_DIR": name,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "LOG_LEVEL": "ERROR",
            "RATE_LIMIT_WRITES": "off",
            "RATE_LIMIT_READS": "off",
            "LINK_PREVIEWS": "0",
        }
        from runner import embedded

        with embedded.running(Path(name), fast=True) as servers:
            import django

            django.setup()
            yield Path(name), servers
