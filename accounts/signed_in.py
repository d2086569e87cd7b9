"""What keeps a long connection signed in: the session or the token with which it was opened."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.contrib.sessions.models import Session

from accounts.models import TokenFamily, User
from accounts.oauth.models import AppToken


class SignedIn(NamedTuple):
    """An account, and the one sign-in of it: a session, a family of tokens, or the token of an app.

    `version` is the account's `token_version`, and `expires` a Unix timestamp in seconds.
    """

    user_id: int
    version: int
    session_key: str = ""
    family: uuid.UUID | None = None
    app_token_id: int | None = None
    expires: int | None = None


def still_signed_in(some: Collection[SignedIn], *, now: datetime) -> set[SignedIn]:
    """Return those that are still signed in. Makes at most four queries."""
    users = User.objects.active().filter(pk__in={each.user_id for each in some})
    versions = dict(users.values_list("pk", "token_version"))
    sessions = _sessions({each.session_key for each in some if each.session_key}, now)
    families = _families({each.family for each in some if each.family is not None})
    tokens = _tokens({each.app_token_id for each in some if each.app_token_id is not None})
    return {
        each
        for each in some
        if versions.get(each.user_id) == each.version
        and (each.expires is None or each.expires > now.timestamp())
        and (not each.session_key or each.session_key in sessions)
        and (each.family is None or each.family in families)
        and (each.app_token_id is None or each.app_token_id in tokens)
    }


def _sessions(keys: set[str], now: datetime) -> set[str]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    return set(rows.values_list("session_key", flat=True)) if keys else set()


def _families(ids: set[uuid.UUID]) -> set[uuid.UUID]:
    rows = TokenFamily.objects.filter(pk__in=ids)
    return set(rows.values_list("pk", flat=True)) if ids else set()


def _tokens(ids: set[int]) -> set[int]:
    rows = AppToken.objects.filter(pk__in=ids)
    return set(rows.values_list("pk", flat=True)) if ids else set()
