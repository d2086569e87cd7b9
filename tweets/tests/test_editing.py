"""Editing tweets: what changes, who may edit, and the versions that are kept."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts import services as people
from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from people import services as edges
from tests.helpers.tweets import post, row, topics, walk, walk_up
from tweets import deleting, editing, marks, moderation
from tweets.editing import CannotEdit
from tweets.mentions_and_tags import BadSpoiler, BadText
from tweets.models import Hashtag, Mention, Tweet, TweetVersion
from tweets.read import threads
from tweets.read.access import NotYours, access_tweet

CHANGED = {"text", "sensitive", "spoiler", "edited_at"}
EARLIER = datetime.fromisoformat("2026-01-02T03:04:05Z")


def edit(author: User, tweet: Tweet, text: str | None = None, **more: Any) -> Tweet:
    """Edit `tweet` as `author`."""
    return editing.edit_tweet(author=author, tweet_id=tweet.pk, text=text, **more)


def columns(tweet: Tweet) -> dict[str, Any]:
    """Return all columns of the current row of a tweet."""
    return dict(Tweet.objects.filter(pk=tweet.pk).values().get())


def mentioned(tweet: Tweet) -> set[int]:
    """Return the ids of the accounts that a tweet mentions."""
    return set(Mention.objects.filter(tweet=tweet).values_list("user_id", flat=True))


def tags(tweet: Tweet) -> set[str]:
    """Return the hashtags of a tweet."""
    return set(Hashtag.objects.filter(tweet=tweet).values_list("tag", flat=True))


def version_texts(viewer: User | None, tweet: Tweet) -> list[str]:
    """Return the texts of all versions of a tweet, newest first."""

    def load(**to: Any) -> Any:
        return threads.history(viewer=viewer, tweet_id=tweet.pk, **to)

    page = load(page=PageRequest())
    return [version.text for version in page.results]


def test_it_changes_the_text_and_nothing_else(alice: User, bob: User) -> None:
    quoted = post(bob)
    tweet = post(
        alice, "Helo", reply_to_id=quoted.pk, quote_of_id=quoted.pk, visibility="followers"
    )
    before = columns(tweet)

    edited = edit(alice, tweet, "Hello\r\nworld ", sensitive=True, spoiler=" Birds")

    after = columns(tweet)
    assert {name for name in after if after[name] != before[name]} == CHANGED
    assert (edited.text, edited.sensitive, edited.spoiler) == ("Hello\nworld", True, "Birds")
    assert edited.edited_at == after["edited_at"] is not None


def test_omitted_fields_do_not_change(alice: User) -> None:
    tweet = post(alice, "Hello", sensitive=True, spoiler="Birds")
    edit(alice, tweet, "Goodbye")
    edit(alice, tweet, spoiler="")
    current = row(tweet)
    assert (current.text, current.sensitive, current.spoiler) == ("Goodbye", True, "")


def test_an_edit_is_no_new_tweet(alice: User, bob: User) -> None:
    tweet = post(alice)
    edit(alice, tweet, "Hello @bob")
    assert topics() == [("tweet.posted", tweet.pk), ("tweet.edited", tweet.pk)]


@pytest.mark.parametrize(
    "same", [{}, {"text": " Hello"}, {"sensitive": False}, {"spoiler": ""}, {"text": "Hello\r\n"}]
)
def test_an_edit_without_changes_creates_no_version(alice: User, same: dict[str, Any]) -> None:
    tweet = post(alice, "Hello")
    before = columns(tweet)
    edit(alice, tweet, **same)
    assert columns(tweet) == before
    assert not TweetVersion.objects.exists()


def test_mentions_and_hashtags_follow_the_text(alice: User, bob: User, charlie: User) -> None:
    tweet = post(alice, "@bob #one #two")
    edit(alice, tweet, "@CHARLIE @nobody_at_all #two #three")
    assert mentioned(tweet) == {charlie.pk}
    assert tags(tweet) == {"two", "three"}
    edit(alice, tweet, "no mention")
    assert (mentioned(tweet), tags(tweet)) == (set(), set())


def test_an_account_that_is_still_named_stays_mentioned(
    alice: User, bob: User, charlie: User
) -> None:
    tweet = post(alice, "@bob")
    edges.block(blocker=bob, blocked=alice)
    edges.block(blocker=charlie, blocked=alice)
    edit(alice, tweet, "dear @bob and @charlie")
    assert mentioned(tweet) == {bob.pk}


def test_an_edit_keeps_the_recipients_of_a_direct_tweet(
    alice: User, bob: User, charlie: User
) -> None:
    tweet = post(alice, "@bob psst", visibility="direct")

    edit(alice, tweet, "not for @charlie to see #secret")

    assert mentioned(tweet) == {bob.pk}
    assert tags(tweet) == {"secret"}
    assert access_tweet(viewer=bob, tweet_id=tweet.pk).text == "not for @charlie to see #secret"
    with pytest.raises(NotFound):
        access_tweet(viewer=charlie, tweet_id=tweet.pk)


def test_only_its_author_edits_a_tweet(alice: User, bob: User) -> None:
    tweet = post(alice)
    with pytest.raises(NotYours):
        edit(bob, tweet, "Mine now")
    hidden = post(alice, visibility="followers")
    with pytest.raises(NotFound):
        edit(bob, hidden, "Mine now")
    assert not Tweet.objects.filter(text="Mine now").exists()


def test_a_repost_cannot_be_edited(alice: User, bob: User) -> None:
    repost = marks.repost(user=bob, tweet_id=post(alice).pk)
    with pytest.raises(CannotEdit):
        edit(bob, repost, "What alice meant")
    with pytest.raises(NotYours):
        edit(alice, repost, "What I meant")


@pytest.mark.parametrize("state", ["deleted", "hidden"])
def test_a_deleted_or_hidden_tweet_cannot_be_edited(alice: User, bob: User, state: str) -> None:
    tweet = post(alice)
    if state == "deleted":
        deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
    else:
        moderation.hide_tweet(tweet_id=tweet.pk, by=bob)
    with pytest.raises(NotFound):
        edit(alice, tweet, "else")
    assert row(tweet).text == "hello"


@pytest.mark.parametrize("text", ["", " \u200b", "x" * 501, "a\x00b"])
def test_the_text_is_validated_as_when_posting(alice: User, text: str) -> None:
    tweet = post(alice)
    with pytest.raises(BadText):
        edit(alice, tweet, text)
    with pytest.raises(BadSpoiler):
        edit(alice, tweet, "fine", spoiler="x" * 501)
    assert row(tweet).text == "hello"


def test_the_text_of_a_quote_may_be_removed(alice: User) -> None:
    quote = post(alice, "This", quote_of_id=post(alice).pk)
    assert edit(alice, quote, " ").text == ""


# --- History ----------------------------------------------------------------------------------


def test_every_version_is_kept(alice: User, bob: User) -> None:
    tweet = post(alice, "one @bob", sensitive=True, spoiler="Birds")
    Tweet.objects.filter(pk=tweet.pk).update(created_at=EARLIER)
    edit(alice, tweet, "two", sensitive=False)
    edit(alice, tweet, spoiler="")

    page = threads.history(viewer=None, tweet_id=tweet.pk, page=PageRequest())

    assert [(v.text, v.sensitive, v.spoiler, v.mentions) for v in page.results] == [
        ("two", False, "", ()),
        ("two", False, "Birds", ()),
        ("one @bob", True, "Birds", ("bob",)),
    ]
    assert page.results[0].created_at == row(tweet).edited_at
    assert page.results[-1].created_at == EARLIER


def test_a_tweet_that_was_never_edited_has_one_version(alice: User, bob: User) -> None:
    tweet = post(alice, "only @bob")
    page = threads.history(viewer=None, tweet_id=tweet.pk, page=PageRequest())
    (version,) = page.results
    assert (version.text, version.mentions) == ("only @bob", ("bob",))
    assert version.created_at == row(tweet).created_at
    assert (page.next, page.previous) == (None, None)


def test_versions_are_paged(alice: User) -> None:
    tweet = post(alice, "0")
    for number in range(1, 8):
        edit(alice, tweet, str(number))

    def load(**to: Any) -> Any:
        return _numbered(threads.history(viewer=alice, tweet_id=tweet.pk, **to))

    assert walk(load) == walk_up(load) == [7, 6, 5, 4, 3, 2, 1, 0]


class _Numbered:
    def __init__(self, number: str) -> None:
        self.id = int(number)


def _numbered(page: Any) -> Any:
    results = [_Numbered(version.text) for version in page.results]
    return Page(results, page.next, page.previous)


def test_viewers_of_a_tweet_may_see_its_versions(alice: User, bob: User, charlie: User) -> None:
    edges.follow(follower=bob, followee=alice)
    tweet = post(alice, "one", visibility="followers")
    edit(alice, tweet, "two")
    assert version_texts(bob, tweet) == version_texts(alice, tweet) == ["two", "one"]
    for stranger in (charlie, None):
        with pytest.raises(NotFound):
            version_texts(stranger, tweet)
    people.suspend(user=alice, by=charlie, now=timezone.now())
    with pytest.raises(NotFound):
        version_texts(bob, tweet)


def test_a_repost_has_the_versions_of_the_original(alice: User, bob: User) -> None:
    tweet = post(alice, "one")
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    edit(alice, tweet, "two")
    assert version_texts(None, repost) == ["two", "one"]
