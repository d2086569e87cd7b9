"""Finding mentions and hashtags, and the one form in which hashtags are compared."""

import unicodedata
from collections.abc import Iterable

import regex

from tweets.text import links
from tweets.text.entities import Entities, Entity

MAX_TAG = 100

# Scripts written without spaces: a word of theirs may stand right before a mention.
_UNSPACED = r"\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}"
_MENTION = regex.compile(
    rf"(?<![[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]|[_@＠/])"
    r"[@＠]([A-Za-z0-9_]{1,30}+)"
    r"(?![A-Za-z0-9_@＠\p{Latin}\p{M}])",
    regex.V1,
)

# What holds a word together without being a letter: the joiners of Persian and of Indian scripts,
# the middle dots of Catalan and Japanese, Japanese double hyphen, Hebrew geresh, Tibetan tsheg.
_JOINERS = r"\u200C\u200D·・･゠׳״་"
_WORD = r"\p{L}\p{M}\p{Nd}_"
_TAG_SOURCE = rf"[\p{{L}}\p{{Nd}}_][{_WORD}]*+(?:[{_JOINERS}][{_WORD}]++)*+"
_TAG = regex.compile(_TAG_SOURCE)
_HASHTAG = regex.compile(rf"(?<![\p{{L}}\p{{M}}\p{{N}}_&/#＃@＠])[#＃]({_TAG_SOURCE})")
_NAMING = regex.compile(r"[\p{L}_]")
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")


def parse(text: str) -> Entities:
    """The links, mentions and hashtags of any text. Inside a link nothing else is found."""
    found, mails = links.find(text)
    taken = sorted([*((link.start, link.end) for link in found), *mails])
    open_text = links.mask(text, taken, "/")  # no part of a name, and none begins right after it
    return Entities(tuple(found), tuple(_mentions(open_text)), tuple(_hashtags(open_text)))


def mentioned_handles(text: str) -> tuple[str, ...]:
    """The handles that a text mentions: lower case, each once, in the order of the text."""
    return tuple(dict.fromkeys(entity.value.lower() for entity in parse(text).mentions))


def hashtags(text: str) -> tuple[str, ...]:
    """The hashtags of a text as `normalize_tag` gives them: each once, in the order of the text."""
    return tuple(dict.fromkeys(entity.value for entity in parse(text).hashtags))


def normalize_tag(tag: str) -> str | None:
    """The form in which hashtags are compared, at most MAX_TAG long; None if it is no hashtag.

    Case, width and invisible characters make no difference; nor does a leading `#`. Normalizing
    twice changes nothing.
    """
    tag = tag[1:] if tag.startswith(("#", "＃")) else tag
    if len(tag) > MAX_TAG or not _TAG.fullmatch(tag):
        return None
    folded = _folded(tag)
    return folded if _is_settled(folded) else None


def _folded(tag: str) -> str:
    if tag.isascii():
        return tag.lower()
    compatible = unicodedata.normalize("NFKC", tag).casefold()
    return unicodedata.normalize("NFKC", _IGNORABLE.sub("", compatible))


def _is_settled(folded: str) -> bool:
    """Folding can make one letter into many, or into a space: such a thing is no hashtag."""
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
