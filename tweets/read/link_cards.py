"""The attachment of tweets with a link: the preview of the page."""

from collections.abc import Mapping, Sequence

from django.conf import settings

from media.previews import read
from media.previews.read import LinkCard
from tweets.read.attachments import Attachment
from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext


def _load(tweets: Sequence[Facts], viewer: ViewerContext) -> Mapping[int, LinkCard]:
    # Every link has a dot.
    ids = [tweet.id for tweet in tweets if "." in tweet.text and not tweet.media_count]
    return read.of_tweets(ids) if ids and settings.LINK_PREVIEWS else {}


LINK_CARD = Attachment("link_card", _load)
