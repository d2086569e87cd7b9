"""`manage.py counters`: it finds every wrong count, names it, and sets it right."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from people import services as people
from tests.helpers.tweets import post
from tweets import marks
from tweets.models import Tweet


def run(command: str) -> list[str]:
    said = StringIO()
    call_command("counters", command, stdout=said)
    return said.getvalue().splitlines()


@pytest.fixture
def tweet(alice: User, bob: User) -> Tweet:
    """Alice's tweet, which bob, who follows her, likes and answers."""
    people.follow(follower=bob, followee=alice)
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    post(bob, "re", reply_to_id=tweet.pk)
    return tweet


def spoil(alice: User, tweet: Tweet) -> None:
    User.objects.filter(pk=alice.pk).update(followers_count=7, tweets_count=0)
    Tweet.objects.filter(pk=tweet.pk).update(likes_count=3)


def test_right_counts_pass(tweet: Tweet) -> None:
    assert run("check") == ["Every count is right."]
    assert run("repair") == ["Every count is right."]


def test_check_names_every_wrong_count_and_changes_none(alice: User, tweet: Tweet) -> None:
    spoil(alice, tweet)
    said = StringIO()
    for _ in range(2):
        with pytest.raises(CommandError, match="3 counts are wrong") as raised:
            call_command("counters", "check", stdout=said)
        assert raised.value.returncode == 1
    assert set(said.getvalue().splitlines()) == {
        f"user {alice.pk}: followers is 7, should be 1",
        f"user {alice.pk}: tweets is 0, should be 1",
        f"tweet {tweet.pk}: likes is 3, should be 1",
    }


def test_repair_sets_them_right_and_says_what(alice: User, tweet: Tweet) -> None:
    spoil(alice, tweet)
    *named, last = run("repair")
    assert len(named) == 3
    assert f"tweet {tweet.pk}: likes is 3, should be 1" in named
    assert last.startswith("Set right: 3 counts")
    assert run("check") == ["Every count is right."]
    alice.refresh_from_db()
    assert (alice.followers_count, alice.tweets_count) == (1, 1)
