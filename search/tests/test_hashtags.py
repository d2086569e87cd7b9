"""Hashtags: search, completion and trends."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import suspend
from chirp import ids
from chirp.pagination import PageRequest
from people.profile import update_profile
from search import hashtags
from search.completion import complete
from search.models import Tag
from tests.helpers.tweets import post
from tweets import moderation
from tweets.models import Hashtag, Tweet

Person = Callable[..., User]


def use(tag: str, *authors: User, days_ago: float = 0, **more: Any) -> None:
    """Let each author use a hashtag once, so many days ago."""
    for author in authors:
        (now,) = ids.draw()
        tweet_id = now - int(days_ago * hashtags.DAY)
        tweet = Tweet.objects.create(id=tweet_id, author=author, text=f"#{tag}", **more)
        tagged(tweet, tag).save()


def tagged(tweet: Tweet, tag: str) -> Hashtag:
    """The row of a hashtag of a tweet."""
    listed = tweet.visibility == "public"
    return Hashtag(tweet=tweet, tag=tag, author_id=tweet.author_id, listed=listed)


def find(query: str) -> list[tuple[str, int]]:
    """The hashtags that a query finds, with the number of authors."""
    page = hashtags.search_hashtags(query=query, page=PageRequest())
    return [(used.tag, used.authors) for used in page.results]


def trending() -> list[str]:
    """The trends, counted anew."""
    hashtags.refresh()
    return [used.tag for used in hashtags.trends()]


@pytest.fixture
def crowd(person: Person) -> list[User]:
    """Ten accounts."""
    return [person(f"person{number}") for number in range(10)]


class TestSearch:
    """Hashtags by their beginning."""

    def test_the_same_one_is_first_then_the_most_used(self, crowd: list[User]) -> None:
        use("berlin", crowd[0])
        use("berlinale", *crowd[:3])
        use("berliner", *crowd[:2])
        use("other", *crowd)
        hashtags.refresh()
        assert find("#Berlin") == [("berlin", 1), ("berlinale", 3), ("berliner", 2)]
        assert find("ｂｅｒ") == [("berlinale", 3), ("berliner", 2), ("berlin", 1)]
        assert find("lin") == find("1") == find("a b") == []

    def test_only_public_tweets_of_public_accounts_count(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        use("unlisted", alice, visibility="unlisted")
        use("secret", alice, visibility="followers")
        use("mine", bob)
        use("gone", charlie)
        update_profile(user=bob, changes={"private": True})
        suspend(user=charlie, by=alice, now=timezone.now())
        use("hidden", alice)
        moderation.hide_tweet(tweet_id=Hashtag.objects.get(tag="hidden").tweet_id, by=bob)
        hashtags.refresh()
        hashtags.remember_all()
        assert not Tag.objects.exists()

    def test_an_old_hashtag_is_found_while_somebody_can_see_it(self, alice: User) -> None:
        use("old", alice, days_ago=60)
        call_command("search", "rebuild", verbosity=0)
        assert find("old") == [("old", 0)]
        Tweet.objects.update(deleted_at=timezone.now())
        assert find("old") == []

    def test_a_hashtag_that_is_not_used_any_more_counts_nobody(self, alice: User) -> None:
        use("passing", alice)
        hashtags.refresh()
        assert find("passing") == [("passing", 1)]
        Tweet.objects.update(visibility="unlisted")
        hashtags.refresh()
        assert find("passing") == []

    def test_completion(self, crowd: list[User]) -> None:
        for number in range(8):
            use(f"word{number}", *crowd[: number + 1])
        hashtags.refresh()
        completed = [used.tag for used in complete(viewer=None, query="look #wo").hashtags]
        assert completed == ["word7", "word6", "word5", "word4", "word3"]
        for query in ("@wo", "from:wo", "", "#", "wo rd"):
            assert complete(viewer=None, query=query).hashtags == []


class TestTrends:
    """Hashtags that more accounts than usual use."""

    def test_what_rises_is_a_trend_and_what_is_always_used_is_not(self, crowd: list[User]) -> None:
        for day in range(1, 8):
            use("always", *crowd[:6], days_ago=day + 0.5)
            use("rising", *crowd[:1], days_ago=day + 0.5)
        use("always", *crowd[:7])
        use("rising", *crowd[:7])
        use("new", *crowd[:4])
        use("two", *crowd[:2])
        assert trending() == ["rising", "new"]

    def test_one_account_alone_makes_no_trend(self, alice: User) -> None:
        first = post(alice, "#spam").pk
        spam = [Tweet(id=first + number, author=alice, text="#spam") for number in range(1, 1000)]
        Tweet.objects.bulk_create(spam)
        Hashtag.objects.bulk_create([tagged(tweet, "spam") for tweet in spam])
        assert trending() == []
        assert find("spam") == [("spam", 1)]

    def test_a_trend_ends(self, crowd: list[User]) -> None:
        use("yesterday", *crowd, days_ago=1.2)
        assert trending() == []
        assert find("yesterday") == [("yesterday", 10)]

    def test_an_operator_can_block_one(self, crowd: list[User]) -> None:
        use("rude", *crowd)
        assert trending() == ["rude"]
        hashtags.block_trend(tag="rude", blocked=True)
        assert trending() == []
        hashtags.block_trend(tag="rude", blocked=False)
        assert trending() == ["rude"]

    @given(st.integers(0, 10**6), st.floats(0, 10**6))
    def test_more_use_is_never_less_of_a_trend(self, today: int, before: float) -> None:
        assert hashtags.rising(today + 1, before) >= hashtags.rising(today, before)
        assert hashtags.rising(today, before + 1) <= hashtags.rising(today, before)
        assert hashtags.rising(min(today, 2), before) == 0
