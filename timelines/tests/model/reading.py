"""Steps in which users read their timelines, and checks of what they see."""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from accounts.models import User
from chirp.pagination import Cursor, Page, PageRequest
from chirp.redis.client import guarded
from lists.models import PeopleList
from timelines import oracle, selectors, store
from timelines.tests.model import invariants
from timelines.tests.model.faults import Faults
from timelines.tests.model.world import INDEX, USER, USERS, ProcessKilled
from tweets.posting import post_tweet
from tweets.read.facts import Facts

SEVERAL, A_FEW = st.integers(0, 7), st.integers(0, 3)
LIMITS = st.sampled_from([1, 2, 3, 5, 30])
MAX_PAGES = 300
Entry = tuple[int, int]  # (id, id of the original)


class Reading(Faults):
    """Any user reads at any time, with any limit, to the end."""

    @initialize(posts_each=st.integers(0, 2), limit=LIMITS)
    def begin(self, posts_each: int, limit: int) -> None:
        """All users post, and read the first page."""
        for author in self.all_users() * posts_each:
            self.remember(post_tweet(author=author, text="hello"))
        self.deliver()
        self.read_first_pages(limit)

    @rule(user=USER, limit=LIMITS)
    def get_first_page(self, user: int, limit: int) -> None:
        """A user reads the first page. An interruption may happen."""
        with suppress(ProcessKilled):
            selectors.home(viewer=self.user(user), page=PageRequest(limit=limit))

    @rule(limit=LIMITS)
    def all_read_a_page(self, limit: int) -> None:
        """All users read the first page, so that there are warm timelines to push to."""
        self.read_first_pages(limit)

    def read_first_pages(self, limit: int) -> None:
        """Read the first page of every user."""
        for viewer in self.all_users():
            with suppress(ProcessKilled):
                selectors.home(viewer=viewer, page=PageRequest(limit=limit))

    @rule(user=USER, limit=LIMITS)
    def read(self, user: int, limit: int) -> None:
        """A user reads to the end while events are pending."""
        self.read_and_check(self.user(user), limit)

    @rule(user=USER, limit=LIMITS)
    def read_without_redis(self, user: int, limit: int) -> None:
        """A user reads to the end while Redis is not available."""
        guarded.open_until = math.inf
        self.read_and_check(self.user(user), limit)

    def read_and_check(self, viewer: User, limit: int) -> None:
        """Read to the end. Nothing is forbidden or repeated, even while events are pending."""
        with self.without_interruptions():
            read = [_ids(page) for page in pages(viewer, limit)]
        check_pages(viewer, read)

    @rule(user=USER, limit=LIMITS)
    def settle(self, user: int, limit: int) -> None:
        """Deliver everything. Now every timeline is as defined, in both directions."""
        self.deliver_everything()
        self.check_all(limit)
        check_upwards(self.user(user), limit)

    def deliver_and_check(self, viewer: User, limit: int) -> None:
        """Deliver everything, and check one timeline."""
        self.deliver_everything()
        check_timeline(viewer, limit)

    def check_all(self, limit: int) -> None:
        """Check every timeline, those of lists too, and the set of every author."""
        users = self.all_users()
        for viewer in users:
            check_timeline(viewer, limit)
            invariants.check_author(viewer.pk)
        for found in PeopleList.objects.select_related("owner"):
            for reader in (found.owner, users[found.pk % USERS], None):
                assert oracle.verify_list(reader, found, limit=limit) is None

    @rule(user1=USER, user2=USER, limit=LIMITS, before=SEVERAL, after=A_FEW)
    def fill_timeline(self, user1: int, user2: int, limit: int, before: int, after: int) -> None:
        """A timeline is built while tweets are posted, and then pushed to until it is trimmed."""
        self.deliver_everything()
        viewer, author = self.user(user1), self.user(user2)
        store.drop([store.home(viewer.pk)])
        self.interruptions["a build finishes"] = partial(self._post_and_deliver, author, before)
        selectors.home(viewer=viewer, page=PageRequest(limit=limit))
        self.deliver_everything()
        for _ in range(after):
            invariants.check_length(viewer)
            self._post_and_deliver(author, 1)
        invariants.check_length(viewer)
        check_timeline(viewer, limit)

    @rule(user1=USER, user2=USER, limit=LIMITS)
    def build_after_lease_ended(self, user1: int, user2: int, limit: int) -> None:
        """A builder finishes after its lease ended, it missed a push, and others began to build."""
        self.deliver_everything()
        viewer = self.user(user1)
        store.drop([store.home(viewer.pk)])
        self.interruptions["a build finishes"] = partial(self._take_over_builds, user1, user2)
        selectors.home(viewer=viewer, page=PageRequest(limit=limit))
        self.deliver_everything()
        check_timeline(viewer, limit)

    def _post_and_deliver(self, author: User, count: int) -> None:
        for _ in range(count):
            self.remember(post_tweet(author=author, text="one more"))
        self.deliver()

    @rule(user=USER, tweet_index=INDEX)
    def jump_to_cursor(self, user: int, tweet_index: int) -> None:
        """A user reads a page below some tweet."""
        if self.tweets:
            request = PageRequest(limit=3, cursor=Cursor(before=self.tweet(tweet_index).pk))
            with suppress(ProcessKilled):
                selectors.home(viewer=self.user(user), page=request)

    def deliver_everything(self) -> None:
        """Cancel interruptions, make Redis available, and deliver all pending events."""
        self.interruptions.clear()
        guarded.reset()
        self.deliver()


