"""Follow hashtags: their public tweets join the home timeline."""

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import Conflict, NotFound
from chirp.pagination import Page, PageRequest, paginate
from lists.models import HashtagFollow
from tweets.text import normalize_tag

MAX_FOLLOWED = 100  # each is one more source of every page of home


class TooManyHashtags(Conflict):
    """The account follows MAX_FOLLOWED hashtags."""

    code = "too_many_hashtags"
    message = f"You can follow {MAX_FOLLOWED} hashtags. Unfollow one first."


def follow_hashtag(*, user: User, tag: str) -> str:
    """Follow a hashtag, and return its normal form. Idempotent.

    Raises NotFound if `tag` is not a hashtag, and TooManyHashtags.
    """
    normal = _normal(tag)
    with transaction.atomic():
        lock_account(user.pk)
        followed = HashtagFollow.objects.filter(user=user)
        if not followed.filter(tag=normal).exists():
            if followed.count() >= MAX_FOLLOWED:
                raise TooManyHashtags
            HashtagFollow.objects.create(user=user, tag=normal)
    return normal


def unfollow_hashtag(*, user: User, tag: str) -> str:
    """Unfollow a hashtag, and return its normal form. Idempotent. Raises NotFound."""
    normal = _normal(tag)
    HashtagFollow.objects.filter(user=user, tag=normal).delete()
    return normal


def follows_hashtag(*, user: User | None, tag: str) -> bool:
    """Return whether the user follows the hashtag. Raises NotFound."""
    normal = _normal(tag)
    return user is not None and HashtagFollow.objects.filter(user=user, tag=normal).exists()


def followed_hashtags(*, user: User, page: PageRequest) -> Page[HashtagFollow]:
    """Return the hashtags that the user follows, the latest first."""
    return paginate(HashtagFollow.objects.filter(user=user), page=page)


def _normal(tag: str) -> str:
    normal = normalize_tag(tag)
    if normal is None:
        raise NotFound
    return normal
