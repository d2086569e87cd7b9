"""`manage.py herd`: one location server, which needs nothing of Django, in the place of this."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Turns into `python -m herd NAME`."""

    help = "Starts a location server, until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one; where the settings are, HERD_SETTINGS says."""
        parser.add_argument("name", help="which server of the settings file to be")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over."""
        found = [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, found))
        os.environ["VAR_DIR"] = str(settings.VAR_DIR)
        command = [sys.executable, "-m", "herd", options["name"]]
        os.execv(sys.executable, command)  # noqa: S606 - no shell
