"""Scopes: what an app may do for an account. No Django.

Names are those of Mastodon, since its clients ask for them. A parent includes its children: `read`
covers `read:statuses`.
"""

from collections.abc import Iterable, Sequence

from chirp.texts import shown
from chirp.texts import text as _

DEFAULT = ("read",)
_FOLLOW = tuple(
    f"{verb}:{what}" for verb in ("read", "write") for what in ("blocks", "follows", "mutes")
)
KNOWN = {
    "profile": _("See your name, handle and picture"),
    "read": _("Read everything in your account"),
    "write": _("Post, and change everything in your account but its password and e-mail address"),
    "follow": _("See and change whom you follow, block and mute"),
    "push": _("Receive your notifications"),
    "read:accounts": _("See your profile and preferences"),
    "read:blocks": _("See whom you block"),
    "read:bookmarks": _("Read your bookmarks"),
    "read:favourites": _("See what you like"),
    "read:filters": _("Read your filters"),
    "read:follows": _("See whom you follow, and who follows you"),
    "read:lists": _("Read your lists"),
    "read:mutes": _("See whom you mute"),
    "read:notifications": _("Read your notifications"),
    "read:search": _("Search for you"),
    "read:statuses": _("Read your timelines, tweets and direct tweets"),
    "write:accounts": _("Change your profile"),
    "write:blocks": _("Block and unblock accounts for you"),
    "write:bookmarks": _("Change your bookmarks"),
    "write:conversations": _("Mark direct tweets as read"),
    "write:favourites": _("Like tweets for you"),
    "write:filters": _("Change your filters"),
    "write:follows": _("Follow and unfollow accounts for you"),
    "write:lists": _("Change your lists"),
    "write:media": _("Upload pictures and videos for you"),
    "write:mutes": _("Mute and unmute accounts for you"),
    "write:notifications": _("Change your notifications"),
    "write:reports": _("Report accounts for you"),
    "write:statuses": _("Post, edit and delete tweets for you"),
}
# Many apps ask for these, and there is nothing here that they could open.
_NEVER_GRANTED = ("admin:read", "admin:write", "read:collections", "write:collections")


def parse(text: str) -> list[str]:
    """Return the scopes in a text, separated by white space or plus signs, each once."""
    return list(dict.fromkeys(text.replace("+", " ").split()))


def unknown(scopes: Iterable[str]) -> list[str]:
    """Return those that are no scopes."""
    return [scope for scope in scopes if scope not in KNOWN and not _is_never_granted(scope)]


def grantable(scopes: Iterable[str]) -> list[str]:
    """Return those that can be granted."""
    return [scope for scope in scopes if scope in KNOWN]


def covers(held: Sequence[str], needed: str) -> bool:
    """Return whether the scopes that an app holds include another one."""
    parent = needed.partition(":")[0]
    if needed in held or parent in held:
        return True
    return "follow" in held and needed in _FOLLOW


def are_within(wanted: Iterable[str], registered: Sequence[str]) -> bool:
    """Return whether an app that registered some scopes may ask for others."""
    return all(covers(registered, scope) for scope in wanted)


def in_words(scopes: Iterable[str]) -> list[str]:
    """Return what the scopes allow, in words, the broadest first."""
    wanted = set(scopes)
    return [shown(label) for scope, label in KNOWN.items() if scope in wanted]


def _is_never_granted(scope: str) -> bool:
    return any(scope == name or scope.startswith(f"{name}:") for name in _NEVER_GRANTED)
