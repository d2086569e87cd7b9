"""A tweet in its conversation, and the versions of its text: each for one viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import User
from chirp.pagination import Page, PageRequest, paginate
from tweets import sql
from tweets.models import Tweet, TweetVersion
from tweets.read.access import access_original
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate
from tweets.read.lists import is_readable, tweet_list

MAX_ANCESTORS = 100


@dataclass(frozen=True, slots=True)
class Thread:
    """A tweet between what it answers (oldest first) and one page of its replies (newest first)."""

    ancestors: list[Facts]
    tweet: Facts
    replies: Page[Facts]


def thread(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Thread:
    """The conversation around a tweet; an id of a repost stands for the original. NotFound.

    `ancestors` are at most the nearest MAX_ANCESTORS; those that the viewer may not see, or does
    not want to, are left out, and so are such replies.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    replies = Tweet.objects.filter(reply_to=tweet.id, deleted_at=None, hidden_at=None)
    page_of_replies = tweet_list(viewer, replies, is_readable).page(page)
    return Thread(_ancestors(viewer, tweet), tweet, page_of_replies)


def _ancestors(viewer: User | None, tweet: Facts) -> list[Facts]:
    if tweet.reply_to_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.ANCESTORS, [tweet.id, MAX_ANCESTORS])
        line = [row[0] for row in cursor.fetchall()]
    found = hydrate(line, viewer_id=viewer.pk if viewer else None)
    return [ancestor for ancestor in reversed(found) if is_readable(ancestor)]


@dataclass(frozen=True, slots=True)
class Version:
    """What a tweet said from `created_at` on. `mentions` are the handles that were links."""

    text: str
    sensitive: bool
    spoiler: str
    mentions: tuple[str, ...]
    created_at: datetime


def history(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[Version]:
    """All that a tweet has said, the newest (what it says now) first. NotFound.

    An id of a repost stands for the original.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    if tweet.edited_at is None:
        mentions = tuple(tweet.mentions or ())
        now = (tweet.text, tweet.sensitive, tweet.spoiler, mentions, tweet.created_at)
        return Page([Version(*now)])
    found = paginate(TweetVersion.objects.filter(tweet=tweet.id), page=page)
    return Page(_versions(found.results), found.next, found.previous)


def _versions(rows: Sequence[TweetVersion]) -> list[Version]:
    people = User.objects.in_bulk({pk for row in rows for pk in row.mentioned})
    versions = []
    for row in rows:
        handles = tuple(people[pk].handle for pk in row.mentioned if pk in people)
        then = (row.text, row.sensitive, row.spoiler, handles, row.created_at)
        versions.append(Version(*then))
    return versions
