"""Suggestions of accounts to follow: those that friends follow, and those with many followers."""

from typing import NamedTuple

from django.core.cache import cache
from django.utils.translation import gettext, ngettext

from accounts.models import User, UserQuerySet
from chirp import localized
from chirp.db.prepared import Question
from people import sql

POOL = 50
POOL_SECONDS = 60
KEY = "people.suggestions"
FRIENDS = 100  # the latest follows of the viewer, and of each of these, that count
CANDIDATES = 200


class Person(NamedTuple):
    """The part of an account that a short list displays."""

    pk: int
    handle: str
    name: str
    avatar: str = ""
    private: bool = False

    @property
    def display_name(self) -> str:
        """The name, or the handle if there is no name."""
        return self.name or self.handle


class Suggestion(NamedTuple):
    """An account to follow, and why: so many accounts that the viewer follows follow it.

    `handles` are at most two of them. Without any, the account has many followers.
    """

    person: Person
    friends: int = 0
    handles: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The reason in words."""
        if not self.friends:
            return gettext("Many people follow them")
        first, second = (*self.handles, "", "")[:2]
        others = self.friends - len(self.handles)
        if not second:
            return gettext("Followed by @%(first)s") % {"first": first}
        if not others:
            both = gettext("Followed by @%(first)s and @%(second)s")
            return both % {"first": first, "second": second}
        more = ngettext(
            "Followed by @%(first)s, @%(second)s and %(num)s other",
            "Followed by @%(first)s, @%(second)s and %(num)s others",
            others,
        )
        return more % {"first": first, "second": second, "num": localized.number(others)}


def suggest(*, viewer: User, limit: int) -> list[Suggestion]:
    """Return public accounts that the viewer could follow: first those that most friends follow.

    The others are those with the most followers. Leaves out the same accounts as `who_to_follow`.
    """
    rows = sql.FRIENDS_OF_FRIENDS.rows(viewer=viewer.pk, friends=FRIENDS, pool=CANDIDATES)
    why = {id_: (friends, tuple(handles)) for id_, friends, handles in rows}
    people = _allowed(viewer, list(why), limit=len(why))
    people.sort(key=lambda person: -why[person.pk][0])
    found = [Suggestion(person, *why[person.pk]) for person in people[:limit]]
    if len(found) < limit:
        others = _allowed(viewer, [id_ for id_ in _pool() if id_ not in why], limit=limit)
        found += [Suggestion(person) for person in others[: limit - len(found)]]
    return found


def who_to_follow(*, viewer: User, limit: int = 3) -> list[Person]:
    """Return the most followed public accounts that the viewer could follow. Makes one query.

    Accounts that the viewer follows, blocks or mutes, and accounts that block the viewer, are left
    out. The candidates are cached for a minute; whether they still qualify is checked every time.
    """
    return asks_who_to_follow(viewer=viewer, limit=limit).answer()


def asks_who_to_follow(*, viewer: User, limit: int = 3) -> Question[list[Person]]:
    """Return the question that `who_to_follow` answers."""
    return _asks_allowed(viewer, _pool(), limit=limit)


def _allowed(viewer: User, pool: list[int], *, limit: int) -> list[Person]:
    return _asks_allowed(viewer, pool, limit=limit).answer()


def _asks_allowed(viewer: User, pool: list[int], *, limit: int) -> Question[list[Person]]:
    """Those of these accounts that can be suggested, the most followed ones first."""
    parameters = {"viewer": viewer.pk, "pool": pool, "limit": limit}
    return Question(sql.SUGGESTED, parameters, lambda rows: [Person(*row) for row in rows])


def _pool() -> list[int]:
    return cache.get_or_set(KEY, _most_followed, POOL_SECONDS) or []


def _most_followed() -> list[int]:
    accounts = UserQuerySet(User).active().filter(private=False)
    return list(accounts.order_by("-followers_count", "pk").values_list("pk", flat=True)[:POOL])
