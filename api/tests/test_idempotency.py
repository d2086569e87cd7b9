"""`Idempotency-Key`: sent twice, done once."""

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
    """Posts as alice; `made()` below counts what that made."""
    api = Api(alice)

    def send(key: str | None, body: Any = None, path: str = "/make") -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return api.post(path, {} if body is None else body, **headers)

    return send


def made() -> int:
    """How often the work was done; one row is the sign-in of the test itself."""
    return TokenFamily.objects.count() - 1


def test_the_same_again_gives_the_first_answer_again(post: Post) -> None:
    first, second = post("key", {"a": 1, "b": 2}), post("key", {"b": 2, "a": 1})
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert made() == 1


def test_without_a_key_twice_is_twice(post: Post) -> None:
    assert post(None).json() != post(None).json()
    assert made() == 2


def test_another_body_is_a_conflict(post: Post) -> None:
    post("key", {"text": "one"})
    answer = post("key", {"text": "two"})
    assert answer.status_code == 409
    assert answer.json()["error"] == "idempotency_key_used"
    assert made() == 1


def test_another_address_is_a_conflict(post: Post) -> None:
    post("key")
    assert post("key", path="/make/other").status_code == 409


def test_another_key_is_another_request(post: Post) -> None:
    assert post("one").json() != post("two").json()
    assert made() == 2


def test_keys_are_of_one_account(post: Post, alice: User, bob: User) -> None:
    mine = post("key")
    theirs = Api(bob).post("/make", {}, **{"Idempotency-Key": "key"})
    assert theirs.status_code == 201
    assert theirs.json() != mine.json()


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "käse", "tab\tinside", "del\x7f"])
def test_what_is_no_key_is_refused(post: Post, key: str) -> None:
    answer = post(key)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["Idempotency-Key"]
    assert made() == 0


@pytest.mark.parametrize("key", ["k", "k" * 255, "~!@# $%^&*()_+{}|:<>?", "'; --"])
def test_all_printable_ascii_is_a_key(post: Post, key: str) -> None:
    assert post(key).status_code == 201
    assert post(key).status_code == 201
    assert made() == 1


@pytest.mark.parametrize("how", ["raise", "answer"])
def test_an_error_leaves_nothing_and_the_key_can_be_used_again(post: Post, how: str) -> None:
    for _ in range(2):
        assert post("key", {"end": how}).status_code == 400
    assert made() == 0
    assert post("key", {"now": "better"}).status_code == 201
    assert made() == 1


def test_after_a_day_a_key_is_as_good_as_new(post: Post) -> None:
    first = post("key", {"text": "one"})
    almost = timezone.now() - timedelta(hours=23, minutes=59)
    IdempotentRequest.objects.update(created_at=almost)
    assert post("key", {"text": "one"}).content == first.content
    IdempotentRequest.objects.update(created_at=almost - timedelta(minutes=2))
    again = post("key", {"text": "two"})
    assert again.status_code == 201
    assert again.json() != first.json()
    assert post("key", {"text": "two"}).content == again.content
    assert made() == 2


def test_signed_out_a_key_is_no_help() -> None:
    assert Api().post("/make", {}, **{"Idempotency-Key": "key"}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_equal_requests_at_once_one_works_and_all_are_answered(alice: User, post: Post) -> None:
    answers: list[Any] = []
    assert at_once([lambda: answers.append(post("key", {"text": "one"}))] * 8) == []
    assert made() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert int(refused.headers["Retry-After"]) >= 1


@pytest.fixture
def running_first(alice: User, transactional_db: None) -> Iterator[Callable[[], None]]:
    """A first request with the key "key" that is under way. Called, it breaks off."""
    claimed, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            idempotency.claim(user_id=alice.pk, key="key", fingerprint="fingerprint")
            claimed.set()
            leave.wait(30)
            transaction.set_rollback(True)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert claimed.wait(10)

    def break_off() -> None:
        leave.set()
        thread.join()

    yield break_off
    break_off()


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_too_long_is_told_when_to_try_again(
    running_first: Callable[[], None], post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_MS", 50)
    answer = post("key")
    assert answer.status_code == 409
    assert answer.json()["error"] == "still_running"
    assert answer.headers["Retry-After"] == "1"
    running_first()
    assert post("key").status_code == 201
    assert made() == 1


@pytest.mark.django_db(transaction=True)
def test_the_work_itself_may_wait_as_long_as_it_must(
    alice: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_MS", 50)
    timeouts: list[str] = []

    def noting(request: Any) -> User:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            timeouts.append(cursor.fetchone()[0])
        return alice

    monkeypatch.setattr("tests.helpers.probe_urls.signed_in_user", noting)
    assert post("key").status_code == 201
    assert timeouts == ["0"]
