"""`manage.py populate_demo`: build the demo, with a guest account and an operator's account."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.utils import timezone
from tqdm import tqdm

from accounts import services
from accounts.models import User
from chirp.db.backend.base import DatabaseWrapper
from demo import ahead, pictures, town
from demo.clock import STAY
from media import profiles
from timelines import celebrities
from timelines.models import CelebrityOverride

GUEST, OPERATOR = "demo", "demo_admin"  # "admin" is a reserved handle
PEOPLE = 220
SEED = 2026
CELEBRITIES = 3
MIN_PEOPLE, MAX_PEOPLE = 20, 3000


class Command(BaseCommand):
    """Builds the demo once: continues an interrupted run, and leaves a complete demo as it is."""

    help = "Builds the demo: people who follow, post and reply, and two accounts to sign in with."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--people", type=int, default=PEOPLE, help=f"default: {PEOPLE}")
        parser.add_argument("--seed", type=int, default=SEED, help="a different seed, other people")

    def handle(self, *args: Any, people: int, seed: int, **options: Any) -> None:
        """Build the demo, unless it exists."""
        if not MIN_PEOPLE <= people <= MAX_PEOPLE:
            raise CommandError(f"--people must be from {MIN_PEOPLE} to {MAX_PEOPLE}.")
        passwords = _passwords()
        guest = _account(GUEST, passwords, make=_register)
        if town.is_complete(guest=guest):
            self.stdout.write(f"The demo already exists. Its passwords are in {_password_file()}.")
            return
        _account(OPERATOR, passwords, make=User.objects.create_superuser)
        self._build(guest, people, seed)
        self.stdout.write(f"The demo is ready: {people} people. Sign in as one of:")
        for handle, password in passwords.items():
            self.stdout.write(f"  {handle}  {password}")
        self.stdout.write(
            f"The passwords are also in {_password_file()}. @{OPERATOR} may use /admin/."
        )

    def _build(self, guest: User, people: int, seed: int) -> None:
        # A power cut may lose the last steps of the demo, which the next run repeats.
        connection.ensure_connection()
        database = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
        database.set_for_session("SET synchronous_commit TO off")
        with tqdm(total=town.steps(people), desc="Demo", unit=" steps", disable=None) as bar:
            best_known = town.build(guest=guest, people=people, seed=seed, tick=bar.update)
        for author in best_known[:CELEBRITIES]:
            _make_celebrity(author)
        ahead.process_pictures(guest)
        ahead.notify(guest)
        ahead.find_trends()


def _make_celebrity(author: User) -> None:
    """Override the threshold for an author below it: the town is too small to reach it."""
    author.refresh_from_db(fields=["followers_count"])
    if author.followers_count < settings.CELEBRITY_FOLLOWERS:
        celebrities.set_override(author=author, decision=CelebrityOverride.Decision.PULL)


def _account(handle: str, passwords: dict[str, str], *, make: Callable[..., User]) -> User:
    email = f"{handle}@{town.EMAIL_DOMAIN}"
    user: User | None = User.objects.by_handle(handle).first()
    if user is None:
        return make(handle=handle, email=email, password=passwords[handle])
    if user.email != email:
        raise CommandError(f"@{handle} is another user's account, so the demo cannot be built.")
    return user


@transaction.atomic
def _register(*, handle: str, email: str, password: str) -> User:
    user = services.register(handle=handle, email=email, password=password, name="Demo Guest")
    services.date_back(user=user, at=timezone.now() - STAY)
    profile = {"bio": "Just looking around. Everyone here is made up.", "place": "Here"}
    drawn = pictures.of_profile(handle, header=True)
    return profiles.update_profile(user=user, changes=profile, pictures=drawn)


def _password_file() -> Path:
    return Path(settings.VAR_DIR) / "secrets" / "demo.txt"


def _passwords() -> dict[str, str]:
    """The passwords of both accounts by handle. Generates them if the file does not exist yet."""
    path = _password_file()
    if not path.exists():
        generated = {handle: secrets.token_urlsafe(12) for handle in (GUEST, OPERATOR)}
        _write_secret(path, "".join(f"{handle} {word}\n" for handle, word in generated.items()))
    return dict(line.split() for line in path.read_text().splitlines())


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
