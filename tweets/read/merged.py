"""One page of several lists of tweets, which are each in descending order of their ids."""

from collections.abc import Sequence

from chirp.pagination import Cursor, Page, PageRequest
from tweets.read.facts import Facts


def merged(pages: Sequence[Page[Facts]], asked: PageRequest) -> Page[Facts]:
    """Return the page of all lists together of which `pages` are the same pages of each.

    A list that goes on is known only as far as its page goes, so no tweet beyond that is shown.
    """
    tweets = {tweet.id: tweet for page in pages for tweet in page.results}
    if asked.cursor.after is not None:
        return _upwards(pages, tweets, asked)
    floor = max((_before(page.next) for page in pages if page.next), default=0)
    known = sorted((id_ for id_ in tweets if id_ >= floor), reverse=True)
    shown = known[: asked.limit]
    below = shown[-1] if len(shown) < len(known) else floor
    return Page(
        [tweets[id_] for id_ in shown],
        next=Cursor(before=below) if below else None,
        previous=Cursor(after=shown[0]) if shown and any(page.previous for page in pages) else None,
    )


def _upwards(
    pages: Sequence[Page[Facts]], tweets: dict[int, Facts], asked: PageRequest
) -> Page[Facts]:
    """The page above a position: the tweets nearest to it."""
    ceiling = min((_after(page.previous) for page in pages if page.previous), default=None)
    known = sorted(id_ for id_ in tweets if ceiling is None or id_ <= ceiling)
    shown = known[: asked.limit]
    above = shown[-1] if len(shown) < len(known) else ceiling
    return Page(
        [tweets[id_] for id_ in reversed(shown)],
        next=Cursor(before=shown[0]) if shown and any(page.next for page in pages) else None,
        previous=Cursor(after=above) if above is not None else None,
    )


def _before(cursor: Cursor) -> int:
    assert cursor.before is not None
    return cursor.before


def _after(cursor: Cursor) -> int:
    assert cursor.after is not None
    return cursor.after
