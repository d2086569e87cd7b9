"""The quotes by which a viewer refers to tweets."""

from collections.abc import Collection

from accounts.models import User
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate
from tweets.sql import lookups as sql


def own_quotes(*, viewer: User, tweet_ids: Collection[int]) -> dict[int, Facts]:
    """Return the viewer's newest quote of each of these tweets that they quote, by its id.

    A quote that the tweet was detached from is none. Makes two queries, or none without tweets.
    """
    if not tweet_ids:
        return {}
    rows = sql.OWN_QUOTES.rows(viewer=viewer.pk, tweets=list(tweet_ids))
    found = hydrate([id_ for (id_,) in rows], viewer_id=viewer.pk)
    return {quote.quote_of_id: quote for quote in found if quote.quote_of_id is not None}
