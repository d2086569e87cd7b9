"""What is remembered of tweets changes no facts: only which query loads them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from people.services import block, follow, mute
from tests.helpers.tweets import post
from tweets import marks
from tweets.editing import edit_tweet
from tweets.models import Bookmark, Tweet
from tweets.read import references
from tweets.read.facts import LOADED, Facts
from tweets.read.hydrate import NO_OWN, OwnRange, hydrate
from tweets.sql import facts as sql

pytestmark = pytest.mark.django_db
EVERYTHING = OwnRange(above=0, below=2**53, limit=30)
FLAT, FULL = [sql.FLAT_FACTS.text], [sql.FACTS.text]


def queries(ids: list[int], viewer: User | None, own: OwnRange = NO_OWN) -> list[str]:
    """The queries that load tweets. Asserts that they find what a new process finds."""
    viewer_id = viewer.pk if viewer else None
    with CaptureQueriesContext(connection) as made:
        found = hydrate(ids, viewer_id=viewer_id, own=own)
    kept = dict(references._known), dict(references._own)
    references.forget_all()
    assert plain(found) == plain(hydrate(ids, viewer_id=viewer_id, own=own))
    references._known.update(kept[0])
    references._own.update(kept[1])
    return [query["sql"] for query in made]


def plain(tweets: list[Facts]) -> list[Any]:
    """All facts of tweets, and those of the tweets that they refer to."""
    return [(facts(t), *map(facts, linked(t)), *map(facts, linked(t.original))) for t in tweets]


def linked(tweet: Facts | None) -> list[Facts | None]:
    """The tweets that a tweet refers to."""
    return [tweet.original, tweet.quoted, tweet.parent, tweet.root] if tweet else []


def facts(tweet: Facts | None) -> list[Any]:
    """The facts of a tweet."""
    values = {name: getattr(tweet, name) for name in LOADED} if tweet else {}
    values.pop("on_page", None)
    return sorted(map(repr, values.items()))


@pytest.fixture
def page(alice: User, bob: User, charlie: User) -> list[int]:
    """Tweets of all kinds that everybody may see."""
    plain_one = post(bob, "Hello.").pk
    linking = post(bob, "See https://example.com/a and @alice.").pk
    reply = post(charlie, "Why?", reply_to_id=plain_one).pk
    again = post(bob, "Because.", reply_to_id=reply).pk
    quote = post(charlie, "Well:", quote_of_id=again).pk
    quoting_quote = post(bob, "Indeed", quote_of_id=quote).pk
    unlisted = post(charlie, "Psst", visibility="unlisted").pk
    reposts = [marks.repost(user=charlie, tweet_id=id_).pk for id_ in (linking, quoting_quote)]
    follow(follower=alice, followee=bob)
    marks.like(user=alice, tweet_id=plain_one)
    marks.repost(user=alice, tweet_id=again)
    Bookmark.objects.create(user=alice, tweet_id=linking)
    return [linking, reply, again, quote, quoting_quote, unlisted, *reposts]


def test_a_page_is_loaded_by_the_flat_query_from_the_second_time_on(
    page: list[int], alice: User, bob: User, charlie: User
) -> None:
    assert queries(page, alice) == FULL
    for viewer in (alice, bob, charlie, None):
        assert queries(page, viewer) == FLAT
    assert queries(page[:3], alice) == FLAT
    assert queries([*page, post(bob, "New.").pk], alice) == FULL


def test_what_the_viewer_did_meanwhile_is_found(page: list[int], alice: User, bob: User) -> None:
    hydrate(page, viewer_id=alice.pk)
    for change in (
        lambda: marks.like(user=alice, tweet_id=page[3]),
        lambda: marks.undo_repost(user=alice, tweet_id=page[2]),
        lambda: mute(muter=alice, muted=bob),
        lambda: block(blocker=alice, blocked=bob),
        lambda: block(blocker=bob, blocked=alice),
    ):
        change()
        assert queries(page, alice) == FLAT


def edited(tweet_id: int) -> None:
    """Add a link to a tweet."""
    tweet = Tweet.objects.get(pk=tweet_id)
    edit_tweet(author=tweet.author, tweet_id=tweet_id, text="See https://example.com/b.")


def private(tweet_id: int) -> None:
    """Make the author of a tweet private."""
    User.objects.filter(tweets=tweet_id).update(private=True)


def limited(tweet_id: int) -> None:
    """Limit replies to a tweet."""
    Tweet.objects.filter(pk=tweet_id).update(replies_from="mentioned")


def hidden(tweet_id: int) -> None:
    """Show a tweet to followers only."""
    Tweet.objects.filter(pk=tweet_id).update(visibility="followers")


def gone(tweet_id: int) -> None:
    """Remove a tweet for good."""
    Tweet.objects.filter(pk=tweet_id).delete()


@pytest.mark.parametrize("change", [edited, private, limited, hidden, gone])
@pytest.mark.parametrize("which", ["page", "referred to"])
def test_another_change_is_noticed(
    change: Callable[[int], None], which: str, page: list[int], alice: User
) -> None:
    (original,) = {tweet.repost_of_id for tweet in Tweet.objects.filter(pk=page[-1])}
    some = [page[0], page[-1]] if which == "referred to" else page[:6]
    hydrate(some, viewer_id=alice.pk)
    change(original if which == "referred to" and original else page[5])
    assert queries(some, alice) == FLAT + FULL
    assert queries(some, alice) == (FLAT if change is edited else FULL)


def test_other_audiences_are_loaded_by_the_full_query(alice: User, bob: User) -> None:
    for more in ({"visibility": "followers"}, {"replies_from": "mentioned"}):
        tweet = post(bob, "For @alice.", **more).pk
        reply = post(alice, "Thanks.", reply_to_id=tweet).pk
        for _ in range(2):
            assert queries([tweet], alice) == queries([reply], alice) == FULL


def test_own_tweets_are_found_whenever_they_were_posted(page: list[int], alice: User) -> None:
    hydrate(page, viewer_id=alice.pk, own=EVERYTHING)
    assert queries(page, alice, EVERYTHING) == FLAT
    new = post(alice, "Mine.", reply_to_id=page[0]).pk
    assert queries(page, alice, EVERYTHING) == FLAT + FULL
    assert queries(page, alice, EVERYTHING) == FLAT
    assert queries(page, alice, OwnRange(above=new, below=2**53, limit=30)) == FLAT
    for_me = post(alice, "Mine alone.", visibility="direct").pk
    assert queries(page, alice, EVERYTHING) == FLAT + FULL
    assert queries(page, alice, EVERYTHING) == FULL
    Tweet.objects.filter(pk__in=[new, for_me]).delete()
    assert queries(page, alice, EVERYTHING) == FULL
    assert queries(page, alice, EVERYTHING) == FLAT


def test_memory_is_bounded(page: list[int], alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MOST", 3)
    monkeypatch.setattr(references, "MOST_VIEWERS", 0)
    for _ in range(3):
        hydrate(page, viewer_id=alice.pk, own=EVERYTHING)
        references.remember_own(7, [5], above=0, below=9)
        references.remember(hydrate(page[:1], viewer_id=alice.pk))
    assert len(references._known) <= 3
    assert list(references._own) == [7]
