"""Tweets as HTML: the macros of templates/tweets/cards.jinja, for tags of Django's templates.

Jinja compiles templates to Python: a timeline shows twenty tweets, and they were most of its time.
What a feed shows of a tweet is remembered besides, by all that the macro gets to see of it
(web.presenters.tweets.Card): to most viewers the same tweet looks the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.presenters.tweets import Card
from web.templatetags.chirp_format import compact, place_of
from web.templatetags.chirp_people import avatar
from web.templating.cached_fragment import CSRF_HOLE, HERE_HOLE, fill
from web.viewer import viewer_context

QUOTED_HERE_HOLE = "\0quoted here\0"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the tweets of a page need to know of it."""

    signed_in: bool
    csrf: SafeString  # the hidden field of every form
    here: str  # where a form leads back to
    quoted_here: str  # the same, within an address
    compose: str
    language: str
    time_zone: str


def surroundings(request: HttpRequest, *, csrf_token: object) -> Surroundings:
    """The page that `request` asks for."""
    here, context = place_of(request), viewer_context(request)
    signed_in = context.signed_in
    field = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    return Surroundings(
        signed_in=signed_in,
        csrf=format_html(field, csrf_token) if signed_in else SafeString(),
        here=here,
        quoted_here=quote(here, safe=""),
        compose=reverse("compose"),
        language=context.language,
        time_zone=context.time_zone,
    )


def feed(page: Surroundings, cards: Iterable[Card]) -> SafeString:
    """Tweets, one below the other."""
    html = "".join([_entry(card, page.signed_in, page.language, page.time_zone) for card in cards])
    holes = {CSRF_HOLE: page.csrf, HERE_HOLE: page.here, QUOTED_HERE_HOLE: page.quoted_here}
    return fill(html, holes)


@lru_cache(maxsize=4096)  # some ten megabytes; the same tweets are read by many
def _entry(shown: Card, signed_in: bool, language: str, time_zone: str) -> str:
    page = Surroundings(
        signed_in=signed_in,
        csrf=SafeString(CSRF_HOLE),
        here=HERE_HOLE,
        quoted_here=QUOTED_HERE_HOLE,
        compose=reverse("compose"),
        language=language,
        time_zone=time_zone,
    )
    return render("tweet", page, shown)


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
    environment.filters["compact"] = compact
    environment.globals["avatar"] = avatar
    return environment.get_template("tweets/cards.jinja").module
