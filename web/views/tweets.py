"""Pages that show tweets: profiles, threads, hashtags and public timelines, and their marks."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import TOP, Page, PageRequest
from lists.featured_hashtags import Recommended, recommended
from lists.hashtags import followed_hashtag
from people.selectors import ListsHidden, access_user, suspended_account
from tweets.read import lists, threads
from tweets.read.access import access_original, access_tweet
from tweets.read.branches import branches
from tweets.read.facts import Facts
from web.auth import signed_in, viewer_of
from web.forms.base import respond_form
from web.forms.tweets import ComposeForm, NearbyForm
from web.presenters import people
from web.presenters.tweets import (
    anchor_of,
    card,
    cards,
    pinned_cards,
    reply_nodes,
    thread_cards,
    version_card,
)
from web.responses import is_htmx, respond
from web.viewer import viewer_context
from web.views.people import people_page
from web.views.search import NO_NEWS, news

TABS: dict[str, Callable[..., Page[Facts]]] = {
    "tweets": lists.user_tweets,
    "replies": lists.user_replies,
    "media": lists.user_media,
    "likes": lists.user_likes,
}
TAB_PAGES = {
    "tweets": "profile",
    "replies": "profile_replies",
    "media": "profile_media",
    "likes": "profile_likes",
}
EMPTY: Page[Facts] = Page([])
NO_BOOKMARKS = (
    _("Nothing kept yet"),
    _("Bookmark a tweet to find it here again. Only you see this."),
)


@require_safe
def profile(request: HttpRequest, handle: str, tab: str = "tweets") -> HttpResponse:
    """A profile, with a page of its tweets, replies or likes."""
    viewer = viewer_of(request)
    try:
        person = access_user(viewer=viewer, handle=handle)
    except NotFound:
        suspended = suspended_account(handle=handle)
        if suspended is None:
            raise
        named = {"handle": suspended.handle}
        return respond(request, "pages/people/suspended.html", named, status=404)
    if person.handle != handle:
        return _moved(request, reverse(TAB_PAGES[tab], args=[person.handle]))
    relationship = people.row(person, viewer=viewer).relationship
    closed = relationship.blocked_by or relationship.blocking
    read = partial(TABS[tab], viewer=viewer, user=person)
    page = EMPTY if closed else read(page=PageRequest.of(request.GET))
    is_top = tab == "tweets" and not closed and request.GET.get("cursor") is None
    pins = lists.pinned(viewer=viewer, user=person) if is_top else []
    context = {
        "recommended": (
            Recommended() if closed or is_htmx(request) else _recommended(person, viewer)
        ),
        "person": person,
        "pinned": pinned_cards(pins, viewer=viewer_context(request)),
        "relationship": relationship,
        "tab": tab,
        "locked": person.private and not relationship.following and person != viewer,
    }
    return _tweets(request, "pages/people/profile.html", page, context)


def _recommended(person: User, viewer: User | None) -> Recommended:
    """The hashtags and people on a profile, unless the viewer may not see them."""
    try:
        return recommended(viewer=viewer, user=person)
    except ListsHidden:
        return Recommended()


def _moved(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect to the canonical path, with the same query."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{path}?{query}" if query else path)


def _tweets(
    request: HttpRequest, template: str, page: Page[Facts], context: dict[str, Any]
) -> HttpResponse:
    """A page with a list of tweets; htmx gets only the list."""
    context = {
        "empty": (gettext("Nothing here yet"), ""),
        **context,
        "page": page,
        "cards": cards(page.results, viewer=viewer_context(request)),
    }
    return respond(request, template, context, fragment="fragments/feed.html")


@require_safe
def thread(request: HttpRequest, handle: str, tweet_id: int) -> HttpResponse:
    """A tweet with the tweets above it and a page of its replies."""
    viewer = viewer_of(request)
    page = PageRequest.of(request.GET)
    found = threads.thread(viewer=viewer, tweet_id=tweet_id, page=page)
    if (found.tweet.handle, found.tweet.id) != (handle, tweet_id):
        return _moved(request, reverse("thread", args=[found.tweet.handle, found.tweet.id]))
    *ancestors, focus = thread_cards(
        found.ancestors, found.tweet, more_above=found.more_above, viewer=viewer_context(request)
    )
    context = {
        "card": focus,
        "ancestors": ancestors,
        "more_above": found.more_above,
        "form": ComposeForm.answering(found.tweet).preset(viewer.quotes_from) if viewer else None,
        "page": found.replies,
        "nodes": reply_nodes(
            branches(viewer=viewer, replies=found.replies.results), viewer=viewer_context(request)
        ),
    }
    return respond(request, "pages/tweets/thread.html", context, fragment="fragments/replies.html")


@require_safe
def entry(request: HttpRequest, handle: str, tweet_id: int) -> HttpResponse:
    """A tweet as lists show it, for pages that have it and hear that it was edited."""
    tweet = access_tweet(viewer=viewer_of(request), tweet_id=tweet_id)
    if not is_htmx(request) or (tweet.handle, tweet.id) != (handle, tweet_id):
        return HttpResponseRedirect(reverse("thread", args=[tweet.handle, tweet.id]))
    shown = card(tweet, anchor=anchor_of(request.GET), viewer=viewer_context(request))
    return respond(request, "fragments/entry.html", {"card": shown})


@require_safe
def hashtag(request: HttpRequest, tag: str) -> HttpResponse:
    """Public tweets with a hashtag."""
    viewer = viewer_of(request)
    page = lists.hashtag(viewer=viewer, tag=tag, page=PageRequest.of(request.GET))
    following = followed_hashtag(user=viewer, tag=tag).following
    context = {"heading": f"#{tag}", "back": reverse("explore"), "tag": tag, "following": following}
    return _tweets(request, "pages/tweets/hashtag.html", page, context)


@require_safe
@signed_in
def bookmarks(request: HttpRequest, me: User) -> HttpResponse:
    """The tweets that the signed-in user bookmarked."""
    page = lists.bookmarks(viewer=me, page=PageRequest.of(request.GET))
    context = {"heading": gettext("Bookmarks"), "back": "", "empty": NO_BOOKMARKS}
    return _tweets(request, "pages/tweets/timeline.html", page, context)


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """Trends, people to follow, and public tweets of all users."""
    wanted = PageRequest.of(request.GET)
    page = lists.public(viewer=viewer_of(request), page=wanted)
    is_first = wanted.cursor == TOP and not is_htmx(request)
    return _tweets(
        request, "pages/tweets/explore.html", page, news(request) if is_first else NO_NEWS
    )


@require_safe
def nearby(request: HttpRequest) -> HttpResponse:
    """Public tweets near a point from the query; without one, a form that asks for it."""
    form = NearbyForm.of(request.GET.dict())
    circle = form.circle() if form.is_bound else None
    if circle is None:
        return respond_form(request, "pages/tweets/nearby.html", form, {"circle": None})
    page = PageRequest.of(request.GET)
    found = lists.nearby(viewer=viewer_of(request), circle=circle, page=page)
    return _tweets(request, "pages/tweets/nearby.html", found, {"form": form, "circle": circle})


@require_safe
def likes(request: HttpRequest, handle: str, tweet_id: int) -> HttpResponse:
    """The people who like a tweet."""
    return _marked_by(request, handle, tweet_id, gettext("Liked by"), lists.likes)


@require_safe
def reposts(request: HttpRequest, handle: str, tweet_id: int) -> HttpResponse:
    """The people who reposted a tweet."""
    return _marked_by(request, handle, tweet_id, gettext("Reposted by"), lists.reposts)


def _marked_by(
    request: HttpRequest,
    handle: str,
    tweet_id: int,
    heading: str,
    read: Callable[..., Page[User]],
) -> HttpResponse:
    back = reverse("thread", args=[handle, tweet_id])
    context = {"heading": heading, "subheading": "", "back": back, "tab": ""}
    return people_page(
        request, partial(read, viewer=viewer_of(request), tweet_id=tweet_id), context
    )


@require_safe
def quotes(request: HttpRequest, handle: str, tweet_id: int) -> HttpResponse:
    """The tweets that quote a tweet."""
    viewer, page = viewer_of(request), PageRequest.of(request.GET)
    found = lists.quotes(viewer=viewer, tweet_id=tweet_id, page=page)
    context = {"heading": gettext("Quotes"), "back": reverse("thread", args=[handle, tweet_id])}
    return _tweets(request, "pages/tweets/timeline.html", found, context)


@require_safe
def history(request: HttpRequest, handle: str, tweet_id: int) -> HttpResponse:
    """All versions of a tweet's text."""
    viewer, page = viewer_of(request), PageRequest.of(request.GET)
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    if (tweet.handle, tweet.id) != (handle, tweet_id):
        return _moved(request, reverse("history", args=[tweet.handle, tweet.id]))
    found = threads.history(viewer=viewer, tweet_id=tweet_id, page=page)
    versions = [version_card(version) for version in found.results]
    context = {
        "card": card(tweet, viewer=viewer_context(request)),
        "page": found,
        "versions": versions,
    }
    return respond(
        request, "pages/tweets/history.html", context, fragment="fragments/versions.html"
    )
