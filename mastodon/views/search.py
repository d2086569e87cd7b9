"""Search for accounts, statuses and hashtags, and what a link of this site shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from accounts.models import User
from chirp import ids
from chirp.errors import NotFound
from chirp.pagination import Cursor, PageRequest
from mastodon.calls import Call
from mastodon.endpoints import public
from mastodon.presenters.statuses import statuses
from mastodon.presenters.tags import tags
from mastodon.views.accounts import accounts, found_people
from people.selectors import access_user
from search.hashtags import search_hashtags
from search.query import BadQuery
from search.tweets import search_tweets
from tweets import text as texts
from tweets.read.access import access_tweet
from tweets.read.facts import Facts

Json = dict[str, Any]
PROFILE = re.compile(r"/@([A-Za-z0-9_]{1,30})(?:/([0-9]{1,16}))?/?", re.ASCII)
TAG = re.compile(r"/(?:tags|hashtag)/([^/]+)/?")
MOST_OFFSET = 200


@dataclass(slots=True)
class Found:
    """What a search finds."""

    people: Sequence[User] = ()
    tweets: Sequence[Facts] = ()
    tags: list[str] = field(default_factory=list)


@public("read:search")
def search(call: Call) -> Json:
    """GET /api/v2/search."""
    query = call.params.needed("q").strip()
    found = _linked(call, query) or _searched(call, query)
    return {
        "accounts": accounts(call, found.people),
        "statuses": statuses(found.tweets, call.base),
        "hashtags": tags(found.tags, viewer=call.viewer, base=call.base),
    }


def _linked(call: Call, query: str) -> Found | None:
    """What a link of this site shows; None for another query."""
    try:
        parts = urlsplit(query)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != call.host.lower():
        return None
    if tag := TAG.fullmatch(parts.path):
        normal = texts.normalize_tag(unquote(tag[1]))
        return Found(tags=[normal] if normal else [])
    profile = PROFILE.fullmatch(parts.path)
    try:
        return _of_profile(call, *profile.groups()) if profile else Found()
    except NotFound:
        return Found()


def _of_profile(call: Call, handle: str, tweet_id: str | None) -> Found:
    if tweet_id is None:
        return Found(people=[access_user(viewer=call.viewer, handle=handle)])
    return Found(tweets=[access_tweet(viewer=call.viewer, tweet_id=ids.parse(tweet_id) or 0)])


def _searched(call: Call, query: str) -> Found:
    params = call.params
    kind = params.text("type") or ""
    limit = params.number("limit", 20, least=1, most=40)
    offset = params.number("offset", 0, most=MOST_OFFSET) if kind else 0
    found = Found()
    try:
        if kind in ("", "accounts") and not query.startswith("#"):
            found.people = found_people(call, limit=limit, offset=offset)
        if kind in ("", "hashtags") and not query.startswith("@"):
            page = PageRequest(limit=offset + limit)
            used = search_hashtags(query=query, page=page).results
            found.tags = [each.tag for each in used[offset:]]
            found.tags = [*_named(query, kind, offset, found.tags), *found.tags][:limit]
        if kind in ("", "statuses"):
            found.tweets = _tweets(call, query, limit, offset)
    except BadQuery:  # Mastodon finds nothing where we explain what is wrong
        pass
    return found


def _named(query: str, kind: str, offset: int, tags: Sequence[str]) -> list[str]:
    """The hashtag that the query names, which the search may not know yet."""
    is_meant = query.startswith("#") or kind == "hashtags"
    name = texts.normalize_tag(query) if is_meant and not offset else None
    return [name] if name and name not in tags else []


def _tweets(call: Call, query: str, limit: int, offset: int) -> Sequence[Facts]:
    params = call.params
    max_id, min_id = params.id("max_id"), params.id("min_id")
    cursor = Cursor(before=max_id) if max_id else Cursor(after=min_id) if min_id else Cursor()
    if writer := params.id("account_id"):
        handle = User.objects.active().filter(pk=writer).values_list("handle", flat=True).first()
        query = f"{query} from:{handle or '-'}"
    page = PageRequest(limit=offset + limit, cursor=cursor)
    return search_tweets(viewer=call.viewer, query=query, page=page).results[offset:]
