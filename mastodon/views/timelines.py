"""Timelines: home, public and hashtags."""

from chirp.pagination import Page, PageRequest
from mastodon.calls import Call
from mastodon.endpoints import public, user
from mastodon.pages import Fetch, listing
from mastodon.presenters.statuses import statuses
from mastodon.replies import Reply
from search.trending import trending_tweets
from timelines import selectors
from tweets.read import lists
from tweets.read.facts import Facts

OTHERS = 4  # hashtags that a timeline can have besides its own, for each of `any`, `all`, `none`


def timeline(call: Call, fetch: Fetch[Facts]) -> Reply:
    """A part of a timeline."""
    return listing(call, fetch, lambda tweets: statuses(tweets, call.base))


@user("read:statuses")
def home(call: Call) -> Reply:
    """GET timelines/home: the same timeline as on the site, by the same rules."""

    def fetch(*, page: PageRequest) -> Page[Facts]:
        return selectors.home(viewer=call.user, page=page)

    return timeline(call, fetch)


@public("read:statuses")
def everybody(call: Call) -> Reply:
    """GET timelines/public. There is nothing from other servers."""
    only_media = bool(call.params.flag("only_media"))

    def fetch(*, page: PageRequest) -> Page[Facts]:
        return lists.public(viewer=call.viewer, page=page, only_media=only_media)

    return Reply([]) if call.params.flag("remote") else timeline(call, fetch)


@public("read:statuses")
def tag(call: Call, tag: str) -> Reply:
    """GET timelines/tag/:tag."""
    params = call.params
    every, none = params.texts("all")[:OTHERS], params.texts("none")[:OTHERS]

    def fetch(*, page: PageRequest) -> Page[Facts]:
        return lists.hashtags(
            viewer=call.viewer,
            tags=[tag, *params.texts("any")[:OTHERS]],
            page=page,
            only_media=bool(params.flag("only_media")),
            every=every,
            none=none,
        )

    return Reply([]) if params.flag("remote") else timeline(call, fetch)


@public("read:statuses")
def trending(call: Call) -> Reply:
    """GET trends/statuses: what trends on the site, the first one first."""
    limit = call.params.number("limit", 20, least=1, most=40)
    offset = call.params.number("offset", 0, most=100)
    page = trending_tweets(viewer=call.viewer, page=PageRequest(limit=offset + limit))
    return Reply(statuses(page.results[offset:], call.base))
