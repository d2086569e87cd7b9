"""`manage.py populate_demo`: a lively town, and accounts to look around and to operate it."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from tqdm import tqdm

from accounts import services
from accounts.models import User
from demo import town
from people.profile import update_profile
from timelines import celebrities
from timelines.models import CelebrityOverride

GUEST, OPERATOR = "demo", "demo_admin"  # "admin" is a handle that nobody may have
PEOPLE = 220
SEED = 2026
STARS = 3
LEAST_PEOPLE, MOST_PEOPLE = 20, 3000


class Command(BaseCommand):
    """Builds the demo once. Interrupted, it goes on from there; finished, it only says so."""

    help = "Makes a demo: people who follow, post and answer, and two accounts to sign in with."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--people", type=int, default=PEOPLE, help=f"default: {PEOPLE}")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, other people")

    def handle(self, *args: Any, people: int, seed: int, **options: Any) -> None:
        """Build, unless it is there."""
        if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
            raise CommandError(f"--people must be from {LEAST_PEOPLE} to {MOST_PEOPLE}.")
        passwords = _passwords()
        guest = _account(GUEST, passwords, make=_register)
        if town.is_settled(guest=guest):
            self.stdout.write(f"The demo is there already. How to sign in: {_file()}")
            return
        _account(OPERATOR, passwords, make=User.objects.create_superuser)
        self._build(guest, people, seed)
        self.stdout.write(f"The demo is ready: {people} people. Sign in as one of:")
        for handle, password in passwords.items():
            self.stdout.write(f"  {handle}  {password}")
        self.stdout.write(f"This is also in {_file()}. @{OPERATOR} may use /admin/.")

    def _build(self, guest: User, people: int, seed: int) -> None:
        with connection.cursor() as cursor:
            # A power cut may cost the demo's last moments, which would be made again.
            cursor.execute("SET synchronous_commit TO off")
        with tqdm(total=town.steps(people), desc="Demo", unit=" steps", disable=None) as bar:
            best_known = town.settle(guest=guest, people=people, seed=seed, tick=bar.update)
        for author in best_known[:STARS]:
            _make_star(author)


def _make_star(author: User) -> None:
    """A town this small has celebrities by an operator's word, unless the threshold is low."""
    author.refresh_from_db(fields=["followers_count"])
    if author.followers_count < settings.CELEBRITY_FOLLOWERS:
        celebrities.set_override(author=author, decision=CelebrityOverride.Decision.PULL)


def _account(handle: str, passwords: dict[str, str], *, make: Callable[..., User]) -> User:
    email = f"{handle}@{town.EMAIL_DOMAIN}"
    user: User | None = User.objects.by_handle(handle).first()
    if user is None:
        return make(handle=handle, email=email, password=passwords[handle])
    if user.email != email:
        raise CommandError(f"@{handle} is somebody else, so there can be no demo here.")
    return user


def _register(*, handle: str, email: str, password: str) -> User:
    user = services.register(handle=handle, email=email, password=password, name="Demo Guest")
    about = {"bio": "Just looking around. Everybody here is made up.", "place": "Here"}
    return update_profile(user=user, changes=about)


def _file() -> Path:
    return Path(settings.VAR_DIR) / "secrets" / "demo.txt"


def _passwords() -> dict[str, str]:
    """The passwords of both accounts by handle, made when there are none yet."""
    path = _file()
    if not path.exists():
        made = {handle: secrets.token_urlsafe(12) for handle in (GUEST, OPERATOR)}
        _write_secret(path, "".join(f"{handle} {word}\n" for handle, word in made.items()))
    return dict(line.split() for line in path.read_text().splitlines())


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
