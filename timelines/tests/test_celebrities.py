"""Crossing the celebrity threshold in either direction leaves no gaps and no duplicates."""

from collections.abc import Callable

import pytest
from celery import current_app
from pytest_django.fixtures import Settings

from accounts.models import User
from chirp.pagination import PageRequest
from outbox.models import Event
from outbox.services import LIVE
from people import services as edges
from people.models import Follow
from timelines import celebrities, oracle, policy, selectors, services, store
from timelines.models import PulledAuthor
from tweets.deleting import delete_tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
Person = Callable[[str], User]


@pytest.fixture
def fans(person: Person, alice: User, settings: Settings, drain: Drain) -> list[User]:
    """Five users with warm timelines, four of whom follow alice. The threshold is five."""
    settings.CELEBRITY_FOLLOWERS = 5
    settings.HOME_MAX_LENGTH = 6
    users = [person(f"fan{n}") for n in range(5)]
    for user in users[:4]:
        edges.follow(follower=user, followee=alice)
    drain()
    for user in users:
        services.populate(viewer_id=user.pk)
    return users


def post(author: User) -> int:
    return int(post_tweet(author=author, text="hello").pk)


def state(author: User) -> str | None:
    row = PulledAuthor.objects.filter(author=author).first()
    return row.state if row else None


def stored_ids(viewer: User) -> list[int]:
    return store.peek(store.home(viewer.pk))[1]


def assert_correct(viewers: list[User]) -> None:
    for viewer in viewers:
        for limit in (2, 50):
            assert oracle.verify(viewer, limit=limit) is None


@pytest.mark.parametrize(
    ("followers", "state", "override", "pulled"),
    [
        (9, None, None, False),
        (10, None, None, True),
        (9, "pulled", None, True),
        (8, "pulled", None, True),
        (7, "pulled", None, False),
        (9, "demoting", None, False),
        (10, "demoting", None, True),
        (0, None, "pull", True),
        (99, "pulled", "push", False),
    ],
)
def test_the_policy(followers: int, state: str | None, override: str | None, pulled: bool) -> None:
    decided = policy.is_pulled(followers=followers, threshold=10, state=state, override=override)
    assert decided is pulled


def test_the_threshold_promotes_and_new_tweets_are_pulled(
    fans: list[User], alice: User, drain: Drain
) -> None:
    before = post(alice)
    drain()
    edges.follow(follower=fans[4], followee=alice)
    drain()
    assert state(alice) == "pulled"
    after = post(alice)
    drain()
    assert stored_ids(fans[0]) == [before]
    assert [e.id for e in selectors.home(viewer=fans[0], page=PageRequest()).results] == [
        after,
        before,
    ]
    assert_correct(fans)


def test_between_eighty_percent_and_the_threshold_nothing_changes(
    fans: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=fans[4], followee=alice)
    drain()
    edges.unfollow(follower=fans[4], followee=alice)
    drain()
    assert state(alice) == "pulled"


def test_demotion_pushes_what_was_not_pushed(fans: list[User], alice: User, drain: Drain) -> None:
    edges.follow(follower=fans[4], followee=alice)
    drain()
    unpushed = [post(alice) for _ in range(3)]
    drain()
    assert stored_ids(fans[0]) == []
    for fan in fans[3:]:
        edges.unfollow(follower=fan, followee=alice)
    drain(times=2)
    assert state(alice) is None
    assert stored_ids(fans[0]) == unpushed[::-1]
    assert_correct(fans)


def test_a_demotion_of_an_author_with_many_tweets_raises_floors(
    fans: list[User], alice: User, bob: User, drain: Drain
) -> None:
    edges.follow(follower=fans[0], followee=bob)
    edges.follow(follower=fans[4], followee=alice)
    drain()
    post(bob)
    for _ in range(9):
        post(alice)
    drain()
    for fan in fans[3:]:
        edges.unfollow(follower=fan, followee=alice)
    drain()
    assert len(stored_ids(fans[0])) == 6
    assert_correct(fans)


