"""The hashtags that an account shows on its profile."""

from typing import Any

from chirp.errors import NotFound
from lists import featured_hashtags
from lists.featured_hashtags import Featured
from mastodon.calls import Call, parsed
from mastodon.endpoints import public, user
from mastodon.errors import Invalid
from mastodon.presenters.tags import featured_tag, tags
from mastodon.views.tags import represent_tag
from people.selectors import ListsHidden, access_account

Json = dict[str, Any]
READ, WRITE = "read:accounts", "write:accounts"


def _own(call: Call) -> list[Featured]:
    return featured_hashtags.featured_hashtags(viewer=call.user, user=call.user)


@public(READ)
def of_account(call: Call, id: str) -> list[Json]:
    """GET accounts/:id/featured_tags, which is empty if the viewer may not see them."""
    of = access_account(user_id=parsed(id))
    try:
        found = featured_hashtags.featured_hashtags(viewer=call.viewer, user=of)
    except ListsHidden:
        return []
    return [featured_tag(each, call.base) for each in found]


@user(READ)
def index(call: Call) -> list[Json]:
    """GET featured_tags."""
    return [featured_tag(each, call.base) for each in _own(call)]


@user(READ)
def suggestions(call: Call) -> list[Json]:
    """GET featured_tags/suggestions: Tags that the account used lately."""
    found = featured_hashtags.suggested_hashtags(user=call.user)
    return tags([each.tag for each in found], viewer=call.user, base=call.base)


@user(WRITE)
def create(call: Call) -> Json:
    """POST featured_tags."""
    try:
        row = featured_hashtags.feature_hashtag(user=call.user, tag=call.params.needed("name"))
    except NotFound:
        raise Invalid("Validation failed: Tag is invalid") from None
    for found in _own(call):
        if found.id == row.pk:
            return featured_tag(found, call.base)
    raise NotFound  # it was removed at the same moment


@user(WRITE)
def delete(call: Call, id: str) -> Json:
    """DELETE featured_tags/:id."""
    featured_hashtags.unfeature_by_id(user=call.user, id_=parsed(id))
    return {}


@user(WRITE)
def feature(call: Call, name: str) -> Json:
    """POST tags/:name/feature."""
    return represent_tag(call, featured_hashtags.feature_hashtag(user=call.user, tag=name).tag)


@user(WRITE)
def unfeature(call: Call, name: str) -> Json:
    """POST tags/:name/unfeature."""
    return represent_tag(call, featured_hashtags.unfeature_hashtag(user=call.user, tag=name))
