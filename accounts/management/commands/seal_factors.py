"""`manage.py seal_factors`: encrypts the secrets of second factors with the present SECRET_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import factors


class Command(BaseCommand):
    """Run it after a change of SECRET_KEY, before the old key leaves SECRET_KEY_FALLBACKS."""

    help = "Encrypts the secrets of second factors anew, with the present SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Encrypt all, and report those that no key can read."""
        sealed, unreadable = factors.seal_all_again()
        self.stdout.write(f"Encrypted {sealed} secrets.")
        if unreadable:
            raise CommandError(
                "No key of the settings reads the secrets of these accounts, by their ids: "
                f"{', '.join(map(str, sorted(unreadable)))}."
            )