def test_what_is_posted_during_a_demotion_is_pushed_and_pulled(
    fans: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=fans[4], followee=alice)
    drain()
    first = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    assert state(alice) == "demoting"
    second = post(alice)
    _run_all_but("timelines.demote_range")
    assert stored_ids(fans[0]) == [second]
    assert [e.id for e in selectors.home(viewer=fans[0], page=PageRequest()).results] == [
        second,
        first,
    ]
    drain()
    assert stored_ids(fans[0]) == [second, first]
    assert_correct(fans)


def test_an_author_who_is_promoted_during_a_demotion_is_pulled(
    fans: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=fans[4], followee=alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    celebrities.set_override(author=alice, decision=None)
    assert state(alice) == "pulled"
    drain()
    assert state(alice) == "pulled"
    post(alice)
    drain()
    assert_correct(fans)


def test_an_old_step_of_a_demotion_does_not_end_a_new_one(
    fans: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=fans[4], followee=alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    old = Event.objects.get(consumers=["timelines.demote_range"]).payload
    celebrities.set_override(author=alice, decision="pull")
    celebrities.set_override(author=alice, decision="push")
    celebrities.demote_range(**old)
    assert state(alice) == "demoting"
    drain()
    assert state(alice) is None


def test_a_demotion_goes_on_in_steps(
    fans: list[User], alice: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celebrities, "STEP", 2)
    edges.follow(follower=fans[4], followee=alice)
    drain()
    unpushed = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    drain(times=2)
    assert state(alice) is None
    assert all(stored_ids(fan) == [unpushed] for fan in fans)


def test_an_author_set_stays_complete_while_its_author_is_pushed(
    fans: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=fans[4], followee=alice)
    drain()
    post(alice)
    assert_correct(fans)  # this builds the set of alice's own tweets
    celebrities.set_override(author=alice, decision="push")
    drain()
    missed = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="pull")
    assert missed in store.peek(store.author(alice.pk))[1]
    assert_correct(fans)


def test_a_review_applies_a_changed_setting(
    fans: list[User], alice: User, settings: Settings, drain: Drain
) -> None:
    post(alice)
    drain()
    settings.CELEBRITY_FOLLOWERS = 4
    celebrities.review_all()
    assert state(alice) == "pulled"
    assert_correct(fans)
    settings.CELEBRITY_FOLLOWERS = 100
    celebrities.review_all()
    drain()
    assert state(alice) is None
    assert_correct(fans)


def test_a_page_never_reaches_below_a_truncated_celebrity(
    fans: list[User], alice: User, bob: User, drain: Drain
) -> None:
    reader = fans[0]
    edges.follow(follower=reader, followee=bob)
    edges.follow(follower=fans[4], followee=alice)
    drain()
    for _ in range(4):
        post(bob)
        post(alice)
        post(alice)
    drain()
    assert_correct([reader])  # alice's set keeps 6 of 8 tweets, and bob's tweets go back further
    assert len(store.peek(store.author(alice.pk))[1]) == 6


def test_a_deleted_tweet_of_a_celebrity_disappears_at_once(
    fans: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=fans[4], followee=alice)
    tweet = post(alice)
    drain()
    assert_correct(fans)
    delete_tweet(author=alice, tweet_id=tweet)
    assert_correct(fans)
    drain()
    assert store.peek(store.author(alice.pk))[1] == []


def test_the_followers_count_matches_the_follows(fans: list[User], alice: User) -> None:
    alice.refresh_from_db()
    assert alice.followers_count == Follow.objects.filter(followee=alice).count() == 4


def _run_all_but(task: str) -> None:
    for event in Event.objects.all():
        for consumer in event.consumers:
            if consumer not in (task, LIVE):
                current_app.tasks[consumer](event_ids=[event.pk])
