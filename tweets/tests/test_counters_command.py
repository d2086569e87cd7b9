"""`manage.py counters`: it finds, lists and repairs wrong counts."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from people import services as people
from tests.helpers.tweets import post
from tweets import marks
from tweets.models import Tweet


def run(command: str) -> list[str]:
    output = StringIO()
    call_command("counters", command, stdout=output)
    return output.getvalue().splitlines()


@pytest.fixture
def tweet(alice: User, bob: User) -> Tweet:
    """A tweet of alice. Bob follows her, likes it and replies to it."""
    people.follow(follower=bob, followee=alice)
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    post(bob, "re", reply_to_id=tweet.pk)
    return tweet


def corrupt(alice: User, tweet: Tweet) -> None:
    User.objects.filter(pk=alice.pk).update(followers_count=7, tweets_count=0)
    Tweet.objects.filter(pk=tweet.pk).update(likes_count=3)


def test_correct_counts_pass(tweet: Tweet) -> None:
    assert run("check") == ["Every count is right."]
    assert run("repair") == ["Every count is right."]


def test_check_lists_every_wrong_count_and_changes_none(alice: User, tweet: Tweet) -> None:
    corrupt(alice, tweet)
    output = StringIO()
    for _ in range(2):
        with pytest.raises(CommandError, match="3 counts are wrong") as raised:
            call_command("counters", "check", stdout=output)
        assert raised.value.returncode == 1
    assert set(output.getvalue().splitlines()) == {
        f"user {alice.pk}: followers is 7, should be 1",
        f"user {alice.pk}: tweets is 0, should be 1",
        f"tweet {tweet.pk}: likes is 3, should be 1",
    }


def test_repair_corrects_and_lists_every_wrong_count(alice: User, tweet: Tweet) -> None:
    corrupt(alice, tweet)
    *listed, last = run("repair")
    assert len(listed) == 3
    assert f"tweet {tweet.pk}: likes is 3, should be 1" in listed
    assert last.startswith("Corrected 3 counts")
    assert run("check") == ["Every count is right."]
    alice.refresh_from_db()
    assert (alice.followers_count, alice.tweets_count) == (1, 1)
