"""`manage.py herd`: replace this process by a location server, which does not use Django."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Executes `python -m herd NAME` in place of this process."""

    help = "Runs a location server, until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name of the server. HERD_SETTINGS is the path of the settings file."""
        parser.add_argument("name", help="name of the server in the settings file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set the environment of the server, and execute it."""
        paths = [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        os.environ["VAR_DIR"] = str(settings.VAR_DIR)
        command = [sys.executable, "-m", "herd", options["name"]]
        os.execv(sys.executable, command)  # noqa: S606 - no shell
