"""Pages of the home timeline: no gaps and no duplicates to the very end, with any limit."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.models import User
from chirp.pagination import Cursor, PageRequest
from chirp.redis.client import client
from people import services as people
from timelines import oracle, selectors, services, store
from tweets import marks
from tweets.deleting import delete_tweet
from tweets.posting import post_tweet
from tweets.read.facts import reposters

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


@pytest.fixture(autouse=True)
def _short(settings: Settings, alice: User, bob: User) -> None:
    settings.HOME_MAX_LENGTH = 5
    people.follow(follower=bob, followee=alice)
    services.populate(viewer_id=bob.pk)


def posts(author: User, count: int) -> list[int]:
    return [post_tweet(author=author, text=f"tweet {n}").pk for n in range(count)]


def assert_correct(viewer: User) -> None:
    for limit in (1, 2, 3, 7, 50):
        assert oracle.verify(viewer, limit=limit) is None


def test_home_goes_on_in_postgres_below_the_window(alice: User, bob: User, drain: Drain) -> None:
    ids = posts(alice, 12)
    drain()
    assert len(store.peek(store.home(bob.pk))[1]) == 5
    read = [id_ for page in oracle.read_to_the_end(bob, 4) for id_ in page]
    assert read == ids[::-1]
    assert_correct(bob)


def test_a_cursor_stays_valid_after_posts_trimming_and_eviction(
    alice: User, bob: User, drain: Drain
) -> None:
    ids = posts(alice, 6)
    drain()
    first = selectors.home(viewer=bob, page=PageRequest(limit=3))
    posts(alice, 6)
    drain()
    client().flushall()
    assert first.next is not None
    second = selectors.home(viewer=bob, page=PageRequest(limit=3, cursor=first.next))
    assert [e.id for e in [*first.results, *second.results]] == ids[::-1]


def test_a_page_that_was_filtered_empty_is_not_the_end(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    first = posts(alice, 1)
    stranger = post_tweet(author=charlie, text="x").pk
    for _ in range(40):
        post_tweet(author=alice, text="hidden", reply_to_id=stranger)
    drain()
    page = selectors.home(viewer=bob, page=PageRequest(limit=2))
    assert [entry.id for entry in page.results] == first
    assert page.next is None
    assert_correct(bob)


def test_next_never_leads_to_an_empty_page(alice: User, bob: User, drain: Drain) -> None:
    posts(alice, 4)
    drain()
    page = selectors.home(viewer=bob, page=PageRequest(limit=4))
    assert len(page.results) == 4
    assert page.next is None


def test_folded_entries_at_the_end_do_not_need_another_page(
    alice: User, bob: User, drain: Drain
) -> None:
    original = post_tweet(author=alice, text="x")
    repost = marks.repost(user=alice, tweet_id=original.pk)
    drain()
    page = selectors.home(viewer=bob, page=PageRequest(limit=1))
    assert [entry.id for entry in page.results] == [repost.pk]
    assert page.next is None


def test_entries_are_folded_only_within_a_page(alice: User, bob: User, drain: Drain) -> None:
    original = post_tweet(author=alice, text="x").pk
    between = posts(alice, 2)
    repost = marks.repost(user=alice, tweet_id=original).pk
    drain()
    assert oracle.read_to_the_end(bob, 2) == [[repost, between[1]], [between[0], original]]
    assert oracle.read_to_the_end(bob, 4) == [[repost, *between[::-1]]]
    assert_correct(bob)


def test_an_entry_knows_the_reposts_that_it_stands_for(
    alice: User, bob: User, charlie: User, person: Callable[[str], User], drain: Drain
) -> None:
    dora = person("dora")
    for followee in (charlie, dora):
        people.follow(follower=bob, followee=followee)
    older, original = posts(alice, 2)
    first = marks.repost(user=charlie, tweet_id=original).pk
    between = posts(alice, 1)[0]
    second = marks.repost(user=dora, tweet_id=original).pk
    drain()

    def folded(limit: int, cursor: Cursor) -> list[list[int]]:
        page = selectors.home(viewer=bob, page=PageRequest(limit=limit, cursor=cursor))
        return [[entry.id, *(each.id for each in entry.folded)] for entry in page.results]

    assert folded(3, Cursor()) == [[second, first, original], [between], [older]]
    assert folded(2, Cursor()) == [[second], [between]]  # the next page begins with `first`
    assert folded(1, Cursor()) == [[second]]
    assert folded(2, Cursor(before=between)) == [[first, original], [older]]
    assert folded(3, Cursor(after=original)) == [[second, first], [between]]
    entry = selectors.home(viewer=bob, page=PageRequest()).results[0]
    assert [each.handle for each in reposters(entry)] == ["dora", "charlie"]


def test_previous_leads_to_the_page_just_above_except_on_the_first_page(
    alice: User, bob: User, drain: Drain
) -> None:
    ids = posts(alice, 9)[::-1]
    drain()
    page = selectors.home(viewer=bob, page=PageRequest(limit=3))
    assert page.previous is None
    pages = [page]
    while page.next:
        page = selectors.home(viewer=bob, page=PageRequest(limit=3, cursor=page.next))
        pages.append(page)
    assert [e.id for p in pages for e in p.results] == ids
    for above, below in pairwise(pages):
        assert below.previous is not None
        back = selectors.home(viewer=bob, page=PageRequest(limit=3, cursor=below.previous))
        assert [e.id for e in back.results] == [e.id for e in above.results]
        assert back.next == above.next
        assert (back.previous is None) == (above.previous is None)


def test_new_tweets_are_found_above_the_first_entry(alice: User, bob: User, drain: Drain) -> None:
    ids = posts(alice, 2)
    drain()
    newer = selectors.home(viewer=bob, page=PageRequest(cursor=Cursor(after=ids[-1])))
    assert list(newer.results) == []
    assert newer.previous is None
    later = posts(alice, 3)
    drain()
    newer = selectors.home(viewer=bob, page=PageRequest(limit=2, cursor=Cursor(after=ids[-1])))
    assert [e.id for e in newer.results] == [later[1], later[0]]
    assert newer.previous == Cursor(after=later[1])
    assert newer.next == Cursor(before=later[0])


def test_an_empty_timeline_is_one_empty_page(bob: User) -> None:
    page = selectors.home(viewer=bob, page=PageRequest())
    assert (list(page.results), page.next, page.previous) == ([], None, None)


def test_extreme_cursors_are_valid_positions(alice: User, bob: User, drain: Drain) -> None:
    ids = posts(alice, 2)[::-1]
    drain()

    def read(cursor: Cursor) -> list[int]:
        page = selectors.home(viewer=bob, page=PageRequest(cursor=cursor))
        return [entry.id for entry in page.results]

    assert read(Cursor(before=2**63 - 1)) == ids
    assert read(Cursor(before=0)) == []
    assert read(Cursor(before=1)) == []
    assert read(Cursor(after=0)) == ids
    assert read(Cursor(after=2**63 - 1)) == []


def test_many_own_tweets_between_those_of_followees(alice: User, bob: User, drain: Drain) -> None:
    for _ in range(4):
        posts(bob, 7)
        posts(alice, 2)
    drain()
    assert_correct(bob)


def test_a_cursor_whose_entry_was_deleted_skips_nothing(
    alice: User, bob: User, drain: Drain
) -> None:
    ids = posts(alice, 6)[::-1]
    drain()
    page = selectors.home(viewer=bob, page=PageRequest(limit=3))
    delete_tweet(author=alice, tweet_id=ids[2])
    assert page.next is not None
    rest = selectors.home(viewer=bob, page=PageRequest(limit=3, cursor=page.next))
    assert [e.id for e in rest.results] == ids[3:]


def test_without_backfill_a_new_follower_does_not_read_all_older_tweets(
    alice: User, charlie: User, settings: Settings, drain: Drain
) -> None:
    settings.TIMELINE_BACKFILL_ON_FOLLOW = False
    posts(alice, 150)
    people.follow(follower=charlie, followee=alice)
    after = posts(alice, 2)
    drain()
    with CaptureQueriesContext(connection) as queries:
        page = selectors.home(viewer=charlie, page=PageRequest(limit=2))
    assert [entry.id for entry in page.results] == after[::-1]
    assert len(queries) <= 8
    newer = selectors.home(viewer=charlie, page=PageRequest(cursor=Cursor(after=0)))
    assert [entry.id for entry in newer.results] == after[::-1]
    assert_correct(charlie)
