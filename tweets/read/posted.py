"""The facts of a tweet for its author, who has just posted it.

All of them are known already, unless the tweet refers to other tweets or accounts.
"""

from dataclasses import fields

from tweets.controls import RepliesFrom
from tweets.models import Tweet
from tweets.read.access import access_tweet
from tweets.read.facts import LOADED, Facts

_COLUMNS = {field.attname for field in Tweet._meta.concrete_fields}
_COPIED = tuple(name for name in LOADED if name in _COLUMNS)
_OF_AUTHOR = ("handle", "name", "avatar", "private")
# What is not set below does not exist yet: marks, mentions, the preview of a link. Filters are left
# out too, as none finds what the viewer wrote.
_NOTHING = {
    field.name: False if field.type is bool else None
    for field in fields(Facts)
    if field.name in LOADED
}
_COUNTS = dict.fromkeys(("likes", "reposts", "quotes", "replies"), 0)


def facts_of_posted(tweet: Tweet) -> Facts:
    """Return what `access_tweet` would return to the author of a new tweet.

    This takes no query if the tweet refers to nothing. Raises NotFound.
    """
    author = tweet.author
    if tweet.reply_to_id or tweet.quote_of_id or "@" in tweet.text or "＠" in tweet.text:
        return access_tweet(viewer=author, tweet_id=tweet.pk)
    known = {
        **_NOTHING,
        **_COUNTS,
        **{name: getattr(tweet, name) for name in _COPIED},
        **{name: getattr(author, name) for name in _OF_AUTHOR},
        "limited": author.limited_at is not None,
        "on_page": True,
        "mine": True,
        "began_conversation": tweet.replies_from != RepliesFrom.EVERYONE,
        "viewer_id": author.pk,
    }
    return Facts(**known)
