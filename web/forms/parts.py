"""What the composer keeps of a draft's tweets although it has no fields for it.

A draft that another client saved may have a poll or pictures in a later tweet of its thread. The
form carries them along as a signed value, so what comes back is what was stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.core import signing
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chirp.texts import shown
from tweets.controls import QUOTES_CHOICES, REPLIES_CHOICES, QuotesFrom, RepliesFrom
from tweets.later.content import restored
from tweets.visibility import Visibility

Stored = Mapping[str, Any]  # a tweet as drafts store it
SALT = "chirp.composer.rest"
REST_LENGTH = 20_000  # more than a poll with its choices takes
# What the composer says once for all tweets of a thread, and what a tweet has without it.
ALIKE: Mapping[str, Any] = {
    "visibility": Visibility.PUBLIC.value,
    "spoiler": "",
    "quotes_from": QuotesFrom.EVERYONE.value,
}
VISIBILITIES = {
    Visibility.PUBLIC.value: _("for everyone"),
    Visibility.UNLISTED.value: _("unlisted"),
    Visibility.FOLLOWERS.value: _("for followers"),
    Visibility.DIRECT.value: _("for those it mentions"),
}
RULES = {"replies_from": dict(REPLIES_CHOICES), "quotes_from": dict(QUOTES_CHOICES)}
USUAL = (False, "", RepliesFrom.EVERYONE.value)  # values that say no more than their absence


class Part(NamedTuple):
    """A later tweet of a thread: its text, and its rest, signed; empty without one."""

    text: str
    rest: str = ""

    @property
    def says(self) -> str:
        """What the rest is, in words."""
        return words_of(_load(self.rest))


def rest_of(tweet: Stored, first: Stored) -> dict[str, Any]:
    """What a tweet has beside its text that is not that of the `first` as well, or usual."""
    alike = {name: tweet.get(name, default) for name, default in ALIKE.items()}
    own = {name: value for name, value in alike.items() if value != first.get(name, ALIKE[name])}
    others = {name: value for name, value in tweet.items() if name not in {"text", *ALIKE}}
    return own | {name: value for name, value in others.items() if value not in USUAL}


def numbered(rests: Sequence[Stored]) -> list[str]:
    """The values of the fields that carry the rests of the tweets of a thread, in their order."""
    return [
        f"{number}.{signing.dumps(rest, salt=SALT, compress=True)}"
        for number, rest in enumerate(rests)
        if rest
    ]


def is_rest(value: str) -> bool:
    """Whether a value comes from `numbered`."""
    try:
        _load(value.partition(".")[2])
    except signing.BadSignature:
        return False
    return True


def parts_of(typed: Sequence[str], rests: Sequence[str], *, start: int = 1) -> list[Part]:
    """The tweets of a form, with the rests that come from `numbered`."""
    carried = {each.partition(".")[0]: each.partition(".")[2] for each in rests if is_rest(each)}
    return [Part(text, carried.get(str(number), "")) for number, text in enumerate(typed, start)]


def unpacked(rest: str) -> dict[str, Any]:
    """The arguments of post_tweet that the rest of a `Part` stands for."""
    (arguments,) = restored([_load(rest)])
    return arguments


def _load(rest: str) -> dict[str, Any]:
    loaded: dict[str, Any] = signing.loads(rest, salt=SALT) if rest else {}
    return loaded


def words_of(tweet: Stored) -> str:
    """What a tweet has beside its text, in words."""
    return ", ".join(_words(tweet))


def _words(rest: Stored) -> Iterator[str]:
    if files := len(rest.get("media_ids", ())):
        yield ngettext("a picture or video", "%(num)s pictures", files) % {"num": files}
    if poll := rest.get("poll"):
        yield gettext("a poll (%(choices)s)") % {"choices": " / ".join(poll["choices"])}
    if spoiler := rest.get("spoiler"):
        yield gettext("the warning “%(warning)s”") % {"warning": spoiler}
    elif "spoiler" in rest:
        yield gettext("no warning")
    if "visibility" in rest:
        yield str(VISIBILITIES[rest["visibility"]])
    yield from (shown(words[rest[name]]) for name, words in RULES.items() if name in rest)
    named = {
        "location": gettext("a place"),
        "quote_of_id": gettext("a quote"),
        "sensitive": gettext("marked as sensitive"),
    }
    yield from (words for name, words in named.items() if rest.get(name))
    if language := rest.get("language"):
        yield gettext("in the language “%(language)s”") % {"language": language}
