"""Polls, and votes in them."""

from typing import Any

from mastodon.calls import Call, parsed
from mastodon.endpoints import public, user
from mastodon.params import NUMBER, BadParameter
from mastodon.presenters.polls import poll
from tweets.polls.read import access_poll
from tweets.polls.voting import vote as cast
from tweets.read.access import access_original

Json = dict[str, Any]


@public("read:statuses")
def show(call: Call, id: str) -> Json:
    """GET polls/:id, where the id is that of the status."""
    return _poll(call, parsed(id))


def _poll(call: Call, poll_id: int) -> Json:
    state = access_poll(viewer=call.viewer, poll_id=poll_id)
    tweet = access_original(viewer=call.viewer, tweet_id=state.id)
    return poll(state, signed_in=call.viewer is not None, mine=tweet.mine)


@user("write:statuses")
def vote(call: Call, id: str) -> Json:
    """POST polls/:id/votes."""
    choices = call.params.texts("choices")
    if not all(NUMBER.fullmatch(choice) for choice in choices):
        raise BadParameter("Choices are invalid")
    return _poll(call, cast(user=call.user, poll_id=parsed(id), choices=list(map(int, choices))))
