"""Texts for people, below the faces: written in English, shown in the reader's language.

Errors, e-mails and the like are written where no language is known, and in modules without Django.
A Text is an English string that remembers what it was made of. `shown` makes it one in the active
language. Imports no Django: chirp.apps sets how texts are translated.

    from chirp.texts import ntext
    from chirp.texts import text as _

    raise TooLong(_("At most %(limit)s characters.", limit=LIMIT))

In the faces, where the language is that of the request, Django's gettext does the same.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

Gettext = Callable[[str], str]
Ngettext = Callable[[str, str, int], str]


class Text(str):
    """A text in English, with what is needed to say it in another language."""

    __slots__ = ("message", "number", "plural", "values")

    message: str
    plural: str
    number: int
    values: dict[str, Any]

    def __getnewargs__(self) -> tuple[str]:
        return (str(self),)


def text(message: str, /, **values: Any) -> Text:
    """A text. `%(name)s` stands for a value: a string, a number, a date, or another Text."""
    return _made(message, "", 0, values)


def ntext(singular: str, plural: str, number: int, /, **values: Any) -> Text:
    """A text that depends on a number, which is `%(num)s` in it."""
    return _made(singular, plural, number, {"num": number, **values})


def stored(message: str) -> Text:
    """A text without values that was kept in a row, in English, and is marked where it is made."""
    return _made(message.replace("%", "%%"), "", 0, {})


def both(singular: str, plural: str) -> tuple[str, str]:
    """The first two arguments of `ntext`, for a table of texts."""
    return singular, plural


def _made(message: str, plural: str, number: int, values: dict[str, Any]) -> Text:
    english = plural if plural and number != 1 else message
    made = Text(english % {name: _english(value) for name, value in values.items()})
    made.message, made.plural, made.number, made.values = message, plural, number, values
    return made


def _english(value: Any) -> Any:
    if type(value) is int:
        return f"{value:,}"
    return f"{value:%d %B %Y}" if isinstance(value, date) else value


class _Translation:
    """How texts are translated: not at all, until `translate_by` says how."""

    gettext: Gettext = staticmethod(str)
    ngettext: Ngettext = staticmethod(lambda one, many, number: one if number == 1 else many)
    localize: Callable[[Any], Any] = staticmethod(_english)


_translation = _Translation()


def translate_by(*, gettext: Gettext, ngettext: Ngettext, localize: Callable[[Any], Any]) -> None:
    """Say how `shown` translates texts, and how it writes numbers."""
    _translation.gettext, _translation.ngettext = gettext, ngettext
    _translation.localize = localize


def shown(told: str) -> str:
    """A text in the active language. A plain string is as it is."""
    if not isinstance(told, Text):
        return told
    if told.plural:
        found = _translation.ngettext(told.message, told.plural, told.number)
    else:
        found = _translation.gettext(told.message)
    return found % {name: _value(value) for name, value in told.values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Text):
        return shown(value)
    return _translation.localize(value)