def pages(viewer: User, limit: int) -> Iterator[Page[Facts]]:
    """Read all pages from the top."""
    request = PageRequest(limit=limit)
    for _ in range(MAX_PAGES):
        page = selectors.home(viewer=viewer, page=request)
        yield page
        if page.next is None:
            return
        request = PageRequest(limit=limit, cursor=page.next)
    raise AssertionError("the timeline does not end")


def check_pages(viewer: User, read: list[list[int]]) -> None:
    """Check the ids of pages that were read while events may be pending.

    They are newest first without duplicates, rules 1 to 6 allow all of them, and none of the
    viewer's own tweets is missing.
    """
    entries = oracle.entries(viewer)
    ids = [id_ for page in read for id_ in page]
    assert ids == sorted(set(ids), reverse=True)
    assert set(ids) <= {id_ for id_, _ in entries}
    own = set(viewer.tweets.values_list("pk", flat=True))
    originals = dict(entries)
    for id_, original in entries:
        if id_ in own and id_ not in ids:
            folded = any(_folds(page, originals, id_, original, read) for page in read)
            assert folded, "an own tweet lags"


def _folds(
    page: list[int], originals: dict[int, int], id_: int, original: int, read: list[list[int]]
) -> bool:
    """Return whether a newer entry of the page replaces this one (rule 7)."""
    newer = any(other > id_ and originals[other] == original for other in page)
    return newer and (id_ > page[-1] or page is read[-1])


def check_timeline(viewer: User, limit: int) -> None:
    """Every page of a timeline is as the oracle says, and the invariants hold in Redis."""
    expected = oracle.pages(oracle.entries(viewer), limit)
    read = list(pages(viewer, limit))
    assert [_ids(page) for page in read] == expected
    assert [page.previous is None for page in read] == [True] + [False] * (len(read) - 1)
    invariants.check_viewer(viewer)


def check_upwards(viewer: User, limit: int) -> None:
    """From the end to the top, each `previous` leads to the page just above the current one."""
    entries = oracle.entries(viewer)
    *_, page = pages(viewer, limit)
    for _ in range(MAX_PAGES):
        if page.previous is None:
            return
        first = page.results[0].id
        page = selectors.home(viewer=viewer, page=PageRequest(limit, page.previous))
        expected, more = _above(entries, first, limit)
        assert _ids(page) == expected
        assert (page.previous is not None) == more
        assert page.next is not None
    raise AssertionError("the timeline does not end upwards")


def _above(entries: Sequence[Entry], first: int, limit: int) -> tuple[list[int], bool]:
    """Return the ids of the page just above an id, and whether there is a page above that."""
    page: dict[int, int] = {}
    for id_, original in reversed(entries):
        if id_ > first:
            if original not in page and len(page) == limit:
                return sorted(page.values(), reverse=True), True
            page[original] = id_
    return sorted(page.values(), reverse=True), False


def _ids(page: Page[Facts]) -> list[int]:
    return [entry.id for entry in page.results]
