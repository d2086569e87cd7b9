"""Scopes: what an app may do for an account. No Django.

Names are those of Mastodon, since its clients ask for them. A parent includes its children: `read`
covers `read:statuses`.
"""

from collections.abc import Iterable, Sequence

DEFAULT = ("read",)
_READ = (
    *("accounts", "blocks", "bookmarks", "favourites", "filters", "follows", "lists", "mutes"),
    *("notifications", "search", "statuses"),
)
_WRITE = (
    *("accounts", "blocks", "bookmarks", "conversations", "favourites", "filters", "follows"),
    *("lists", "media", "mutes", "notifications", "reports", "statuses"),
)
_FOLLOW = tuple(
    f"{verb}:{what}" for verb in ("read", "write") for what in ("blocks", "follows", "mutes")
)
KNOWN = {
    "profile": "See your name, handle and picture",
    "read": "Read everything in your account",
    "write": "Post, and change everything in your account but its password and e-mail address",
    "follow": "See and change whom you follow, block and mute",
    "push": "Receive your notifications",
    **{f"read:{what}": f"Read your {what}" for what in _READ},
    **{f"write:{what}": f"Change your {what}" for what in _WRITE},
}
_LABELS = {
    "read:accounts": "See your profile and preferences",
    "read:favourites": "See what you like",
    "read:follows": "See whom you follow, and who follows you",
    "read:search": "Search for you",
    "read:statuses": "Read your timelines, tweets and direct tweets",
    "write:accounts": "Change your profile",
    "write:conversations": "Mark direct tweets as read",
    "write:favourites": "Like tweets for you",
    "write:follows": "Follow and unfollow accounts for you",
    "write:media": "Upload pictures and videos for you",
    "write:reports": "Report accounts for you",
    "write:statuses": "Post, edit and delete tweets for you",
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
    return [_LABELS.get(scope, label) for scope, label in KNOWN.items() if scope in wanted]


def _is_never_granted(scope: str) -> bool:
    return any(scope == name or scope.startswith(f"{name}:") for name in _NEVER_GRANTED)
