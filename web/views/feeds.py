"""Feeds of public tweets, for feed readers: of a person, a hashtag, or a list."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.http import conditional_page, require_safe

from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from lists.selectors import access_list
from people.selectors import access_user
from timelines.lists import list_timeline
from tweets.read import lists
from tweets.read.facts import Facts
from web.language import for_anybody
from web.presenters.tweets import cards
from web.sharing.entries import ANYBODY, entry
from web.sharing.formats import FORMATS, Feed
from web.templating.addresses import url

ENTRIES = 20
FRESH_SECONDS = 300  # feed readers need not ask more often


@require_safe
@for_anybody
@conditional_page
def profile_feed(request: HttpRequest, handle: str, form: str) -> HttpResponse:
    """The public tweets of a person, without replies and reposts. Raises NotFound if private."""
    person = access_user(viewer=None, handle=handle)
    if person.private:
        raise NotFound
    page = lists.user_everything(
        viewer=None, user=person, page=PageRequest(limit=ENTRIES), replies=False, reposts=False
    )
    return _feed(
        request,
        form,
        page,
        title=f"{person.display_name} (@{person.handle})",
        description=person.bio,
        path=url("profile", person.handle),
        icon=url("media", person.avatar, "large.webp") if person.avatar else "",
    )


@require_safe
@for_anybody
@conditional_page
def hashtag_feed(request: HttpRequest, tag: str, form: str) -> HttpResponse:
    """Public tweets with a hashtag."""
    page = lists.hashtag(viewer=None, tag=tag, page=PageRequest(limit=ENTRIES))
    description = gettext("Public tweets with #%(tag)s") % {"tag": tag}
    return _feed(
        request, form, page, title=f"#{tag}", description=description, path=url("hashtag", tag)
    )


@require_safe
@for_anybody
@conditional_page
def list_feed(request: HttpRequest, list_id: int, form: str) -> HttpResponse:
    """What the people on a public list write. Raises NotFound for a private one."""
    found = access_list(viewer=None, list_id=list_id)
    page = list_timeline(viewer=None, found=found, page=PageRequest(limit=ENTRIES))
    return _feed(
        request,
        form,
        page,
        title=found.name,
        description=gettext("A list of @%(handle)s") % {"handle": found.owner.handle},
        path=url("list", found.pk),
    )


def _feed(
    request: HttpRequest,
    form: str,
    page: Page[Facts],
    *,
    title: str,
    description: str,
    path: str,
    icon: str = "",
) -> HttpResponse:
    """The feed in one of FORMATS. Raises NotFound for another one."""
    if form not in FORMATS:
        raise NotFound
    absolute = request.build_absolute_uri
    feed = Feed(
        title=title,
        description=description,
        url=absolute(path),
        self_url=absolute(request.path),
        icon=absolute(icon) if icon else "",
        entries=[entry(card, absolute) for card in cards(page.results, viewer=ANYBODY)],
    )
    type_, write = FORMATS[form]
    response = HttpResponse(write(feed), content_type=type_)
    patch_cache_control(response, max_age=FRESH_SECONDS)
    return response
