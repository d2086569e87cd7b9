"""Hashtags as entities."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from lists.hashtags import followed_among
from mastodon.content import tag_url

Json = dict[str, Any]


def tags(names: Sequence[str], *, viewer: User | None, base: str) -> list[Json]:
    """The Tags with these names, and whether the viewer follows them. Takes one query at most."""
    followed = followed_among(user=viewer, tags=names) if viewer and names else set()
    found: list[Json] = [
        {"id": name, "name": name, "url": tag_url(name, base), "history": []} for name in names
    ]
    if viewer is not None:
        for tag in found:
            tag |= {"following": tag["name"] in followed, "featuring": False}
    return found
