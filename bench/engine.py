"""Everything that depends on how the store keeps timelines. Adapt it when the store changes."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from django.conf import settings
from redis import Redis

from chirp.itertools import batched
from chirp.redis.client import client
from timelines import store
from timelines.store import Span

PIPELINE = 500
SCRIPTS = {"cmdstat_eval", "cmdstat_evalsha", "cmdstat_fcall"}


@cache
def filler() -> Redis:
    """A client with a long timeout, for preparations that are not measured."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=120)


def warm(owner: int, ids: Sequence[int], *, floor: int = 0) -> None:
    """Make a home timeline warm with these ids, complete above `floor`."""
    _warm(store.home(owner), Span(ids, floor))


def warm_author(owner: int, ids: Sequence[int], *, floor: int = 0) -> None:
    """Make the set of a pulled author warm with these ids, complete above `floor`."""
    _warm(store.author(owner), Span(ids, floor))


def _warm(source: store.Source, span: Span) -> None:
    store.drop([source])
    assert store.finish({source: span}, store.announce([source]))


def copy(owner: int, others: Iterable[int]) -> None:
    """Give others a home timeline equal to that of `owner`, without sending its ids again."""
    copy_key(store.home(owner).key, (store.home(other).key for other in others))


def copy_key(template: str, keys: Iterable[str]) -> None:
    """Copy the value of one key to others."""
    for some in batched(keys, PIPELINE):
        pipe = filler().pipeline(transaction=False)
        for key in some:
            pipe.copy(template, key, replace=True)
        pipe.execute()


def add_plain(tweet_id: int, keys: Iterable[str]) -> None:
    """One ZADD for each key and nothing else: the floor of a push."""
    for some in batched(keys, PIPELINE):
        pipe = filler().pipeline(transaction=False)
        for key in some:
            pipe.zadd(key, {str(tweet_id): tweet_id})
        pipe.execute()


def trim_plain(keys: Iterable[str], length: int) -> None:
    """Trim sorted sets to the newest `length` ids."""
    for some in batched(keys, PIPELINE):
        pipe = filler().pipeline(transaction=False)
        for key in some:
            pipe.zremrangebyrank(key, 0, -(length + 1))
        pipe.execute()


def push(tweet_ids: Sequence[int], owners: Iterable[int]) -> None:
    """Push tweets to home timelines with the store, in a loop without Celery."""
    sources = [store.home(owner) for owner in owners]
    for tweet_id in tweet_ids:
        store.push(dict.fromkeys(sources, (tweet_id,)))


def server_us(work: Callable[[], object]) -> float:
    """Microseconds that the server spent on the commands of some work, by its statistics."""
    filler().config_resetstat()
    work()
    stats = filler().info("commandstats")
    spent = {name: float(stat["usec"]) for name, stat in stats.items()}
    scripts = sum(us for name, us in spent.items() if name in SCRIPTS)
    # The time of a script includes that of its commands.
    return scripts or sum(us for name, us in spent.items() if name.startswith("cmdstat_z"))


def script_ms() -> float:
    """Average milliseconds of a script call since the server statistics were reset."""
    stats = filler().info("commandstats")
    calls = sum(int(stats[name]["calls"]) for name in SCRIPTS & set(stats))
    return sum(float(stats[name]["usec"]) for name in SCRIPTS & set(stats)) / max(calls, 1) / 1000


def forget(owners: Iterable[int]) -> None:
    """Make home timelines cold."""
    store.drop([store.home(owner) for owner in owners])


def forget_authors(owners: Iterable[int]) -> None:
    """Make the sets of pulled authors cold."""
    store.drop([store.author(owner) for owner in owners])


def newest(owner: int, limit: int = 1) -> list[int]:
    """The newest ids of a home timeline, by the read that requests use."""
    source = store.home(owner)
    piece = store.read([source], below=2**53, limit=limit)[source]
    return [] if piece is None else piece.ids


def holds(owner: int, tweet_id: int) -> bool:
    """Whether a home timeline holds an id, by the cheapest command."""
    return client().zscore(store.home(owner).key, str(tweet_id)) is not None


def floor(owner: int) -> int | None:
    """The id above which a home timeline is complete; None if it is cold."""
    return store.peek(store.home(owner))[0]


def length(owner: int) -> int:
    """The number of ids in a home timeline."""
    return len(store.peek(store.home(owner))[1])


def author_bytes(owner: int) -> int:
    """Bytes of the set of a pulled author in Redis."""
    return int(client().memory_usage(store.author(owner).key, samples=0) or 0)


def taken(owner: int) -> int:
    """Bytes of a home timeline in Redis."""
    return int(client().memory_usage(store.home(owner).key, samples=0) or 0)
