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
from typing import NamedTuple

from chirp.texts import ntext, shown
from chirp.texts import text as _
from tweets.read.facts import Facts

HALF_AFTER_HOURS = 4
DECAY = 1.3
FRESH_HOURS = 3
AFFINITY_MOST = 2.0
MARKS_FOR_ONE = 5  # so many marks for one author make an affinity of 1


class Weighed(NamedTuple):
    """An entry, as far as it matters for its rank. `original_id` is the tweet that it shows.

    `actions` is what others than the viewer did with that: likes, reposts, quotes, and replies.
    """

    id: int
    author_id: int
    original_id: int
    original_author_id: int
    actions: int


@dataclass(frozen=True, slots=True)
class Factors:
    """What the score of one entry is made of. `marks` and `actions` are counts."""

    actions: int  # by others
    marks: int  # by the viewer, for the author or for the account that reposted it
    age_hours: float
    marked_id: int = 0  # that account; 0 for a tweet of the viewer

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


@dataclass(frozen=True, slots=True)
class Part:
    """One factor of a score, in words. `raises` is whether it moves the entry up."""

    code: str
    factor: float
    text: str
    raises: bool


def weighed(entry: Facts) -> Weighed:
    """Return what ranks an entry that is hydrated."""
    tweet = entry.original or entry
    actions = tweet.likes + tweet.reposts + tweet.quotes + tweet.replies
    by_viewer = tweet.liked + tweet.reposted
    return Weighed(entry.id, entry.author_id, tweet.id, tweet.author_id, actions - by_viewer)


def factors(
    found: Weighed, *, viewer_id: int, age_hours: float, marks: Mapping[int, int]
) -> Factors:
    """Return the factors of an entry. `marks` counts the viewer's marks by author."""
    if found.original_author_id == viewer_id:
        return Factors(0, 0, age_hours)
    closest = max(found.original_author_id, found.author_id, key=lambda id_: marks.get(id_, 0))
    return Factors(max(found.actions, 0), marks.get(closest, 0), age_hours, closest)


def handles_of(entry: Facts) -> dict[int, str]:
    """Return the handles of the accounts that an entry is about, by their ids."""
    return {each.author_id: each.handle for each in (entry, entry.original or entry)}


def parts(found: Factors, handles: Mapping[int, str]) -> list[Part]:
    """Return all that makes the score of an entry: what raises it most comes first."""
    closeness = Part("affinity", 1 + found.affinity, _closeness(found, handles), found.marks > 0)
    doings = Part("engagement", 1 + found.engagement, _actions(found.actions), found.actions > 0)
    is_new = found.age_hours < FRESH_HOURS
    age = Part("freshness", found.freshness, _("It is new") if is_new else _age(found), is_new)
    if closeness.factor < doings.factor:
        return [doings, closeness, age]
    return [closeness, doings, age]


def in_words(found: Factors, handles: Mapping[int, str]) -> tuple[str, ...]:
    """Return why an entry stands where it does: what raises it most comes first."""
    raised = [shown(part.text) for part in parts(found, handles) if part.raises]
    return tuple(raised or [shown(_("Nothing moved it up"))])


def _closeness(found: Factors, handles: Mapping[int, str]) -> str:
    if not found.marked_id:
        return _("It is yours")
    handle = handles[found.marked_id]
    if not found.marks:
        return _("You did not like or answer @%(handle)s lately", handle=handle)
    if found.marks >= MARKS_FOR_ONE:
        return _("You often like or answer @%(handle)s", handle=handle)
    return _("You liked or answered @%(handle)s", handle=handle)


def _actions(number: int) -> str:
    if not number:
        return _("No likes, reposts and answers by others yet")
    return ntext("%(num)s like, repost or answer", "%(num)s likes, reposts and answers", number)


def _age(found: Factors) -> str:
    hours = int(found.age_hours)
    if hours < 48:
        return ntext("It is %(num)s hour old", "It is %(num)s hours old", hours)
    return ntext("It is %(num)s day old", "It is %(num)s days old", hours // 24)
