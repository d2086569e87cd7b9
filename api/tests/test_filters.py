"""Filters through the API."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chirp.times import rfc3339
from filters.models import Filter
from filters.services import MAX_FILTERS, MAX_PHRASES
from tests.helpers.api_client import Api
from tests.helpers.tweets import at_once

NEW: dict[str, Any] = {
    "title": "Football",
    "phrases": [{"text": "goal"}, {"text": "kick", "whole_word": False}],
    "contexts": ["home"],
}


def test_create_read_change_delete(alice: User) -> None:
    api = Api(alice)
    created = api.post("/api/filters", NEW)
    assert created.status_code == 201
    body = created.json()
    assert body == {
        "id": body["id"],
        "title": "Football",
        "phrases": [{"text": "goal", "whole_word": True}, {"text": "kick", "whole_word": False}],
        "contexts": ["home"],
        "action": "warn",
        "expires_at": None,
    }
    path = f"/api/filters/{body['id']}"
    assert api.get(path).json() == body
    assert api.get("/api/filters").json() == {"results": [body], "next": None, "previous": None}
    end = rfc3339(timezone.now() + timedelta(days=1))
    changed = api.patch(path, {"action": "hide", "expires_at": end, "contexts": ["thread", "home"]})
    expected = {**body, "action": "hide", "expires_at": end, "contexts": ["home", "thread"]}
    assert changed.json() == expected
    assert api.patch(path, {"phrases": [{"text": "x"}]}).json()["phrases"] == [
        {"text": "x", "whole_word": True}
    ]
    assert api.patch(path, {"expires_at": None}).json()["expires_at"] is None
    assert api.delete(path).status_code == api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u200b"}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": 7}, "title"),
        ({"phrases": [{"whole_word": True}]}, "phrases"),
        ({"phrases": None}, "phrases"),
        ({"contexts": [1]}, "contexts"),
        ({"contexts": None}, "contexts"),
        ({"action": None}, "action"),
        ({"title": None}, "title"),
        ({"phrases": []}, "phrases"),
        ({"phrases": [{"text": " "}]}, "phrases"),
        ({"phrases": [{"text": "#"}]}, "phrases"),
        ({"phrases": [{"text": "\u3164"}]}, "phrases"),
        ({"phrases": [{"text": "x" * 101}]}, "phrases"),
        ({"phrases": ["goal"]}, "phrases"),
        ({"phrases": "goal"}, "phrases"),
        ({"phrases": [{"text": "a\x00"}]}, "phrases"),
        ({"phrases": [{"text": "a", "whole_word": "yes"}]}, "phrases"),
        ({"phrases": [{"text": f"p{n}"} for n in range(MAX_PHRASES + 1)]}, "phrases"),
        ({"contexts": []}, "contexts"),
        ({"contexts": ["moon"]}, "contexts"),
        ({"contexts": "home"}, "contexts"),
        ({"action": "delete"}, "action"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2090-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ({"expires_at": 1}, "expires_at"),
    ],
)
def test_bad_input_names_the_field(alice: User, changes: dict[str, Any], field: str) -> None:
    api = Api(alice)
    answer = api.post("/api/filters", {**NEW, **changes})
    assert answer.status_code == 400
    assert {name.partition(".")[0] for name in answer.json()["fields"]} == {field}
    kept = api.post("/api/filters", NEW).json()
    assert api.patch(f"/api/filters/{kept['id']}", changes).status_code == 400
    assert api.get(f"/api/filters/{kept['id']}").json() == kept


def test_repeated_phrases_are_kept_once(alice: User) -> None:
    new = {**NEW, "phrases": [{"text": "Goal"}, {"text": "goal"}, {"text": "ＧＯＡＬ"}]}
    assert [p["text"] for p in Api(alice).post("/api/filters", new).json()["phrases"]] == ["Goal"]


def test_those_of_others_are_not_there(alice: User, bob: User) -> None:
    path = f"/api/filters/{Api(alice).post('/api/filters', NEW).json()['id']}"
    assert Api(bob).get(path).status_code == Api(bob).patch(path, {}).status_code == 404
    assert Api(bob).delete(path).status_code == 204
    assert Api(alice).get(path).status_code == 200
    assert Api().get(path).status_code == Api().post("/api/filters", NEW).status_code == 401
    assert Api(bob).get("/api/filters").json()["results"] == []
    for wrong in ("x", "0", "9" * 17, "-1"):
        assert Api(bob).get(f"/api/filters/{wrong}").status_code == 404


def test_listing_takes_as_many_queries_for_many(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api = Api(alice)
    for _ in range(10):
        api.post("/api/filters", NEW)
    with django_assert_num_queries(3):
        assert len(api.get("/api/filters").json()["results"]) == 10


@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_not_exceed_the_limit(alice: User) -> None:
    one = Filter(owner=alice, title="x", contexts=["home"])
    Filter.objects.bulk_create(
        [one] + [Filter(owner=alice, title="x") for _ in range(MAX_FILTERS - 3)]
    )
    assert Filter.objects.count() == MAX_FILTERS - 2
    answers: list[Any] = at_once([partial(Api(alice).post, "/api/filters", NEW)] * 6)
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/api/filters", "/api/lists"])
def test_the_same_request_twice_at_once_creates_one(alice: User, path: str) -> None:
    send = partial(Api(alice).post, path, {**NEW, "name": "x"}, **{"Idempotency-Key": "k"})
    answers: list[Any] = at_once([send] * 3)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert send().status_code == 201
    assert len(Api(alice).get(path).json()["results"]) == 1
