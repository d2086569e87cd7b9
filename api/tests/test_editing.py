"""Editing tweets and reading their edit history through the API."""

import re
from typing import Any

import pytest

from accounts.models import User
from api.tests.test_tweets import KEYS
from tests.helpers.api_client import Api
from tests.helpers.tweets import post, row
from tweets import deleting, marks


def test_an_edit_returns_the_updated_tweet(alice: User, bob: User) -> None:
    tweet = post(alice, "Helo")
    before = Api(alice).get(f"/api/tweets/{tweet.pk}").json()

    answer = Api(alice).patch(f"/api/tweets/{tweet.pk}", {"text": "Hello @bob"})

    after = answer.json()
    assert answer.status_code == 200
    assert set(after) == KEYS
    assert {key for key in after if after[key] != before[key]} == {"text", "html", "edited_at"}
    assert 'href="/@bob"' in after["html"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", after["edited_at"])
    assert Api(alice).get(f"/api/tweets/{tweet.pk}").json() == after


def test_an_empty_patch_changes_nothing(alice: User) -> None:
    tweet = post(alice)
    answer = Api(alice).patch(f"/api/tweets/{tweet.pk}", {})
    assert (answer.status_code, answer.json()["edited_at"]) == (200, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"sensitive": "yes"}, "sensitive"),
        ({"sensitive": None}, "sensitive"),
        ({"spoiler": "x" * 501}, "spoiler"),
        ({"spoiler": "a\nb"}, "spoiler"),
        ({"visibility": "public"}, "visibility"),
        ({"reply_to_id": None}, "reply_to_id"),
        ({"quote_of_id": "12345"}, "quote_of_id"),
        ({"media_ids": []}, "media_ids"),
        ({"location": {"lat": 1, "lon": 2}}, "location"),
    ],
)
def test_an_invalid_field_is_named_in_the_error(
    alice: User, changes: dict[str, Any], field: str
) -> None:
    tweet = post(alice)
    answer = Api(alice).patch(f"/api/tweets/{tweet.pk}", changes)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert row(tweet).edited_at is None


@pytest.mark.parametrize("body", [b"[]", b"null", b'"hello"', b"{", b'{"text": "\\ud800"}'])
def test_a_malformed_body_is_refused(alice: User, body: bytes) -> None:
    tweet = post(alice)
    assert Api(alice).patch(f"/api/tweets/{tweet.pk}", body).status_code == 400


def test_only_the_author_can_edit(alice: User, bob: User) -> None:
    tweet = post(alice)
    hidden = post(alice, visibility="followers")
    new = {"text": "Mine now"}
    assert Api().patch(f"/api/tweets/{tweet.pk}", new).status_code == 401
    assert Api(bob).patch(f"/api/tweets/{tweet.pk}", new).status_code == 403
    assert Api(bob).patch(f"/api/tweets/{hidden.pk}", new).status_code == 404
    assert row(tweet).text == "hello"


def test_a_repost_or_a_deleted_tweet_cannot_be_edited(alice: User, bob: User) -> None:
    tweet = post(alice)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    answer = Api(bob).patch(f"/api/tweets/{repost.pk}", {"text": "else"})
    assert (answer.status_code, answer.json()["message"]) == (403, "A repost has no text to edit.")
    deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
    assert Api(alice).patch(f"/api/tweets/{tweet.pk}", {"text": "else"}).status_code == 404


@pytest.mark.parametrize("id_", ["0", "12345", "x", "-1", "9" * 16, "9" * 40, "%00"])
def test_an_unknown_id_is_a_404(alice: User, id_: str) -> None:
    assert Api(alice).patch(f"/api/tweets/{id_}", {"text": "else"}).status_code == 404
    assert Api(alice).get(f"/api/tweets/{id_}/history").status_code == 404


def test_the_history_contains_every_version(alice: User, bob: User) -> None:
    tweet = post(alice, "Helo @bob", spoiler="Birds")
    path = f"/api/tweets/{tweet.pk}"
    created = Api().get(path).json()["created_at"]
    edited = Api(alice).patch(path, {"text": "Hello", "sensitive": True}).json()["edited_at"]

    answer = Api().get(f"{path}/history")

    assert answer.status_code == 200
    assert answer.json()["next"] is answer.json()["previous"] is None
    now, first = answer.json()["results"]
    expected = {"text": "Hello", "html": "Hello", "sensitive": True, "spoiler": "Birds"}
    assert now == {**expected, "created_at": edited}
    assert (first["text"], first["created_at"]) == ("Helo @bob", created)
    assert 'href="/@bob"' in first["html"]


def test_the_history_is_paginated(alice: User) -> None:
    path = f"/api/tweets/{post(alice, '0').pk}"
    for number in range(1, 4):
        Api(alice).patch(path, {"text": str(number)})
    page = Api().get(f"{path}/history?limit=3").json()
    assert [version["text"] for version in page["results"]] == ["3", "2", "1"]
    rest = Api().get(page["next"].removeprefix("http://testserver")).json()
    assert [version["text"] for version in rest["results"]] == ["0"]
    assert Api().get(f"{path}/history?limit=0").status_code == 400
    assert Api().get(f"{path}/history?cursor=x").status_code == 400


def test_the_history_has_the_visibility_of_the_tweet(alice: User, bob: User) -> None:
    path = f"/api/tweets/{post(alice, visibility='followers').pk}/history"
    assert Api(alice).get(path).status_code == 200
    assert Api(bob).get(path).status_code == Api().get(path).status_code == 404
