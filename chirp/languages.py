"""The languages of the site, and which of them a reader wants: docs/texts.md."""

from functools import cache, lru_cache

from django.conf import settings
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _ in settings.LANGUAGES)


def known(code: str) -> str:
    """The code of a language of the site; empty if it has no such language."""
    return code if code in _codes() else ""


@lru_cache(maxsize=256)  # every request asks, and browsers are much alike
def accepted(header: str) -> str:
    """The first language of an Accept-Language header that the site has, else its default."""
    for code, quality in parse_accept_lang_header(header):
        if code == "*":
            break
        if not quality:  # a language that the reader does not want
            continue
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)
