"""Tweets that trend: by how many people, and for whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import suspend
from chirp.pagination import PageRequest
from people import services as people
from people.profile import update_profile
from search import trending
from search.models import TrendingTweet
from tests.helpers.tweets import post
from tweets import marks, moderation
from tweets.deleting import delete_tweet
from tweets.models import Like, Tweet

pytestmark = pytest.mark.django_db
Person = Callable[..., User]


@pytest.fixture
def crowd(person: Person) -> list[User]:
    """Six accounts that are older than a day."""
    found = [person(f"person{number}") for number in range(6)]
    long_ago = timezone.now() - timedelta(days=9)
    User.objects.filter(pk__in=[user.pk for user in found]).update(created_at=long_ago)
    return found


def trends(viewer: User | None = None) -> list[int]:
    trending.refresh()
    return seen(viewer)


def seen(viewer: User | None = None) -> list[int]:
    page = trending.trending_tweets(viewer=viewer, page=PageRequest())
    return [tweet.id for tweet in page.results]


def liked(tweet: Tweet, by: list[User]) -> Tweet:
    for user in by:
        marks.like(user=user, tweet_id=tweet.pk)
    return tweet


def test_what_many_people_do_something_with_trends(
    alice: User, bob: User, crowd: list[User]
) -> None:
    first, second = liked(post(alice), crowd[:5]), post(bob)
    marks.like(user=crowd[0], tweet_id=second.pk)
    marks.repost(user=crowd[1], tweet_id=second.pk)
    post(crowd[2], reply_to_id=second.pk)
    post(crowd[3], quote_of_id=second.pk)
    few = liked(post(crowd[5]), crowd[:2])
    assert trends() == [first.pk, second.pk]
    assert few.pk not in seen()


def test_neither_one_person_nor_a_group_makes_a_trend(
    alice: User, bob: User, crowd: list[User], person: Person
) -> None:
    alone = post(bob)
    for _ in range(5):
        post(crowd[0], reply_to_id=alone.pk)
        post(bob, reply_to_id=alone.pk)
    new = [person(f"new{number}") for number in range(6)]
    liked(post(alice), new)
    assert trends() == []
    # Who likes everything of an author counts once for all of it.
    for _ in range(4):
        liked(post(bob), crowd)
    assert trends() == []


def test_what_was_as_usual_before_is_no_trend(alice: User, crowd: list[User]) -> None:
    tweet = liked(post(alice), crowd)
    before = timezone.now() - timedelta(hours=12)
    assert trends() == [tweet.pk]
    Like.objects.filter(user__in=crowd[:4]).update(created_at=before)
    assert trends() == []


def test_only_what_the_viewer_may_and_wants_to_see(
    alice: User, bob: User, charlie: User, crowd: list[User]
) -> None:
    tweets = [liked(post(author), crowd) for author in (alice, charlie)]
    liked(post(alice, visibility="unlisted"), crowd)
    both = {tweet.pk for tweet in tweets}
    assert set(trends(bob)) == both
    people.mute(muter=bob, muted=alice)
    assert seen(bob) == [tweets[1].pk]
    people.block(blocker=charlie, blocked=bob)
    assert seen(bob) == []
    assert set(seen()) == both
    update_profile(user=charlie, changes={"private": True})
    assert seen() == [tweets[0].pk]
    suspend(user=alice, by=bob, now=timezone.now())
    assert seen() == []


def test_what_is_gone_or_blocked_is_no_trend(
    alice: User, bob: User, charlie: User, crowd: list[User]
) -> None:
    one, two, three = (liked(post(author), crowd) for author in (alice, bob, charlie))
    assert set(trends()) == {one.pk, two.pk, three.pk}
    delete_tweet(author=alice, tweet_id=one.pk)
    moderation.hide_tweet(tweet_id=two.pk, by=charlie)
    trending.block_trend(tweet_id=three.pk, blocked=True)
    assert seen() == []
    assert trends() == []
    assert list(TrendingTweet.objects.values_list("pk", flat=True)) == [three.pk]
    trending.block_trend(tweet_id=three.pk, blocked=False)
    assert seen() == [three.pk]


def test_an_author_has_two_trends_at_most(alice: User, person: Person) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    for number in range(3):
        fans = [person(f"fan{number}_{each}") for each in range(4)]
        User.objects.filter(pk__in=[fan.pk for fan in fans]).update(created_at=long_ago)
        liked(post(alice), fans)
    assert len(trends()) == 2
