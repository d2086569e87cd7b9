#!/usr/bin/env python
"""Chirp's administrative commands: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    from django.core.management import execute_from_command_line

    from chirp.env import BadSetting

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(f"This setting cannot be: {error} See docs/settings.md.")


if __name__ == "__main__":
    main()
