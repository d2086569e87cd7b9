"""The work for one page is bounded whatever may not be shown, and nothing is lost by that."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import services as accounts
from accounts.models import User
from chirp.pagination import Cursor, PageRequest
from conftest import PASSWORD
from filters import services as filters
from filters.matching import Phrase
from lists import hashtags
from lists import services as lists
from people import services as people
from timelines import candidates, celebrities, oracle, paging, selectors, services, store
from tweets import marks, moderation
from tweets.models import Tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
Person = Callable[[str], User]
MANY = 40


@pytest.fixture(autouse=True)
def _short(settings: Settings, alice: User, bob: User) -> None:
    settings.HOME_MAX_LENGTH = 5
    people.follow(follower=bob, followee=alice)
    services.populate(viewer_id=bob.pk)


def post(author: User, *, reply_to_id: int | None = None) -> int:
    return int(post_tweet(author=author, text="text", reply_to_id=reply_to_id).pk)


def assert_correct(viewer: User) -> None:
    for limit in (1, 3, 50):
        assert oracle.verify(viewer, limit=limit) is None


def _muted(author: User, viewer: User, other: User) -> None:
    people.mute(muter=viewer, muted=author)


def _suspended(author: User, viewer: User, other: User) -> None:
    accounts.suspend(user=author, by=other, now=timezone.now())


def _deactivated(author: User, viewer: User, other: User) -> None:
    accounts.deactivate(user=author, password=PASSWORD, now=timezone.now())


def _nothing(author: User, viewer: User, other: User) -> None: ...


def _reposts_hidden(author: User, viewer: User, other: User) -> None:
    people.follow(follower=viewer, followee=author, reposts=False)


def _original_muted(author: User, viewer: User, other: User) -> None:
    people.mute(muter=viewer, muted=other)


def _original_blocked(author: User, viewer: User, other: User) -> None:
    people.block(blocker=viewer, blocked=other)


def _blocked_by_original(author: User, viewer: User, other: User) -> None:
    people.block(blocker=other, blocked=viewer)


def _original_suspended(author: User, viewer: User, other: User) -> None:
    accounts.suspend(user=other, by=viewer, now=timezone.now())


def _in_exclusive_list(author: User, viewer: User, other: User) -> None:
    kept = lists.create_list(owner=viewer, name="Robots", exclusive=True)
    lists.add_member(owner=viewer, list_id=kept.pk, user=author)


def _all_reposts_hidden(author: User, viewer: User, other: User) -> None:
    viewer.reposts_hidden_until = timezone.now() + timedelta(days=1)
    viewer.save()


def _plain(author: User, other: User) -> int:
    return post(author)


def _repost(author: User, other: User) -> int:
    return marks.repost(user=author, tweet_id=post(other)).pk


def _reply(author: User, other: User) -> int:
    return post(author, reply_to_id=post(other))


def _direct(author: User, other: User) -> int:
    return post_tweet(author=author, text=f"@{other.handle}", visibility="direct").pk


def _hidden(author: User, other: User) -> int:
    tweet_id = post(author)
    moderation.hide_tweet(tweet_id=tweet_id, by=other)
    return tweet_id


@pytest.mark.parametrize("window", [5, 30])
@pytest.mark.parametrize(
    ("write", "forbid"),
    [
        (_plain, _muted),
        (_plain, _suspended),
        (_plain, _deactivated),
        (_plain, _in_exclusive_list),
        (_repost, _all_reposts_hidden),
        (_repost, _reposts_hidden),
        (_repost, _original_muted),
        (_repost, _original_blocked),
        (_repost, _blocked_by_original),
        (_repost, _original_suspended),
        (_reply, _nothing),
        (_direct, _nothing),
        (_hidden, _nothing),
    ],
)
def test_what_may_not_be_shown_is_not_walked_through(
    write: Callable[[User, User], int],
    forbid: Callable[[User, User, User], None],
    window: int,
    settings: Settings,
    alice: User,
    bob: User,
    charlie: User,
    person: Person,
    drain: Drain,
) -> None:
    settings.HOME_MAX_LENGTH = window
    quiet = person("quiet")
    people.follow(follower=bob, followee=quiet)
    shown = [post(quiet) for _ in range(3)][::-1]
    for _ in range(MANY):
        write(alice, charlie)
    drain()
    forbid(alice, bob, charlie)
    for cursor in (Cursor(), Cursor(before=candidates.TOP), Cursor(after=0)):
        with CaptureQueriesContext(connection) as queries:
            page = selectors.home(viewer=bob, page=PageRequest(limit=3, cursor=cursor))
        assert [entry.id for entry in page.results] == shown
        assert page.next is None
        assert len(queries) <= 8, "a few, not one or two for each batch of what is forbidden"
    assert_correct(bob)


@pytest.mark.parametrize("forbid", [_muted, _suspended, _original_blocked])
def test_hashtags_by_those_who_may_not_be_shown_are_not_walked_through(
    forbid: Callable[[User, User, User], None],
    alice: User,
    bob: User,
    charlie: User,
    person: Person,
    drain: Drain,
) -> None:
    writer = charlie if forbid is _original_blocked else person("dora")
    hashtags.follow_hashtag(user=bob, tag="birds")
    shown = [post_tweet(author=person("quiet"), text="#birds").pk, post(alice)]
    for _ in range(MANY):
        post_tweet(author=writer, text="#birds")
    forbid(writer, bob, charlie)
    drain()
    for cursor in (Cursor(), Cursor(before=candidates.TOP), Cursor(after=0)):
        with CaptureQueriesContext(connection) as queries:
            page = selectors.home(viewer=bob, page=PageRequest(limit=3, cursor=cursor))
        assert [entry.id for entry in page.results] == shown[::-1]
        assert page.next is None
        assert len(queries) <= 10
    assert_correct(bob)


def test_many_tweets_with_many_followed_hashtags(
    alice: User,
    bob: User,
    charlie: User,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(candidates, "SCAN", 4)
    monkeypatch.setattr(candidates, "PER_AUTHOR_LEAST", 1)
    monkeypatch.setattr(candidates, "PER_AUTHOR_FACTOR", 1)
    tags = ["birds", "bees", "trees"]
    for tag in tags:
        hashtags.follow_hashtag(user=bob, tag=tag)
    written = []
    for number in range(60):
        author = charlie if number % 12 else alice
        text = " ".join(f"#{tag}" for tag in tags[: number % 4])
        written.append(post_tweet(author=author, text=f"Look {text}").pk)
    drain()
    assert_correct(bob)
    expected = [id_ for number, id_ in enumerate(written) if number % 4 or number % 12 == 0]
    for limit in (4, 50):
        assert _read_up(bob, limit) == expected


def test_a_filter_that_matches_everything_ends_the_page_early(
    alice: User, bob: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "BATCH_SPARE", 0)
    monkeypatch.setattr(paging, "WORK_MOST", 12)
    first = post_tweet(author=alice, text="something else").pk
    for _ in range(MANY):
        post(alice)
    drain()
    filters.create_filter(
        owner=bob, title="x", phrases=[Phrase("text", False)], contexts=["home"], action="hide"
    )
    with CaptureQueriesContext(connection) as queries:
        page = selectors.home(viewer=bob, page=PageRequest(limit=2))
    assert not page.results
    assert page.next is not None
    assert len(queries) <= 10
    pages = oracle.read_to_the_end(bob, 2)
    assert [id_ for page in pages for id_ in page] == [first]
    assert_correct(bob)


def test_readers_without_choices_cost_no_further_query(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    post(alice)
    drain()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            selectors.home(viewer=bob, page=PageRequest())
        return len(queries)

    cost()  # which builds what is cold
    assert cost() == 2  # the reader, and the tweets
    _in_exclusive_list(charlie, bob, alice)
    assert cost() == 3
    hashtags.follow_hashtag(user=bob, tag="birds")
    assert cost() == 4


def test_an_unmuted_author_is_back_at_once(alice: User, bob: User, drain: Drain) -> None:
    ids = [post(alice) for _ in range(12)][::-1]
    people.mute(muter=bob, muted=alice)
    drain()
    assert oracle.read_to_the_end(bob, 5) == [[]]
    people.unmute(muter=bob, muted=alice)
    assert oracle.read_to_the_end(bob, 12) == [ids]


def test_the_set_of_a_muted_celebrity_is_not_read(alice: User, bob: User, drain: Drain) -> None:
    celebrities.set_override(author=alice, decision="pull")
    ids = [post(alice) for _ in range(8)][::-1]
    people.mute(muter=bob, muted=alice)
    drain()
    assert candidates.pulled_followees(bob.pk) == []
    assert oracle.read_to_the_end(bob, 5) == [[]]
    assert store.peek(store.author(alice.pk))[0] is None
    people.unmute(muter=bob, muted=alice)
    assert oracle.read_to_the_end(bob, 8) == [ids]


def test_a_page_that_is_cut_short_has_a_cursor_to_go_on_from(
    alice: User, bob: User, charlie: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SCAN", 4)
    monkeypatch.setattr(candidates, "PER_AUTHOR_FACTOR", 1)
    monkeypatch.setattr(paging, "BATCH_SPARE", 0)
    monkeypatch.setattr(paging, "WORK_MOST", 12)
    first = post(alice)
    for _ in range(MANY):
        _reply(alice, charlie)
    middle = post(alice)
    for _ in range(MANY):
        _reply(alice, charlie)
    drain()
    pages = oracle.read_to_the_end(bob, 2)
    assert [id_ for page in pages for id_ in page] == [middle, first]
    assert [] in pages
    assert_correct(bob)
    assert _read_up(bob, 2) == [first, middle]


def _read_up(viewer: User, limit: int) -> list[int]:
    cursor: Cursor | None = Cursor(after=0)
    found: list[int] = []
    while cursor is not None:
        page = selectors.home(viewer=viewer, page=PageRequest(limit=limit, cursor=cursor))
        found += [entry.id for entry in page.results][::-1]
        cursor = page.previous
    return found


@pytest.mark.parametrize("following", [1, 3, 10, 100])
def test_a_viewer_with_many_followees_gets_the_same_timeline(
    following: int,
    alice: User,
    bob: User,
    charlie: User,
    person: Person,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(candidates, "MANY", 1)
    monkeypatch.setattr(candidates, "STEPS_PER_ID", 0)
    dora = person("dora")
    people.follow(follower=bob, followee=dora)
    authors = [charlie, alice, charlie, dora, charlie, charlie, bob]
    for number in range(35):
        post(authors[number % 7])
    drain()
    User.objects.filter(pk=bob.pk).update(following_count=following)
    store.drop([store.home(bob.pk)])
    assert_correct(bob)
    followed = Tweet.objects.exclude(author=charlie).order_by("pk")
    assert _read_up(bob, 4) == list(followed.values_list("pk", flat=True))
