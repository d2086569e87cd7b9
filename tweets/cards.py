"""Tweets as HTML: the macros of templates/tweets/cards.jinja, for tags of Django's templates.

Jinja compiles templates to Python: a timeline shows twenty tweets, and they were most of its time.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accounts.templatetags.chirp_people import avatar
from chirp.templatetags.chirp_format import ago, compact, place_of


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the tweets of a page need to know of it."""

    signed_in: bool
    csrf: SafeString  # the hidden field of every form
    here: str  # where a form leads back to
    quoted_here: str  # the same, within an address
    compose: str


def surroundings(request: HttpRequest) -> Surroundings:
    """The page that `request` asks for."""
    here = place_of(request)
    signed_in = request.user.is_authenticated
    field = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    return Surroundings(
        signed_in=signed_in,
        csrf=format_html(field, get_token(request)) if signed_in else SafeString(),
        here=here,
        quoted_here=quote(here, safe=""),
        compose=reverse("compose"),
    )


def render(macro: str, *arguments: Any) -> SafeString:
    """What a macro of cards.jinja makes of its arguments."""
    # Jinja escapes whatever is not marked as safe, as Django does.
    html: str = getattr(_macros(), macro)(*arguments)
    return mark_safe(html)  # noqa: S308


@cache
def _macros() -> Any:
    environment = Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"ago": ago, "compact": compact}
    environment.globals["avatar"] = avatar
    return environment.get_template("tweets/cards.jinja").module
