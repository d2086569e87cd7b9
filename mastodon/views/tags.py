"""Hashtags: what is used, and which ones one follows."""

from typing import Any

from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from lists import hashtags
from lists.hashtags import FollowedHashtag
from mastodon.calls import Call
from mastodon.endpoints import public, user
from mastodon.pages import listing
from mastodon.presenters.tags import tags
from mastodon.replies import Reply
from search.hashtags import trends as trending
from tweets.text import normalize_tag

Json = dict[str, Any]


@public("read:statuses", "read:follows")
def show(call: Call, name: str) -> Json:
    """GET tags/:name, also of one that nobody used."""
    normal = normalize_tag(name)
    if normal is None:
        raise NotFound
    return represent_tag(call, normal)


def represent_tag(call: Call, name: str) -> Json:
    """A Tag, by its name in the normal form."""
    return tags([name], viewer=call.viewer, base=call.base)[0]


@user("write:follows")
def follow(call: Call, name: str) -> Json:
    """POST tags/:name/follow."""
    return represent_tag(call, hashtags.follow_hashtag(user=call.user, tag=name).tag)


@user("write:follows")
def unfollow(call: Call, name: str) -> Json:
    """POST tags/:name/unfollow."""
    return represent_tag(call, hashtags.unfollow_hashtag(user=call.user, tag=name).tag)


@user("read:follows")
def followed(call: Call) -> Reply:
    """GET followed_tags."""

    def fetch(*, page: PageRequest) -> Page[FollowedHashtag]:
        return hashtags.followed_hashtags(user=call.user, page=page)

    def present(rows: Any) -> list[Json]:
        return tags([row.tag for row in rows], viewer=call.viewer, base=call.base)

    return listing(call, fetch, present, default=100, most=200)


@public("read:statuses")
def trends(call: Call) -> list[Json]:
    """GET trends/tags."""
    limit = call.params.number("limit", 10, least=1, most=20)
    offset = call.params.number("offset", 0, most=100)
    found = [used.tag for used in trending(limit=offset + limit)[offset:]]
    return tags(found, viewer=call.viewer, base=call.base)
