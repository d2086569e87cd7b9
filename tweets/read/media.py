"""The attachment of tweets with files, and the gate to the files themselves."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

from django.utils import timezone

from accounts.models import User
from chirp.errors import NotFound
from media import links, selectors
from media.models import Purpose
from media.selectors import Link, Shown, Stored
from tweets.deleted_media import released_by
from tweets.models import Tweet
from tweets.read.attachments import Attachment
from tweets.read.facts import Facts, is_open_to_all, may_see
from tweets.read.hydrate import hydrate
from tweets.read.viewer import ViewerContext
from tweets.visibility import Visibility


def _load(tweets: Sequence[Facts], viewer: ViewerContext) -> Mapping[int, tuple[Shown, ...]]:
    having = [tweet for tweet in tweets if tweet.media_count]
    items = selectors.of_tweets([tweet.id for tweet in having]) if having else {}
    return {
        tweet.id: tuple(selectors.shown(item, _link(tweet)) for item in items.get(tweet.id, ()))
        for tweet in having
    }


def _link(tweet: Facts) -> Link:
    if is_open_to_all(tweet) or tweet.viewer_id is None:
        return links.stable
    return partial(links.signed, viewer_id=tweet.viewer_id, now=time.time())


# The files of a tweet, with addresses that work for this viewer.
MEDIA = Attachment("media", _load)


def access_file(*, key: str, name: str, viewer_id: int | None) -> Stored:
    """Return a file that the viewer may see; None is an anonymous visitor. Raises NotFound.

    That is decided by its tweet as it is now, so an address stops working as soon as the tweet is
    deleted or hidden, or its author suspended, or the viewer no longer among its readers. Without
    a tweet, only the owner sees it. Avatars and headers are for all, while they are in use.
    """
    file = selectors.find_file(key=key, name=name)
    if file.purpose != Purpose.TWEET:
        allowed = selectors.is_in_use(file, key)
    elif file.tweet_id is None:
        allowed = viewer_id is not None and viewer_id == file.owner_id and _is_active(viewer_id)
    elif viewer_id == links.REPORT:  # also if it was deleted since
        allowed = True
    elif viewer_id == links.MODERATOR:  # hidden or not
        direct = Visibility.DIRECT
        allowed = Tweet.objects.filter(pk=file.tweet_id).exclude(visibility=direct).exists()
    else:
        found = hydrate([file.tweet_id], viewer_id=viewer_id)
        allowed = bool(found) and _shows_media(found[0]) and _is_reader(found[0])
        allowed = allowed or _writes_anew(file, viewer_id)
    if not allowed:
        raise NotFound
    return file


def _writes_anew(file: Stored, viewer_id: int | None) -> bool:
    """Whether the viewer has just deleted the tweet of a file, and can put it into another one."""
    if viewer_id is None or viewer_id != file.owner_id or file.tweet_id is None:
        return False
    released = released_by(viewer_id, [file.tweet_id], now=timezone.now())
    return bool(released) and _is_active(viewer_id)


def _shows_media(tweet: Facts) -> bool:
    return may_see(tweet) and tweet.media_count > 0


def thumbnails(tweet: Tweet) -> list[str]:
    """Return the paths of small pictures of a tweet, for a moderator; none of a direct tweet."""
    if tweet.visibility == Visibility.DIRECT:
        return []
    return _small_pictures([tweet.pk], links.MODERATOR).get(tweet.pk, [])


def reported_thumbnails(tweet_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the paths of small pictures of tweets, for the moderators of a report about them."""
    return _small_pictures(tweet_ids, links.REPORT)


def _small_pictures(tweet_ids: Sequence[int], reader: int) -> dict[int, list[str]]:
    link = partial(links.signed, viewer_id=reader, now=time.time())
    return {
        tweet_id: [
            found.sizes[0][1].url for i in items if (found := selectors.shown(i, link)).sizes
        ]
        for tweet_id, items in selectors.of_tweets(tweet_ids).items()
    }


def _is_reader(tweet: Facts) -> bool:
    """Whether the viewer is not suspended or deactivated by now: such an account reads nothing."""
    return is_open_to_all(tweet) or tweet.viewer_id is None or _is_active(tweet.viewer_id)


def _is_active(user_id: int) -> bool:
    return bool(User.objects.active().filter(pk=user_id).exists())
