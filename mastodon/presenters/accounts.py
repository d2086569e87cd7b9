"""Accounts and relationships, as entities of Mastodon."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from accounts.models import User
from chirp.times import rfc3339
from mastodon import policies
from mastodon.content import html_of, profile_url
from media import links
from people.selectors import NOTHING_BETWEEN, Relationship, relationships
from tweets.read.latest import days_of_latest

Json = dict[str, Any]
WEBSITE, PLACE = "Website", "Place"  # the fields that every profile has


def accounts(*, viewer: User | None, users: Sequence[User], base: str) -> list[Json]:
    """Accounts as `viewer` sees them, in the order of `users`. Takes two queries at most.

    Whom they block sees no details.
    """
    between: dict[int, Relationship] = {}
    if viewer is not None and users:
        between = relationships(viewer=viewer, user_ids=[user.pk for user in users])
    shown = [between.get(user.pk, NOTHING_BETWEEN).shows_details for user in users]
    latest = days_of_latest([user.pk for user in users])
    return [
        _account(user, base, latest.get(user.pk), details=details)
        for user, details in zip(users, shown, strict=True)
    ]


def full_accounts(users: Sequence[User], base: str) -> dict[int, Json]:
    """Accounts of whom the viewer sees tweets, by id. Takes one query."""
    latest = days_of_latest([user.pk for user in users])
    return {user.pk: _account(user, base, latest.get(user.pk)) for user in users}


def _account(user: User, base: str, latest: date | None, *, details: bool = True) -> Json:
    """An Account. Without `details` it has no note, fields and header."""
    url = profile_url(user.handle, base)
    avatar = picture_url(user.avatar, "avatar", base)
    header = picture_url(user.header if details else "", "header", base)
    midnight = user.created_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "id": str(user.pk),
        "username": user.handle,
        "acct": user.handle,
        "url": url,
        "uri": url,
        "display_name": user.name,
        "note": html_of(user.bio, None, base) if details else "",
        "avatar": avatar,
        "avatar_static": avatar,
        "header": header,
        "header_static": header,
        "locked": user.private,
        "bot": False,
        "group": False,
        "discoverable": True,
        "indexable": True,
        "hide_collections": False,
        "created_at": rfc3339(midnight),
        "last_status_at": latest.isoformat() if latest and details else None,
        "statuses_count": user.tweets_count,
        "followers_count": user.followers_count,
        "following_count": user.following_count,
        "emojis": [],
        "fields": [_field(name, value, base) for name, value in _fields(user) if details],
        "roles": [],
    }


def picture_url(key: str, purpose: str, base: str) -> str:
    """The address of an avatar or a header. Without one it is that of a picture for all."""
    if key:
        return f"{base}/{links.stable(key, 'large.webp')}"
    return f"{base}/static/{purpose}s/original/missing.png"


def _fields(user: User) -> Iterable[tuple[str, str]]:
    pairs = ((WEBSITE, user.link), (PLACE, user.place))
    return [(name, value) for name, value in pairs if value]


def _field(name: str, value: str, base: str) -> Json:
    html = html_of(value, (), base).removeprefix("<p>").removesuffix("</p>")
    return {"name": name, "value": html, "verified_at": None}


def own_account(user: User, base: str, *, requests: int) -> Json:
    """A CredentialAccount: the Account, and what only its owner sees."""
    source = {
        "note": user.bio,
        "fields": [{"name": n, "value": v, "verified_at": None} for n, v in _fields(user)],
        "privacy": "private" if user.private else "public",
        "sensitive": False,
        "language": None,
        "follow_requests_count": requests,
        "hide_collections": False,
        "discoverable": True,
        "indexable": True,
        "attribution_domains": [],
        "quote_policy": policies.THEIRS[user.quotes_from],
    }
    role = {
        "id": "-99",
        "name": "",
        "color": "",
        "permissions": "0",
        "highlighted": False,
        "collection_limit": 0,
    }
    return {**full_accounts([user], base)[user.pk], "source": source, "role": role}


def relationship(user_id: int, between: Relationship) -> Json:
    """A Relationship."""
    until = between.muting_until
    return {
        "id": str(user_id),
        "following": between.following,
        "showing_reblogs": between.following and between.reposts,
        "notifying": between.following and between.notify,
        "followed_by": between.followed_by,
        "blocking": between.blocking,
        "blocked_by": between.blocked_by,
        "muting": between.muting,
        "muting_notifications": between.muting,
        "requested": between.requested,
        "requested_by": False,
        "domain_blocking": False,
        "endorsed": between.featured,
        "languages": None,
        "muting_expires_at": until and rfc3339(until),
        "note": between.note,
    }
