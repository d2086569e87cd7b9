"""What a text names, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """`text[start:end]`, in code points, stands for `value`.

    The value is the address of a link, the handle of a mention as typed and without its `@`, or
    the form of a hashtag in which hashtags are compared.
    """

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Entities:
    """Everything a text names, each kind in the order of the text. No two of them overlap."""

    links: tuple[Entity, ...] = ()
    mentions: tuple[Entity, ...] = ()
    hashtags: tuple[Entity, ...] = ()
