"""Bookmarks through the API and on the site."""

from functools import partial
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.pages import HTMX, page
from tests.helpers.tweets import at_once, post
from tweets import deleting, marks
from tweets.models import Bookmark


def kept(api: Api) -> list[str]:
    """The ids that `/api/bookmarks` lists."""
    return [tweet["id"] for tweet in api.get("/api/bookmarks").json()["results"]]


def path(tweet_id: int) -> str:
    """Where a bookmark is put and deleted."""
    return f"/api/tweets/{tweet_id}/bookmark"


def test_a_bookmark_is_of_the_original_and_only_its_owner_sees_it(
    alice: User, bob: User, charlie: User
) -> None:
    tweet = post(alice)
    repost = marks.repost(user=charlie, tweet_id=tweet.pk)
    api = Api(bob)
    for named in (repost, tweet):
        body = api.put(path(named.pk)).json()
        assert (body["id"], body["viewer"]["bookmarked"]) == (str(tweet.pk), True)
    assert kept(api) == [str(tweet.pk)]
    for other in (Api(alice), Api(charlie)):
        assert kept(other) == []
        found = other.get(f"/api/tweets/{tweet.pk}").json()
        assert found["viewer"]["bookmarked"] is False
    for named in (repost, tweet):
        body = api.delete(path(named.pk)).json()
        assert (body["id"], body["viewer"]["bookmarked"]) == (str(tweet.pk), False)
    assert kept(api) == []


def test_the_latest_bookmark_comes_first(alice: User, bob: User) -> None:
    first, second = post(alice), post(alice)
    for tweet in (second, first):
        Api(bob).put(path(tweet.pk))
    assert kept(Api(bob)) == [str(first.pk), str(second.pk)]


def test_what_cannot_be_seen_cannot_be_kept_but_always_be_let_go(alice: User, bob: User) -> None:
    tweet = post(alice, visibility="followers")
    assert Api().put(path(tweet.pk)).status_code == 401
    assert Api().get("/api/bookmarks").status_code == 401
    assert Api(bob).put(path(tweet.pk)).status_code == 404
    assert Api(bob).put(path(2**50)).status_code == 404
    people.follow(follower=bob, followee=alice)
    assert Api(bob).put(path(tweet.pk)).status_code == 200
    people.unfollow(follower=bob, followee=alice)
    assert kept(Api(bob)) == []
    assert Api(bob).delete(path(tweet.pk)).status_code == 204
    assert not Bookmark.objects.exists()


def test_muted_authors_stay_and_deleted_tweets_go(alice: User, bob: User) -> None:
    muted, deleted = post(alice), post(alice)
    for tweet in (muted, deleted):
        Api(bob).put(path(tweet.pk))
    people.mute(muter=bob, muted=alice)
    deleting.delete_tweet(author=alice, tweet_id=deleted.pk)
    assert kept(Api(bob)) == [str(muted.pk)]


def test_its_queries_do_not_grow(
    alice: User, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        Api(bob).put(path(post(alice).pk))
    with django_assert_max_num_queries(4):
        assert len(kept(Api(bob))) == 12


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one(alice: User, bob: User) -> None:
    tweet, api = post(alice), Api(bob)
    answers: list[Any] = at_once([partial(api.put, path(tweet.pk))] * 10)
    assert {answer.status_code for answer in answers} == {200}
    assert Bookmark.objects.count() == 1


def test_the_site_has_a_button_and_a_page(client: Client, alice: User, bob: User) -> None:
    tweet = post(alice, "keep me")
    assert client.get("/bookmarks").headers["Location"].startswith("/login")
    client.force_login(bob)
    assert "Nothing kept yet" in page(client.get("/bookmarks"))
    where = f"/@alice/{tweet.pk}"
    answer = client.post(f"{where}/bookmark", {"anchor": f"t{tweet.pk}"}, headers=HTMX)
    assert 'aria-pressed="true" aria-label="Bookmark"' in page(answer)
    assert "keep me" in page(client.get("/bookmarks"))
    client.post(f"{where}/unbookmark", {"next": "/bookmarks"})
    assert "keep me" not in page(client.get("/bookmarks"))
