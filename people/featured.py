"""The people that an account recommends on its profile, among those that it follows."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.locks import lock_account
from accounts.models import User
from chirp.db.prepared import Question
from chirp.errors import ChirpError, Conflict
from chirp.pagination import Page, PageRequest
from chirp.texts import ntext
from chirp.texts import text as _
from people import sql
from people.models import Follow
from people.selectors import accounts_of, check_edges
from people.suggestions import Person

MAX_FEATURED = 20


class NotFollowed(ChirpError):
    """The account is not followed, or has not accepted the request yet."""

    code = "not_followed"
    message = _("Follow them first: your profile can show people whom you follow.")


class TooManyFeatured(Conflict):
    """The profile shows MAX_FEATURED people."""

    code = "too_many_featured"
    message = ntext(
        "Your profile can show %(num)s person. Remove one first.",
        "Your profile can show %(num)s people. Remove one first.",
        MAX_FEATURED,
    )


@transaction.atomic
def feature(*, user: User, person: User) -> None:
    """Show a person on the profile of `user`, until `user` follows them no longer. Idempotent.

    Raises NotFollowed and TooManyFeatured.
    """
    lock_account(user.pk)
    row = Follow.objects.filter(follower=user, followee=person).exclude(since_id=None).first()
    if row is None:
        raise NotFollowed
    if row.featured:
        return
    if _shown(user).count() >= MAX_FEATURED:
        raise TooManyFeatured
    row.featured = True
    row.save(update_fields=["featured"])


def unfeature(*, user: User, person: User) -> None:
    """Show a person on the profile of `user` no longer. Idempotent."""
    Follow.objects.filter(follower=user, followee=person).update(featured=False)


def asks_featured(*, user: User) -> Question[list[Person]]:
    """Return the question who is shown on the profile of `user`, newest follow first.

    It is the caller who checks that the viewer may know: `check_edges`.
    """
    parameters = {"user": user.pk, "limit": MAX_FEATURED}
    return Question(sql.FEATURED, parameters, lambda rows: [Person(*row) for row in rows])


def featured_people(*, viewer: User | None, user: User, page: PageRequest) -> Page[User]:
    """Return the accounts that `user` shows on their profile, newest follow first.

    Raises ListsHidden if `user` has blocked `viewer`, and ListsPrivate.
    """
    check_edges(viewer=viewer, user=user)
    rows = Follow.objects.filter(follower=user, featured=True).exclude(since_id=None)
    return accounts_of(rows, "followee", page)


def _shown(user: User) -> QuerySet[Follow]:
    """The follows of those who are shown. Suspended and deactivated accounts take no place."""
    active = {"followee__deactivated_at": None, "followee__suspended_at": None}
    return Follow.objects.filter(follower=user, featured=True, **active)
