"""The streams of Mastodon beside home: everybody's tweets, hashtags, and lists."""

from collections.abc import Iterator, Sequence

from accounts.streams import Stream
from lists.selectors import lists_with_author
from mastodon.streams import HASHTAG
from streaming.readers import Readers
from timelines import live
from tweets.read.facts import Facts
from tweets.text import hashtags, normalize_tag

# Everybody is on this site: streams of other sites are silent.
EVERYBODY = ("public", "public:local")


def elsewhere(
    tweet_id: int, readers: Readers, *, was: bool = False
) -> Iterator[tuple[Stream, Sequence[Facts]]]:
    """Yield the streams in which a tweet belongs, with it as each of their readers sees it.

    With `was`, it is one that is deleted or hidden by now.
    """
    listening = [stream for stream in readers.streams if _is_public(stream)]
    found = live.found_publicly(tweet_id, readers.accounts(*listening), was=was)
    by_user = {tweet.viewer_id or 0: tweet for tweet in found}
    for stream in listening:
        seeing = [by_user[id_] for id_ in readers.of(stream) if id_ in by_user]
        if seeing and _fits(stream, seeing[0]):
            yield stream, seeing
    yield from _lists(tweet_id, readers) if not was else ()


def _lists(tweet_id: int, readers: Readers) -> Iterator[tuple[Stream, Sequence[Facts]]]:
    streams = {int(parameter): (name, parameter) for name, parameter in readers.lists}
    for list_id in lists_with_author(tweet_id=tweet_id, among=streams) if streams else ():
        stream = streams[list_id]
        if seeing := live.listed(tweet_id, list(readers.of(stream))):
            yield stream, seeing


def _is_public(stream: Stream) -> bool:
    return stream[0].removesuffix(":media") in EVERYBODY or stream[0] in HASHTAG


def _fits(stream: Stream, tweet: Facts) -> bool:
    name, parameter = stream
    if name in HASHTAG:
        return normalize_tag(parameter) in hashtags(tweet.text)
    is_first = tweet.reply_to_author_id is None and tweet.repost_of_id is None
    return is_first and (tweet.media_count > 0 or not name.endswith(":media"))
