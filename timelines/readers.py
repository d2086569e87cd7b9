"""Readers: what decides on the entries of a timeline, beside the tweets and the follows.

One query loads which followed authors have to be pulled, and whether the viewer follows hashtags or
has exclusive lists or filters. A request of the API loads it with the account. Only for those who
have any, a second query loads them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.selectors import find_with
from chirp.db.prepared import Question
from filters.selectors import ActiveFilter, parsed
from timelines.sql import readers as sql
from tweets.read.viewer import ANONYMOUS, ViewerContext


@dataclass(frozen=True, slots=True)
class Reader:
    """The viewer of a timeline.

    `pulled` are the ids of the followed authors that have to be pulled. `filters` are those that
    apply at home.
    """

    context: ViewerContext
    pulled: Sequence[int] = ()
    filters: tuple[ActiveFilter, ...] = ()


ANYBODY = Reader(ANONYMOUS)


def load(viewer: User | None) -> Reader:
    """Load the reader of a timeline; without a query for an anonymous visitor."""
    return ANYBODY if viewer is None else asks_reader(viewer.pk).answer()


def asks_reader(user_id: int) -> Question[Reader]:
    """Return the question that `load` answers for an account."""
    return Question(sql.READING, {"viewer": user_id}, lambda rows: _reader(user_id, *rows[0]))


def find(*, user_id: int) -> tuple[User, Reader] | None:
    """Return the user with this id, active or not, and the user as a reader.

    Returns None if there is no such user.
    """
    found = find_with(sql.READER, user_id=user_id)
    return found and (found[0], _reader(user_id, *found[1]))


def load_many(viewer_ids: Collection[int]) -> dict[int, Reader]:
    """Return those of the accounts that are active, as readers, by id. Takes at most two queries.

    Which authors have to be pulled is not among it.
    """
    now = timezone.now()
    rows = sql.READERS.rows(viewers=list(viewer_ids)) if viewer_ids else []
    hidden = {id_: until is not None and until > now for id_, until, _ in rows}
    choosing = [id_ for id_, _, chooses in rows if chooses]
    found = {id_: Reader(ViewerContext(viewer_id=id_, hides_reposts=hidden[id_])) for id_ in hidden}
    for id_, *choices in sql.CHOICES_FOR.rows(viewers=choosing) if choosing else ():
        found[id_] = _choosing(id_, hidden[id_], (), *choices)
    return found


def _reader(
    viewer_id: int, pulled: Sequence[int], hidden_until: datetime | None, chooses: bool
) -> Reader:
    hides_reposts = hidden_until is not None and hidden_until > timezone.now()
    if not chooses:
        return Reader(ViewerContext(viewer_id=viewer_id, hides_reposts=hides_reposts), pulled)
    (choices,) = sql.CHOICES.rows(viewer=viewer_id)
    return _choosing(viewer_id, hides_reposts, pulled, *choices)


def _choosing(
    viewer_id: int,
    hides_reposts: bool,
    pulled: Sequence[int],
    tags: Sequence[str],
    exclusive: Sequence[int],
    filters: Sequence[Any],
) -> Reader:
    context = ViewerContext(
        viewer_id=viewer_id,
        tags=frozenset(tags),
        exclusive=frozenset(exclusive),
        hides_reposts=hides_reposts,
    )
    pulled = [id_ for id_ in pulled if id_ not in context.exclusive]
    return Reader(context, pulled, parsed(filters))
