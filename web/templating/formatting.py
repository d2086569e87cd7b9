"""Numbers, times and addresses as pages show them: functions and filters of the templates."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from chirp import localized

MINUTE, HOUR, DAY = 60, 3600, 86_400


def isolated(words: str) -> SafeString:
    """HTML of what somebody wrote, in a direction of its own, whatever stands around it."""
    return format_html("<bdi>{}</bdi>", words)


def ago(moment: datetime) -> SafeString:
    """A `<time>` with a short relative text; the exact time is in its title."""
    return Reader.now().ago(moment)


class Reader(NamedTuple):
    """What relative times depend on: looked up once for all those of a page."""

    at: datetime
    zone: tzinfo
    language: str

    @classmethod
    def now(cls) -> "Reader":
        """Who reads now: in the active time zone and language."""
        return cls(timezone.now(), timezone.get_current_timezone(), localized.language())

    def ago(self, moment: datetime) -> SafeString:
        """As the function `ago`."""
        text = _short_time(moment, self.at, self.language)
        return _time(moment, text, self.zone, self.language)


@lru_cache(maxsize=8192)  # the same tweets are on many pages, and formatting takes long
def _time(moment: datetime, text: str, zone: tzinfo, language: str) -> SafeString:
    machine, title = _machine_time(moment), _exact_time(moment, zone)
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, title, text)


def exact(moment: datetime) -> SafeString:
    """A `<time>` that says it to the minute."""
    return format_html('<time datetime="{}">{}</time>', _machine_time(moment), exact_time(moment))


def short_time(moment: datetime, *, now: datetime) -> str:
    """How long ago: now, 5m, 3h, 6d; beyond a week the date, with the year where it differs."""
    return _short_time(moment, now, localized.language())


def _short_time(moment: datetime, now: datetime, language: str) -> str:
    seconds = int((now - moment).total_seconds())
    if seconds < 7 * DAY:
        unit = DAY if seconds >= DAY else HOUR if seconds >= HOUR else MINUTE
        return _passed(max(seconds // unit, 0), unit, language)
    moment = timezone.localtime(moment)
    return localized.day(moment, with_year=moment.year != timezone.localtime(now).year)


@lru_cache(maxsize=1024)  # every tweet of a page has such a time, and looking texts up takes long
def _passed(num: int, unit: int, language: str) -> str:
    """So many units in words of the language, which is the active one."""
    if num == 0:
        return pgettext("a moment ago", "now")
    if unit == MINUTE:
        return pgettext("minutes ago", "%(num)sm") % {"num": num}
    if unit == HOUR:
        return pgettext("hours ago", "%(num)sh") % {"num": num}
    return pgettext("days ago", "%(num)sd") % {"num": num}


def left(moment: datetime, *, now: datetime) -> SafeString:
    """A `<time>` with how long there is until a moment: 5m left, 3h left, 6d left."""
    seconds = max(int((moment - now).total_seconds()), MINUTE)
    if seconds >= DAY:
        text = pgettext("days", "%(num)sd left") % {"num": seconds // DAY}
    elif seconds >= HOUR:
        text = pgettext("hours", "%(num)sh left") % {"num": seconds // HOUR}
    else:
        text = pgettext("minutes", "%(num)sm left") % {"num": seconds // MINUTE}
    return _time(moment, text, timezone.get_current_timezone(), localized.language())


def exact_time(moment: datetime) -> str:
    """The date and the minute, in the current time zone."""
    return _exact_time(moment, timezone.get_current_timezone())


def _exact_time(moment: datetime, zone: tzinfo) -> str:
    at = moment.astimezone(zone)
    return f"{localized.clock(at)} · {localized.day(at, with_year=True)} {_named(at)}"


def _named(at: datetime) -> str:
    """The name of its time zone: UTC, CET, or UTC+03 of zones without a name of their own."""
    name = at.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _machine_time(moment: datetime) -> str:
    # Equal moments in two time zones are one key of a cache, so both have to look alike.
    return moment.astimezone(UTC).isoformat()


def date(moment: datetime) -> str:
    """The date in words, in the current time zone and language."""
    return localized.long_date(timezone.localtime(moment))


def month(moment: datetime) -> str:
    """The month and the year in words, in the current time zone and language."""
    return localized.month(timezone.localtime(moment))


def filled(sentence: str, **parts: str) -> SafeString:
    """A translated sentence whose placeholders are left, with HTML in them."""
    return SafeString(conditional_escape(sentence) % parts)


def bare_link(url: str) -> str:
    """A web address for reading: without its scheme and without a slash at its end."""
    return url.partition("://")[2].removesuffix("/")
