"""Write the whole index anew, in batches: after an import, or when the rules of words changed."""

from collections.abc import Callable, Iterator

from accounts.models import User
from search import hashtags
from search.indexing import index_tweets
from search.models import Rebuild
from search.people import index_people
from tweets.models import Tweet

BATCH = 500


def rebuild(*, again: bool = False) -> Iterator[tuple[str, int]]:
    """Index all tweets, accounts and hashtags, and yield after each batch how many are done.

    A rebuild that was interrupted continues where it was, unless `again` is set. What happens
    meanwhile is indexed as usual.
    """
    if again:
        Rebuild.objects.all().delete()
    yield from _batches("people", _next_people, index_people)
    yield from _batches("tweets", _next_tweets, index_tweets)
    hashtags.refresh()
    hashtags.remember_all()


def _next_tweets(position: int) -> list[int]:
    later = Tweet.objects.filter(pk__gt=position).order_by("pk")
    return list(later.values_list("pk", flat=True)[:BATCH])


def _next_people(position: int) -> list[int]:
    later = User.objects.filter(pk__gt=position).order_by("pk")
    return list(later.values_list("pk", flat=True)[:BATCH])


def _batches(
    part: str,
    read: Callable[[int], list[int]],
    write: Callable[[list[int]], None],
) -> Iterator[tuple[str, int]]:
    progress, _ = Rebuild.objects.get_or_create(pk=part)
    done = 0
    while batch := read(progress.position):
        write(batch)
        progress.position = batch[-1]
        progress.save()
        done += len(batch)
        yield part, done
    progress.delete()
