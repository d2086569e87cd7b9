"""What the people of the demo say: pieces of text, and how they are put together. Pure."""

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
    """Writes texts, and does not repeat itself as long as it can help it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.used: set[str] = set()
        self.bags: dict[str, list[str]] = {}

    def tweet(self, interest: str) -> str:
        """Something about an interest, sometimes with its hashtag."""
        topic = TOPICS[interest]
        text = self._fresh(self._next(interest), topic["words"])
        tagged = self.chance.random() < 0.4
        return f"{text} #{self.chance.choice(topic['tags'])}" if tagged else text

    def mentioning(self, handle: str) -> str:
        """Something about somebody."""
        return self._fill(self.chance.choice(TALK["mentioning"]), {"handle": [handle]})

    def own(self, sayings: Sequence[str]) -> str | None:
        """One of somebody's sayings that was not heard yet."""
        fresh = [saying for saying in sayings if saying not in self.used]
        return self._fresh(self.chance.choice(fresh), {}) if fresh else None

    def answer(self, interest: str) -> str:
        """A reply to something about an interest."""
        topic = TOPICS[interest]
        pool = topic["answers"] if self.chance.random() < 0.4 else TALK["answers"]
        return self._fill(self.chance.choice(pool), topic["words"])

    def again(self) -> str:
        """What an author says to a reply."""
        return str(self.chance.choice(TALK["again"]))

    def quote(self) -> str:
        """What to say above somebody's tweet."""
        return str(self.chance.choice(TALK["quotes"]))

    def _next(self, interest: str) -> str:
        """A line that was not said yet, or a pattern: each comes once before any comes again."""
        if not self.bags.get(interest):
            topic = TOPICS[interest]
            lines = [line for line in topic["lines"] if line not in self.used]
            some = lines[: len(topic["patterns"])] + topic["patterns"]
            self.bags[interest] = self.chance.sample(some, len(some))
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
        text = SLOT.sub(lambda slot: self.chance.choice(known[slot[1]]), pattern)
        return text[0].upper() + text[1:]
