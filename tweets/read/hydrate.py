"""Hydrate tweets: load the facts for a list of ids and one viewer, with one query.

The query (in tweets/sql.py) returns the requested tweets, the originals of the reposts among them,
the tweets that any of these quote, and of replies the parent and the first of the conversation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from tweets import sql
from tweets.read.facts import Facts


@dataclass(frozen=True, slots=True)
class OwnRange:
    """The viewer's newest tweets strictly between the ids `above` and `below`, at most `limit`."""

    above: int
    below: int
    limit: int


NO_OWN = OwnRange(above=0, below=0, limit=0)
_id = attrgetter("id")


def hydrate(ids: Iterable[int], *, viewer_id: int | None, own: OwnRange = NO_OWN) -> list[Facts]:
    """Return the facts of the tweets in `ids` and of the viewer's tweets in `own`, newest first.

    This takes one query. `original`, `quoted`, `parent` and `root` are set. Ids that do not exist
    are left out. Deleted tweets are included: callers decide what the viewer may see.
    """
    rows = sql.FACTS.rows(
        ids=list(ids), viewer=viewer_id, above=own.above, below=own.below, limit=own.limit
    )
    facts: dict[int, Facts] = {}
    for tweet in (Facts(*row) for row in rows):
        # A requested tweet that another one quotes is in the result twice.
        if tweet.on_page or tweet.id not in facts:
            facts[tweet.id] = tweet
    for tweet in facts.values():
        tweet.original = facts.get(tweet.repost_of_id or 0)
        tweet.quoted = facts.get(tweet.quote_of_id or 0)
        tweet.parent = facts.get(tweet.reply_to_id or 0)
        tweet.root = facts.get(tweet.conversation_id or 0)
    return sorted((f for f in facts.values() if f.on_page), key=_id, reverse=True)
