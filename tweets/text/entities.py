"""The entities of a text: its links, mentions and hashtags, with their positions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """One link, mention or hashtag: `text[start:end]`, in code points, means `value`.

    The value is the URL of a link, the handle of a mention as typed and without its `@`, or a
    hashtag in the form that `normalize_tag` returns.
    """

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Entities:
    """All entities of a text, each kind in the order of the text. No two of them overlap."""

    links: tuple[Entity, ...] = ()
    mentions: tuple[Entity, ...] = ()
    hashtags: tuple[Entity, ...] = ()
