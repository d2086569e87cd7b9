"""Write the whole index anew, in batches: after an import, or when the rules of words changed."""

from collections.abc import Callable, Iterator

from accounts.models import User
from search import hashtags
from search.indexing import index_tweets
from search.models import Progress
from search.people import index_people
from tweets.models import Tweet

BATCH = 500
Read = Callable[[int], list[int]]  # the ids of the next rows above an id
Write = Callable[[list[int]], None]


def rebuild(*, again: bool = False) -> Iterator[tuple[str, int]]:
    """Index all tweets, accounts and hashtags, and yield after each batch how many are done.

    A rebuild that was interrupted continues where it was, unless `again` is set. What happens
    meanwhile is indexed as usual.
    """
    if again:
        Progress.objects.filter(pk__in=PARTS).delete()
    for part, (read, write) in PARTS.items():
        yield from _batches(part, read, write)
    hashtags.refresh()
    hashtags.remember_all()


def _next_tweets(position: int) -> list[int]:
    later = Tweet.objects.filter(pk__gt=position).order_by("pk")
    return list(later.values_list("pk", flat=True)[:BATCH])


def _next_people(position: int) -> list[int]:
    later = User.objects.filter(pk__gt=position).order_by("pk")
    return list(later.values_list("pk", flat=True)[:BATCH])


PARTS: dict[str, tuple[Read, Write]] = {
    "people": (_next_people, index_people),
    "tweets": (_next_tweets, index_tweets),
}


def _batches(part: str, read: Read, write: Write) -> Iterator[tuple[str, int]]:
    progress, _ = Progress.objects.get_or_create(pk=part)
    done = 0
    while batch := read(progress.position):
        write(batch)
        progress.position = batch[-1]
        progress.save()
        done += len(batch)
        yield part, done
    progress.delete()
