"""Tell the previews of pages (media/previews/) which tweet links where.

Only links of tweets that everybody may see are fetched: a request tells its target when, and to
some extent what, was written. Tweets with media, a poll or a quote show these and no preview.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from media.previews import services as previews
from outbox.services import publish
from tweets import text as texts
from tweets.events import LinkChanged
from tweets.models import Tweet
from tweets.visibility import PUBLIC_OR_UNLISTED


def note_link(tweet: Tweet) -> None:
    """Have a new tweet connected with the preview of its link, if it may have one."""
    if settings.LINK_PREVIEWS and _may_have_preview(tweet):
        publish(LinkChanged(tweet_id=tweet.pk))


def note_edit(tweet: Tweet) -> None:
    """Take the preview of the old text away at once, and have that of the new one looked for."""
    previews.unlink(tweet_id=tweet.pk)
    note_link(tweet)


def preview_link(*, tweet_id: int, now: datetime) -> None:
    """Connect a tweet with the preview of the first link in its present text. Idempotent."""
    with transaction.atomic():
        # An edit or a deletion at the same time waits, or has happened.
        tweet = Tweet.objects.select_for_update(no_key=True).filter(pk=tweet_id).first()
        if tweet is not None:
            previews.link(tweet_id=tweet_id, url=_first_link(tweet), now=now)


def _first_link(tweet: Tweet) -> str | None:
    if not _may_have_preview(tweet) or tweet.author.private:
        return None
    links = texts.parse(tweet.text).links
    return links[0].value if links else None


def _may_have_preview(tweet: Tweet) -> bool:
    """Whether the tweet can have one, as far as can be said without parsing its text."""
    has_more = tweet.media_count or tweet.has_poll or tweet.quote_of_id or tweet.repost_of_id
    open_to_all = tweet.visibility in PUBLIC_OR_UNLISTED
    return (
        open_to_all
        and tweet.deleted_at is None
        and not has_more
        and texts.may_have_links(tweet.text)
    )
