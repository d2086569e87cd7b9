"""Hashtags as entities."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from accounts.models import User
from chirp import ids
from lists.featured_hashtags import Featured, featured_among
from lists.hashtags import followed_among
from mastodon.content import tag_url

Json = dict[str, Any]


def tags(names: Sequence[str], *, viewer: User | None, base: str) -> list[Json]:
    """The Tags with these names, and whether the viewer follows and features them.

    Takes two queries at most.
    """
    found: list[Json] = [
        {"id": name, "name": name, "url": tag_url(name, base), "history": []} for name in names
    ]
    if viewer is not None and names:
        followed = followed_among(user=viewer, tags=names)
        featured = featured_among(user=viewer, tags=names)
        for tag in found:
            name = tag["name"]
            tag |= {"following": name in followed, "featuring": name in featured}
    return found


def featured_tag(found: Featured, base: str) -> Json:
    """A FeaturedTag."""
    latest = found.last_id and datetime.fromtimestamp(ids.ms_of(found.last_id) / 1000, UTC)
    return {
        "id": str(found.id),
        "name": found.tag,
        "url": tag_url(found.tag, base),
        "statuses_count": str(found.tweets_count),
        "last_status_at": latest.date().isoformat() if latest else None,
    }
