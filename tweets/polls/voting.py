"""Store polls, and vote in them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import Conflict, NotAllowed, NotFound
from chirp.texts import text as _
from tweets.models import Tweet
from tweets.polls.models import Poll, PollVote
from tweets.polls.rules import NewPoll, checked_vote
from tweets.read.access import BlockedByYou, access_original


class OwnPoll(NotAllowed):
    """Raised when the author of a poll votes in it."""

    message = _("You cannot vote in your own poll.")


class AlreadyVoted(Conflict):
    """Raised when an account votes a second time."""

    code = "already_voted"
    message = _("You have already voted.")


class PollIsOver(Conflict):
    """Raised when somebody votes, or takes a vote back, after the end of the poll."""

    code = "poll_is_over"
    message = _("This poll is over.")


def create_poll(tweet: Tweet, poll: NewPoll, *, now: datetime) -> None:
    """Store the poll of a new tweet. `poll` must be checked."""
    Poll.objects.create(
        tweet=tweet,
        choices=poll.choices,
        votes=[0] * len(poll.choices),
        multiple=poll.multiple,
        hide_results=poll.hide_results,
        ends_at=now + timedelta(seconds=poll.seconds),
    )


def vote(*, user: User, poll_id: int, choices: Collection[int], at: datetime | None = None) -> int:
    """Vote in a poll, and return its id. `choices` are numbers from 0.

    `at` dates the vote back, to when the poll was running: as in `post_tweet`.

    Raises NotFound if the user may not see the tweet or it has no poll, BlockedByYou, OwnPoll,
    PollIsOver, AlreadyVoted and BadChoices.
    """
    with transaction.atomic():
        lock_account(user.pk)
        tweet = access_original(viewer=user, tweet_id=poll_id)
        if tweet.blocks:
            raise BlockedByYou
        poll = _locked(tweet.id)
        if tweet.mine:
            raise OwnPoll
        _check_running(poll, at or timezone.now())
        if PollVote.objects.filter(poll=poll, user=user).exists():
            raise AlreadyVoted
        chosen = checked_vote(choices, choices=len(poll.choices), multiple=poll.multiple)
        PollVote.objects.create(poll=poll, user=user, choices=chosen)
        _count(poll, chosen, by=1)
    return tweet.id


def withdraw(*, user: User, poll_id: int) -> None:
    """Take the user's vote back, if there is one, whatever became of the tweet and its author.

    Raises PollIsOver.
    """
    with transaction.atomic():
        lock_account(user.pk)
        own = PollVote.objects.filter(user=user, poll=poll_id).first()
        if own is not None:
            poll = _locked(poll_id)
            _check_running(poll, timezone.now())
            own.delete()
            _count(poll, own.choices, by=-1)


def uncount(*, poll_id: int, chosen: Sequence[int], now: datetime) -> None:
    """Subtract a vote that is gone with its account, unless the poll is over: results stay.

    Call it in the transaction that deletes the vote.
    """
    poll = _locked(poll_id)
    if poll.ended_at is None and poll.ends_at > now:
        _count(poll, chosen, by=-1)


def _locked(poll_id: int) -> Poll:
    """Lock a poll until the transaction ends. Raises NotFound."""
    poll = Poll.objects.select_for_update(no_key=True).filter(pk=poll_id).first()
    if poll is None:
        raise NotFound
    return poll


def _check_running(poll: Poll, now: datetime) -> None:
    if poll.ended_at is not None or poll.ends_at <= now:
        raise PollIsOver


def _count(poll: Poll, chosen: Sequence[int], *, by: int) -> None:
    """Add a vote to the counts, or subtract it. The caller must hold the lock on the poll."""
    votes = [number + by * (choice in chosen) for choice, number in enumerate(poll.votes)]
    Poll.objects.filter(pk=poll.pk).update(votes=votes, voters=poll.voters + by)
