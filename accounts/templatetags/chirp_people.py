"""How people are shown: avatars, and whom one could follow."""

from functools import lru_cache
from typing import Any

import regex
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import suggestions
from accounts.models import User

register = template.Library()
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


@register.inclusion_tag("accounts/_who_to_follow.html", takes_context=True)
def who_to_follow(context: template.Context, viewer: User) -> dict[str, Any]:
    """A few people whom the viewer could follow."""
    flat = {key: context[key] for key in ("request", "user", "csrf_token")}
    return {**flat, "rows": suggestions.who_to_follow(viewer=viewer)}


@register.filter
def bare_link(url: str) -> str:
    """A web address as it is read: without its scheme and without a slash at its end."""
    return url.partition("://")[2].removesuffix("/")
