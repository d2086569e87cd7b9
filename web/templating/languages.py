"""The languages of the site, for templates."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import ngettext


def language() -> str:
    """The code of the active language, such as `de`."""
    return translation.get_language() or settings.LANGUAGE_CODE


def direction() -> str:
    """Where its writing goes: `ltr` or `rtl`."""
    return "rtl" if translation.get_language_bidi() else "ltr"


def languages() -> list[tuple[str, str]]:
    """The codes and the names of all languages of the site, each by its own name."""
    return list(settings.LANGUAGES)


# A number of each plural form that any of our languages has, by its name in CLDR, which is what
# Intl.PluralRules in browsers answers.
CATEGORIES = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}


def plural_forms(singular: str, plural: str) -> dict[str, str]:
    """A text in all plural forms of the active language, for scripts. `%(num)s` stays in it."""
    return {name: ngettext(singular, plural, number) for name, number in CATEGORIES.items()}
