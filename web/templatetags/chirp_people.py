"""How people are shown: avatars, and whom one could follow."""

from functools import lru_cache

import regex
from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from people import suggestions
from people.selectors import NOTHING_BETWEEN
from web.auth import viewer_of
from web.presenters.people import Person, Row
from web.templatetags.chirp_format import place_of
from web.templating.cached_fragment import fragment

register = template.Library()
SOMEBODY = Person(0, "", "")  # who is signed in, where it does not matter who it is
HUES = 12  # classes in people.css
HUE_STEP = 7  # shares no factor with HUES: neighbours by id look different


def hue_of(user_id: int) -> int:
    """Which of the hues of people.css somebody has, for ever."""
    return user_id * HUE_STEP % HUES


def initials_of(name: str, handle: str) -> str:
    """One or two characters that stand for a person: of the first and the last word of the name."""
    words = [word for word in name.split() if regex.match(r"[\p{L}\p{N}\p{Emoji}]", word)]
    ends = words[:1] + words[1:][-1:]
    return "".join(regex.findall(r"\X", word)[0] for word in ends) or handle[:1]


@register.filter
def hue(user: User) -> str:
    """The class that colours something of this person's."""
    return f"hue-{hue_of(user.pk)}"


@register.simple_tag
def avatar(user_id: int, name: str, handle: str, size: str = "") -> SafeString:
    """A disc with the initials. The name stands beside it, so screen readers skip the disc."""
    return _disc(user_id, name, handle, size)


@lru_cache(maxsize=8192)  # the same people are on many pages, and initials take long to find
def _disc(user_id: int, name: str, handle: str, size: str) -> SafeString:
    classes = f"avatar hue-{hue_of(user_id)}" + (f" avatar-{size}" if size else "")
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>', classes, initials_of(name, handle)
    )


def person_of(user: User) -> Person:
    """What a piece of a page that is remembered may show of somebody."""
    return Person(user.pk, user.handle, user.name)


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> SafeString:
    """The site's navigation, for whoever asks."""
    request: HttpRequest = context["request"]
    viewer = viewer_of(request)
    place = request.resolver_match.url_name if request.resolver_match else None
    return fragment(
        "_nav.html",
        csrf_token=context["csrf_token"],
        user=viewer and person_of(viewer),
        place=place,
        own_profile=place == "profile" and context.get("person") == viewer,
    )


@register.simple_tag(takes_context=True)
def who_to_follow(context: template.Context) -> SafeString:
    """A few people whom the viewer could follow."""
    request: HttpRequest = context["request"]
    viewer = viewer_of(request)
    assert viewer is not None
    # Who is suggested is nothing to the viewer: but for the names all rows are alike.
    people = suggestions.who_to_follow(viewer=viewer)
    return fragment(
        "accounts/_who_to_follow.html",
        csrf_token=context["csrf_token"],
        here=place_of(request),
        user=SOMEBODY,
        rows=tuple(Row(person, NOTHING_BETWEEN) for person in people),
    )


@register.filter
def bare_link(url: str) -> str:
    """A web address as it is read: without its scheme and without a slash at its end."""
    return url.partition("://")[2].removesuffix("/")
