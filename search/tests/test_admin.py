"""Hashtags and tweets that trend, in the admin."""

import pytest

from accounts.models import User
from search.models import Tag, TrendingTweet
from tests.helpers.admin import act, browser, logged, shown
from tests.helpers.tweets import post


@pytest.fixture
def tag(db: None) -> Tag:
    """A hashtag that is a trend."""
    return Tag.objects.create(tag="rude", authors=5, trend=5)


def test_a_moderator_keeps_a_hashtag_out_of_the_trends(alice: User, tag: Tag) -> None:
    other = Tag.objects.create(tag="ok", authors=9)
    client = browser(alice, "search.change_tag")
    assert shown(client, Tag) == [tag.pk, other.pk]
    assert shown(client, Tag, "?q=ru") == [tag.pk]
    assert act(client, "block", [tag]) == ["Kept out of the trends: 1."]
    assert Tag.objects.get(pk=tag.pk).blocked
    assert shown(client, Tag, "?blocked__exact=1") == [tag.pk]
    assert act(client, "unblock", [tag]) == ["Allowed in the trends: 1."]
    assert not Tag.objects.get(pk=tag.pk).blocked
    assert [entry[1:] for entry in logged()] == [
        ("rude", "Kept out of the trends"),
        ("rude", "Allowed in the trends"),
    ]


def test_others_cannot(alice: User, tag: Tag) -> None:
    client = browser(alice, "search.view_tag")
    assert shown(client, Tag) == [tag.pk]
    act(client, "block", [tag])
    assert not Tag.objects.get(pk=tag.pk).blocked


def test_a_moderator_keeps_a_tweet_out_of_the_trends(alice: User, bob: User) -> None:
    row = TrendingTweet.objects.create(tweet=post(bob), score=5)
    client = browser(alice, "search.change_trendingtweet")
    assert shown(client, TrendingTweet) == [row.pk]
    assert act(client, "block", [row]) == ["Kept out of the trends: 1."]
    assert TrendingTweet.objects.get(pk=row.pk).blocked
    assert act(client, "unblock", [row]) == ["Allowed in the trends: 1."]
    assert not TrendingTweet.objects.get(pk=row.pk).blocked
