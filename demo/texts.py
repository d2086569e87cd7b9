"""The texts of the demo: their pieces, and how they are put together. Imports no Django."""

import random
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOPICS: dict[str, Any] = tomllib.loads((HERE / "topics.toml").read_text(encoding="utf-8"))
TALK: dict[str, Any] = tomllib.loads((HERE / "talk.toml").read_text(encoding="utf-8"))
INTERESTS = tuple(TOPICS)
SLOT = re.compile(r"\{(\w+)\}")
TRIES = 30


class Writer:
    """Writes texts, and avoids repeating them as long as it can."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()
        self.bags: dict[str, list[str]] = {}

    def tweet(self, interest: str) -> str:
        """A tweet about an interest, sometimes with its hashtag."""
        topic = TOPICS[interest]
        text = self._fresh(self._next(interest), topic["words"])
        tagged = self.rng.random() < 0.4
        return f"{text} #{self.rng.choice(topic['tags'])}" if tagged else text

    def mentioning(self, handle: str) -> str:
        """A tweet that mentions an account."""
        return self._fill(self.rng.choice(TALK["mentioning"]), {"handle": [handle]})

    def own_language(self, sayings: Sequence[str]) -> str | None:
        """One of a person's sayings that was not used yet, or None."""
        fresh = [saying for saying in sayings if saying not in self.used]
        return self._fresh(self.rng.choice(fresh), {}) if fresh else None

    def answer(self, interest: str) -> str:
        """A reply to a tweet about an interest."""
        topic = TOPICS[interest]
        pool = topic["answers"] if self.rng.random() < 0.4 else TALK["answers"]
        return self._fill(self.rng.choice(pool), topic["words"])

    def answer_back(self) -> str:
        """An author's answer to a reply."""
        return str(self.rng.choice(TALK["answer_back"]))

    def quote(self) -> str:
        """A comment for a quoted tweet."""
        return str(self.rng.choice(TALK["quotes"]))

    def caption(self, interest: str) -> str:
        """A text for a picture about an interest."""
        return self._unused(TOPICS[interest]["pictures"])

    def comment(self, kind: str) -> str:
        """A text of a list of talk.toml, such as "several" or "shapes"."""
        return self._unused(TALK[kind])

    def _unused(self, pool: Sequence[str]) -> str:
        text = self.rng.choice([line for line in pool if line not in self.used] or pool)
        self.used.add(text)
        return text

    def _next(self, interest: str) -> str:
        """An unused line or a pattern. Each pattern comes once before any comes again."""
        if not self.bags.get(interest):
            topic = TOPICS[interest]
            lines = [line for line in topic["lines"] if line not in self.used]
            bag = lines[: len(topic["patterns"])] + topic["patterns"]
            self.bags[interest] = self.rng.sample(bag, len(bag))
        return self.bags[interest].pop()

    def _fresh(self, pattern: str, words: dict[str, Sequence[str]]) -> str:
        text = ""
        for _ in range(TRIES):
            text = self._fill(pattern, words)
            if text not in self.used:
                break
        self.used.add(text)
        return text

    def _fill(self, pattern: str, words: dict[str, Sequence[str]]) -> str:
        known = TALK["words"] | words
        text = SLOT.sub(lambda slot: self.rng.choice(known[slot[1]]), pattern)
        return text[0].upper() + text[1:]
