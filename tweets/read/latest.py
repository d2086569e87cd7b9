"""When accounts last wrote something for everybody."""

from collections.abc import Collection
from datetime import UTC, date, datetime

from chirp import ids
from tweets.sql import lookups as sql


def days_of_latest(author_ids: Collection[int]) -> dict[int, date]:
    """Return the days (UTC) on which these accounts last wrote or reposted something, by id.

    Replies do not count, nor does what is not for everybody. Makes one query at most.
    """
    if not author_ids:
        return {}
    rows = sql.LATEST_OF_AUTHORS.rows(authors=list(author_ids))
    return {
        id_: datetime.fromtimestamp(ids.ms_of(tweet_id) / 1000, UTC).date()
        for id_, tweet_id in rows
        if tweet_id is not None
    }
