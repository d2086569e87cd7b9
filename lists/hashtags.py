"""Follow hashtags."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import Conflict, NotFound
from chirp.pagination import Page, PageRequest, paginate
from chirp.texts import ntext
from lists.models import HashtagFollow
from tweets.text import normalize_tag

MAX_FOLLOWED = 100  # each is one more source of every page of home


class TooManyHashtags(Conflict):
    """The account follows MAX_FOLLOWED hashtags."""

    code = "too_many_hashtags"
    message = ntext(
        "You can follow %(num)s hashtags. Unfollow one first.",
        "You can follow %(num)s hashtags. Unfollow one first.",
        MAX_FOLLOWED,
    )


class FollowedHashtag(NamedTuple):
    """A hashtag in its normal form, and whether an account follows it."""

    tag: str
    following: bool


def follow_hashtag(*, user: User, tag: str) -> FollowedHashtag:
    """Follow a hashtag. Idempotent.

    Raises NotFound if `tag` is not a hashtag, and TooManyHashtags.
    """
    normal = normal_or_not_found(tag)
    with transaction.atomic():
        lock_account(user.pk)
        followed = HashtagFollow.objects.filter(user=user)
        if not followed.filter(tag=normal).exists():
            if followed.count() >= MAX_FOLLOWED:
                raise TooManyHashtags
            HashtagFollow.objects.create(user=user, tag=normal)
    return FollowedHashtag(normal, True)


def unfollow_hashtag(*, user: User, tag: str) -> FollowedHashtag:
    """Unfollow a hashtag. Idempotent. Raises NotFound if `tag` is not a hashtag."""
    normal = normal_or_not_found(tag)
    HashtagFollow.objects.filter(user=user, tag=normal).delete()
    return FollowedHashtag(normal, False)


def followed_hashtag(*, user: User | None, tag: str) -> FollowedHashtag:
    """Return whether the user follows the hashtag. Raises NotFound if `tag` is not a hashtag."""
    normal = normal_or_not_found(tag)
    if user is None:
        return FollowedHashtag(normal, False)
    return FollowedHashtag(normal, HashtagFollow.objects.filter(user=user, tag=normal).exists())


def followed_among(*, user: User, tags: Collection[str]) -> set[str]:
    """Return those of these hashtags, in their normal form, that the user follows."""
    rows = HashtagFollow.objects.filter(user=user, tag__in=tags)
    return set(rows.values_list("tag", flat=True))


def followed_hashtags(*, user: User, page: PageRequest) -> Page[FollowedHashtag]:
    """Return the hashtags that the user follows, the latest first."""
    found = paginate(HashtagFollow.objects.filter(user=user), page=page)
    rows = [FollowedHashtag(each.tag, True) for each in found.results]
    return Page(rows, found.next, found.previous, found.positions)


def normal_or_not_found(tag: str) -> str:
    """Return the hashtag in the form that rows have. Raises NotFound if it is not one."""
    normal = normalize_tag(tag)
    if normal is None:
        raise NotFound
    return normal
