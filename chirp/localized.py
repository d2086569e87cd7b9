"""Numbers and dates as the active language writes them, by the Unicode CLDR.

Digits are Latin in every language, also in Arabic: so numbers that people type and copy look like
those that they read.
"""

from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal
from django.conf import settings
from django.utils import translation

# English dates are those of all but the United States: the day before the month, 24 hours.
_OF_DATES = {"en": "en_GB"}


def language() -> str:
    """The code of the active language."""
    return translation.get_language() or settings.LANGUAGE_CODE


@cache
def _numbers(language: str) -> Locale:
    return Locale.parse(language, sep="-")


@cache
def _dates(language: str) -> Locale:
    return Locale.parse(_OF_DATES.get(language, language.replace("-", "_")))


def number(value: float) -> str:
    """A number with its separators: 12,345 in English, 12.345 in German."""
    return str(format_decimal(value, locale=_numbers(language())))


def compact(value: int) -> str:
    """A count in little room: 999, 1.2K, 34K, 5.6M. Rounded down: it never promises more."""
    return _compact(value, language())


@lru_cache(maxsize=8192)  # many tweets have the same counts
def _compact(value: int, language: str) -> str:
    locale = _numbers(language)
    forms = locale.compact_decimal_formats["short"]
    power = max((int(key) for key in forms["other"] if int(key) <= value), default=0)
    zeros = forms["other"][str(power)].pattern.count("0") if power else 0
    size = power // 10 ** (zeros - 1) if power else 1
    if size == 1 or not forms["other"][str(power)].pattern.strip("0"):
        return str(format_decimal(value, locale=locale))
    tenths = value * 10 // size
    shown: float = tenths / 10 if tenths < 100 and tenths % 10 else tenths // 10
    form = forms.get(locale.plural_form(shown), forms["other"])[str(power)].pattern
    form = form.replace("'", "")  # which marks letters that are no pattern
    return str(form.replace("0" * form.count("0"), format_decimal(shown, locale=locale)))


def day(moment: date, *, with_year: bool) -> str:
    """A date in little room: 31 Jan, or 31 Jan 2026."""
    skeleton = "yMMMd" if with_year else "MMMd"
    return str(format_skeleton(skeleton, moment, locale=_dates(language())))


def long_date(moment: date) -> str:
    """A date in words: 31 January 2026."""
    return str(format_date(moment, "long", locale=_dates(language())))


def month(moment: date) -> str:
    """The month of a date in words: January 2026."""
    return str(format_skeleton("yMMMM", moment, locale=_dates(language())))


def clock(moment: datetime | time) -> str:
    """The time of a day: 14:05."""
    return str(format_time(moment, "short", locale=_dates(language())))


def localized(value: Any) -> Any:
    """A value of a text: whole numbers and dates in the active language, others as they are."""
    if type(value) is int:
        return number(value)
    return long_date(value) if isinstance(value, date) else value
