"""`Idempotency-Key`: a repeated request takes effect once."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import idempotency
from accounts.models import IdempotentRequest, TokenFamily, User
from tests.helpers.api_client import Api
from tests.helpers.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.helpers.probe_urls")]
Post = Callable[..., Any]


@pytest.fixture
def post(alice: User) -> Post:
    """A function that sends a POST as alice; `created()` counts the rows that it created."""
    api = Api(alice)

    def send(key: str | None, body: Any = None, path: str = "/make") -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return api.post(path, {} if body is None else body, **headers)

    return send


def created() -> int:
    """The number of rows that the view created, without the row of the sign-in."""
    return TokenFamily.objects.count() - 1


def test_a_repeated_request_returns_the_first_response(post: Post) -> None:
    first, second = post("key", {"a": 1, "b": 2}), post("key", {"b": 2, "a": 1})
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert created() == 1


def test_without_a_key_each_request_takes_effect(post: Post) -> None:
    assert post(None).json() != post(None).json()
    assert created() == 2


def test_another_body_is_a_conflict(post: Post) -> None:
    post("key", {"text": "one"})
    answer = post("key", {"text": "two"})
    assert answer.status_code == 409
    assert answer.json()["error"] == "idempotency_key_used"
    assert created() == 1


@pytest.mark.parametrize("bracket", ["[]", "{}"])
@pytest.mark.parametrize(("depth", "status"), [(32, 201), (33, 400), (300, 400), (1000, 400)])
def test_bodies_are_nested_so_deep_and_no_deeper(
    post: Post, bracket: str, depth: int, status: int
) -> None:
    opening, closing = ("[", "]") if bracket == "[]" else ('{"a":', "}")
    inner = depth - 1  # within the object that is the body
    body = '{"a":' + opening * inner + "1" + closing * inner + "}"
    assert post("key", body.encode()).status_code == status


def test_another_path_is_a_conflict(post: Post) -> None:
    post("key")
    assert post("key", path="/make/other").status_code == 409


def test_another_key_is_another_request(post: Post) -> None:
    assert post("one").json() != post("two").json()
    assert created() == 2


def test_each_account_has_its_own_keys(post: Post, alice: User, bob: User) -> None:
    mine = post("key")
    theirs = Api(bob).post("/make", {}, **{"Idempotency-Key": "key"})
    assert theirs.status_code == 201
    assert theirs.json() != mine.json()


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "käse", "tab\tinside", "del\x7f"])
def test_an_invalid_key_is_refused(post: Post, key: str) -> None:
    answer = post(key)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["Idempotency-Key"]
    assert created() == 0


@pytest.mark.parametrize("key", ["k", "k" * 255, "~!@# $%^&*()_+{}|:<>?", "'; --"])
def test_any_printable_ascii_is_a_valid_key(post: Post, key: str) -> None:
    assert post(key).status_code == 201
    assert post(key).status_code == 201
    assert created() == 1


@pytest.mark.parametrize("how", ["raise", "answer"])
def test_after_an_error_nothing_is_stored_and_the_key_can_be_reused(post: Post, how: str) -> None:
    for _ in range(2):
        assert post("key", {"end": how}).status_code == 400
    assert created() == 0
    assert post("key", {"now": "better"}).status_code == 201
    assert created() == 1


def test_a_key_expires_after_a_day(post: Post) -> None:
    first = post("key", {"text": "one"})
    almost = timezone.now() - timedelta(hours=23, minutes=59)
    IdempotentRequest.objects.update(created_at=almost)
    assert post("key", {"text": "one"}).content == first.content
    IdempotentRequest.objects.update(created_at=almost - timedelta(minutes=2))
    again = post("key", {"text": "two"})
    assert again.status_code == 201
    assert again.json() != first.json()
    assert post("key", {"text": "two"}).content == again.content
    assert created() == 2


def test_a_key_does_not_replace_authentication() -> None:
    assert Api().post("/make", {}, **{"Idempotency-Key": "key"}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_concurrent_equal_requests_one_takes_effect_and_all_get_a_response(
    alice: User, post: Post
) -> None:
    answers: list[Any] = []
    assert at_once([lambda: answers.append(post("key", {"text": "one"}))] * 8) == []
    assert created() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert int(refused.headers["Retry-After"]) >= 1


@pytest.fixture
def running_first(alice: User, transactional_db: None) -> Iterator[Callable[[], None]]:
    """A first request with the key "key" that is still running. Calling the fixture aborts it."""
    claimed, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            idempotency.claim(user_id=alice.pk, key="key", fingerprint="fingerprint")
            claimed.set()
            release.wait(30)
            transaction.set_rollback(True)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert claimed.wait(10)

    def abort() -> None:
        release.set()
        thread.join()

    yield abort
    abort()


@pytest.mark.django_db(transaction=True)
def test_a_request_that_waits_too_long_gets_a_retry_after(
    running_first: Callable[[], None], post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_MS", 50)
    answer = post("key")
    assert answer.status_code == 409
    assert answer.json()["error"] == "still_running"
    assert answer.headers["Retry-After"] == "1"
    running_first()
    assert post("key").status_code == 201
    assert created() == 1


@pytest.mark.django_db(transaction=True)
def test_the_lock_timeout_does_not_apply_to_the_view_itself(
    alice: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_MS", 50)
    timeouts: list[str] = []

    def recording(request: Any) -> User:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            timeouts.append(cursor.fetchone()[0])
        return alice

    monkeypatch.setattr("tests.helpers.probe_urls.signed_in_user", recording)
    assert post("key").status_code == 201
    assert timeouts == ["0"]
