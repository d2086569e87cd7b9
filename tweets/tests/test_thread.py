"""Threads: a tweet between what it answers and what answers it."""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chirp.pagination import Page, PageRequest
from people import services as people
from tests.helpers.tweets import backwards, ids, post, walk, walk_up
from tweets import deleting, marks
from tweets.models import Tweet
from tweets.read import threads
from tweets.read.facts import Facts


class TestThread:
    """A tweet between what it answers and what answers it."""

    def thread(self, viewer: User | None, tweet: Tweet, limit: int = 20) -> tuple[list[int], ...]:
        found = threads.thread(viewer=viewer, tweet_id=tweet.pk, page=PageRequest(limit=limit))
        return ids(found.ancestors), [found.tweet.id], ids(found.replies.results)

    def test_it_goes_up_to_the_root_and_down_one_step(self, alice: User, bob: User) -> None:
        root = post(alice)
        answer = post(bob, reply_to_id=root.pk)
        tweet = post(alice, reply_to_id=answer.pk)
        replies = [post(bob, reply_to_id=tweet.pk) for _ in range(3)]
        post(alice, reply_to_id=replies[0].pk)
        expected = ([root.pk, answer.pk], [tweet.pk], backwards(*replies))
        assert self.thread(None, tweet) == expected
        assert self.thread(None, marks.repost(user=bob, tweet_id=tweet.pk)) == expected

    def test_replies_are_paged(self, alice: User, bob: User) -> None:
        tweet = post(alice)
        replies = [post(bob, reply_to_id=tweet.pk) for _ in range(7)]

        def load(page: PageRequest) -> Page[Facts]:
            return threads.thread(viewer=None, tweet_id=tweet.pk, page=page).replies

        assert walk(load) == walk_up(load) == backwards(*replies)

    def test_it_leaves_out_what_the_viewer_may_not_see(self, alice: User, bob: User) -> None:
        root = post(alice)
        secret = post(alice, reply_to_id=root.pk, visibility="followers")
        tweet = post(alice, reply_to_id=secret.pk)
        post(alice, reply_to_id=tweet.pk, visibility="direct")
        assert self.thread(bob, tweet) == ([root.pk], [tweet.pk], [])

    def test_it_leaves_out_whom_the_viewer_does_not_want(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        root = post(alice)
        tweet = post(bob, reply_to_id=root.pk)
        reply = post(alice, reply_to_id=tweet.pk)
        people.mute(muter=charlie, muted=alice)
        assert self.thread(charlie, tweet) == ([], [tweet.pk], [])
        people.unmute(muter=charlie, muted=alice)
        people.block(blocker=alice, blocked=charlie)
        assert self.thread(charlie, tweet) == ([], [tweet.pk], [])
        assert self.thread(None, tweet) == ([root.pk], [tweet.pk], [reply.pk])

    def test_whom_one_blocks_or_mutes_one_may_still_open(self, alice: User, bob: User) -> None:
        tweet = post(alice)
        people.mute(muter=bob, muted=alice)
        people.block(blocker=bob, blocked=alice)
        assert self.thread(bob, tweet) == ([], [tweet.pk], [])

    def test_a_deleted_ancestor_does_not_cut_the_line(self, alice: User, bob: User) -> None:
        root = post(alice)
        gone = post(bob, reply_to_id=root.pk)
        tweet = post(alice, reply_to_id=gone.pk)
        deleting.delete_tweet(author=bob, tweet_id=gone.pk)
        assert self.thread(None, tweet) == ([root.pk], [tweet.pk], [])

    def test_a_long_line_shows_its_nearest_part(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line = [post(alice)]
        for _ in range(6):
            line.append(post(alice, reply_to_id=line[-1].pk))
        monkeypatch.setattr(threads, "MAX_ANCESTORS", 4)
        assert self.thread(None, line[-1])[0] == [tweet.pk for tweet in line[2:6]]

    def test_it_takes_five_queries(
        self, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        line = [post(alice)]
        for _ in range(6):
            line.append(post(alice, reply_to_id=line[-1].pk))
        for _ in range(20):
            post(bob, "", reply_to_id=line[3].pk, quote_of_id=line[0].pk)
        with django_assert_num_queries(5):
            self.thread(bob, line[3])
