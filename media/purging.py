"""Remove the uploads of an account that is purged: a step of accounts/purging.py."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from media import cleaning
from media.previews.models import Preview, TweetLink


def uploads(*, user_id: int) -> bool:
    """Remove a batch of avatars, headers, and files that are in no tweet (any more)."""
    return cleaning.remove_of_account(user_id)


def tweets(tweet_ids: Sequence[int]) -> None:
    """Remove the files of these tweets, and the link previews that no other tweet has."""
    cleaning.remove_of_tweets(tweet_ids)
    links = TweetLink.objects.filter(tweet_id__in=tweet_ids)
    previews = list(links.values_list("preview", flat=True))
    links.delete()
    unused = Preview.objects.filter(~Exists(TweetLink.objects.filter(preview=OuterRef("pk"))))
    for preview in unused.filter(pk__in=previews):
        preview.delete()
        if preview.image_id is not None:
            cleaning.remove_card(preview.image_id)
