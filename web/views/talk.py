"""Actions on what people talk about: votes, quotes, pins, muted conversations."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.models import User
from chirp.errors import Conflict
from tweets import pins
from tweets.conversation_mutes import mute_conversation, unmute_conversation
from tweets.polls import voting
from tweets.polls.rules import BadChoices
from tweets.quotes import detach_quote
from web.auth import signed_in
from web.limits import limit_account
from web.responses import go_back

# Actions on a tweet, by the last segment of the URL: (request, me, id of the tweet) -> a notice.
Act = Callable[[HttpRequest, User, int], str]


def _vote(request: HttpRequest, me: User, tweet_id: int) -> str:
    chosen = [int(text) if text in {"0", "1", "2", "3"} else -1 for text in _sent(request)]
    voting.vote(user=me, poll_id=tweet_id, choices=chosen)
    return gettext("You have voted.")


def _sent(request: HttpRequest) -> list[str]:
    return request.POST.getlist("choices")


def _unvote(request: HttpRequest, me: User, tweet_id: int) -> str:
    voting.withdraw(user=me, poll_id=tweet_id)
    return gettext("Your vote is taken back.")


def _detach(request: HttpRequest, me: User, tweet_id: int) -> str:
    detach_quote(author=me, quote_id=tweet_id)
    return gettext("The quote no longer shows your tweet.")


def _mute(request: HttpRequest, me: User, tweet_id: int) -> str:
    mute_conversation(user=me, tweet_id=tweet_id)
    return gettext("You are no longer told of this conversation.")


def _unmute(request: HttpRequest, me: User, tweet_id: int) -> str:
    unmute_conversation(user=me, tweet_id=tweet_id)
    return gettext("You are told of this conversation again.")


def _pin(request: HttpRequest, me: User, tweet_id: int) -> str:
    pins.pin(user=me, tweet_id=tweet_id)
    return gettext("The tweet is pinned to your profile.")


def _unpin(request: HttpRequest, me: User, tweet_id: int) -> str:
    pins.unpin(user=me, tweet_id=tweet_id)
    return gettext("The tweet is no longer pinned.")


ACTIONS: dict[str, Act] = {
    "vote": _vote,
    "unvote": _unvote,
    "detach": _detach,
    "mute-conversation": _mute,
    "unmute-conversation": _unmute,
    "pin": _pin,
    "unpin": _unpin,
}


@require_POST
@signed_in
def act(request: HttpRequest, me: User, handle: str, tweet_id: int, action: str) -> HttpResponse:
    """Perform one of ACTIONS on a tweet, and go back with a notice of what was done or refused."""
    limit_account(request)
    back = reverse("thread", args=[handle, tweet_id])
    try:
        said = ACTIONS[action](request, me, tweet_id)
    except (BadChoices, Conflict) as error:  # the page that was sent is out of date or incomplete
        messages.error(request, error.detail)
        return go_back(request, back)
    return go_back(request, back, say=said)
