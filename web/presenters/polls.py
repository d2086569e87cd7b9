"""Polls as the pages show them: values only, since they are part of the key of cached HTML."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString

from tweets.polls.read import POLL, PollState
from tweets.read.facts import Facts
from web.templating.formatting import left


class Choice(NamedTuple):
    """One choice. `votes` and `percent` are None while the results are hidden."""

    text: str
    votes: int | None
    percent: int | None
    chosen: bool


class PollCard(NamedTuple):
    """The poll of a tweet. `left` is how long it still runs; empty after the end."""

    choices: tuple[Choice, ...]
    voters: int
    multiple: bool
    may_vote: bool
    voted: bool
    left: SafeString

    @property
    def is_hidden(self) -> bool:
        """Whether nobody sees the votes yet."""
        return self.choices[0].votes is None


def poll_card(tweet: Facts) -> PollCard | None:
    """The poll of a tweet, if it has one."""
    poll = POLL.of(tweet)
    if poll is None:
        return None
    votes = poll.votes or (None,) * len(poll.choices)
    total = poll.voters if poll.multiple else sum(poll.votes or ())
    voted = poll.chosen is not None
    open_to_viewer = tweet.viewer_id is not None and not (tweet.mine or tweet.blocks)
    return PollCard(
        choices=tuple(
            Choice(text, number, _percent(number, total), number_of in (poll.chosen or ()))
            for number_of, (text, number) in enumerate(zip(poll.choices, votes, strict=True))
        ),
        voters=poll.voters,
        multiple=poll.multiple,
        may_vote=open_to_viewer and not voted and not poll.ended,
        voted=voted,
        left=_left(poll),
    )


def _left(poll: PollState) -> SafeString:
    return SafeString() if poll.ended else left(poll.ends_at, now=timezone.now())


def _percent(votes: int | None, total: int) -> int | None:
    if votes is None:
        return None
    return round(100 * votes / total) if total else 0
