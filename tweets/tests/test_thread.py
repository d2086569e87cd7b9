"""Threads: a tweet with its ancestors and its replies."""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chirp.pagination import Page, PageRequest
from people import services as people
from tests.helpers.tweets import backwards, ids, post, walk, walk_up
from tweets import deleting, marks
from tweets.models import Tweet
from tweets.read import threads
from tweets.read.branches import DEPTH, SHOWN, Branch, branches
from tweets.read.facts import Facts


class TestThread:
    """The thread around one tweet."""

    def thread(self, viewer: User | None, tweet: Tweet, limit: int = 20) -> tuple[list[int], ...]:
        found = threads.thread(viewer=viewer, tweet_id=tweet.pk, page=PageRequest(limit=limit))
        return ids(found.ancestors), [found.tweet.id], ids(found.replies.results)

    def test_it_has_all_ancestors_and_direct_replies(self, alice: User, bob: User) -> None:
        root = post(alice)
        parent = post(bob, reply_to_id=root.pk)
        tweet = post(alice, reply_to_id=parent.pk)
        replies = [post(bob, reply_to_id=tweet.pk) for _ in range(3)]
        post(alice, reply_to_id=replies[0].pk)
        expected = ([root.pk, parent.pk], [tweet.pk], backwards(*replies))
        assert self.thread(None, tweet) == expected
        assert self.thread(None, marks.repost(user=bob, tweet_id=tweet.pk)) == expected

    def test_it_says_whether_there_is_more_above(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(threads, "MAX_ANCESTORS", 3)
        tweets = [post(alice)]
        for _ in range(4):
            tweets.append(post(alice, reply_to_id=tweets[-1].pk))

        def found(tweet: Tweet) -> tuple[int, bool]:
            page = PageRequest()
            thread = threads.thread(viewer=None, tweet_id=tweet.pk, page=page)
            return len(thread.ancestors), thread.more_above

        assert [found(tweet) for tweet in tweets] == [
            *[(0, False), (1, False), (2, False), (3, False), (3, True)]
        ]

    def test_it_looks_past_many_ancestors_that_the_viewer_may_not_see(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(threads, "MAX_ANCESTORS", 2)
        roots = [post(alice)]
        roots.append(post(alice, reply_to_id=roots[-1].pk))
        roots.append(post(alice, reply_to_id=roots[-1].pk))
        hidden = roots[-1]
        for _ in range(5):
            hidden = post(alice, reply_to_id=hidden.pk, visibility="followers")
        tweet = post(alice, reply_to_id=hidden.pk)

        def found() -> tuple[list[int], bool]:
            thread = threads.thread(viewer=None, tweet_id=tweet.pk, page=PageRequest())
            return ids(thread.ancestors), thread.more_above

        assert found() == ([roots[1].pk, roots[2].pk], True)
        monkeypatch.setattr(threads, "MAX_LOOKUPS", 2)
        assert found() == ([roots[2].pk], True)
        monkeypatch.setattr(threads, "MAX_LOOKUPS", 1)
        assert found() == ([], False)

    def test_replies_are_paged(self, alice: User, bob: User) -> None:
        tweet = post(alice)
        replies = [post(bob, reply_to_id=tweet.pk) for _ in range(7)]

        def load(page: PageRequest) -> Page[Facts]:
            return threads.thread(viewer=None, tweet_id=tweet.pk, page=page).replies

        assert walk(load) == walk_up(load) == backwards(*replies)

    def test_it_leaves_out_tweets_that_the_viewer_may_not_see(self, alice: User, bob: User) -> None:
        root = post(alice)
        secret = post(alice, reply_to_id=root.pk, visibility="followers")
        tweet = post(alice, reply_to_id=secret.pk)
        post(alice, reply_to_id=tweet.pk, visibility="direct")
        assert self.thread(bob, tweet) == ([root.pk], [tweet.pk], [])

    def test_it_leaves_out_muted_and_blocking_authors(
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

    def test_a_viewer_may_open_a_tweet_of_a_blocked_or_muted_author(
        self, alice: User, bob: User
    ) -> None:
        tweet = post(alice)
        people.mute(muter=bob, muted=alice)
        people.block(blocker=bob, blocked=alice)
        assert self.thread(bob, tweet) == ([], [tweet.pk], [])

    def test_a_deleted_ancestor_does_not_end_the_thread(self, alice: User, bob: User) -> None:
        root = post(alice)
        gone = post(bob, reply_to_id=root.pk)
        tweet = post(alice, reply_to_id=gone.pk)
        deleting.delete_tweet(author=bob, tweet_id=gone.pk)
        assert self.thread(None, tweet) == ([root.pk], [tweet.pk], [])

    def test_a_long_thread_has_the_nearest_ancestors(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chain = [post(alice)]
        for _ in range(6):
            chain.append(post(alice, reply_to_id=chain[-1].pk))
        monkeypatch.setattr(threads, "MAX_ANCESTORS", 4)
        assert self.thread(None, chain[-1])[0] == [tweet.pk for tweet in chain[2:6]]

    def test_it_takes_five_queries(
        self, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        chain = [post(alice)]
        for _ in range(6):
            chain.append(post(alice, reply_to_id=chain[-1].pk))
        for _ in range(20):
            post(bob, "", reply_to_id=chain[3].pk, quote_of_id=chain[0].pk)
        with django_assert_num_queries(5):
            self.thread(bob, chain[3])


class TestBranches:
    """What answers the replies of a thread."""

    def grown(self, viewer: User | None, root: Tweet) -> list[Branch]:
        found = threads.thread(viewer=viewer, tweet_id=root.pk, page=PageRequest())
        return branches(viewer=viewer, replies=found.replies.results)

    def test_each_reply_has_its_first_answers(self, alice: User, bob: User) -> None:
        root = post(alice)
        first, second = (post(bob, reply_to_id=root.pk) for _ in range(2))
        answers = [post(alice, reply_to_id=first.pk) for _ in range(SHOWN + 1)]
        below = post(bob, reply_to_id=answers[0].pk)
        newer, older = self.grown(None, root)
        assert (newer.tweet.id, newer.answers, newer.more) == (second.pk, [], False)
        assert older.more
        assert [each.tweet.id for each in older.answers] == [each.pk for each in answers[:SHOWN]]
        assert [each.tweet.id for each in older.answers[0].answers] == [below.pk]

    def test_it_ends_at_a_depth_and_says_so(self, alice: User) -> None:
        root = tweet = post(alice)
        for _ in range(DEPTH + 3):
            tweet = post(alice, reply_to_id=tweet.pk)
        (branch,) = self.grown(None, root)
        depth = 0
        while branch.answers:
            (branch,) = branch.answers
            depth += 1
        assert (depth, branch.more) == (DEPTH, True)

    def test_it_leaves_out_what_the_viewer_may_not_or_will_not_see(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        root = post(alice)
        reply = post(bob, reply_to_id=root.pk)
        own = post(charlie, reply_to_id=reply.pk, visibility="followers")
        muted = post(bob, reply_to_id=own.pk)
        gone = post(bob, reply_to_id=reply.pk)
        post(alice, reply_to_id=gone.pk)
        deleting.delete_tweet(author=bob, tweet_id=gone.pk)
        assert self.grown(None, root)[0].answers == []
        (answer,) = self.grown(charlie, root)[0].answers
        assert [each.tweet.id for each in answer.answers] == [muted.pk]
        people.mute(muter=bob, muted=charlie)
        assert self.grown(bob, root)[0].answers == []
