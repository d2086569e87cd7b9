"""The hashtags that an account shows on its profile."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Max

from accounts.locks import lock_account
from accounts.models import User
from chirp.db.prepared import Question, answers
from chirp.errors import Conflict, NotFound
from chirp.texts import ntext
from lists import sql
from lists.hashtags import normal_or_not_found
from lists.models import FeaturedHashtag
from people.featured import asks_featured
from people.selectors import check_edges
from people.suggestions import Person
from tweets.models import Hashtag, Tweet

MAX_FEATURED = 10
SUGGESTED = 10
RECENT = 200  # tweets, whose hashtags are suggested


class TooManyFeaturedHashtags(Conflict):
    """The profile shows MAX_FEATURED hashtags."""

    code = "too_many_featured"
    message = ntext(
        "Your profile can show %(num)s hashtag. Remove one first.",
        "Your profile can show %(num)s hashtags. Remove one first.",
        MAX_FEATURED,
    )


class Featured(NamedTuple):
    """A hashtag on a profile, and how the account uses it.

    `id` is that of the row; None if the profile does not show it. `last_id` is the account's latest
    public tweet with the hashtag, of `tweets_count`.
    """

    tag: str
    id: int | None
    tweets_count: int
    last_id: int | None


class Recommended(NamedTuple):
    """The hashtags and people on a profile, the latest first."""

    hashtags: Sequence[str] = ()
    people: Sequence[Person] = ()


def feature_hashtag(*, user: User, tag: str) -> FeaturedHashtag:
    """Show a hashtag on the profile of `user`. Idempotent.

    Raises NotFound if `tag` is not a hashtag, and TooManyFeaturedHashtags.
    """
    normal = normal_or_not_found(tag)
    with transaction.atomic():
        lock_account(user.pk)
        shown = FeaturedHashtag.objects.filter(user=user)
        if (found := shown.filter(tag=normal).first()) is not None:
            return found
        if shown.count() >= MAX_FEATURED:
            raise TooManyFeaturedHashtags
        return FeaturedHashtag.objects.create(user=user, tag=normal)


def unfeature_hashtag(*, user: User, tag: str) -> str:
    """Show a hashtag on the profile no longer, and return its normal form. Idempotent.

    Raises NotFound if `tag` is not a hashtag.
    """
    normal = normal_or_not_found(tag)
    FeaturedHashtag.objects.filter(user=user, tag=normal).delete()
    return normal


def unfeature_by_id(*, user: User, id_: int) -> None:
    """Do the same by the id of a row of the account. Raises NotFound."""
    if not FeaturedHashtag.objects.filter(user=user, pk=id_).delete()[0]:
        raise NotFound


def recommended(*, viewer: User | None, user: User) -> Recommended:
    """Return what the profile of `user` recommends. Makes two queries at most.

    Raises ListsHidden if `user` has blocked `viewer`, and ListsPrivate.
    """
    check_edges(viewer=viewer, user=user)
    tags = Question(sql.FEATURED, {"user": user.pk}, lambda rows: [tag for (tag,) in rows])
    return Recommended(*answers(tags, asks_featured(user=user)))


def featured_hashtags(*, viewer: User | None, user: User) -> list[Featured]:
    """Return the hashtags on the profile of `user`, the latest first. Raises as `recommended`."""
    check_edges(viewer=viewer, user=user)
    rows = list(FeaturedHashtag.objects.filter(user=user).order_by("-pk"))
    used = _used(user, [row.tag for row in rows])
    return [Featured(row.tag, row.pk, *used.get(row.tag, (0, None))) for row in rows]


def featured_among(*, user: User, tags: Collection[str]) -> set[str]:
    """Return those of these hashtags, in their normal form, that the profile of `user` shows."""
    rows = FeaturedHashtag.objects.filter(user=user, tag__in=tags)
    return set(rows.values_list("tag", flat=True))


def suggested_hashtags(*, user: User) -> list[Featured]:
    """Return hashtags of the account's latest tweets that its profile does not show.

    The ones that it used most come first, at most SUGGESTED.
    """
    latest = Tweet.objects.filter(author=user, deleted_at=None).order_by("-pk")[:RECENT]
    rows = Hashtag.objects.filter(tweet__in=list(latest.values_list("pk", flat=True)), listed=True)
    recent = set(rows.values_list("tag", flat=True))
    used = _used(user, recent - featured_among(user=user, tags=recent))
    found = [Featured(tag, None, *use) for tag, use in used.items()]
    return sorted(found, key=lambda each: (-each.tweets_count, each.tag))[:SUGGESTED]


def _used(user: User, tags: Collection[str]) -> dict[str, tuple[int, int]]:
    """How many public tweets of the account have each of these hashtags, and the latest of them."""
    rows = Hashtag.objects.filter(author=user, tag__in=tags, listed=True).values("tag")
    counted = rows.annotate(tweets=Count("pk"), last=Max("tweet")).values_list(
        "tag", "tweets", "last"
    )
    return {tag: (tweets, last) for tag, tweets, last in counted}
