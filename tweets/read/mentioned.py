"""The attachment of tweets that mention accounts: who these are."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from tweets.models import Mention
from tweets.read.attachments import Attachment
from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext


class Mentioned(NamedTuple):
    """An account that a tweet mentions."""

    id: int
    handle: str


def _load(tweets: Sequence[Facts], viewer: ViewerContext) -> Mapping[int, tuple[Mentioned, ...]]:
    ids = [tweet.id for tweet in tweets if tweet.mentions]
    if not ids:
        return {}
    rows = Mention.objects.filter(tweet__in=ids).select_related("user").order_by("tweet", "pk")
    return {
        tweet_id: tuple(Mentioned(row.user_id, row.user.handle) for row in group)
        for tweet_id, group in groupby(rows, key=attrgetter("tweet_id"))
    }


# The accounts that a tweet mentions, in the order of its text. Others have none.
MENTIONED = Attachment("mentioned", _load)
