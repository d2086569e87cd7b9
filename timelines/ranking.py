"""The order of home, ranked: a formula for each entry, and what it says in words. No Django.

    score = (1 + engagement) * (1 + affinity) * freshness

`engagement` is the logarithm of how much others did with the tweet, `affinity` grows with how
often the viewer liked, answered or reposted its author lately, up to 2, and `freshness` falls with
age: to a half in four hours, to a tenth in 28. What the viewer wrote has neither engagement nor
affinity. Equal scores are ordered newest first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from tweets.read.facts import Facts

HALF_AFTER_HOURS = 4
DECAY = 1.3
FRESH_HOURS = 3
AFFINITY_MOST = 2.0
MARKS_FOR_ONE = 5  # so many marks for one author make an affinity of 1


@dataclass(frozen=True, slots=True)
class Factors:
    """What the score of one entry is made of. `marks` and `actions` are counts."""

    actions: int  # by others: likes, reposts, quotes, and replies
    marks: int  # by the viewer, for the author or for the account that reposted it
    age_hours: float
    marked: str = ""  # the handle of that account

    @property
    def engagement(self) -> float:
        """How much others did with the tweet: 0 for nothing, 4.6 for a hundred actions."""
        return log(1 + self.actions)

    @property
    def affinity(self) -> float:
        """How close the viewer is to the author: from 0 to AFFINITY_MOST."""
        return min(self.marks / MARKS_FOR_ONE, AFFINITY_MOST)

    @property
    def freshness(self) -> float:
        """How new the entry is: from 1 down to 0."""
        age = max(self.age_hours, 0.0)
        return float((1 + age / HALF_AFTER_HOURS * (2 ** (1 / DECAY) - 1)) ** -DECAY)

    @property
    def score(self) -> float:
        """The score of the entry."""
        return (1 + self.engagement) * (1 + self.affinity) * self.freshness


def factors(entry: Facts, *, age_hours: float, marks: Mapping[int, int]) -> Factors:
    """Return the factors of an entry. `marks` counts the viewer's marks by author."""
    tweet = entry.original or entry
    if tweet.mine:
        return Factors(0, 0, age_hours)
    actions = tweet.likes + tweet.reposts + tweet.quotes + tweet.replies
    by_viewer = tweet.liked + tweet.reposted
    closest = max(tweet, entry, key=lambda each: marks.get(each.author_id, 0))
    marked = marks.get(closest.author_id, 0)
    return Factors(max(actions - by_viewer, 0), marked, age_hours, closest.handle)


def in_words(found: Factors) -> tuple[str, ...]:
    """Return why an entry stands where it does: what raises it most comes first."""
    often = "often like or answer" if found.marks >= MARKS_FOR_ONE else "liked or answered"
    raised = [
        (1 + found.affinity, f"You {often} @{found.marked}"),
        (1 + found.engagement, _actions(found.actions)),
    ]
    said = [text for factor, text in sorted(raised, reverse=True) if factor > 1]
    if found.age_hours < FRESH_HOURS:
        said.append("It is new")
    return tuple(said or ["Nothing moved it up"])


def _actions(number: int) -> str:
    return f"{number} likes, reposts and answers" if number != 1 else "1 like, repost or answer"
