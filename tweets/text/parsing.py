"""Find mentions and hashtags, and normalize hashtags so that they can be compared."""

import unicodedata
from collections.abc import Iterable

import regex

from tweets.text import links
from tweets.text.entities import Entities, Entity

MAX_TAG = 100

# Scripts that are written without spaces: a mention may directly follow a word in them.
_UNSPACED = r"\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}"
_MENTION = regex.compile(
    rf"(?<![[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]|[_@＠/])"
    r"[@＠]([A-Za-z0-9_]{1,30}+)"
    r"(?![A-Za-z0-9_@＠\p{Latin}\p{M}])",
    regex.V1,
)

# Characters inside words that are not letters: the joiners of Persian and of Indian scripts, the
# middle dots of Catalan and Japanese, Japanese double hyphen, Hebrew geresh, Tibetan tsheg.
_JOINERS = r"\u200C\u200D·・･゠׳״་"
_WORD = r"\p{L}\p{M}\p{Nd}_"
_TAG_SOURCE = rf"[\p{{L}}\p{{Nd}}_][{_WORD}]*+(?:[{_JOINERS}][{_WORD}]++)*+"
_TAG = regex.compile(_TAG_SOURCE)
_HASHTAG = regex.compile(rf"(?<![\p{{L}}\p{{M}}\p{{N}}_&/#＃@＠])[#＃]({_TAG_SOURCE})")
_NAMING = regex.compile(r"[\p{L}_]")
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")


def parse(text: str) -> Entities:
    """Return the links, mentions and hashtags of a text. Links contain no other entities."""
    found, mails = links.find(text)
    spans = sorted([*((link.start, link.end) for link in found), *mails])
    # A "/" is not part of a mention or hashtag, and none can begin right after it.
    masked = links.mask(text, spans, "/")
    return Entities(tuple(found), tuple(_mentions(masked)), tuple(_hashtags(masked)))


def mentioned_handles(text: str) -> tuple[str, ...]:
    """Return the handles that a text mentions: lower case, each once, in the text's order."""
    return tuple(dict.fromkeys(entity.value.lower() for entity in parse(text).mentions))


def hashtags(text: str) -> tuple[str, ...]:
    """Return the normalized hashtags of a text: each once, in the text's order."""
    return tuple(dict.fromkeys(entity.value for entity in parse(text).hashtags))


def normalize_tag(tag: str) -> str | None:
    """Return the form in which hashtags are stored and compared, or None if `tag` is invalid.

    The result has at most MAX_TAG code points. Case, width, invisible characters and a leading `#`
    make no difference. The function is idempotent.
    """
    tag = tag[1:] if tag.startswith(("#", "＃")) else tag
    if len(tag) > MAX_TAG or not _TAG.fullmatch(tag):
        return None
    folded = _folded(tag)
    return folded if _is_valid(folded) else None


def _folded(tag: str) -> str:
    if tag.isascii():
        return tag.lower()
    compatible = unicodedata.normalize("NFKC", tag).casefold()
    return unicodedata.normalize("NFKC", _IGNORABLE.sub("", compatible))


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


def _mentions(text: str) -> Iterable[Entity]:
    if "@" not in text and "＠" not in text:
        return
    for match in _MENTION.finditer(text):
        yield Entity(match.start(), match.end(), match[1])


def _hashtags(text: str) -> Iterable[Entity]:
    if "#" not in text and "＃" not in text:
        return
    for match in _HASHTAG.finditer(text):
        if tag := normalize_tag(match[1]):
            yield Entity(match.start(), match.end(), tag)
