"""Find mentions and hashtags, and normalize hashtags so that they can be compared."""

import unicodedata

import regex

from tweets.text import links
from tweets.text.entities import Entities, Entity
from tweets.text.scripts import UNSPACED

MAX_TAG = 100

# A mention or hashtag may not follow a letter or digit. The accents between them are part of the
# letter, and so are variation selectors, which emoji have too. Enclosing marks make a symbol of
# what they enclose, such as a keycap.
_MARKS = r"[\p{M}--\p{Me}]*+"
_HANDLE = rf"""
    (?<!(?:[[\p{{L}}\p{{N}}]--[{UNSPACED}]]|[_@＠]){_MARKS})
    [@＠](?P<handle>[A-Za-z0-9_]{{1,30}}+)
    (?![A-Za-z0-9_@＠\p{{Latin}}\p{{M}}])
"""

# Characters inside words that are not letters: the joiners of Persian and of Indian scripts, the
# middle dots of Catalan and Japanese, Japanese double hyphen and wave dashes, Hebrew geresh,
# gershayim and maqaf, Tibetan tsheg.
_JOINERS = r"\u200C\u200D·・･゠〜～׳״־་༌"
# Characters at the end of words that are not letters: Hebrew geresh, Tibetan tsheg, the sign of
# abbreviations in Indian scripts.
_FINALS = r"׳་༌॰"
# Letters, with the voicing marks of Japanese that stand alone, and numbers that are letters, such
# as the ideographic zero.
_FIRST = r"\p{L}\p{Nd}\p{Nl}_"
_WORD = rf"{_FIRST}\p{{M}}゛゜"
_TAG_SOURCE = rf"[{_FIRST}][{_WORD}]*+(?:[{_JOINERS}][{_WORD}]++)*+[{_FINALS}]?+"
_TAG = regex.compile(_TAG_SOURCE)
_HASHTAG = rf"(?<![\p{{L}}\p{{N}}_&#＃@＠]{_MARKS})[#＃](?P<tag>{_TAG_SOURCE})"
_NAMED = regex.compile(rf"{_HANDLE}|{_HASHTAG}", regex.V1 | regex.VERBOSE)
# NFKC makes a space of each of the first two, and a sign of the third.
_SPACING = str.maketrans({"゛": "\u3099", "゜": "\u309a", "～": "〜"})
_NAMING = regex.compile(r"[\p{L}\p{Nl}_]")
_SIGN = regex.compile("[@＠#＃]")
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")


def parse(text: str) -> Entities:
    """Return the links, mentions and hashtags of a text. Links contain no other entities."""
    found, mails = links.find(text)
    spans = sorted([*((link.start, link.end) for link in found), *mails])
    # A "/" is not part of a mention or hashtag, and none can begin right after it.
    masked = links.mask(text, spans, "/")
    mentions, tags = _named(masked)
    return Entities(tuple(found), tuple(mentions), tuple(tags))


def mentioned_handles(text: str) -> tuple[str, ...]:
    """Return the handles that a text mentions: lower case, each once, in the text's order."""
    return tuple(dict.fromkeys(entity.value.lower() for entity in parse(text).mentions))


def hashtags(text: str) -> tuple[str, ...]:
    """Return the normalized hashtags of a text: each once, in the text's order."""
    return tuple(dict.fromkeys(entity.value for entity in parse(text).hashtags))


def normalize_tag(tag: str) -> str | None:
    """Return the form in which hashtags are stored and compared, or None if `tag` is invalid.

    The result has at most MAX_TAG code points. Case, width, invisible characters and a leading `#`
    make no difference, nor does the dot of a Turkish i, which case changes. The function is
    idempotent.
    """
    tag = tag[1:] if tag.startswith(("#", "＃")) else tag
    if len(tag) > MAX_TAG or not _TAG.fullmatch(tag):
        return None
    folded = _folded(tag)
    return folded if _is_valid(folded) else None


def _folded(tag: str) -> str:
    if tag.isascii():
        return tag.lower()
    compatible = unicodedata.normalize("NFKC", tag.translate(_SPACING)).casefold()
    visible = unicodedata.normalize("NFKC", _IGNORABLE.sub("", compatible))
    # `İ` became an i with a dot above it, which is no letter of its own.
    return unicodedata.normalize("NFKC", visible.replace("ı", "i").replace("i\u0307", "i"))


def _is_valid(folded: str) -> bool:
    """Return whether the folded form is itself a hashtag.

    Folding can turn one letter into many, or into a space.
    """
    return (
        len(folded) <= MAX_TAG
        and _TAG.fullmatch(folded) is not None
        and _NAMING.search(folded) is not None
        and _folded(folded) == folded
    )


def _named(text: str) -> tuple[list[Entity], list[Entity]]:
    """Return the mentions and the hashtags of a text.

    None of them begins after a "/", as in a path, unless that ends another one: `#one/#two`.
    """
    mentions: list[Entity] = []
    tags: list[Entity] = []
    if not _SIGN.search(text):
        return mentions, tags
    at = -1
    for match in _NAMED.finditer(text):
        if text[match.start() - 1 : match.start()] == "/" and match.start() - 1 != at:
            continue
        at = match.end()
        if match["handle"]:
            mentions.append(Entity(match.start(), at, match["handle"]))
        elif tag := normalize_tag(match["tag"]):
            tags.append(Entity(match.start(), at, tag))
    return mentions, tags
