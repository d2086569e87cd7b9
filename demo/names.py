"""Made-up people of many cultures: names, handles, homes and bios. Imports no Django."""

import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORDS = tomllib.loads(Path(__file__).with_name("people.toml").read_text(encoding="utf-8"))
# Letters that Unicode does not decompose into a plain letter and a mark.
LATIN = str.maketrans("łŁøØıđĐßæÆəĦħʻ’'", "lLoOidDsaAeHh   ")
HANDLE_LENGTH = 24
NATIVE = 0.5  # probability that a name is in its native script and order


@dataclass(frozen=True, slots=True)
class Persona:
    """A made-up person."""

    handle: str
    name: str
    place: str
    bio: str
    interests: tuple[str, str]
    sayings: tuple[str, ...]  # in the person's own language


def handle_of(words: str) -> str:
    """Words turned into a handle: lowercase Latin letters, digits and underscores."""
    decomposed = unicodedata.normalize("NFKD", words.translate(LATIN)).casefold()
    return re.sub(r"[^a-z0-9_]", "", decomposed)[:HANDLE_LENGTH]


def personas(rng: random.Random, interests: Sequence[str]) -> Iterator[Persona]:
    """Yield people endlessly, each with a different handle."""
    taken: set[str] = set()
    while True:
        culture = rng.choice(WORDS["cultures"])
        given, family = (rng.choice(culture[part].split()) for part in ("given", "family"))
        one, other = rng.sample(interests, 2)
        yield Persona(
            handle=_handle(rng, given.split(":")[0], family.split(":")[0], taken),
            name=_name(rng, culture, given, family),
            place=rng.choice(culture["places"]) if rng.random() < 0.8 else "",
            bio=_bio(rng, one, other),
            interests=(one, other),
            sayings=tuple(culture.get("sayings", ())),
        )


def _handle(rng: random.Random, given: str, family: str, taken: set[str]) -> str:
    forms = (
        *(f"{given}_{family}", f"{given}{family}", f"{family}_{given}", f"{given}_{family[0]}"),
        *(f"{given[0]}{family}", f"the_{given}", f"{given}_writes", f"{given}_from_here"),
    )
    handle = handle_of(rng.choice(forms))
    while handle in taken:
        handle = f"{handle_of(f'{given}_{family}')}{rng.randrange(2, 10_000)}"
    taken.add(handle)
    return handle


def _name(rng: random.Random, culture: dict[str, Any], given: str, family: str) -> str:
    native = rng.random() < NATIVE
    first, second = (word.split(":")[-1 if native else 0] for word in (given, family))
    swapped = native and culture.get("family_first")
    return f"{second} {first}" if swapped else f"{first} {second}"


def _bio(rng: random.Random, one: str, other: str) -> str:
    if rng.random() < 0.1:
        return ""
    bio = f"{rng.choice(WORDS['jobs'])}. {one.capitalize()} and {other}."
    return f"{bio} {rng.choice(WORDS['asides'])}" if rng.random() < 0.6 else bio
