"""Log lines: for people and for programs, with the ids of the request, event and task."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from chirp.errors import NotFound
from chirp.observability import logs

WELL_FORMED = "0af7651916cd43dd8448eb211c80319c"


def record(message: str, *args: object, **fields: object) -> logging.LogRecord:
    created = logging.LogRecord("chirp.test", logging.INFO, "", 0, message, args, None)
    created.fields = fields
    return created


def text(message: str, *args: object, **fields: object) -> str:
    """A formatted line, from its level on."""
    line = logs.Text().format(record(message, *args, **fields))
    return line[line.index("INFO") :]


def test_a_text_line_ends_with_its_fields() -> None:
    with logs.fields(request_id="abc"):
        assert text("Pushed to %d.", 3, tweet_id=7) == (
            "INFO chirp.test: Pushed to 3. request_id=abc tweet_id=7"
        )
    assert text("Pushed.", tweet_id=None, request_id="") == "INFO chirp.test: Pushed."


@pytest.mark.parametrize("value", ["a b", 'a"b', "a\nINFO b", "a=b", "\x1b[31m", "\u2028", "\\n"])
def test_a_value_cannot_imitate_another_field_or_line(value: str) -> None:
    line = text("Done.", name=value)
    assert line == f"INFO chirp.test: Done. name={json.dumps(value)}"
    assert len(line.splitlines()) == 1


def test_a_json_line_is_one_object() -> None:
    with logs.fields(request_id="abc", task="t"):
        line = json.loads(logs.Json().format(record("Line\n%s.", "two", tweet_id=7)))
    assert datetime.fromisoformat(line.pop("time")).tzinfo == UTC
    assert line == {
        "level": "INFO",
        "logger": "chirp.test",
        "message": "Line\ntwo.",
        "request_id": "abc",
        "task": "t",
        "tweet_id": 7,
    }


def test_a_traceback_is_a_field_of_the_json_object() -> None:
    failed = record("Failed.")
    try:
        raise ValueError("no")
    except ValueError:
        failed.exc_info = sys.exc_info()
    line = logs.Json().format(failed)
    assert "\n" not in line
    assert json.loads(line)["traceback"].startswith("Traceback (most recent call last):\n")
    assert json.loads(line)["traceback"].endswith("\nValueError")  # what it says may name people


def test_fields_apply_only_within_their_block() -> None:
    logs.note(lost=1)
    with logs.fields(a=1):
        with logs.fields(b=2):
            logs.note(c=3)
            assert [logs.current(name) for name in "abc"] == [1, 2, 3]
        assert [logs.current(name) for name in "abc"] == [1, None, None]
    assert logs.current("a") is None
    assert logs.current("lost") is None


# --- Requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [WELL_FORMED, "f" * 64, "req-2026.11.24_A1"])
def test_a_well_formed_request_id_is_kept(client: Client, given: str) -> None:
    assert client.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "f" * 65, "abcdefgh\n", "a b c d e f", "-abcdefgh", "äbcdefgh", "a=bcdefgh"],
)
def test_any_other_request_id_is_replaced(client: Client, given: str) -> None:
    request_id = client.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"]
    assert request_id != given
    assert logs.REQUEST_ID.fullmatch(request_id)


def test_two_requests_have_different_ids(client: Client) -> None:
    assert client.get("/healthz")["X-Request-ID"] != client.get("/healthz")["X-Request-ID"]


@pytest.mark.django_db
def test_a_request_is_one_line_without_its_query_string(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(logs.Text())
    with caplog.at_level(logging.INFO, "chirp.web"):
        client.get("/@no%0Asuch", {"q": "a secret"}, HTTP_X_REQUEST_ID=WELL_FORMED)
    (logged,) = [record for record in caplog.records if record.name == "chirp.web"]
    line = next(line for line in caplog.text.splitlines() if "chirp.web" in line)
    assert logged.getMessage() == "GET (no page) 404"
    assert f"request_id={WELL_FORMED} ms=" in line
    assert "address=127.0.0.1" in line
    assert "secret" not in line


@pytest.mark.django_db
def test_a_request_is_logged_with_the_address_of_the_client_not_of_the_proxy(
    client: Client, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    caplog.handler.setFormatter(logs.Text())
    forwarded = {"X-Forwarded-For": "1.1.1.1, 2001:db8:0:1::7"}
    with caplog.at_level(logging.INFO, "chirp.web"):
        client.get("/healthz", headers=forwarded, REMOTE_ADDR="10.0.0.1")
    assert "address=2001:db8:0:1::7" in caplog.text


@pytest.mark.django_db
def test_a_request_for_another_name_is_one_line(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/healthz/x", headers={"host": "scanner.example"})
    assert [record.name for record in caplog.records] == ["chirp.web"]
    assert "400" in caplog.text


# --- Whom lines name -----------------------------------------------------------------------------


class _Row:
    """A row of a model, as far as logs can tell."""

    pk = 7
    _meta = type("Meta", (), {"label_lower": "accounts.user"})

    def __str__(self) -> str:
        return "@alice"


def chained() -> Exception:
    """An error that another one led to. Both quote what somebody typed."""
    typed = "@" + "alice"
    try:
        try:
            raise KeyError(typed)
        except KeyError:
            raise ValueError(typed)  # noqa: B904 - the context is what is tested
    except ValueError as error:
        return error


def test_rows_and_errors_are_logged_without_what_they_say() -> None:
    assert text("%s by %s.", _Row(), None) == "INFO chirp.test: accounts.user 7 by None."
    assert text("No: %s", chained()) == "INFO chirp.test: No: ValueError"
    assert text("No: %s", NotFound("@alice")) == "INFO chirp.test: No: NotFound: not_found"
    assert text("No: %s", TypeError("f() takes 1 argument")).endswith(" f() takes 1 argument")
    assert text("No: %s", FileNotFoundError(2, "No such file", "/alice")).endswith(" No such file")
    task = {"name": "t", "exc": "ValueError('@alice')"}
    failed = record("Task %(name)s: %(exc)s", task)
    failed.exc_info = (ValueError, chained(), None)
    for format_ in (logs.Text(), logs.Json()):
        line = format_.format(failed)
        assert "Task t: ValueError" in line
        assert "KeyError" in line
        assert "alice" not in line


def test_an_error_without_words_is_logged_with_its_cause() -> None:
    for cause, words in {
        FileNotFoundError(2, "No such file", "/alice"): "FileNotFoundError: No such file",
        KeyError("@alice"): "KeyError",
    }.items():
        error = ValueError("@alice")
        error.__cause__ = cause
        assert text("%s", error) == f"INFO chirp.test: ValueError, because of {words}"


def test_what_servers_log_has_no_paths() -> None:
    failed = record("Exception while serving /@alice/1")
    failed.name = "waitress"
    assert logs.Text().format(failed).endswith("Exception while serving (no page)")
    assert "/@alice" in failed.getMessage()  # other handlers have the record as it was


@pytest.mark.django_db
def test_paths_are_logged_as_patterns_with_ids(
    alice: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(logs.Text())
    paths = {
        "/@alice": "GET /@:handle 200",
        "/@alice/123": "GET /@:handle/123 404",
        "/api/users/alice": "GET /api/users/:handle 200",
        "/api/tweets/alice": "GET /api/tweets/:tweet_id 404",
        "/hashtag/alice": "GET /hashtag/:tag 200",
        "/api/v1/accounts/lookup?acct=alice": "GET /api/v1/accounts/lookup 200",
        "/static/alice": "GET /static/ 404",
        "/admin/nothing/alice": "GET /admin/:url 302",
        "/alice/.well-known": "GET (no page) 404",
    }
    for path, expected in paths.items():
        caplog.clear()
        with caplog.at_level(logging.INFO):
            client.get(path)
        assert f"chirp.web: {expected}" in caplog.text, caplog.text
        assert "alice" not in caplog.text
