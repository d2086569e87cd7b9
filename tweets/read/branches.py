"""Read what answers the replies of a thread, a few levels deep, for one viewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import User
from filters.models import Context
from tweets.read.facts import Facts
from tweets.read.filtered import Sieve
from tweets.read.hydrate import hydrate
from tweets.read.lists import is_readable
from tweets.sql import threads as sql

DEPTH = 3  # levels below a reply
SHOWN = 2  # answers to each tweet, the oldest first; one more is read, to know of more
MOST = 100  # answers to all replies of a page, those of the upper levels first


@dataclass(frozen=True, slots=True)
class Branch:
    """A tweet and the first answers to it; `more` is whether there are others."""

    tweet: Facts
    answers: "list[Branch]"
    more: bool


def branches(*, viewer: User | None, replies: Sequence[Facts]) -> list[Branch]:
    """Return the replies in their order, each with what answers it.

    Answers for everybody and those of the viewer are looked at. What the viewer may not see or does
    not want to see is left out, with what answers it. Takes one query to find them, and one to load
    them if there are any.
    """
    if not replies:
        return []
    viewer_id = viewer.pk if viewer else None
    rows = sql.BRANCHES.rows(
        tops=[each.id for each in replies],
        viewer=viewer_id,
        depth=DEPTH + 1,
        each=SHOWN + 1,
        most=MOST,
    )
    ids = [id_ for id_, _ in rows]
    loaded = hydrate(ids, viewer_id=viewer_id) if ids else []
    readable = [each for each in loaded if is_readable(each)]
    found = {each.id: each for each in Sieve.of(viewer, Context.THREAD).sift(readable)}
    below: dict[int, list[Facts]] = {}
    for id_, parent_id in rows:
        if id_ in found:
            below.setdefault(parent_id, []).append(found[id_])
    return [_branch(each, below, DEPTH) for each in replies]


def _branch(tweet: Facts, below: Mapping[int, list[Facts]], depth: int) -> Branch:
    answers = below.get(tweet.id, [])
    shown = answers[:SHOWN] if depth else []
    grown = [_branch(each, below, depth - 1) for each in shown]
    return Branch(tweet, grown, more=len(answers) > len(shown))
