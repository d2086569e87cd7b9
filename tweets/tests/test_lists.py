"""Lists of tweets and users: what each viewer sees, and that the pages hold all of it."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Cursor, Page, PageRequest
from people import services as people
from people.selectors import ListsHidden
from tests.helpers.tweets import backwards, ids, post, walk, walk_up
from tweets import deleting, marks, moderation
from tweets.read import lists, threads


class TestPages:
    """Pages of lists with entries that the viewer may not see."""

    @pytest.fixture
    def visible(self, alice: User, bob: User) -> list[int]:
        """The visible reposts of bob: he reposts 60 tweets of alice, who deletes most of them."""
        kept = []
        for number in range(60):
            tweet = post(alice)
            repost = marks.repost(user=bob, tweet_id=tweet.pk)
            if number % 9 == 0:
                kept.append(repost)
            else:
                deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
        return backwards(*kept)

    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
    def test_a_page_refills_until_it_is_full(
        self, bob: User, visible: list[int], limit: int
    ) -> None:
        arguments: dict[str, Any] = {"viewer": None, "user": bob, "limit": limit}
        assert walk(lists.user_tweets, **arguments) == visible
        assert walk_up(lists.user_tweets, **arguments) == visible

    def test_the_previous_page_is_the_one_just_above(self, bob: User, visible: list[int]) -> None:
        def load(cursor: Cursor) -> list[int]:
            page = PageRequest(limit=2, cursor=cursor)
            return ids(lists.user_tweets(viewer=None, user=bob, page=page).results)

        assert load(Cursor(after=visible[4])) == visible[2:4]
        assert load(Cursor(before=visible[4])) == visible[5:7]

    def test_next_never_leads_to_an_empty_page(self, bob: User, visible: list[int]) -> None:
        for tweet_id in visible[3:]:
            deleting.delete_tweet(author=bob, tweet_id=tweet_id)
        for cursor in (Cursor(after=visible[3]), Cursor(before=visible[0] + 1)):
            page = lists.user_tweets(
                viewer=None, user=bob, page=PageRequest(limit=3, cursor=cursor)
            )
            assert ids(page.results) == visible[:3]
            assert page.next is None

    def test_empty_pages_beyond_both_ends_link_back(self, bob: User, visible: list[int]) -> None:
        def load(cursor: Cursor | None) -> tuple[list[int], Cursor | None, Cursor | None]:
            assert cursor is not None
            request = PageRequest(limit=3, cursor=cursor)
            page = lists.user_tweets(viewer=None, user=bob, page=request)
            return ids(page.results), page.previous, page.next

        below, up, end = load(Cursor(before=visible[-1]))
        assert (below, end) == ([], None)
        assert load(up)[0] == visible[-3:]
        above, end, down = load(Cursor(after=visible[0]))
        assert (above, end) == ([], None)
        assert load(down)[0] == visible[:3]

    def test_a_full_page_takes_two_queries(
        self, alice: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(25):
            post(alice, "@alice #tag")
        with django_assert_num_queries(2):
            lists.user_tweets(viewer=None, user=alice, page=PageRequest())


class TestOneAuthor:
    """The lists of one user: tweets, replies and likes."""

    def test_replies_to_others_are_in_a_separate_list(self, alice: User, bob: User) -> None:
        theirs = post(bob)
        tweet = post(alice)
        own = post(alice, reply_to_id=tweet.pk)
        reply = post(alice, reply_to_id=theirs.pk)
        quote = post(alice, quote_of_id=theirs.pk)
        repost = marks.repost(user=alice, tweet_id=theirs.pk)
        arguments: dict[str, Any] = {"viewer": None, "user": alice}
        assert walk(lists.user_tweets, **arguments) == backwards(tweet, own, quote, repost)
        assert walk(lists.user_replies, **arguments) == [reply.pk]

    def test_a_reply_to_a_deleted_tweet_stays_a_reply(self, alice: User, bob: User) -> None:
        theirs = post(bob)
        reply = post(alice, reply_to_id=theirs.pk)
        deleting.delete_tweet(author=bob, tweet_id=theirs.pk)
        arguments: dict[str, Any] = {"viewer": None, "user": alice}
        assert walk(lists.user_tweets, **arguments) == []
        assert walk(lists.user_replies, **arguments) == [reply.pk]

    def test_each_viewer_sees_the_tweets_for_their_audience(
        self, alice: User, bob: User, charlie: User, person: Callable[..., User]
    ) -> None:
        dora = person("dora")
        people.follow(follower=bob, followee=alice)
        public, unlisted = post(alice), post(alice, visibility="unlisted")
        followers = post(alice, visibility="followers")
        direct = post(alice, "@charlie", visibility="direct")

        def seen(viewer: User | None) -> list[int]:
            return walk(lists.user_tweets, viewer=viewer, user=alice)

        assert seen(alice) == backwards(public, unlisted, followers, direct)
        assert seen(bob) == backwards(public, unlisted, followers)
        assert seen(charlie) == backwards(public, unlisted, direct)
        assert seen(dora) == seen(None) == backwards(public, unlisted)

    def test_a_private_account_is_for_its_followers(
        self, alice: User, bob: User, charlie: User, person: Callable[..., User]
    ) -> None:
        dora = person("dora")
        people.follow(follower=bob, followee=alice)
        tweet = post(alice)
        direct = post(alice, "@charlie", visibility="direct")
        repost = marks.repost(user=alice, tweet_id=post(bob).pk)
        marks.like(user=alice, tweet_id=tweet.pk)
        User.objects.filter(pk=alice.pk).update(private=True)
        alice.refresh_from_db()
        people.follow(follower=dora, followee=alice)  # a request that is not accepted

        def seen(viewer: User | None) -> tuple[list[int], list[int]]:
            arguments: dict[str, Any] = {"viewer": viewer, "user": alice}
            return walk(lists.user_tweets, **arguments), walk(lists.user_likes, **arguments)

        assert seen(alice) == (backwards(tweet, direct, repost), [tweet.pk])
        assert seen(bob) == (backwards(tweet, repost), [tweet.pk])
        assert seen(charlie) == ([direct.pk], [])
        assert seen(dora) == seen(None) == ([], [])

    @pytest.mark.parametrize("private", [False, True])
    def test_answers_and_mentions_reach_the_accounts_that_they_address(
        self, alice: User, bob: User, charlie: User, person: Callable[..., User], private: bool
    ) -> None:
        """Neither bob nor charlie follows alice."""
        theirs, dora = post(bob), person("dora")
        visibility = "public" if private else "followers"
        answer = post(alice, "no mention", reply_to_id=theirs.pk, visibility=visibility)
        mention = post(alice, "ask @charlie", reply_to_id=theirs.pk, visibility=visibility)
        secret = post(alice, "@charlie alone", reply_to_id=theirs.pk, visibility="direct")
        User.objects.filter(pk=alice.pk).update(private=private)
        alice.refresh_from_db()

        def seen(viewer: User | None) -> list[int]:
            replies = walk(lists.user_replies, viewer=viewer, user=alice)
            page = PageRequest()
            below = threads.thread(viewer=viewer, tweet_id=theirs.pk, page=page).replies.results
            assert [tweet.id for tweet in below] == replies
            return replies

        assert seen(bob) == backwards(answer, mention)
        assert seen(charlie) == backwards(mention, secret)
        assert seen(dora) == seen(None) == []
        people.block(blocker=bob, blocked=alice)
        assert walk(lists.user_replies, viewer=bob, user=alice) == backwards(answer, mention)

    def test_reposts_of_blocked_or_muted_accounts_are_left_out(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        marks.repost(user=alice, tweet_id=post(bob).pk)
        own = marks.repost(user=alice, tweet_id=post(alice).pk)
        people.mute(muter=charlie, muted=bob)
        people.mute(muter=charlie, muted=alice)  # a muted account can still be opened
        found = walk(lists.user_tweets, viewer=charlie, user=alice)
        assert found == [own.pk, own.repost_of_id]
        people.unmute(muter=charlie, muted=bob)
        assert len(walk(lists.user_tweets, viewer=charlie, user=alice)) == 3
        people.block(blocker=bob, blocked=charlie)
        assert walk(lists.user_tweets, viewer=charlie, user=alice) == found

    @pytest.mark.parametrize("load", [lists.user_tweets, lists.user_replies, lists.user_likes])
    def test_a_blocked_viewer_gets_no_list(
        self, alice: User, bob: User, load: Callable[..., object]
    ) -> None:
        people.block(blocker=alice, blocked=bob)
        with pytest.raises(ListsHidden):
            load(viewer=bob, user=alice, page=PageRequest())

    def test_likes_come_in_the_order_of_liking(self, alice: User, bob: User, charlie: User) -> None:
        tweets = [post(alice) for _ in range(5)]
        order = [tweets[index] for index in (3, 0, 4, 1, 2)]
        for tweet in order:
            marks.like(user=bob, tweet_id=tweet.pk)
        hidden = post(charlie, visibility="followers")
        deleting.delete_tweet(author=alice, tweet_id=order[2].pk)
        liked = [order[index].pk for index in (4, 3, 1, 0)]
        arguments: dict[str, Any] = {"viewer": None, "user": bob, "limit": 2}
        assert walk(lists.user_likes, **arguments) == liked
        assert walk_up(lists.user_likes, **arguments) == liked
        assert hidden.pk not in liked


class TestPublicTimelines:
    """The public timeline and the timeline of a hashtag."""

    def test_they_contain_only_public_tweets(
        self, alice: User, bob: User, person: Callable[..., User]
    ) -> None:
        gone, private = person("gone"), person("private")
        tweet = post(alice, "#Café")
        quote = post(bob, "#CAFE\u0301", quote_of_id=tweet.pk)
        reply = post(bob, "#café", reply_to_id=tweet.pk)
        marks.repost(user=bob, tweet_id=tweet.pk)
        for visibility in ("unlisted", "followers", "direct"):
            post(alice, "#café", visibility=visibility)
        post(gone, "#café"), post(private, "#café")
        User.objects.filter(pk=gone.pk).update(suspended_at="2026-01-02T00:00:00Z")
        User.objects.filter(pk=private.pk).update(private=True)
        hidden = post(alice, "#café")
        moderation.hide_tweet(tweet_id=hidden.pk, by=bob)
        deleted = post(alice, "#café")
        deleting.delete_tweet(author=alice, tweet_id=deleted.pk)
        for viewer in (None, alice, private):
            if viewer:
                viewer.refresh_from_db()
            assert walk(lists.public, viewer=viewer) == backwards(tweet, quote)
            tagged = walk(lists.hashtag, viewer=viewer, tag="CAFÉ", limit=2)
            assert tagged == backwards(tweet, quote, reply)

    @pytest.mark.parametrize("edge", ["block", "blocked", "mute"])
    def test_blocked_and_muted_authors_are_left_out(
        self, alice: User, bob: User, charlie: User, edge: str
    ) -> None:
        post(alice, "#tag")
        theirs = post(charlie, "#tag")
        if edge == "mute":
            people.mute(muter=bob, muted=alice)
        else:
            one, other = (bob, alice) if edge == "block" else (alice, bob)
            people.block(blocker=one, blocked=other)
        assert walk(lists.public, viewer=bob) == [theirs.pk]
        assert walk(lists.hashtag, viewer=bob, tag="tag") == [theirs.pk]
        assert len(walk(lists.public, viewer=None)) == 2

    def test_an_invalid_hashtag_is_not_found(self, db: None) -> None:
        with pytest.raises(NotFound):
            lists.hashtag(viewer=None, tag="no tag", page=PageRequest())
        assert walk(lists.hashtag, viewer=None, tag="nobody_says_this") == []


class TestAroundOneTweet:
    """The likes, reposts and quotes of a tweet."""

    @pytest.mark.parametrize(
        ("mark", "load"),
        [(marks.like, lists.likes), (marks.repost, lists.reposts)],
    )
    def test_visible_users_are_listed_latest_first(
        self,
        alice: User,
        bob: User,
        charlie: User,
        person: Callable[..., User],
        mark: Callable[..., object],
        load: Callable[..., Page[User]],
    ) -> None:
        names = ("shy", "gone", "blocking", "blocked", "dora")
        shy, gone, blocking, blocked, dora = everyone = [person(name) for name in names]
        tweet = post(alice)
        for user in (*everyone, bob):
            mark(user=user, tweet_id=tweet.pk)
        people.follow(follower=alice, followee=shy)
        User.objects.filter(pk=shy.pk).update(private=True)
        User.objects.filter(pk=gone.pk).update(deactivated_at="2026-01-02T00:00:00Z")
        people.block(blocker=charlie, blocked=blocked)
        people.block(blocker=blocking, blocked=charlie)

        def seen(viewer: User | None) -> list[int]:
            return walk(load, viewer=viewer, tweet_id=tweet.pk, limit=2)

        assert seen(charlie) == ids([bob, dora])
        assert seen(None) == ids([bob, dora, blocked, blocking])
        assert seen(alice) == seen(shy) == ids([bob, dora, blocked, blocking, shy])

    def test_an_undone_repost_is_not_listed(self, alice: User, bob: User) -> None:
        tweet = post(alice)
        marks.repost(user=bob, tweet_id=tweet.pk)
        marks.undo_repost(user=bob, tweet_id=tweet.pk)
        assert walk(lists.reposts, viewer=None, tweet_id=tweet.pk) == []

    def test_only_quotes_that_the_viewer_may_see_are_listed(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        tweet = post(alice)
        quotes = [post(bob, quote_of_id=tweet.pk) for _ in range(4)]
        post(bob, quote_of_id=tweet.pk, visibility="followers")
        deleting.delete_tweet(author=bob, tweet_id=quotes.pop(1).pk)
        muted = post(charlie, quote_of_id=tweet.pk)
        people.mute(muter=alice, muted=charlie)
        arguments: dict[str, Any] = {"tweet_id": tweet.pk, "limit": 2}
        assert walk(lists.quotes, viewer=alice, **arguments) == backwards(*quotes)
        assert walk(lists.quotes, viewer=None, **arguments) == backwards(*quotes, muted)

    @pytest.mark.parametrize("load", [lists.likes, lists.reposts, lists.quotes])
    def test_the_lists_of_an_invisible_tweet_are_not_found(
        self, alice: User, bob: User, load: Callable[..., object]
    ) -> None:
        tweet = post(alice, visibility="followers")
        with pytest.raises(NotFound):
            load(viewer=bob, tweet_id=tweet.pk, page=PageRequest())
