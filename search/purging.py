"""Forget tweets that are purged, in search and above: the hook `tweets.purging`.

Documents and trends go with the rows of the tweets.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from search.models import Tag
from tweets.models import Hashtag


def tweets(*, tweet_ids: Sequence[int]) -> None:
    """Forget the hashtags that no other tweet has."""
    tags = Hashtag.objects.filter(tweet__in=tweet_ids).values_list("tag", flat=True).distinct()
    others = Hashtag.objects.filter(tag=OuterRef("tag")).exclude(tweet__in=tweet_ids)
    Tag.objects.filter(~Exists(others), tag__in=list(tags), blocked=False).delete()
