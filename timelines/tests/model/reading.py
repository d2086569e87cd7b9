"""Steps of people who read, and what they must and may see."""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from accounts.models import User
from chirp.pagination import Cursor, Page, PageRequest
from chirp.redis.client import guarded
from timelines import oracle, selectors, store
from timelines.tests.model import held
from timelines.tests.model.faults import Faults
from timelines.tests.model.world import WHICH, WHO, Died
from tweets.posting import post_tweet
from tweets.read.facts import Facts

SEVERAL, A_FEW = st.integers(0, 7), st.integers(0, 3)
LIMITS = st.sampled_from([1, 2, 3, 5, 30])
PAGES_AT_MOST = 300
Entry = tuple[int, int]  # an id, and the id of what it shows


class Reading(Faults):
    """Anybody reads at any time, with any limit, to the end."""

    @initialize(several=st.integers(0, 2), limit=LIMITS)
    def begin(self, several: int, limit: int) -> None:
        """Everybody has said something, and has read what the others said."""
        for author in self.everybody() * several:
            self.keep(post_tweet(author=author, text="hello"))
        self.deliver()
        self.all_glance(limit)

    @rule(who=WHO, limit=LIMITS)
    def glance(self, who: int, limit: int) -> None:
        """Somebody reads a page, and anything may happen meanwhile."""
        with suppress(Died):
            selectors.home(viewer=self.person(who), page=PageRequest(limit=limit))

    @rule(limit=LIMITS)
    def all_read_a_page(self, limit: int) -> None:
        """Everybody reads a page, so that there is something warm to push to."""
        self.all_glance(limit)

    def all_glance(self, limit: int) -> None:
        """Read a page for everybody."""
        for viewer in self.everybody():
            with suppress(Died):
                selectors.home(viewer=viewer, page=PageRequest(limit=limit))

    @rule(who=WHO, limit=LIMITS)
    def read(self, who: int, limit: int) -> None:
        """Somebody reads to the end while much is still to be delivered."""
        self.look(self.person(who), limit)

    @rule(who=WHO, limit=LIMITS)
    def read_without_redis(self, who: int, limit: int) -> None:
        """Somebody reads to the end while Redis is away."""
        guarded.open_until = math.inf
        self.look(self.person(who), limit)

    def look(self, viewer: User, limit: int) -> None:
        """Whatever is still to be delivered: nothing is shown that may not be, nor twice."""
        with self.quiet():
            shown = [_ids(page) for page in pages(viewer, limit)]
        check_shown(viewer, shown)

    @rule(who=WHO, limit=LIMITS)
    def settle(self, who: int, limit: int) -> None:
        """Everything is delivered: every timeline is what the definition says."""
        self.settled()
        self.check_all(limit)
        check_way_up(self.person(who), limit)

    def check_all(self, limit: int) -> None:
        """Every timeline and every author's own set."""
        for viewer in self.everybody():
            check_timeline(viewer, limit)
            held.check_author(viewer.pk)

    @rule(who=WHO, whom=WHO, limit=LIMITS, before=SEVERAL, after=A_FEW)
    def fill(self, who: int, whom: int, limit: int, before: int, after: int) -> None:
        """A timeline is built while somebody posts, and pushed to until something has to go."""
        self.settled()
        viewer, author = self.person(who), self.person(whom)
        store.drop([store.home(viewer.pk)])
        self.armed["a build is finished"] = partial(self._post_and_deliver, author, before)
        selectors.home(viewer=viewer, page=PageRequest(limit=limit))
        self.settled()
        for _ in range(after):
            held.check_length(viewer)
            self._post_and_deliver(author, 1)
        held.check_length(viewer)
        check_timeline(viewer, limit)

    @rule(who=WHO, whom=WHO, limit=LIMITS)
    def build_too_late(self, who: int, whom: int, limit: int) -> None:
        """A builder goes on after its lease has ended, something was missed, and others build."""
        self.settled()
        viewer = self.person(who)
        store.drop([store.home(viewer.pk)])
        self.armed["a build is finished"] = partial(self._overtake, who, whom)
        selectors.home(viewer=viewer, page=PageRequest(limit=limit))
        self.settled()
        check_timeline(viewer, limit)

    def _post_and_deliver(self, author: User, several: int) -> None:
        for _ in range(several):
            self.keep(post_tweet(author=author, text="one more"))
        self.deliver()

    @rule(who=WHO, which=WHICH)
    def later(self, who: int, which: int) -> None:
        """Somebody reads on below some tweet."""
        if self.tweets:
            request = PageRequest(limit=3, cursor=Cursor(before=self.tweet(which).pk))
            with suppress(Died):
                selectors.home(viewer=self.person(who), page=request)

    def settled(self) -> None:
        """Redis is there, nothing happens in between, and nothing is owed."""
        self.armed.clear()
        guarded.reset()
        self.deliver()


