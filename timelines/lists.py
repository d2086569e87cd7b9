"""The timeline of a list: the tweets of its members, whom the viewer need not follow.

Rules 2 to 5 and 7 hold as at home, for whoever reads the list. It is read from Postgres: a list has
a few hundred members at most, and only some of its readers come back.
"""

from accounts.models import User
from chirp.pagination import Page, PageRequest
from lists.models import PeopleList
from timelines import candidates, readers
from timelines.paging import ReadSpan, Timeline, read_page
from timelines.readers import Reader
from timelines.rules import Rule, broken_rule_anywhere
from timelines.store import Span
from tweets.read.facts import Facts


def list_timeline(*, viewer: User | None, found: PeopleList, page: PageRequest) -> Page[Facts]:
    """Return one page of the timeline of a list that `lists.selectors.access_list` returned.

    The entries are newest first, and those of one original are folded.
    """
    return read_page(ListTimeline(found.pk, readers.load(viewer)), page)


class ListTimeline(Timeline):
    """The timeline of a list for one reader."""

    def __init__(self, list_id: int, reader: Reader) -> None:
        super().__init__(reader)
        self.list_id = list_id

    def broken_rule(self, tweet: Facts) -> Rule | None:
        """Return the first rule that keeps a tweet out, or None. Filters are not considered."""
        return broken_rule_anywhere(tweet, viewer=self.viewer)

    def reads_below(self) -> ReadSpan:
        """Return a function that reads candidates from Postgres."""

        def read(below: int, size: int) -> Span:
            return candidates.listed_below(self.viewer, self.list_id, below=below, limit=size)

        return read

    def above(self, position: int, limit: int) -> tuple[list[int], int]:
        """Return the oldest candidates above an id, and the id below which they are complete."""
        return candidates.listed_above(self.viewer, self.list_id, above=position, limit=limit)
