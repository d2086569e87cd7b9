"""Polls as a viewer sees them: an attachment of tweets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from chirp.errors import NotFound
from tweets.polls.models import PollVote
from tweets.read.access import access_original
from tweets.read.attachments import Attachment, attach
from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext
from tweets.sql import lookups as sql


@dataclass(frozen=True, slots=True)
class PollState:
    """A poll at one moment, for one viewer.

    `votes` are those for each choice, or None while they are hidden. `chosen` are the numbers of
    the choices that the viewer voted for; None without a vote.
    """

    id: int
    choices: tuple[str, ...]
    votes: tuple[int, ...] | None
    voters: int
    multiple: bool
    hide_results: bool
    ends_at: datetime
    ended: bool
    chosen: tuple[int, ...] | None


def _load(tweets: Sequence[Facts], viewer: ViewerContext) -> Mapping[int, PollState]:
    ids = [tweet.id for tweet in tweets if tweet.has_poll]
    rows = sql.POLLS.rows(ids=ids, viewer=viewer.viewer_id) if ids else []
    now = timezone.now()
    return {row[0]: _state(*row, now=now) for row in rows}


def _state(
    id_: int,
    choices: list[str],
    votes: list[int],
    voters: int,
    multiple: bool,
    hide_results: bool,
    ends_at: datetime,
    chosen: list[int] | None,
    *,
    now: datetime,
) -> PollState:
    ended = ends_at <= now
    return PollState(
        id=id_,
        choices=tuple(choices),
        votes=None if hide_results and not ended else tuple(votes),
        voters=voters,
        multiple=multiple,
        hide_results=hide_results,
        ends_at=ends_at,
        ended=ended,
        chosen=None if chosen is None else tuple(chosen),
    )


# The poll of a tweet that has one. Pages without polls take no query.
POLL = Attachment("poll", _load)


def access_poll(*, viewer: User | None, poll_id: int) -> PollState:
    """Return a poll, for a repost that of the original.

    Raises NotFound if there is none or the viewer may not see its tweet.
    """
    tweet = access_original(viewer=viewer, tweet_id=poll_id)
    attach([tweet], [POLL], ViewerContext(viewer_id=viewer.pk if viewer else None))
    poll = POLL.of(tweet)
    if poll is None:
        raise NotFound
    return poll


def voters(*, poll_id: int) -> list[int]:
    """Return the ids of the accounts that voted in a poll."""
    return list(PollVote.objects.filter(poll=poll_id).values_list("user", flat=True))
