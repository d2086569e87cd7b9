"""Write tweets of the past, which come from an archive: with their own dates, and unannounced.

They are tweets like any other, except that nobody is notified of them, and that names in their
texts mention nobody here. Their ids are of the time when they were written (chirp/ids.py), so they
are where they belong in every timeline: docs/decisions/0032-ids-of-the-past.md.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from accounts import counts as account_counts
from accounts.locks import lock_account
from accounts.models import User
from chirp import hooks, ids
from media.services import attach
from outbox.services import publish
from tweets import mentions_and_tags
from tweets.author_states import state_to_note
from tweets.controls import RepliesFrom
from tweets.events import HistoryEnded, HistoryWritten
from tweets.locks import lock_tweets
from tweets.models import LANGUAGE_LENGTH, Tweet, TweetVersion
from tweets.places import Place
from tweets.polls.models import Poll
from tweets.sql import posting as sql
from tweets.visibility import PUBLIC_OR_UNLISTED, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPoll:
    """A poll that is over, with its results."""

    choices: tuple[str, ...]
    votes: tuple[int, ...]
    voters: int
    multiple: bool
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVersion:
    """An earlier version of a tweet, or the present one of a tweet that was edited."""

    text: str
    sensitive: bool
    spoiler: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTweet:
    """A tweet to write. `id` is from `ids_for`, and texts are as `checked` returns them.

    `reply_to_id` and `quote_of_id` are older tweets of the same author, which may be written along
    with this one.
    """

    id: int
    text: str
    written_at: datetime
    reply_to_id: int | None = None
    visibility: str = Visibility.PUBLIC.value
    sensitive: bool = False
    spoiler: str = ""
    language: str = ""
    media_ids: tuple[int, ...] = ()
    edited_at: datetime | None = None
    place: Place | None = None
    quote_of_id: int | None = None
    replies_from: str = RepliesFrom.EVERYONE.value
    quotes_from: str = ""  # without it what the author chose for all tweets
    poll: PastPoll | None = None
    versions: tuple[PastVersion, ...] = ()


FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def past(moment: datetime) -> datetime | None:
    """Return a moment in UTC; None if no tweet was written then: before 1970, or not yet.

    A tweet of the future would be on top of every list, with an id that nothing can read. One
    without a time zone is in UTC.
    """
    try:
        found = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
    return found if FIRST < found <= datetime.now(UTC) else None


def ids_for(moments: Sequence[datetime]) -> list[int]:
    """Return an id for each of these moments that no tweet has.

    Another process may write a tweet with it first: then `write` raises IntegrityError.
    """
    wanted = _of(moments)
    taken = set(Tweet.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    after: dict[int, int] = {}  # where the search from an id has ended
    found: list[int] = []
    for id_ in wanted:
        free = id_ if id_ not in taken else _free(max(id_, after.get(id_, 0)), taken)
        taken.add(free)
        after[id_] = free + 1
        found.append(free)
    return found


def _free(id_: int, taken: Collection[int]) -> int:
    """Return the first id from this one on that no tweet has, and that is not in `taken`.

    However many tweets follow each other, as those of before 2006 do, it is a query or two.
    """
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql.FIRST_FREE, {"id": id_})
            (id_,) = cursor.fetchone()
        if id_ not in taken:
            return id_
        while id_ in taken:
            id_ += 1


def _of(moments: Sequence[datetime]) -> list[int]:
    return ids.of_the_past([moment.timestamp() for moment in moments])


def dated(at: datetime | None) -> dict[str, Any]:
    """Return the columns of a tweet or a repost that date it back; none without a moment."""
    return {} if at is None else {"id": ids_for([at])[0], "created_at": at}


def checked(text: str, spoiler: str, *, may_be_blank: bool) -> tuple[str, str]:
    """Return a text and a warning in the form to store. Raises as `post_tweet` does."""
    return (
        mentions_and_tags.checked_text(text, may_be_blank=may_be_blank),
        mentions_and_tags.checked_spoiler(spoiler),
    )


@transaction.atomic
def write(*, author: User, tweets: Sequence[PastTweet]) -> None:
    """Write tweets of an author, all or none. Those that they answer come first.

    A reply whose tweet is not there, or is of somebody else, is written as a tweet of its own.
    Direct tweets cannot be written. Raises IntegrityError if an id is taken meanwhile, and for
    `media_ids` what `attach` raises.
    """
    assert all(tweet.visibility != Visibility.DIRECT for tweet in tweets)
    author_is_public = lock_account(author.pk)
    rows = _rows(author, tweets, state=state_to_note(author_is_public))
    Tweet.objects.bulk_create(rows)
    for tweet in tweets:
        if tweet.media_ids:
            attach(owner=author, media_ids=tweet.media_ids, tweet_id=tweet.id)
    mentions_and_tags.index_tags(rows)
    _add_parts(tweets)
    _count(author, rows, author_is_public=author_is_public)
    for row in rows:
        hooks.run("tweet.written", tweet=row)
    publish(HistoryWritten(tweet_ids=[row.pk for row in rows]))


def _add_parts(tweets: Sequence[PastTweet]) -> None:
    """Write the polls and the versions of tweets."""
    Poll.objects.bulk_create(
        Poll(
            tweet_id=tweet.id,
            choices=list(tweet.poll.choices),
            votes=list(tweet.poll.votes),
            voters=tweet.poll.voters,
            multiple=tweet.poll.multiple,
            ends_at=tweet.poll.ends_at,
            ended_at=tweet.poll.ends_at,
        )
        for tweet in tweets
        if tweet.poll is not None
    )
    TweetVersion.objects.bulk_create(
        TweetVersion(tweet_id=tweet.id, **asdict(version))
        for tweet in tweets
        for version in tweet.versions
    )


def end(*, author_id: int) -> None:
    """Have the timelines of followers take in what was written. Call it in a transaction."""
    publish(HistoryEnded(author_id=author_id, after=0))


def _rows(author: User, tweets: Sequence[PastTweet], *, state: str) -> list[Tweet]:
    named = {id_ for tweet in tweets for id_ in (tweet.reply_to_id, tweet.quote_of_id)}
    conversations = _conversations(author, {id_ for id_ in named if id_ is not None})
    rows: list[Tweet] = []
    for tweet in tweets:
        parent_id = tweet.reply_to_id if tweet.reply_to_id in conversations else None
        conversation_id = conversations[parent_id] if parent_id is not None else tweet.id
        conversations[tweet.id] = conversation_id
        quoted_id = tweet.quote_of_id if tweet.quote_of_id in conversations else None
        rows.append(_row(author, tweet, parent_id, quoted_id, conversation_id, state))
    return rows


def _conversations(author: User, tweet_ids: Collection[int]) -> dict[int, int]:
    """Return the conversations of those of these tweets that the author can answer and quote."""
    own = Tweet.objects.filter(pk__in=tweet_ids, author=author, deleted_at=None, repost_of=None)
    found = own.exclude(visibility=Visibility.DIRECT).values_list("pk", "conversation_id")
    return {pk: conversation_id or pk for pk, conversation_id in found}


def _row(
    author: User,
    tweet: PastTweet,
    parent_id: int | None,
    quoted_id: int | None,
    conversation_id: int,
    state: str,
) -> Tweet:
    place = tweet.place
    return Tweet(
        id=tweet.id,
        author=author,
        text=tweet.text,
        visibility=tweet.visibility,
        sensitive=tweet.sensitive,
        spoiler=tweet.spoiler,
        language=tweet.language[:LANGUAGE_LENGTH],
        reply_to_id=parent_id,
        reply_to_author_id=author.pk if parent_id is not None else None,
        conversation_id=conversation_id,
        created_at=tweet.written_at,
        edited_at=tweet.edited_at,
        quote_of_id=quoted_id,
        has_poll=tweet.poll is not None,
        replies_from=tweet.replies_from,
        quotes_from=tweet.quotes_from or author.quotes_from,
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        cell=place.cell if place else None,
        place=place.name if place else "",
        media_count=len(tweet.media_ids),
        author_state=state,
    )


def _count(author: User, rows: Sequence[Tweet], *, author_is_public: bool) -> None:
    counted = [row for row in rows if row.visibility in PUBLIC_OR_UNLISTED]
    account_counts.add([author.pk], "tweets", len(counted))
    if not author_is_public:
        return
    replies = Counter(row.reply_to_id for row in counted if row.reply_to_id is not None)
    quotes = Counter(row.quote_of_id for row in counted if row.quote_of_id is not None)
    lock_tweets({*replies, *quotes})
    for column, numbers in (("replies_count", replies), ("quotes_count", quotes)):
        for tweet_id, number in sorted(numbers.items()):
            Tweet.objects.filter(pk=tweet_id).update(**{column: F(column) + number})
