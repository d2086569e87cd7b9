"""Accounts that an archive names, and what is done to those that are on this site."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.locks import lock_accounts
from accounts.models import User
from archives.entries import text_of
from archives.work import Work
from chirp.errors import ChirpError
from chirp.plain_text import salvaged
from lists.selectors import lists_of
from lists.services import add_member, create_list
from people import services
from people.featured import TooManyFeatured, feature
from people.notes import NOTE_LENGTH, write_note
from people.selectors import access_user, relationship

Json = Mapping[str, Any]
Act = Callable[[Work, User, Json], None]


def is_here(host: str) -> bool:
    """Return whether a host name is this site's."""
    return host.lower() in {
        urlsplit(settings.SITE_URL).hostname,
        urlsplit(settings.SITE_URL).netloc,
    }


def handle_of(address: str) -> str | None:
    """Return the handle in an address such as `alice@chirp.example`; None if it is elsewhere."""
    handle, _, host = address.strip().removeprefix("acct:").removeprefix("@").partition("@")
    return handle if handle and (not host or is_here(host)) else None


def find(work: Work, address: str) -> User | None:
    """Return the account with an address. One that is not here is counted, and None."""
    try:
        return access_user(viewer=work.owner, handle=handle_of(address) or "")
    except ChirpError:
        work.count("not_here")
        return None


def each(work: Work, batch: Sequence[Json], act: Act) -> None:
    """Call `act` with the account of each record. What a service refuses becomes a problem."""
    found = [(user, data) for data in batch if (user := find(work, data["account"]))]
    # In one order, and all before the first act locks one of them.
    lock_accounts(work.owner.pk, *(user.pk for user, _ in found))
    for user, data in found:
        try:
            act(work, user, data)
        except ChirpError as error:
            work.count("refused")
            work.problem(f"@{user.handle}: {error.detail}")


def follow(work: Work, user: User, data: Json) -> None:
    """Follow an account, or ask it."""
    options = {name: data.get(name) for name in ("reposts", "notify")}
    row = services.follow(follower=work.owner, followee=user, **options)
    work.count("requests" if row.since_id is None else "follows")
    if data.get("featured") is True and row.since_id is not None:
        try:
            feature(user=work.owner, person=user)
        except TooManyFeatured as error:
            work.problem(f"@{user.handle}: {error.detail}")


def block(work: Work, user: User, data: Json) -> None:
    """Block an account."""
    services.block(blocker=work.owner, blocked=user)
    work.count("blocks")


def mute(work: Work, user: User, data: Json) -> None:
    """Mute an account, for as long as the mute would last. One that is over is left out."""
    seconds = _seconds_left(data)
    if seconds is not None and seconds <= 0:
        return
    services.mute(muter=work.owner, muted=user, seconds=seconds)
    work.count("mutes")


def _seconds_left(data: Json) -> int | None:
    """Return the seconds until a mute ends; None if it does not."""
    try:
        until = datetime.fromisoformat(text_of(data, "until"))
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(int(until.timestamp() - time()), services.MAX_MUTE_SECONDS)


def note(work: Work, user: User, data: Json) -> None:
    """Write a private note, unless there is one."""
    if not relationship(viewer=work.owner, user=user).note:
        text = salvaged(text_of(data, "text"), NOTE_LENGTH)
        write_note(author=work.owner, about=user, text=text)
        work.count("notes")


def put_on_list(work: Work, user: User, data: Json) -> None:
    """Put an account on the list with a name, which is created if it is not there."""
    name = " ".join(str(data["list"]).split())
    own = {each.name: each.pk for each in lists_of(viewer=work.owner, owner=work.owner)}
    if name not in own:
        own[name] = create_list(owner=work.owner, name=name).pk
        work.count("lists")
    add_member(owner=work.owner, list_id=own[name], user=user)
    work.count("members")
