"""`manage.py timeline ...`: look into home timelines, and mend them."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import User
from chirp import ids
from chirp.pagination import MAX_LIMIT, PageRequest
from chirp.redis.client import RedisAway
from outbox import services as outbox
from timelines import celebrities, explain, oracle, selectors, services, store
from timelines.models import PulledAuthor
from tweets.read.facts import Facts

TEXT_SHOWN = 60


class Command(BaseCommand):
    """One subcommand a question."""

    help = "Shows, explains, verifies and rebuilds home timelines."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        show = commands.add_parser("show", help="the first page of a home timeline")
        show.add_argument("handle")
        show.add_argument("--limit", type=int, default=20)
        why = commands.add_parser("why", help="why a tweet is in a home timeline, or not")
        why.add_argument("handle")
        why.add_argument("tweet_id")
        verify = commands.add_parser("verify", help="compare timelines with the oracle")
        self._whom(verify)
        verify.add_argument("--limit", type=int, default=MAX_LIMIT, help="entries a page")
        self._whom(commands.add_parser("populate", help="build timelines anew from Postgres"))
        commands.add_parser("review", help="promote and demote after CELEBRITY_FOLLOWERS changed")
        commands.add_parser("stats", help="sizes, celebrities and what is still owed")

    def _whom(self, parser: Any) -> None:
        parser.add_argument("handles", nargs="*", metavar="handle")
        parser.add_argument("--all", action="store_true", help="everybody")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        """Run the subcommand."""
        limit = options.get("limit", 1)
        if not 1 <= limit <= MAX_LIMIT:
            raise CommandError(f"--limit must be from 1 to {MAX_LIMIT}.")
        try:
            getattr(self, f"_{command}")(options)
        except RedisAway as error:
            raise CommandError(f"Redis is away: {error}") from error

    def _show(self, options: dict[str, Any]) -> None:
        viewer = _person(options["handle"])
        held = explain.held(viewer)
        state = "cold" if held.floor is None else f"warm, {len(held.ids)} ids above {held.floor}"
        self.stdout.write(f"{viewer}: {state}; pulls {len(held.pulled)} celebrities")
        page = selectors.home(viewer=viewer, page=PageRequest(limit=options["limit"]))
        for entry in page.results:
            self.stdout.write(_line(entry))

    def _why(self, options: dict[str, Any]) -> None:
        tweet_id = ids.parse(options["tweet_id"])
        if tweet_id is None:
            raise CommandError(f"{options['tweet_id']!r} is not an id of a tweet.")
        for sentence in explain.why(_person(options["handle"]), tweet_id):
            self.stdout.write(sentence)

    def _verify(self, options: dict[str, Any]) -> None:
        people = _people(options)
        differences = [
            difference
            for viewer in tqdm(people, desc="verify", disable=None)
            if (difference := oracle.verify(viewer, limit=options["limit"]))
        ]
        for one in differences:
            self.stdout.write(f"{one.viewer}, page {one.page}:")
            self.stdout.write(f"  oracle {one.expected}\n  read   {one.read}")
        equal = len(people) - len(differences)
        self.stdout.write(f"{equal} of {len(people)} equal to the oracle")
        if differences:
            owed = outbox.owed()
            raise CommandError(
                f"{len(differences)} differ; {owed} events are still to be delivered."
            )

    def _populate(self, options: dict[str, Any]) -> None:
        people = _people(options)
        built = sum(
            services.rebuild(viewer_id=viewer.pk)
            for viewer in tqdm(people, desc="populate", disable=None)
        )
        self.stdout.write(f"{built} of {len(people)} timelines built")

    def _review(self, options: dict[str, Any]) -> None:
        celebrities.review_all()
        self.stdout.write(f"pulled: {PulledAuthor.objects.count()} authors")

    def _stats(self, options: dict[str, Any]) -> None:
        for kind in ("home", "author"):
            size = store.size(kind)
            self.stdout.write(
                f"{kind}: {size.timelines} warm, {size.entries} entries, {size.bytes} bytes"
            )
        states = PulledAuthor.objects.values_list("state", flat=True)
        demoting = sum(state == PulledAuthor.State.DEMOTING for state in states)
        self.stdout.write(f"celebrities: {len(states)}, of which {demoting} are being demoted")
        self.stdout.write(
            f"outbox: {outbox.owed()} owed, {outbox.stuck()} sent more than once, "
            f"the oldest {outbox.lag_seconds():.1f} s old"
        )


def _person(handle: str) -> User:
    user: User | None = User.objects.by_handle(handle.removeprefix("@")).first()
    if user is None:
        raise CommandError(f"Nobody is called {handle!r}.")
    return user


def _people(options: dict[str, Any]) -> list[User]:
    if options["all"] == bool(options["handles"]):
        raise CommandError("Name people, or say --all.")
    handles: Iterable[str] = options["handles"]
    return list(User.objects.order_by("pk")) if options["all"] else [_person(h) for h in handles]


def _line(entry: Facts) -> str:
    shown = entry.original or entry
    text = " ".join(shown.text.split())[:TEXT_SHOWN]
    by = f"@{shown.handle}" + (f" (reposted by @{entry.handle})" if entry.original else "")
    return f"{entry.id}  {by}: {text}"
