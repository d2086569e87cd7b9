"""What events mean for notifications. Each function may run twice, late, and in any order.

Large audiences are worked on in steps of at most AT_ONCE, each of which schedules the next.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from chirp.db.prepared import Question, answers
from chirp.ids import MAX_ID
from notifications import settling, sql
from notifications.events import ActorReviewContinued, AudienceContinued, TweetReviewContinued
from notifications.kinds import Kind
from notifications.models import NOTE_LENGTH, Group, Notification
from notifications.settling import Cause, causes_of, lock, settle, settle_tweet
from outbox.services import publish
from tweets.models import Tweet

AT_ONCE = 100
KEPT = timedelta(days=180)
DAY_SECONDS = 86_400


def posted(*, tweet_ids: Sequence[int]) -> None:
    """Notify the accounts that new tweets answer, quote or mention.

    The accounts that asked to hear of their authors are notified in further steps.
    """
    about = {"ids": tweet_ids}
    concerned, for_subscribers = answers(
        Question(sql.CONCERNED, about, _causes), Question(sql.FOR_SUBSCRIBERS, about, list)
    )
    # One tweet after another: no recipient is locked while others are notified.
    for _, causes in groupby(concerned, key=attrgetter("tweet_id")):
        settle(causes, create=True)
    for (tweet_id,) in for_subscribers:
        _continue(tweet_id, Kind.TWEET, after=0)


def liked(*, likes: Iterable[tuple[int, int]]) -> None:
    """Settle likes, given as (tweet id, user id), after they were added or removed."""
    _settle_marks(Kind.LIKE, likes, create=True)


def reposted(*, reposts: Iterable[tuple[int, int]]) -> None:
    """Settle reposts, given as (id of the original, user id)."""
    _settle_marks(Kind.REPOST, reposts, create=True)


def tweet_changed(*, tweet_id: int) -> None:
    """Review what is about a tweet that was deleted, hidden or restored; or that was a repost."""
    tweet = Tweet.objects.filter(pk=tweet_id).first()
    if tweet is None:
        return
    if tweet.repost_of_id is not None:
        reposted(reposts=[(tweet.repost_of_id, tweet.author_id)])
        editor = _author_of(tweet.repost_of_id)
        settle([Cause(tweet.author_id, Kind.EDIT, tweet.repost_of_id, editor)], create=False)
        return
    # It may have been hidden when the task of its posting ran.
    settle(_concerned(tweet_id), create=True)
    settle(_edit_of_quoted(tweet), create=False)
    review_tweet(tweet_id=tweet_id, after=0)


def edited(*, tweet_id: int) -> None:
    """Retract mentions that an edit removed, and notify those that reposted or quoted the tweet.

    An edit notifies nobody who is mentioned, whether for the first time or again.
    """
    mentions = Notification.objects.filter(group__tweet=tweet_id, group__kind=Kind.MENTION)
    settle(causes_of(mentions.select_related("group")), create=False)
    _continue(tweet_id, Kind.EDIT, after=MAX_ID)
    _continue(tweet_id, Kind.QUOTED_EDIT, after=0)


def quote_detached(*, tweet_id: int, quote_id: int) -> None:
    """Retract what notifies of a quote that no longer shows the tweet, either way. Idempotent."""
    authors = Tweet.objects.in_bulk([tweet_id, quote_id])
    if len(authors) == 2:
        quoted, quoting = authors[tweet_id].author_id, authors[quote_id].author_id
        of_edit = Cause(quoting, Kind.QUOTED_EDIT, tweet_id, quoted)
        settle([Cause(quoted, Kind.QUOTE, quote_id, quoting), of_edit], create=False)


def follow_changed(*, follower_id: int, followee_id: int, now: datetime) -> None:
    """Settle a follow or a request, after it began, was accepted or ended."""
    day = int(now.timestamp()) // DAY_SECONDS
    settle(
        [
            Cause(followee_id, Kind.FOLLOW_REQUEST, None, follower_id),
            Cause(followee_id, Kind.FOLLOW, None, follower_id, day),
        ],
        create=True,
    )


def poll_ended(*, tweet_id: int, voters: Sequence[int]) -> None:
    """Notify the author and these voters that a poll ended. Idempotent.

    Call it in several steps if there are more than a few hundred voters.
    """
    tweet = Tweet.objects.get(pk=tweet_id)
    author = Cause(tweet.author_id, Kind.POLL_ENDED, tweet_id)
    others = [Cause(voter, Kind.POLL_ENDED, tweet_id, tweet.author_id) for voter in voters]
    settle([author, *others], create=True)


def moderated(*, recipient_id: int, reference: int, note: str, tweet_id: int | None = None) -> None:
    """Tell an account what moderators decided. It cannot be turned off.

    `reference` is the id of the decision, a positive number: the same one notifies once. `note` is
    the text, of which NOTE_LENGTH characters are kept.
    """
    notice = Cause(
        recipient_id, Kind.MODERATION, tweet_id, bucket=reference, note=note[:NOTE_LENGTH]
    )
    settle([notice], create=True)


def between_changed(*, one: int, other: int) -> None:
    """Review notifications between two accounts, after a block or a mute began or ended."""
    review_actor(actor_id=one, recipient_id=other, after=0)
    review_actor(actor_id=other, recipient_id=one, after=0)


@transaction.atomic
def dismiss(*, user: User, notification_id: int) -> None:
    """Remove one notification of the user. Idempotent. What causes it again brings it back."""
    settling.dismiss(recipient_id=user.pk, ids=[notification_id])


@transaction.atomic
def dismiss_group(*, user: User, group_id: int) -> None:
    """Remove all notifications of a group of the user. Idempotent."""
    rows = Notification.objects.filter(group=group_id, recipient_id=user.pk)
    settling.dismiss(recipient_id=user.pk, ids=list(rows.values_list("pk", flat=True)))


@transaction.atomic
def dismiss_everything(*, user: User) -> None:
    """Remove all notifications of the user. Idempotent."""
    settling.dismiss_all(recipient_id=user.pk)


def forget_old(*, now: datetime) -> None:
    """Delete the groups without news for KEPT, with their notifications."""
    old = Group.objects.filter(newest_at__lt=now - KEPT)
    while batch := list(old.order_by("newest_at")[:AT_ONCE]):
        with transaction.atomic():
            lock({group.recipient_id for group in batch})
            old.filter(pk__in=[group.pk for group in batch]).delete()


# --- Steps ---------------------------------------------------------------------------------------


def review_actor(*, actor_id: int, recipient_id: int | None, after: int) -> None:
    """Review one step of the notifications of an actor, and schedule the next."""
    rows = Notification.objects.filter(actor=actor_id, pk__gt=after).select_related("group")
    if recipient_id is not None:
        rows = rows.filter(recipient_id=recipient_id)
    step = list(rows.order_by("pk")[:AT_ONCE])
    settle(causes_of(step), create=False)
    if len(step) == AT_ONCE:
        _publish(
            ActorReviewContinued(actor_id=actor_id, recipient_id=recipient_id, after=step[-1].pk)
        )


def review_tweet(*, tweet_id: int, after: int) -> None:
    """Show or hide one step of the groups about a tweet, and schedule the next."""
    groups = Group.objects.filter(tweet=tweet_id, pk__gt=after).exclude(kind=Kind.MODERATION)
    step = list(groups.order_by("pk")[:AT_ONCE])
    if step:
        settle_tweet(step)
    if len(step) == AT_ONCE:
        _publish(TweetReviewContinued(tweet_id=tweet_id, after=step[-1].pk))


def notify_audience(*, tweet_id: int, kind: str, after: int) -> None:
    """Notify the next accounts that a tweet concerns: subscribers, or who reposted or quoted it."""
    tweet = Tweet.objects.filter(pk=tweet_id).first()
    if tweet is None:
        return
    query, position = _AUDIENCES[Kind(kind)]
    about = {"tweet": tweet_id, "author": tweet.author_id, "limit": AT_ONCE}
    rows = _rows(query, {**about, position: after})
    # Those whom the tweet concerns more directly have a notification of it already.
    told = {cause.recipient_id for cause in _concerned(tweet_id)} if kind == Kind.TWEET else ()
    accounts = [row[-1] for row in rows if row[-1] not in told]
    settle([Cause(id_, kind, tweet_id, tweet.author_id) for id_ in accounts], create=True)
    if len(rows) == AT_ONCE:
        _continue(tweet_id, kind, after=rows[-1][0])


# The query for the accounts that hear of a tweet by a kind, and its parameter for where to go on.
_AUDIENCES = {
    Kind.TWEET: (sql.SUBSCRIBERS, "after"),
    Kind.EDIT: (sql.REPOSTERS, "below"),
    Kind.QUOTED_EDIT: (sql.QUOTERS, "after"),
}


def _continue(tweet_id: int, kind: str, *, after: int) -> None:
    _publish(AudienceContinued(tweet_id=tweet_id, kind=str(kind), after=after))


def _publish(event: Any) -> None:
    with transaction.atomic():
        publish(event)


# --- Causes --------------------------------------------------------------------------------------


def _concerned(tweet_id: int) -> list[Cause]:
    """Return the causes for the accounts that a tweet answers, quotes or mentions."""
    return _causes(sql.CONCERNED.rows(ids=[tweet_id]))


def _causes(rows: Iterable[tuple[Any, ...]]) -> list[Cause]:
    return [Cause(user_id, kind, id_, author_id) for id_, author_id, user_id, kind in rows]


def _settle_marks(kind: Kind, marks: Iterable[tuple[int, int]], *, create: bool) -> None:
    marks = list(marks)
    ids = [tweet_id for tweet_id, _ in marks]
    authors = dict(Tweet.objects.filter(pk__in=ids).values_list("pk", "author_id"))
    causes = [Cause(authors[id_], kind, id_, user_id) for id_, user_id in marks if id_ in authors]
    settle(causes, create=create)


def _edit_of_quoted(quote: Tweet) -> list[Cause]:
    """Return the cause for the author of a quote to hear of edits of what it quotes, if any."""
    if quote.quote_of_id is None:
        return []
    editor = _author_of(quote.quote_of_id)
    return [Cause(quote.author_id, Kind.QUOTED_EDIT, quote.quote_of_id, editor)]


def _author_of(tweet_id: int) -> int | None:
    return Tweet.objects.filter(pk=tweet_id).values_list("author", flat=True).first()


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