def pages(viewer: User, limit: int) -> Iterator[Page[Facts]]:
    """All pages from the top."""
    request = PageRequest(limit=limit)
    for _ in range(PAGES_AT_MOST):
        page = selectors.home(viewer=viewer, page=request)
        yield page
        if page.next is None:
            return
        request = PageRequest(limit=limit, cursor=page.next)
    raise AssertionError("the timeline does not end")


def check_shown(viewer: User, shown: list[list[int]]) -> None:
    """Newest first, no repeats, nothing that rules 1 to 6 forbid, and all of the viewer's own."""
    entries = oracle.entries(viewer)
    ids = [id_ for page in shown for id_ in page]
    assert ids == sorted(set(ids), reverse=True)
    assert set(ids) <= {id_ for id_, _ in entries}
    own = set(viewer.tweets.values_list("pk", flat=True))
    originals = dict(entries)
    for id_, original in entries:
        if id_ in own and id_ not in ids:
            folded = any(_folds(page, originals, id_, original, shown) for page in shown)
            assert folded, "an own tweet lags"


def _folds(
    page: list[int], originals: dict[int, int], id_: int, original: int, shown: list[list[int]]
) -> bool:
    """Whether a newer entry of the page stands for this one (rule 7)."""
    newer = any(other > id_ and originals[other] == original for other in page)
    return newer and (id_ > page[-1] or page is shown[-1])


def check_timeline(viewer: User, limit: int) -> None:
    """Page by page a timeline is what the oracle says, and Redis holds its part of it."""
    expected = oracle.pages(oracle.entries(viewer), limit)
    down = list(pages(viewer, limit))
    assert [_ids(page) for page in down] == expected
    assert [page.previous is None for page in down] == [True] + [False] * (len(down) - 1)
    held.check_viewer(viewer)


def check_way_up(viewer: User, limit: int) -> None:
    """From the end to the top, by `previous`: each page is what stands just above the one below."""
    entries = oracle.entries(viewer)
    *_, page = pages(viewer, limit)
    for _ in range(PAGES_AT_MOST):
        if page.previous is None:
            return
        first = page.results[0].id
        page = selectors.home(viewer=viewer, page=PageRequest(limit, page.previous))
        expected, more = _above(entries, first, limit)
        assert _ids(page) == expected
        assert (page.previous is not None) == more
        assert page.next is not None
    raise AssertionError("the way up does not end")


def _above(entries: Sequence[Entry], first: int, limit: int) -> tuple[list[int], bool]:
    """The page just above an id, and whether there is one above that."""
    shown: dict[int, int] = {}
    for id_, original in reversed(entries):
        if id_ > first:
            if original not in shown and len(shown) == limit:
                return sorted(shown.values(), reverse=True), True
            shown[original] = id_
    return sorted(shown.values(), reverse=True), False


def _ids(page: Page[Facts]) -> list[int]:
    return [entry.id for entry in page.results]
