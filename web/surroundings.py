"""What home needs beside its tweets, looked up in one statement.

That is what its reader has read, their lists, whom to follow, and what decides on its entries.
"""

from typing import NamedTuple

from django.http import HttpRequest

from accounts.models import User
from chirp.db.prepared import answers
from lists.selectors import asks_names
from notifications.selectors import Reading, asks_reading
from people.suggestions import Person, asks_who_to_follow, who_to_follow
from timelines.readers import Reader, asks_reader
from web.auth import viewer_of

LIST_TABS = 12


class Surroundings(NamedTuple):
    """What the viewer has read, the ids and names of their first lists, and whom to follow.

    And the viewer as the reader of a timeline.
    """

    reader: Reader
    reading: Reading
    lists: list[tuple[int, str]]
    suggestions: list[Person]


def surroundings_of(request: HttpRequest, viewer: User) -> Surroundings:
    """Look all of it up, once for each request. Then `reading_of` knows it as well."""
    known: Surroundings | None = getattr(request, "surroundings", None)
    if known is None:
        known = Surroundings(
            *answers(
                asks_reader(viewer.pk),
                asks_reading(user_id=viewer.pk),
                asks_names(owner=viewer, limit=LIST_TABS),
                asks_who_to_follow(viewer=viewer),
            )
        )
        request.surroundings = known  # type: ignore[attr-defined]
        request.reading = known.reading  # type: ignore[attr-defined]
    return known


def suggestions_of(request: HttpRequest) -> list[Person]:
    """Whom the viewer could follow. Makes a query where the surroundings are not known."""
    known: Surroundings | None = getattr(request, "surroundings", None)
    if known is not None:
        return known.suggestions
    viewer = viewer_of(request)
    return who_to_follow(viewer=viewer) if viewer else []
