"""Likes and reposts: each user can add each of them once."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import services
from accounts.models import User
from chirp.errors import NotFound
from conftest import PASSWORD
from people import services as people
from people.profile import update_profile
from tests.helpers.tweets import post, row, topics, tweets_of
from tweets import deleting, marks, moderation
from tweets.marks import CannotRepost
from tweets.models import Like, Tweet
from tweets.read.access import BlockedByYou

Mark = Callable[..., object]
MARKS = [marks.like, marks.repost]
ALL = [*MARKS, marks.unlike, marks.undo_repost]


def test_liking_twice_is_liking_once(alice: User, bob: User) -> None:
    tweet = post(alice)
    for _ in range(2):
        assert marks.like(user=bob, tweet_id=tweet.pk) == tweet.pk
    bob.refresh_from_db()
    assert (row(tweet).likes_count, bob.likes_count) == (1, 1)
    for _ in range(2):
        marks.unlike(user=bob, tweet_id=tweet.pk)
    bob.refresh_from_db()
    assert (row(tweet).likes_count, bob.likes_count) == (0, 0)


def test_reposting_twice_is_reposting_once(alice: User, bob: User) -> None:
    tweet = post(alice)
    first = marks.repost(user=bob, tweet_id=tweet.pk)
    assert marks.repost(user=bob, tweet_id=tweet.pk) == first
    assert (row(tweet).reposts_count, tweets_of(bob)) == (1, 1)
    assert topics()[1:] == [("tweet.posted", first.pk), ("tweet.reposted", tweet.pk)]


def test_undoing_twice_is_undoing_once(alice: User, bob: User) -> None:
    tweet = post(alice)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    # By the id of the repost, and by the id of the original.
    for tweet_id in (repost.pk, repost.pk, tweet.pk):
        assert marks.undo_repost(user=bob, tweet_id=tweet_id) == tweet.pk
    assert (row(tweet).reposts_count, tweets_of(bob)) == (0, 0)
    assert topics()[3:] == [("tweet.deleted", repost.pk)]


def test_a_repost_after_an_undo_is_a_new_one(alice: User, bob: User, charlie: User) -> None:
    tweet = post(alice)
    first = marks.repost(user=bob, tweet_id=tweet.pk)
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    theirs = marks.repost(user=charlie, tweet_id=tweet.pk)
    second = marks.repost(user=bob, tweet_id=tweet.pk)
    assert first.pk < theirs.pk < second.pk
    existing = Tweet.objects.filter(repost_of=tweet, deleted_at=None).order_by("pk")
    assert list(existing) == [theirs, second]
    assert row(tweet).reposts_count == 2


@pytest.mark.parametrize("mark", ALL)
def test_the_id_of_a_repost_refers_to_the_original(
    alice: User, bob: User, charlie: User, mark: Mark
) -> None:
    tweet = post(alice)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    mark(user=charlie, tweet_id=repost.pk)
    assert not Like.objects.filter(tweet=repost).exists()
    assert not Tweet.objects.filter(repost_of=repost).exists()
    assert row(tweet).likes_count == (mark is marks.like)
    assert row(tweet).reposts_count == 1 + (mark is marks.repost)


@pytest.mark.parametrize("mark", ALL)
class TestNotFound:
    """Marks on tweets that the user may not see."""

    def test_it_does_not_exist(self, bob: User, mark: Mark) -> None:
        with pytest.raises(NotFound):
            mark(user=bob, tweet_id=12345)

    def test_it_is_deleted(self, alice: User, bob: User, mark: Mark) -> None:
        tweet = post(alice)
        deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
        with pytest.raises(NotFound):
            mark(user=bob, tweet_id=tweet.pk)

    def test_its_author_is_suspended(self, alice: User, bob: User, mark: Mark) -> None:
        tweet = post(alice)
        User.objects.filter(pk=alice.pk).update(suspended_at="2026-01-02T00:00:00Z")
        with pytest.raises(NotFound):
            mark(user=bob, tweet_id=tweet.pk)

    def test_its_author_blocks_the_user(self, alice: User, bob: User, mark: Mark) -> None:
        tweet = post(alice)
        people.block(blocker=alice, blocked=bob)
        with pytest.raises(NotFound):
            mark(user=bob, tweet_id=tweet.pk)

    def test_it_is_for_followers(self, alice: User, bob: User, mark: Mark) -> None:
        tweet = post(alice, visibility="followers")
        with pytest.raises(NotFound):
            mark(user=bob, tweet_id=tweet.pk)

    def test_it_is_an_undone_repost_of_another_user(
        self, alice: User, bob: User, charlie: User, mark: Mark
    ) -> None:
        repost = marks.repost(user=bob, tweet_id=post(alice).pk)
        deleting.delete_tweet(author=bob, tweet_id=repost.pk)
        with pytest.raises(NotFound):
            mark(user=charlie, tweet_id=repost.pk)


@pytest.mark.parametrize("mark", MARKS)
def test_a_tweet_of_a_blocked_author_cannot_be_marked(alice: User, bob: User, mark: Mark) -> None:
    tweet = post(alice)
    mark(user=bob, tweet_id=tweet.pk)
    people.block(blocker=bob, blocked=alice)
    with pytest.raises(BlockedByYou):
        mark(user=bob, tweet_id=tweet.pk)
    # Existing marks can still be removed.
    marks.unlike(user=bob, tweet_id=tweet.pk)
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    assert (row(tweet).likes_count, row(tweet).reposts_count) == (0, 0)


def test_only_its_author_can_repost_a_tweet_for_followers(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    tweet = post(alice, visibility="followers")
    with pytest.raises(CannotRepost):
        marks.repost(user=bob, tweet_id=tweet.pk)
    assert marks.repost(user=alice, tweet_id=tweet.pk).visibility == "followers"


def test_only_a_private_account_itself_can_repost_its_tweets(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    User.objects.filter(pk=alice.pk).update(private=True)
    tweet = post(alice)
    with pytest.raises(CannotRepost):
        marks.repost(user=bob, tweet_id=tweet.pk)
    marks.repost(user=alice, tweet_id=tweet.pk)


def test_a_direct_tweet_cannot_be_reposted(alice: User, bob: User) -> None:
    tweet = post(alice, "@bob psst", visibility="direct")
    for user in (alice, bob):
        with pytest.raises(CannotRepost):
            marks.repost(user=user, tweet_id=tweet.pk)
    marks.like(user=bob, tweet_id=tweet.pk)


def test_the_database_refuses_a_second_mark(alice: User, bob: User) -> None:
    tweet = post(alice)
    Like.objects.create(user=bob, tweet=tweet)
    Tweet.objects.create(author=bob, repost_of=tweet)
    for create in (
        lambda: Like.objects.create(user=bob, tweet=tweet),
        lambda: Tweet.objects.create(author=bob, repost_of=tweet),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            create()


@pytest.mark.parametrize("event", ["blocks", "goes private", "deletes", "deactivates", "is hidden"])
def test_marks_can_be_removed_whatever_became_of_the_tweet(
    alice: User, bob: User, event: str
) -> None:
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    events: dict[str, Callable[[], object]] = {
        "blocks": lambda: people.block(blocker=alice, blocked=bob),
        "goes private": lambda: update_profile(user=alice, changes={"private": True}),
        "deletes": lambda: deleting.delete_tweet(author=alice, tweet_id=tweet.pk),
        "deactivates": lambda: services.deactivate(
            user=alice, password=PASSWORD, now=timezone.now()
        ),
        "is hidden": lambda: moderation.hide_tweet(tweet_id=tweet.pk, by=alice),
    }
    events[event]()
    assert marks.unlike(user=bob, tweet_id=tweet.pk) == tweet.pk
    assert marks.undo_repost(user=bob, tweet_id=repost.pk) == tweet.pk
    assert not Like.objects.exists()
    assert Tweet.objects.get(pk=repost.pk).deleted_at is not None
    for undo in (marks.unlike, marks.undo_repost):
        with pytest.raises(NotFound):  # there is nothing left to undo, and nothing to see
            undo(user=bob, tweet_id=tweet.pk)
