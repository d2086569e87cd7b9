"""Numbers, times and addresses as pages show them: functions and filters of the templates."""

from calendar import month_abbr
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from django.template import defaultfilters
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

MINUTE, HOUR, DAY = 60, 3600, 86_400
# The names that strftime has, which is slow for something that a page says of every tweet.
MONTHS = month_abbr[:]


def compact(number: int) -> str:
    """A count in little room: 999, 1.2K, 34K, 5.6M. Rounded down: it never promises more."""
    for unit, size in (("M", 1_000_000), ("K", 1_000)):
        if number >= size:
            tenths = number * 10 // size
            return f"{tenths / 10 if tenths < 100 and tenths % 10 else tenths // 10}{unit}"
    return str(number)


def ago(moment: datetime) -> SafeString:
    """A `<time>` with a short relative text; the exact time is in its title."""
    return _titled(moment, short_time(moment, now=timezone.now()))


def _titled(moment: datetime, text: str) -> SafeString:
    return _time(moment, text, timezone.get_current_timezone(), translation.get_language() or "")


@lru_cache(maxsize=8192)  # the same tweets are on many pages, and formatting takes long
def _time(moment: datetime, text: str, zone: tzinfo, language: str) -> SafeString:
    machine, title = _machine_time(moment), _exact_time(moment, zone)
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, title, text)


def exact(moment: datetime) -> SafeString:
    """A `<time>` that says it to the minute."""
    return format_html('<time datetime="{}">{}</time>', _machine_time(moment), exact_time(moment))


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
    moment = timezone.localtime(moment)
    date = f"{moment.day} {MONTHS[moment.month]}"
    return date if moment.year == timezone.localtime(now).year else f"{date} {moment.year}"


def left(moment: datetime, *, now: datetime) -> SafeString:
    """A `<time>` with how long there is until a moment: 5m left, 3h left, 6d left."""
    seconds = max(int((moment - now).total_seconds()), MINUTE)
    size, unit = next(
        pair for pair in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")) if seconds >= pair[0]
    )
    return _titled(moment, f"{seconds // size}{unit} left")


def exact_time(moment: datetime) -> str:
    """The date and the minute, in the current time zone."""
    return _exact_time(moment, timezone.get_current_timezone())


def _exact_time(moment: datetime, zone: tzinfo) -> str:
    at = moment.astimezone(zone)
    return f"{at.hour:02}:{at.minute:02} · {at.day} {MONTHS[at.month]} {at.year} {_named(at)}"


def _named(at: datetime) -> str:
    """The name of its time zone: UTC, CET, or UTC+03 of zones without a name of their own."""
    name = at.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _machine_time(moment: datetime) -> str:
    # Equal moments in two time zones are one key of a cache, so both have to look alike.
    return moment.astimezone(UTC).isoformat()


def date(moment: datetime, pattern: str) -> str:
    """Django's `date` filter: in the current time zone and language, as Django's templates do."""
    shown: str = defaultfilters.date(timezone.localtime(moment), pattern)
    return shown


def bare_link(url: str) -> str:
    """A web address for reading: without its scheme and without a slash at its end."""
    return url.partition("://")[2].removesuffix("/")
