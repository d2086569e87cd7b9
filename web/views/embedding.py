"""Tweets on other sites: a page for a frame, and oEmbed (oembed.com), which tells its address."""

import math
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from xml.sax.xmlreader import AttributesImpl

from csp.decorators import csp_replace
from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from chirp.errors import NotFound
from tweets.read.access import access_original
from web.language import for_anybody
from web.presenters.tweets import Card, card
from web.sharing.entries import ANYBODY, Absolute, attachments_of, title_of
from web.sharing.formats import NOT_XML
from web.templating.addresses import url
from web.templating.media import media_url
from web.templating.site import site_name
from web.templating.visit import OpenVisit

WIDTH, NARROWEST = 550, 220  # pixels
AROUND, LINE, LETTER, CHOICE, BOX = 124, 24, 9, 40, 124  # heights, but for LETTER: pixels
# It needs its origin to load its own styles.
FRAME = (
    '<iframe src="{}" width="{}" height="{}" title="A tweet by {}" loading="lazy" sandbox="'
    'allow-same-origin allow-popups allow-popups-to-escape-sandbox" style="border: 0"></iframe>'
)
FRESH_SECONDS = 300
FORMATS = {"json": "application/json", "xml": "text/xml; charset=utf-8"}
# The page in a frame shows what everybody may see, whoever looks, and has nothing to press but
# links that open elsewhere: so other sites may frame it, unlike all other pages.
ANY_SITE = {"frame-ancestors": ["*"]}


class OembedForm(forms.Form):
    """The query of a consumer of oEmbed."""

    url = forms.CharField(max_length=2000)
    maxwidth = forms.IntegerField(min_value=1, required=False)
    maxheight = forms.IntegerField(min_value=1, required=False)
    format = forms.CharField(max_length=20, required=False)


@require_safe
@for_anybody  # type: ignore[arg-type]  # as csp_replace, whose type is wide
@xframe_options_exempt
@csp_replace(ANY_SITE)  # type: ignore[arg-type]  # it knows no views with parameters
def embedded(request: HttpRequest, handle: str, tweet_id: int) -> HttpResponse:
    """A tweet as a page for a frame on another site, without scripts. Raises NotFound."""
    context = {"card": _card(tweet_id), "stranger": OpenVisit(signed_in=False)}
    response = render(request, "pages/tweets/embed.html", context)
    patch_cache_control(response, max_age=FRESH_SECONDS)
    return response


@require_safe
@for_anybody
def oembed(request: HttpRequest) -> HttpResponse:
    """How to embed the tweet at the address in the query. Raises NotFound."""
    form = OembedForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    kind = form.cleaned_data["format"] or "json"
    if kind not in FORMATS:
        return JsonResponse({"errors": {"format": [gettext("It is json or xml.")]}}, status=501)
    found = _card(_tweet_at(request, form.cleaned_data["url"]))
    answer = _answer(request, found, form.cleaned_data["maxwidth"], form.cleaned_data["maxheight"])
    content = JsonResponse(answer).content if kind == "json" else _xml(answer)
    response = HttpResponse(content, content_type=FORMATS[kind])
    # Editors that run in a browser ask as well.
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, max_age=FRESH_SECONDS)
    return response


def _card(tweet_id: int) -> Card:
    return card(access_original(viewer=None, tweet_id=tweet_id), viewer=ANYBODY)


def _tweet_at(request: HttpRequest, address: str) -> int:
    """The id of the tweet with a page at this address. Raises NotFound."""
    try:
        parts = urlsplit(address)
        match = resolve(parts.path)
    except (ValueError, Resolver404):
        raise NotFound from None
    if parts.netloc.lower() != request.get_host().lower() or match.url_name != "thread":
        raise NotFound
    return int(match.kwargs["tweet_id"])


def _answer(
    request: HttpRequest, found: Card, max_width: int | None, max_height: int | None
) -> dict[str, Any]:
    absolute, tweet = request.build_absolute_uri, found.tweet
    width = max(min(max_width or WIDTH, WIDTH), NARROWEST)
    height = min(_height(found, width), max_height or math.inf)
    source = absolute(url("embed", tweet.handle, tweet.id))
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": title_of(found),
        "author_name": found.name,
        "author_url": absolute(url("profile", tweet.handle)),
        "provider_name": site_name(),
        "provider_url": absolute(url("home")),
        "cache_age": FRESH_SECONDS,
        "width": width,
        "height": height,
        "html": format_html(FRAME, source, width, height, found.name),
    }
    return answer | _thumbnail(found, absolute)


def _height(found: Card, width: int) -> int:
    """About how high the page is, in pixels: without scripts, a frame cannot adapt."""
    lines = sum(1 + len(line) * LETTER // width for line in found.tweet.text.split("\n"))
    height = AROUND + LINE * (2 if found.warning else lines)
    if found.warning:
        return height
    height += width * 2 // 3 if found.media else 0
    height += CHOICE * (len(found.poll.choices) + 1) if found.poll else 0
    return height + (BOX if found.quoted else 0) + (BOX if found.link else 0)


def _thumbnail(found: Card, absolute: Absolute) -> dict[str, Any]:
    first = next(iter(found.media), None)
    if not attachments_of(found, absolute) or first is None or not first.sizes:
        return {}
    _, size = first.sizes[-1]
    return {
        "thumbnail_url": absolute(media_url(size)),
        "thumbnail_width": size.width,
        "thumbnail_height": size.height,
    }


def _xml(answer: Mapping[str, Any]) -> bytes:
    written = BytesIO()
    xml = SimplerXMLGenerator(written, "utf-8")
    xml.startDocument()
    xml.startElement("oembed", AttributesImpl({}))
    for name, value in answer.items():
        xml.addQuickElement(name, NOT_XML.sub("", str(value)))
    xml.endElement("oembed")
    return written.getvalue()
