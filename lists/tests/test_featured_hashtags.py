"""Hashtags on a profile."""

from collections.abc import Callable
from functools import partial

import pytest

from accounts.models import User
from chirp.errors import NotFound
from lists import featured_hashtags
from lists.featured_hashtags import MAX_FEATURED, TooManyFeaturedHashtags, feature_hashtag
from people.profile import update_profile
from people.selectors import ListsHidden, ListsPrivate
from people.services import block
from tests.helpers.threads import at_once
from tweets.deleting import delete_tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def shown(viewer: User | None, user: User) -> list[tuple[str, int]]:
    found = featured_hashtags.featured_hashtags(viewer=viewer, user=user)
    return [(each.tag, each.tweets_count) for each in found]


def test_they_are_shown_with_how_often_they_are_used(alice: User, bob: User) -> None:
    for text in ("#Garden", "#garden and #bees", "hello"):
        last = post_tweet(author=alice, text=text)
    post_tweet(author=bob, text="#garden")
    post_tweet(author=alice, text="@bob #garden", visibility="direct")
    gone = post_tweet(author=alice, text="#garden")
    delete_tweet(author=alice, tweet_id=gone.pk)
    for tag in ("bees", "GARDEN", "garden", "日本"):
        feature_hashtag(user=alice, tag=tag)
    assert shown(None, alice) == [("日本", 0), ("garden", 2), ("bees", 1)]
    garden = featured_hashtags.featured_hashtags(viewer=bob, user=alice)[1]
    assert garden.last_id is not None
    assert garden.last_id < last.pk
    assert featured_hashtags.unfeature_hashtag(user=alice, tag="Garden") == "garden"
    featured_hashtags.unfeature_hashtag(user=alice, tag="garden")
    assert featured_hashtags.recommended(viewer=None, user=alice).hashtags == ["日本", "bees"]
    for wrong in ("", "two words", "#", "1", "a-b", "x" * 200):
        with pytest.raises(NotFound):
            feature_hashtag(user=alice, tag=wrong)


def test_what_was_used_lately_is_suggested(alice: User, bob: User) -> None:
    for text in ("#one #two", "#two", "#three"):
        post_tweet(author=alice, text=text)
    post_tweet(author=bob, text="#other")
    feature_hashtag(user=alice, tag="three")
    found = featured_hashtags.suggested_hashtags(user=alice)
    assert [(each.tag, each.id, each.tweets_count) for each in found] == [
        ("two", None, 2),
        ("one", None, 1),
    ]


def test_who_may_not_see_lists_may_not_see_them(alice: User, bob: User) -> None:
    feature_hashtag(user=alice, tag="one")
    update_profile(user=alice, changes={"private": True})
    alice.refresh_from_db()
    for viewer in (None, bob):
        with pytest.raises(ListsPrivate):
            shown(viewer, alice)
    assert shown(alice, alice) == [("one", 0)]
    block(blocker=alice, blocked=bob)
    with pytest.raises(ListsHidden):
        shown(bob, alice)


@pytest.mark.django_db(transaction=True)
def test_there_are_never_more_than_fit(alice: User) -> None:
    jobs: list[Callable[[], object]] = [
        partial(feature_hashtag, user=alice, tag=f"tag{n}") for n in range(MAX_FEATURED + 3)
    ]
    raised = at_once(jobs)
    assert [type(each) for each in raised] == [TooManyFeaturedHashtags] * 3
    assert len(shown(None, alice)) == MAX_FEATURED
    with pytest.raises(TooManyFeaturedHashtags, match="10 hashtags"):
        feature_hashtag(user=alice, tag="more")
