"""`manage.py timeline ...`: inspect and repair home timelines."""

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

EXCERPT_LENGTH = 60


class Command(BaseCommand):
    """Inspect and repair home timelines, with one subcommand for each task."""

    help = "Shows, explains, verifies and rebuilds home timelines."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        show = commands.add_parser("show", help="show the first page of a home timeline")
        show.add_argument("handle")
        show.add_argument("--limit", type=int, default=20)
        why = commands.add_parser("why", help="explain why a tweet is in a home timeline or not")
        why.add_argument("handle")
        why.add_argument("tweet_id")
        verify = commands.add_parser("verify", help="compare timelines with the oracle")
        self._add_handles(verify)
        verify.add_argument("--limit", type=int, default=MAX_LIMIT, help="entries per page")
        self._add_handles(commands.add_parser("populate", help="rebuild timelines from Postgres"))
        commands.add_parser("review", help="promote and demote after CELEBRITY_FOLLOWERS changed")
        commands.add_parser("stats", help="show sizes, celebrities and pending events")

    def _add_handles(self, parser: Any) -> None:
        parser.add_argument("handles", nargs="*", metavar="handle")
        parser.add_argument("--all", action="store_true", help="all accounts")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        """Run the subcommand."""
        limit = options.get("limit", 1)
        if not 1 <= limit <= MAX_LIMIT:
            raise CommandError(f"--limit must be from 1 to {MAX_LIMIT}.")
        try:
            getattr(self, f"_{command}")(options)
        except RedisAway as error:
            raise CommandError(f"Redis is not available: {error}") from error

    def _show(self, options: dict[str, Any]) -> None:
        viewer = _get_user(options["handle"])
        stored = explain.stored_timeline(viewer)
        warm = f"warm, {len(stored.ids)} ids above {stored.floor}"
        state = "cold" if stored.floor is None else warm
        self.stdout.write(f"{viewer}: {state}; pulls {len(stored.pulled)} celebrities")
        page = selectors.home(viewer=viewer, page=PageRequest(limit=options["limit"]))
        for entry in page.results:
            self.stdout.write(_line(entry))

    def _why(self, options: dict[str, Any]) -> None:
        tweet_id = ids.parse(options["tweet_id"])
        if tweet_id is None:
            raise CommandError(f"{options['tweet_id']!r} is not the id of a tweet.")
        for sentence in explain.why(_get_user(options["handle"]), tweet_id):
            self.stdout.write(sentence)

    def _verify(self, options: dict[str, Any]) -> None:
        users = _get_users(options)
        differences = [
            difference
            for viewer in tqdm(users, desc="verify", disable=None)
            if (difference := oracle.verify(viewer, limit=options["limit"]))
        ]
        for difference in differences:
            where = f"{difference.viewer}, {difference.timeline}, page {difference.page}"
            self.stdout.write(f"{where}:")
            self.stdout.write(f"  oracle {difference.expected}\n  read   {difference.read}")
        equal = len(users) - len(differences)
        self.stdout.write(f"{equal} of {len(users)} equal to the oracle")
        if differences:
            pending = outbox.owed()
            raise CommandError(f"{len(differences)} differ; {pending} events are pending.")

    def _populate(self, options: dict[str, Any]) -> None:
        users = _get_users(options)
        built = sum(
            services.rebuild(viewer_id=viewer.pk)
            for viewer in tqdm(users, desc="populate", disable=None)
        )
        self.stdout.write(f"{built} of {len(users)} timelines built")

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
            f"outbox: {outbox.owed()} pending, {outbox.stuck()} sent more than once, "
            f"the oldest {outbox.lag_seconds():.1f} s old"
        )


def _get_user(handle: str) -> User:
    user: User | None = User.objects.by_handle(handle.removeprefix("@")).first()
    if user is None:
        raise CommandError(f"No account has the handle {handle!r}.")
    return user


def _get_users(options: dict[str, Any]) -> list[User]:
    if options["all"] == bool(options["handles"]):
        raise CommandError("Give either handles or --all.")
    handles: Iterable[str] = options["handles"]
    return list(User.objects.order_by("pk")) if options["all"] else [_get_user(h) for h in handles]


def _line(entry: Facts) -> str:
    tweet = entry.original or entry
    text = " ".join(tweet.text.split())[:EXCERPT_LENGTH]
    by = f"@{tweet.handle}" + (f" (reposted by @{entry.handle})" if entry.original else "")
    return f"{entry.id}  {by}: {text}"
