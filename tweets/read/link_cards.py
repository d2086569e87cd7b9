"""The attachment of tweets with a link: the preview of the page."""

from collections.abc import Mapping, Sequence

from django.conf import settings

from media.previews import read
from media.previews.read import LinkCard
from tweets.read.attachments import Attachment
from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext


def _load(tweets: Sequence[Facts], viewer: ViewerContext) -> Mapping[int, LinkCard]:
    if not settings.LINK_PREVIEWS:
        return {}
    return {
        tweet.id: read.card(tweet.preview)
        for tweet in tweets
        if tweet.preview and not tweet.media_count
    }


LINK_CARD = Attachment("link_card", _load)
