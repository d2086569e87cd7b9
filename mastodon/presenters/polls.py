"""Polls as entities."""

from typing import Any

from chirp.times import rfc3339
from tweets.polls.read import PollState

Json = dict[str, Any]


def poll(state: PollState, *, signed_in: bool, mine: bool) -> Json:
    """A Poll. Its author has voted, as clients understand it: they offer no choice."""
    votes = state.votes or (None,) * len(state.choices)
    body = {
        "id": str(state.id),
        "expires_at": rfc3339(state.ends_at),
        "expired": state.ended,
        "multiple": state.multiple,
        "votes_count": sum(state.votes) if state.votes else state.voters,
        "voters_count": state.voters if state.multiple else None,
        "options": [
            {"title": title, "votes_count": number}
            for title, number in zip(state.choices, votes, strict=True)
        ],
        "emojis": [],
    }
    if signed_in:
        body["voted"] = mine or state.chosen is not None
        body["own_votes"] = list(state.chosen or ())
    return body
