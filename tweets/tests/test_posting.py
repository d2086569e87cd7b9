"""Posting, deleting and hiding tweets: what is stored, what is refused, and what is counted."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import User
from chirp.errors import NotFound
from people import services as people
from tests.helpers.clock import clock_shows, draw_that_number_next, forget_drawn_ids
from tests.helpers.tweets import post, row, topics, tweets_of
from tweets import deleting, marks, moderation, posting
from tweets.mentions_and_tags import BadSpoiler
from tweets.models import Hashtag, Mention, Tweet
from tweets.read.access import BlockedByYou, NotYours, access_tweet


def test_a_tweet_begins_its_own_conversation(alice: User) -> None:
    tweet = post(alice, "first!")
    assert row(tweet).conversation_id == tweet.pk
    assert (tweet.text, tweet.visibility, tweet.author) == ("first!", "public", alice)
    assert topics() == [("tweet.posted", tweet.pk)]
    assert tweets_of(alice) == 1


def test_only_tweets_that_may_cause_notifications_start_their_task(
    alice: User, bob: User, charlie: User
) -> None:
    theirs = post(bob)
    own = post(alice, "#plain https://example.org @nobody")
    post(alice, reply_to_id=own.pk)
    post(alice, quote_of_id=own.pk)
    marks.repost(user=alice, tweet_id=theirs.pk)
    people.follow(follower=bob, followee=alice)
    post(alice)
    expected = [
        post(alice, "@bob").pk,
        post(alice, reply_to_id=theirs.pk).pk,
        post(alice, quote_of_id=theirs.pk).pk,
    ]
    people.follow(follower=charlie, followee=alice, notify=True)
    expected.append(post(alice).pk)
    assert [pk for topic, pk in topics() if topic == "tweet.notification_due"] == expected


@pytest.fixture
def stepping_clock(db: None) -> Iterator[None]:
    """Isolate tests that change the clock of Postgres: forget the ids drawn before and after."""
    forget_drawn_ids()
    yield
    forget_drawn_ids()


@pytest.mark.usefixtures("stepping_clock")
def test_posts_at_the_same_clock_time_get_different_ids(alice: User, bob: User) -> None:
    start = datetime(2030, 1, 1, tzinfo=UTC)
    drawn = []
    for seconds in (0, 10, 0):
        time = (start + timedelta(seconds=seconds)).isoformat()
        with clock_shows(f"timestamptz '{time}'"):
            draw_that_number_next(7)
            drawn.append(post(alice).pk)
            draw_that_number_next(8)
            drawn.append(marks.repost(user=bob, tweet_id=drawn[-1]).pk)
    assert drawn == sorted(set(drawn))


def test_a_reply_joins_the_conversation_and_is_counted(alice: User, bob: User) -> None:
    root = post(alice)
    first = post(bob, reply_to_id=root.pk)
    second = post(alice, reply_to_id=first.pk)
    assert {root.conversation_id, first.conversation_id, second.conversation_id} == {root.pk}
    assert (second.reply_to_id, second.reply_to_author_id) == (first.pk, bob.pk)
    assert (row(root).replies_count, row(first).replies_count) == (1, 1)


def test_a_quote_is_counted_and_may_have_no_text(alice: User, bob: User) -> None:
    tweet = post(alice)
    quote = post(bob, "", quote_of_id=tweet.pk)
    assert quote.quote_of_id == tweet.pk
    assert row(tweet).quotes_count == 1


def test_a_reply_may_quote_its_parent(alice: User, bob: User) -> None:
    tweet = post(alice)
    post(bob, reply_to_id=tweet.pk, quote_of_id=tweet.pk)
    assert (row(tweet).replies_count, row(tweet).quotes_count) == (1, 1)


def test_replies_and_quotes_of_a_repost_refer_to_the_original(
    alice: User, bob: User, charlie: User
) -> None:
    tweet = post(alice)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    reply = post(charlie, reply_to_id=repost.pk, quote_of_id=repost.pk)
    assert (reply.reply_to_id, reply.quote_of_id) == (tweet.pk, tweet.pk)
    assert reply.reply_to_author_id == alice.pk


def test_only_active_accounts_are_mentioned(alice: User, bob: User, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(deactivated_at="2026-01-02T00:00:00Z")
    tweet = post(alice, "@BOB @bob @charlie @nobody_at_all hello")
    assert [mention.user_id for mention in Mention.objects.filter(tweet=tweet)] == [bob.pk]


@pytest.mark.parametrize("blocker", ["author", "mentioned"])
def test_a_block_in_either_direction_prevents_a_mention(
    alice: User, bob: User, blocker: str
) -> None:
    one, other = (alice, bob) if blocker == "author" else (bob, alice)
    people.block(blocker=one, blocked=other)
    post(alice, "@bob hello")
    assert not Mention.objects.exists()


def test_hashtags_are_stored_once_in_normalized_form(alice: User) -> None:
    tweet = post(alice, "#Django and #django, #python")
    tags = Hashtag.objects.filter(tweet=tweet).order_by("pk").values_list("tag", flat=True)
    assert list(tags) == ["django", "python"]


def test_a_rolled_back_post_leaves_no_rows_and_no_events(alice: User) -> None:
    with transaction.atomic():
        post(alice, "@alice #tag")
        transaction.set_rollback(True)
    assert topics() == []
    for model in (Tweet, Mention, Hashtag):
        assert not model._default_manager.exists()
    assert tweets_of(alice) == 0


@pytest.mark.parametrize("field", ["reply_to_id", "quote_of_id"])
class TestReferences:
    """The tweets that a tweet may reply to and quote."""

    def assert_refused(self, author: User, field: str, tweet_id: int) -> None:
        with pytest.raises(posting.UnknownReference) as raised:
            post(author, "hello", **{field: tweet_id})
        assert raised.value.at == field
        assert not Tweet.objects.filter(author=author).exists()

    def test_it_refuses_a_tweet_that_does_not_exist(self, alice: User, field: str) -> None:
        self.assert_refused(alice, field, 12345)

    def test_it_refuses_a_deleted_tweet(self, alice: User, bob: User, field: str) -> None:
        tweet = post(alice)
        deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
        self.assert_refused(bob, field, tweet.pk)

    def test_it_refuses_a_tweet_for_followers(self, alice: User, bob: User, field: str) -> None:
        self.assert_refused(bob, field, post(alice, visibility="followers").pk)

    def test_it_refuses_a_direct_tweet(self, alice: User, bob: User, field: str) -> None:
        self.assert_refused(bob, field, post(alice, "@charlie", visibility="direct").pk)

    def test_it_refuses_an_author_who_blocks_the_user(
        self, alice: User, bob: User, field: str
    ) -> None:
        tweet = post(alice)
        people.block(blocker=alice, blocked=bob)
        self.assert_refused(bob, field, tweet.pk)

    def test_it_refuses_a_blocked_author(self, alice: User, bob: User, field: str) -> None:
        tweet = post(alice)
        people.block(blocker=bob, blocked=alice)
        with pytest.raises(BlockedByYou) as raised:
            post(bob, "hello", **{field: tweet.pk})
        assert raised.value.at == field


def test_a_follower_can_reply_to_a_tweet_for_followers_but_not_quote_it(
    alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    tweet = post(alice, visibility="followers")
    post(bob, reply_to_id=tweet.pk)
    with pytest.raises(posting.CannotQuote):
        post(bob, quote_of_id=tweet.pk)
    post(alice, quote_of_id=tweet.pk)


def test_only_a_private_account_itself_can_quote_its_tweets(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    User.objects.filter(pk=alice.pk).update(private=True)
    tweet = post(alice)
    with pytest.raises(posting.CannotQuote):
        post(bob, quote_of_id=tweet.pk)
    post(alice, quote_of_id=tweet.pk)


def test_a_direct_tweet_cannot_be_quoted_even_by_its_author(alice: User) -> None:
    tweet = post(alice, visibility="direct")
    with pytest.raises(posting.CannotQuote):
        post(alice, quote_of_id=tweet.pk)


def test_an_unknown_visibility_is_refused(alice: User) -> None:
    with pytest.raises(posting.BadVisibility):
        post(alice, visibility="everybody")


@pytest.mark.parametrize(
    "spoiler", ["x" * 501, "a\x00b", "\ud800", "a\nb", "\u202ea", "x" + "\u0301" * 20]
)
def test_a_spoiler_is_a_short_line_of_text(alice: User, spoiler: str) -> None:
    with pytest.raises(BadSpoiler):
        post(alice, spoiler=spoiler)
    assert row(post(alice, spoiler=" e\u0301" + "x" * 99 + " ")).spoiler == "\u00e9" + "x" * 99
    assert row(post(alice, spoiler="\u3164")).spoiler == ""


def test_a_direct_tweet_reaches_a_mention_after_an_emoji(alice: User, bob: User) -> None:
    tweet = post(alice, "❤️@bob", visibility="direct")
    assert access_tweet(viewer=bob, tweet_id=tweet.pk).text == "❤️@bob"


def test_deleting_reduces_every_count_once(alice: User, bob: User) -> None:
    tweet = post(alice)
    reply = post(bob, reply_to_id=tweet.pk, quote_of_id=tweet.pk)
    for _ in range(2):
        deleting.delete_tweet(author=bob, tweet_id=reply.pk)
    assert (row(tweet).replies_count, row(tweet).quotes_count, tweets_of(bob)) == (0, 0, 0)
    assert topics()[3:] == [("tweet.deleted", reply.pk)]
    with pytest.raises(NotFound):
        access_tweet(viewer=bob, tweet_id=reply.pk)


def test_deleting_a_tweet_hides_its_reposts_at_once(alice: User, bob: User) -> None:
    tweet = post(alice)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
    with pytest.raises(NotFound):
        access_tweet(viewer=bob, tweet_id=repost.pk)


def test_deleting_by_the_id_of_a_repost_undoes_it(alice: User, bob: User) -> None:
    tweet = post(alice)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    people.block(blocker=alice, blocked=bob)
    for _ in range(2):
        deleting.delete_tweet(author=bob, tweet_id=repost.pk)
    assert row(tweet).reposts_count == 0
    assert row(tweet).deleted_at is None
    assert tweets_of(bob) == 0


def test_only_its_author_can_delete_a_tweet(alice: User, bob: User) -> None:
    tweet = post(alice)
    with pytest.raises(NotYours):
        deleting.delete_tweet(author=bob, tweet_id=tweet.pk)
    secret = post(alice, visibility="direct")
    for tweet_id in (secret.pk, 12345):
        with pytest.raises(NotFound):
            deleting.delete_tweet(author=bob, tweet_id=tweet_id)


def test_moderators_hide_and_restore_tweets(alice: User, person: Callable[..., User]) -> None:
    moderator = person("warden")
    tweet = post(alice)
    for _ in range(2):
        moderation.hide_tweet(tweet_id=tweet.pk, by=moderator)
    with pytest.raises(NotFound):
        access_tweet(viewer=alice, tweet_id=tweet.pk)
    for _ in range(2):
        moderation.unhide_tweet(tweet_id=tweet.pk, by=moderator)
    assert access_tweet(viewer=None, tweet_id=tweet.pk).id == tweet.pk
    changes = ["tweet.posted", "tweet.hidden", "tweet.restored"]
    assert topics() == [(topic, tweet.pk) for topic in changes]
    assert tweets_of(alice) == 1


def test_a_hidden_tweet_is_not_counted(alice: User, bob: User) -> None:
    parent = post(alice)
    reply = post(bob, reply_to_id=parent.pk)
    moderation.hide_tweet(tweet_id=reply.pk, by=alice)
    assert (tweets_of(bob), row(parent).replies_count) == (0, 0)
    moderation.unhide_tweet(tweet_id=reply.pk, by=alice)
    assert (tweets_of(bob), row(parent).replies_count) == (1, 1)


def test_a_deleted_tweet_cannot_be_restored(alice: User, person: Callable[..., User]) -> None:
    moderator = person("warden")
    tweet = post(alice)
    moderation.hide_tweet(tweet_id=tweet.pk, by=moderator)
    deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
    moderation.unhide_tweet(tweet_id=tweet.pk, by=moderator)
    with pytest.raises(NotFound):
        access_tweet(viewer=alice, tweet_id=tweet.pk)
