"""`GET /api/timelines/home/{tweet_id}/why`, as an API client sees it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from filters.matching import Phrase
from filters.services import create_filter
from lists import hashtags
from lists import services as lists
from people import services as people
from tests.helpers.api_client import Api
from timelines import services
from tweets import marks
from tweets.models import Tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


def ask(viewer: User, tweet: Tweet) -> Any:
    return Api(viewer).get(f"/api/timelines/home/{tweet.pk}/why").json()


def why(viewer: User, tweet: Tweet) -> tuple[bool, list[str]]:
    """Whether it is in home, and the codes of the reasons."""
    told = ask(viewer, tweet)
    return told["shown"], [reason["code"] for reason in told["reasons"]]


@pytest.fixture(autouse=True)
def _bob_follows_alice(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()


def test_it_says_why_a_tweet_is_there(alice: User, bob: User, charlie: User, drain: Drain) -> None:
    own = post_tweet(author=bob, text="mine")
    tweet = post_tweet(author=alice, text="#fish")
    answer = post_tweet(author=alice, text="yes", reply_to_id=own.pk)
    theirs = post_tweet(author=charlie, text="More #fish")
    drain()

    assert why(bob, own) == (True, ["own"])
    assert why(bob, tweet) == (True, ["followed"])
    assert why(bob, answer) == (True, ["followed", "answers_you"])
    assert why(bob, theirs) == (False, ["not_followed"])

    hashtags.follow_hashtag(user=bob, tag="fish")
    assert why(bob, tweet) == (True, ["followed", "hashtag"])
    assert why(bob, theirs) == (True, ["hashtag"])
    (reason,) = ask(bob, theirs)["reasons"]
    assert (reason["hashtag"], reason["account"]) == ("fish", None)
    assert reason["text"] == "It has the hashtag #fish, which you follow."

    people.follow(follower=bob, followee=charlie)
    reply = post_tweet(author=charlie, text="look", reply_to_id=tweet.pk)
    drain()
    assert why(bob, reply) == (True, ["followed", "answers_followed"])


def test_it_says_which_entry_shows_the_same_tweet(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    theirs = post_tweet(author=charlie, text="news")
    repost = marks.repost(user=alice, tweet_id=theirs.pk)
    drain()
    assert why(bob, repost) == (True, ["reposted"])
    assert ask(bob, repost)["reasons"][0]["account"]["handle"] == "alice"
    assert why(bob, theirs) == (False, ["not_followed", "shown_as"])
    assert ask(bob, theirs)["reasons"][1]["tweet_id"] == str(repost.pk)

    people.follow(follower=bob, followee=charlie)
    drain()
    assert why(bob, theirs) == (True, ["followed", "folded"])
    mine = marks.repost(user=bob, tweet_id=theirs.pk)
    assert why(bob, mine) == (True, ["own"])
    assert ask(bob, repost)["reasons"][1]["tweet_id"] == str(mine.pk)


def test_it_says_what_keeps_a_tweet_out(
    alice: User, bob: User, charlie: User, drain: Drain, settings: Settings
) -> None:
    tweet = post_tweet(author=alice, text="hello")
    theirs = post_tweet(author=charlie, text="news")
    repost = marks.repost(user=alice, tweet_id=theirs.pk)
    reply = post_tweet(author=alice, text="yes", reply_to_id=theirs.pk)
    drain()

    assert why(bob, reply) == (False, ["reply_to_other"])
    (told,) = ask(bob, reply)["reasons"]
    assert (told["account"]["handle"], told["text"]) == (
        "charlie",
        "It is a reply to @charlie, whom you do not follow.",
    )
    people.follow(follower=bob, followee=alice, reposts=False)
    assert why(bob, repost) == (False, ["reposts_hidden"])
    people.follow(follower=bob, followee=alice, reposts=True)
    User.objects.filter(pk=bob.pk).update(reposts_hidden_until=timezone.now() + timedelta(days=1))
    assert why(bob, repost) == (False, ["all_reposts_hidden"])
    hiding = create_filter(
        owner=bob,
        title="Greetings",
        phrases=[Phrase("hello", True)],
        contexts=["home"],
        action="hide",
    )
    assert why(bob, tweet) == (False, ["filtered"])
    assert ask(bob, tweet)["reasons"][0]["filters"] == [
        {"id": str(hiding.pk), "title": "Greetings"}
    ]
    kept = lists.create_list(owner=bob, name="Quiet", exclusive=True)
    lists.add_member(owner=bob, list_id=kept.pk, user=alice)
    assert why(bob, tweet) == (False, ["exclusive_list"])
    assert ask(bob, tweet)["reasons"][0]["lists"] == [{"id": str(kept.pk), "name": "Quiet"}]
    lists.delete_list(owner=bob, list_id=kept.pk)
    people.mute(muter=bob, muted=charlie)
    assert ask(bob, repost)["reasons"][0]["text"] == "You mute @charlie."
    people.mute(muter=bob, muted=alice)
    assert ask(bob, repost)["reasons"][0]["text"] == "You mute @alice."
    assert why(bob, tweet) == (False, ["muted"])
    people.unmute(muter=bob, muted=alice)
    settings.TIMELINE_BACKFILL_ON_FOLLOW = False
    people.unfollow(follower=bob, followee=alice)
    people.follow(follower=bob, followee=alice)
    assert why(bob, tweet) == (False, ["before_follow"])
    people.block(blocker=bob, blocked=alice)
    people.follow(follower=bob, followee=charlie)
    assert why(bob, tweet) == (False, ["not_followed"])


def test_what_is_on_its_way_is_not_there_yet(alice: User, bob: User, drain: Drain) -> None:
    services.populate(viewer_id=bob.pk)
    tweet = post_tweet(author=alice, text="hello")
    assert why(bob, tweet) == (False, ["followed", "pending"])
    drain()
    assert why(bob, tweet) == (True, ["followed"])


def test_what_one_may_not_see_is_not_found(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    secret = post_tweet(author=alice, text="not for bob @charlie", visibility="direct")
    closed = post_tweet(author=charlie, text="closed", visibility="followers")
    gone = post_tweet(author=alice, text="hello")
    people.block(blocker=alice, blocked=bob)

    for wrong in (secret.pk, closed.pk, gone.pk, 1, "x", "9" * 20, "%00"):
        response = Api(bob).get(f"/api/timelines/home/{wrong}/why")
        assert response.status_code == 404, wrong
    assert Api().get(f"/api/timelines/home/{gone.pk}/why").status_code == 401


def test_a_reply_to_an_account_that_blocks_the_viewer_names_no_block(
    alice: User, bob: User, charlie: User
) -> None:
    theirs = post_tweet(author=charlie, text="news")
    reply = post_tweet(author=alice, text="yes", reply_to_id=theirs.pk)
    people.block(blocker=charlie, blocked=bob)
    (told,) = ask(bob, reply)["reasons"]
    assert (told["code"], told["account"]) == ("reply_to_other", None)


def test_the_number_of_queries_does_not_depend_on_the_reposts(
    alice: User,
    bob: User,
    person: Callable[[str], User],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    tweet = post_tweet(author=alice, text="hello")
    api, path = Api(bob), f"/api/timelines/home/{tweet.pk}/why"
    for number in range(4):
        fan = person(f"fan{number}")
        people.follow(follower=bob, followee=fan)
        marks.repost(user=fan, tweet_id=tweet.pk)
        with django_assert_num_queries(5):
            api.get(path)
