"""An edit does not move or remove a tweet in timelines, and publishes no work for them."""

import pytest

from accounts.models import User
from chirp.pagination import PageRequest
from outbox.models import Event
from people import services as people
from tests.helpers.timelines import Drain, Person, held, make_celebrity, post, read, right
from timelines import selectors
from tweets.editing import edit_tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def texts(viewer: User) -> list[str]:
    """Return the texts of the first page of a home timeline."""
    return [entry.text for entry in selectors.home(viewer=viewer, page=PageRequest()).results]


def test_an_edit_moves_and_loses_nothing(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()
    read(bob)
    ids = [post(alice) for _ in range(3)][::-1]
    drain()
    before = held(bob)

    edit_tweet(author=alice, tweet_id=ids[-1], text="goodbye")

    for author in (alice, bob):
        assert read(author) == ids
        assert texts(author) == ["hello", "hello", "goodbye"]
    drain(times=2)
    assert held(bob) == before
    right(alice, bob)


def test_an_edit_is_no_work_for_timelines(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    tweet = post(alice)
    drain()
    edit_tweet(author=alice, tweet_id=tweet, text="dear @bob, goodbye")
    (event,) = Event.objects.all()
    assert not [task for task in event.consumers if task.startswith("timelines.")]


def test_a_tweet_edited_before_its_fan_out_has_the_new_text(
    alice: User, bob: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    drain()
    read(bob)
    tweet = post(alice)
    edit_tweet(author=alice, tweet_id=tweet, text="goodbye")
    drain()
    assert (read(bob), texts(bob)) == ([tweet], ["goodbye"])


def test_an_edited_tweet_of_a_celebrity_keeps_its_position(
    alice: User, bob: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    make_celebrity(alice, drain)
    ids = [post(alice) for _ in range(3)][::-1]
    drain()
    assert read(bob) == ids
    edit_tweet(author=alice, tweet_id=ids[1], text="goodbye")
    drain()
    assert texts(bob) == ["hello", "goodbye", "hello"]
    right(bob)


def test_an_edit_of_a_direct_tweet_keeps_its_readers(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    for follower in (bob, charlie):
        people.follow(follower=follower, followee=alice)
    drain()
    tweet = post_tweet(author=alice, text="@bob psst", visibility="direct").pk
    drain()
    edit_tweet(author=alice, tweet_id=tweet, text="do not tell @charlie")
    drain()
    assert (read(bob), read(charlie)) == ([tweet], [])
    right(alice, bob, charlie)


def test_a_later_follower_sees_the_edited_tweet(alice: User, person: Person, drain: Drain) -> None:
    tweet = post(alice)
    edit_tweet(author=alice, tweet_id=tweet, text="goodbye")
    late = person("late")
    read(late)
    people.follow(follower=late, followee=alice)
    drain()
    assert texts(late) == ["goodbye"]
