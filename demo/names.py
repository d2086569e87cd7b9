"""Made-up people of many places: names, handles, homes, and what they say of themselves. Pure."""

import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORDS = tomllib.loads(Path(__file__).with_name("people.toml").read_text(encoding="utf-8"))
# Letters that do not come apart into a plain one and a mark.
PLAIN = str.maketrans("łŁøØıđĐßæÆəĦħʻ’'", "lLoOidDsaAeHh   ")
HANDLE_LENGTH = 24
AT_HOME = 0.5  # how often a name is written as at home: in that script, and in that order


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who does not exist."""

    handle: str
    name: str
    place: str
    bio: str
    interests: tuple[str, str]
    sayings: tuple[str, ...]  # in their own language


def handle_of(words: str) -> str:
    """Words as a handle can have them: plain small letters, digits and underscores."""
    apart = unicodedata.normalize("NFKD", words.translate(PLAIN)).casefold()
    return re.sub(r"[^a-z0-9_]", "", apart)[:HANDLE_LENGTH]


def personas(chance: random.Random, interests: Sequence[str]) -> Iterator[Persona]:
    """People without end, no two with the same handle."""
    taken: set[str] = set()
    while True:
        culture = chance.choice(WORDS["cultures"])
        given, family = (chance.choice(culture[part].split()) for part in ("given", "family"))
        one, other = chance.sample(interests, 2)
        yield Persona(
            handle=_handle(chance, given.split(":")[0], family.split(":")[0], taken),
            name=_name(chance, culture, given, family),
            place=chance.choice(culture["places"]) if chance.random() < 0.8 else "",
            bio=_bio(chance, one, other),
            interests=(one, other),
            sayings=tuple(culture.get("sayings", ())),
        )


def _handle(chance: random.Random, given: str, family: str, taken: set[str]) -> str:
    forms = (
        *(f"{given}_{family}", f"{given}{family}", f"{family}_{given}", f"{given}_{family[0]}"),
        *(f"{given[0]}{family}", f"the_{given}", f"{given}_writes", f"{given}_from_here"),
    )
    handle = handle_of(chance.choice(forms))
    while handle in taken:
        handle = f"{handle_of(f'{given}_{family}')}{chance.randrange(2, 10_000)}"
    taken.add(handle)
    return handle


def _name(chance: random.Random, culture: dict[str, Any], given: str, family: str) -> str:
    at_home = chance.random() < AT_HOME
    first, second = (word.split(":")[-1 if at_home else 0] for word in (given, family))
    swapped = at_home and culture.get("family_first")
    return f"{second} {first}" if swapped else f"{first} {second}"


def _bio(chance: random.Random, one: str, other: str) -> str:
    if chance.random() < 0.1:
        return ""
    bio = f"{chance.choice(WORDS['jobs'])}. {one.capitalize()} and {other}."
    return f"{bio} {chance.choice(WORDS['asides'])}" if chance.random() < 0.6 else bio
