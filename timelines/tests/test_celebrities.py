"""Crossing the celebrity threshold in both directions leaves neither hole nor repeat."""

from collections.abc import Callable

import pytest
from celery import current_app
from pytest_django.fixtures import Settings

from accounts.models import User
from chirp.pagination import PageRequest
from outbox.models import Event
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
def crowd(person: Person, alice: User, settings: Settings, drain: Drain) -> list[User]:
    """Five followers of alice, all with warm timelines; she is a celebrity from five on."""
    settings.CELEBRITY_FOLLOWERS = 5
    settings.HOME_MAX_LENGTH = 6
    people = [person(f"fan{n}") for n in range(5)]
    for one in people[:4]:
        edges.follow(follower=one, followee=alice)
    drain()
    for one in people:
        services.populate(viewer_id=one.pk)
    return people


def post(author: User) -> int:
    return int(post_tweet(author=author, text="hello").pk)


def state(author: User) -> str | None:
    row = PulledAuthor.objects.filter(author=author).first()
    return row.state if row else None


def held(viewer: User) -> list[int]:
    return store.peek(store.home(viewer.pk))[1]


def everybody_is_right(people: list[User]) -> None:
    for one in people:
        for limit in (2, 50):
            assert oracle.verify(one, limit=limit) is None


@pytest.mark.parametrize(
    ("followers", "now", "override", "pulled"),
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
def test_the_policy(followers: int, now: str | None, override: str | None, pulled: bool) -> None:
    decided = policy.is_pulled(followers=followers, threshold=10, state=now, override=override)
    assert decided is pulled


def test_the_threshold_promotes_and_new_tweets_are_pulled(
    crowd: list[User], alice: User, drain: Drain
) -> None:
    before = post(alice)
    drain()
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    assert state(alice) == "pulled"
    after = post(alice)
    drain()
    assert held(crowd[0]) == [before]
    assert [e.id for e in selectors.home(viewer=crowd[0], page=PageRequest()).results] == [
        after,
        before,
    ]
    everybody_is_right(crowd)


def test_between_eighty_percent_and_the_threshold_nothing_changes(
    crowd: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    edges.unfollow(follower=crowd[4], followee=alice)
    drain()
    assert state(alice) == "pulled"


def test_demotion_pushes_what_was_not_pushed(crowd: list[User], alice: User, drain: Drain) -> None:
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    unpushed = [post(alice) for _ in range(3)]
    drain()
    assert held(crowd[0]) == []
    for one in crowd[3:]:
        edges.unfollow(follower=one, followee=alice)
    drain(times=2)
    assert state(alice) is None
    assert held(crowd[0]) == unpushed[::-1]
    everybody_is_right(crowd)


def test_a_demotion_of_more_than_a_timeline_holds_raises_floors(
    crowd: list[User], alice: User, bob: User, drain: Drain
) -> None:
    edges.follow(follower=crowd[0], followee=bob)
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    post(bob)
    for _ in range(9):
        post(alice)
    drain()
    for one in crowd[3:]:
        edges.unfollow(follower=one, followee=alice)
    drain()
    assert len(held(crowd[0])) == 6
    everybody_is_right(crowd)


def test_what_is_posted_during_a_demotion_is_pushed_and_pulled(
    crowd: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    first = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    assert state(alice) == "demoting"
    second = post(alice)
    _run_all_but("timelines.demote_range")
    assert held(crowd[0]) == [second]
    assert [e.id for e in selectors.home(viewer=crowd[0], page=PageRequest()).results] == [
        second,
        first,
    ]
    drain()
    assert held(crowd[0]) == [second, first]
    everybody_is_right(crowd)


def test_an_author_promoted_again_while_demoted_is_pulled(
    crowd: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    celebrities.set_override(author=alice, decision=None)
    assert state(alice) == "pulled"
    drain()
    assert state(alice) == "pulled"
    post(alice)
    drain()
    everybody_is_right(crowd)


def test_an_old_step_of_a_demotion_does_not_end_a_new_one(
    crowd: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=crowd[4], followee=alice)
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
    crowd: list[User], alice: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celebrities, "STEP", 2)
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    unpushed = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    drain(times=2)
    assert state(alice) is None
    assert all(held(one) == [unpushed] for one in crowd)


def test_an_author_set_stays_complete_while_its_author_is_pushed(
    crowd: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    post(alice)
    everybody_is_right(crowd)  # builds alice's own set
    celebrities.set_override(author=alice, decision="push")
    drain()
    missed = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="pull")
    assert missed in store.peek(store.author(alice.pk))[1]
    everybody_is_right(crowd)


def test_a_changed_setting_is_followed_by_a_review(
    crowd: list[User], alice: User, settings: Settings, drain: Drain
) -> None:
    post(alice)
    drain()
    settings.CELEBRITY_FOLLOWERS = 4
    celebrities.review_all()
    assert state(alice) == "pulled"
    everybody_is_right(crowd)
    settings.CELEBRITY_FOLLOWERS = 100
    celebrities.review_all()
    drain()
    assert state(alice) is None
    everybody_is_right(crowd)


def test_a_page_never_reaches_below_a_truncated_celebrity(
    crowd: list[User], alice: User, bob: User, drain: Drain
) -> None:
    reader = crowd[0]
    edges.follow(follower=reader, followee=bob)
    edges.follow(follower=crowd[4], followee=alice)
    drain()
    for _ in range(4):
        post(bob)
        post(alice)
        post(alice)
    drain()
    everybody_is_right([reader])  # alice's set keeps 6 of 8, bob's tweets reach deeper
    assert len(store.peek(store.author(alice.pk))[1]) == 6


def test_a_deleted_tweet_of_a_celebrity_is_gone_at_once(
    crowd: list[User], alice: User, drain: Drain
) -> None:
    edges.follow(follower=crowd[4], followee=alice)
    tweet = post(alice)
    drain()
    everybody_is_right(crowd)
    delete_tweet(author=alice, tweet_id=tweet)
    everybody_is_right(crowd)
    drain()
    assert store.peek(store.author(alice.pk))[1] == []


def test_followers_counts_are_those_of_the_edges(crowd: list[User], alice: User) -> None:
    alice.refresh_from_db()
    assert alice.followers_count == Follow.objects.filter(followee=alice).count() == 4


def _run_all_but(task: str) -> None:
    for event in Event.objects.exclude(consumers=[task]):
        for consumer in event.consumers:
            current_app.tasks[consumer](event_ids=[event.pk])
