"""Pin tweets to one's profile: up to five, shown before all others, the latest pin first."""

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import Conflict, NotAllowed
from chirp.texts import ntext
from chirp.texts import text as _
from tweets.models import Pin
from tweets.read.access import access_original
from tweets.visibility import Visibility

MAX_PINS = 5


class CannotPin(NotAllowed):
    """Raised when a tweet of another account or a direct tweet is pinned."""

    message = _("You can pin only your own tweets, and no direct ones.")


class TooManyPins(Conflict):
    """Raised when as many tweets as possible are pinned already."""

    code = "too_many_pins"
    message = ntext(
        "You can pin %(num)s tweets. Unpin one first.",
        "You can pin %(num)s tweets. Unpin one first.",
        MAX_PINS,
    )


def pin(*, user: User, tweet_id: int) -> int:
    """Pin a tweet of the user, and return its id, or for a repost that of the original.

    Idempotent. Raises NotFound, CannotPin and TooManyPins. Pins of tweets that are gone do not
    count.
    """
    with transaction.atomic():
        lock_account(user.pk)
        tweet = access_original(viewer=user, tweet_id=tweet_id)
        if not tweet.mine or tweet.visibility == Visibility.DIRECT:
            raise CannotPin
        if not tweet.pinned:
            _check_room(user)
            Pin.objects.create(user=user, tweet_id=tweet.id)
    return tweet.id


def _check_room(user: User) -> None:
    shown = Pin.objects.filter(user=user, tweet__deleted_at=None, tweet__hidden_at=None)
    if shown.count() >= MAX_PINS:
        raise TooManyPins


def unpin(*, user: User, tweet_id: int) -> None:
    """Unpin a tweet of the user. Idempotent."""
    Pin.objects.filter(user=user, tweet=tweet_id).delete()
