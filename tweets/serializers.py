"""Tweets as JSON, and the description of that JSON."""

from typing import Any

from chirp.times import rfc3339
from tweets import text as texts
from tweets.hydrate import Facts, shown_quote

Json = dict[str, Any]


def represent(tweet: Facts, *, base: str) -> Json:
    """A tweet as the API tells it. `base` is the site's address without a slash at its end.

    A repost has no words of its own, and the counts and the viewer's marks of the original.
    """
    original, quoted = tweet.original, shown_quote(tweet)
    return {
        **_alone(tweet, base, counted=original or tweet),
        "repost_of": represent(original, base=base) if original else None,
        # What a quoted tweet quotes itself is only named.
        "quote_of": _alone(quoted, base, counted=quoted) if quoted else None,
    }


def _alone(tweet: Facts, base: str, *, counted: Facts) -> Json:
    return {
        "id": str(tweet.id),
        "url": f"{base}/@{tweet.handle}/{tweet.id}",
        "author": _author(tweet, base),
        "text": tweet.text,
        "html": texts.to_html(tweet.text, handles=_handles(tweet)),
        "created_at": rfc3339(tweet.created_at),
        "edited_at": rfc3339(tweet.edited_at) if tweet.edited_at else None,
        "visibility": tweet.visibility,
        "sensitive": tweet.sensitive,
        "spoiler": tweet.spoiler,
        "reply_to_id": _id(tweet.reply_to_id),
        "conversation_id": _id(counted.conversation_id),
        "repost_of": None,
        "quote_of_id": _id(tweet.quote_of_id),
        "quote_of": None,
        "media": [],
        "poll": None,
        "location": None,
        "counts": _counts(counted),
        "viewer": _viewer(counted),
    }


def _handles(tweet: Facts) -> dict[str, str]:
    return {handle.lower(): handle for handle in tweet.mentions or ()}


def _author(tweet: Facts, base: str) -> Json:
    return {
        "id": str(tweet.author_id),
        "handle": tweet.handle,
        "name": tweet.name,
        "avatar": None,
        "private": tweet.private,
        "url": f"{base}/@{tweet.handle}",
    }


def _counts(tweet: Facts) -> Json:
    return {
        "likes": tweet.likes,
        "reposts": tweet.reposts,
        "quotes": tweet.quotes,
        "replies": tweet.replies,
    }


def _viewer(tweet: Facts) -> Json | None:
    if tweet.viewer_id is None:
        return None
    return {
        "liked": tweet.liked,
        "reposted": tweet.reposted,
        "bookmarked": False,
        "muted": tweet.mutes,
        "pinned": False,
    }


def _id(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
