"""Numbers, times and addresses as a person reads them."""

from calendar import month_abbr
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chirp.pagination import Cursor
from web.responses import current_page, is_htmx, safe_next

register = template.Library()
MINUTE, HOUR, DAY = 60, 3600, 86_400
# As strftime has them, which is slow for something that a page says of every tweet.
MONTHS = month_abbr[:]


@register.filter
def compact(number: int) -> str:
    """A count in little room: 999, 1.2K, 34K, 5.6M. Rounded down: it never promises more."""
    for unit, size in (("M", 1_000_000), ("K", 1_000)):
        if number >= size:
            tenths = number * 10 // size
            return f"{tenths / 10 if tenths < 100 and tenths % 10 else tenths // 10}{unit}"
    return str(number)


@register.filter
def ago(moment: datetime) -> SafeString:
    """A `<time>` with a short relative text; the exact time is in its title."""
    return _ago(moment, short_time(moment, now=timezone.now()))


@lru_cache(maxsize=8192)  # the same tweets are on many pages, and formatting takes long
def _ago(moment: datetime, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact_time(moment), text
    )


@register.filter
def exact(moment: datetime) -> SafeString:
    """A `<time>` that says it to the minute."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), exact_time(moment))


def short_time(moment: datetime, *, now: datetime) -> str:
    """How long ago: now, 5m, 3h, 6d; beyond a week the date, with the year where it differs."""
    seconds = int((now - moment).total_seconds())
    if seconds < MINUTE:
        return "now"
    if seconds < HOUR:
        return f"{seconds // MINUTE}m"
    if seconds < DAY:
        return f"{seconds // HOUR}h"
    if seconds < 7 * DAY:
        return f"{seconds // DAY}d"
    date = f"{moment.day} {MONTHS[moment.month]}"
    return date if moment.year == now.year else f"{date} {moment.year}"


def exact_time(moment: datetime) -> str:
    """The date and the minute, in UTC."""
    minute = f"{moment.hour:02}:{moment.minute:02}"
    return f"{minute} · {moment.day} {MONTHS[moment.month]} {moment.year} UTC"


@register.simple_tag(takes_context=True)
def page_link(context: template.Context, cursor: Cursor) -> str:
    """The address of the page at `cursor` of the list that this page shows."""
    request: HttpRequest = context["request"]
    query = {key: value for key, value in request.GET.items() if key != "cursor"}
    return f"{request.path}?{urlencode({**query, 'cursor': cursor.encode()})}"


@register.simple_tag(takes_context=True)
def here(context: template.Context) -> str:
    """The address of the page, for forms that lead back to it: also in what htmx gets of it."""
    return context.get("here") or place_of(context["request"])


def place_of(request: HttpRequest) -> str:
    """The address of the page that a request asks for, or that htmx asks on behalf of."""
    if request.method == "GET" and not is_htmx(request):
        return request.get_full_path()
    return current_page(request) or safe_next(request)
