"""Read the thread around a tweet, and the versions of an edited tweet, for one viewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection

from accounts.models import User
from chirp.pagination import Page, PageRequest, paginate
from filters.models import Context
from tweets.models import Tweet, TweetVersion
from tweets.read.access import access_original
from tweets.read.facts import Facts
from tweets.read.filtered import Sieve
from tweets.read.hydrate import hydrate
from tweets.read.lists import is_readable, replies
from tweets.sql import threads as sql

MAX_ANCESTORS = 100
MAX_LOOKUPS = 10  # of MAX_ANCESTORS tweets each, if the viewer may not see most of them


@dataclass(frozen=True, slots=True)
class Thread:
    """A tweet, the tweets above it (oldest first), and one page of its replies (newest first).

    `more_above` is whether there are more ancestors, above the first of `ancestors`.
    """

    ancestors: list[Facts]
    more_above: bool
    tweet: Facts
    replies: Page[Facts]


def thread(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Thread:
    """Return the thread around a tweet, or for a repost around the original. Raises NotFound.

    `ancestors` holds the nearest tweets, at most MAX_ANCESTORS. Ancestors and replies that the
    viewer may not see or does not want to see are left out. The viewer chose to open the tweet
    itself, so no filter applies to it.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    sieve = Sieve.of(viewer, Context.THREAD)
    ancestors, more_above = _above(viewer, tweet, sieve)
    page_of_replies = replies(viewer=viewer, tweet=tweet, page=page, sieve=sieve)
    return Thread(ancestors, more_above, tweet, page_of_replies)


class Gap(StrEnum):
    """Why a thread does not show the tweet that another one answers."""

    NONE = ""
    DELETED = "deleted"
    HIDDEN = "hidden"


def gap_above(tweet: Facts, above: Facts | None) -> Gap:
    """Return what is missing between a tweet of a thread and the one that is shown above it."""
    if tweet.reply_to_author_id is None or (above and above.id == tweet.reply_to_id):
        return Gap.NONE
    return Gap.DELETED if tweet.parent is None or tweet.parent.gone else Gap.HIDDEN


def _above(viewer: User | None, tweet: Facts, sieve: Sieve) -> tuple[list[Facts], bool]:
    """Return the nearest readable ancestors, oldest first, and whether there are more above."""
    if tweet.reply_to_id is None:
        return [], False
    found: list[Facts] = []
    start = tweet.id
    for _ in range(MAX_LOOKUPS):
        ids = _ids_above(start)
        readable = [above for above in _hydrated(viewer, ids) if is_readable(above)]
        found += sieve.sift(readable)
        if len(found) > MAX_ANCESTORS or len(ids) <= MAX_ANCESTORS:
            return found[:MAX_ANCESTORS][::-1], len(found) > MAX_ANCESTORS
        start = ids[-1]
    return found[::-1], bool(found)


def _hydrated(viewer: User | None, ids: list[int]) -> list[Facts]:
    return hydrate(ids, viewer_id=viewer.pk if viewer else None) if ids else []


def _ids_above(tweet_id: int) -> list[int]:
    """Return the ids of the ancestors, nearest first: at most one more than MAX_ANCESTORS."""
    with connection.cursor() as cursor:
        cursor.execute(sql.ANCESTORS, [tweet_id, MAX_ANCESTORS + 1])
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Around:
    """The tweets above a tweet, oldest first, and all below it, in the order of the thread."""

    tweet: Facts
    above: list[Facts]
    below: list[Facts]


def around(*, viewer: User | None, tweet_id: int, most: int) -> Around:
    """Return the whole conversation around a tweet, for a repost the original. Raises NotFound.

    Each reply is followed by its own replies, and siblings are oldest first. Replies to a tweet
    that is hidden stay. `most` is how many later tweets of the conversation are looked at, the
    oldest first.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    sieve = Sieve.of(viewer, Context.THREAD)
    above, _ = _above(viewer, tweet, sieve)
    return Around(tweet, above, _below(viewer, tweet, sieve, most))


def _below(viewer: User | None, tweet: Facts, sieve: Sieve, most: int) -> list[Facts]:
    conversation = tweet.conversation_id or tweet.id
    later = Tweet.objects.filter(conversation_id=conversation, pk__gt=tweet.id).order_by("pk")
    answers: dict[int, list[int]] = {}
    for id_, parent_id in later.values_list("pk", "reply_to")[:most]:
        if parent_id is not None:
            answers.setdefault(parent_id, []).append(id_)
    ordered = _in_order(tweet.id, answers)
    readable = [each for each in _hydrated(viewer, ordered) if is_readable(each)]
    found = {each.id: each for each in sieve.sift(readable)}
    return [found[id_] for id_ in ordered if id_ in found]


def _in_order(root: int, answers: Mapping[int, list[int]]) -> list[int]:
    """Return what is below `root`, depth first. Without recursion: threads may be long."""
    ordered: list[int] = []
    waiting = answers.get(root, [])[::-1]
    while waiting:
        id_ = waiting.pop()
        ordered.append(id_)
        waiting += answers.get(id_, [])[::-1]
    return ordered


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a tweet, valid from `created_at` on.

    `mentions` are the handles of the accounts that it mentions, which are links in its HTML.
    """

    text: str
    sensitive: bool
    spoiler: str
    mentions: tuple[str, ...]
    created_at: datetime


def history(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[Version]:
    """Return the versions of a tweet, or for a repost of the original. Raises NotFound.

    The newest is first: it is the current version.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    if tweet.edited_at is None:
        mentions = tuple(tweet.mentions or ())
        current = (tweet.text, tweet.sensitive, tweet.spoiler, mentions, tweet.created_at)
        return Page([Version(*current)])
    found = paginate(TweetVersion.objects.filter(tweet=tweet.id), page=page)
    return Page(_versions(found.results), found.next, found.previous)


def _versions(rows: Sequence[TweetVersion]) -> list[Version]:
    users = User.objects.in_bulk({pk for row in rows for pk in row.mentioned})
    versions = []
    for row in rows:
        handles = tuple(users[pk].handle for pk in row.mentioned if pk in users)
        values = (row.text, row.sensitive, row.spoiler, handles, row.created_at)
        versions.append(Version(*values))
    return versions
