"""The API reference: valid, complete, and rendered without external resources."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from drf_spectacular import validation
from jsonschema_rs import Draft202012Validator

from api import docs

SPECIFICATION = Path(validation.__file__).with_name("openapi_3_1_schema.json")
METHODS = {"get", "post", "put", "patch", "delete"}


class Sources(HTMLParser):
    """Collects the resources that a page loads, its internal links, its ids and inline code."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.anchors: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in {"script", "style"} or "style" in values:
            self.inline.append(tag)
        if "src" in values or tag == "link":
            self.loaded.append(values.get("src") or values["href"])
        elif values.get("href", "").startswith("#"):
            self.anchors.append(values["href"][1:])
        if "id" in values:
            self.ids.append(values["id"])


@pytest.fixture
def document(db: None) -> dict[str, Any]:
    """The OpenAPI document."""
    answer = Client().get("/api/schema")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    document: dict[str, Any] = answer.json()
    return document


@pytest.fixture
def page(db: None) -> Any:
    """The API reference as an HTML page."""
    return Client().get("/api/docs")


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """A tuple (method, path, operation) for each operation."""
    return [
        (method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS & set(item)
    ]


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    # validate_schema of the same package reads all of the specification again for each reference,
    # which takes 5 seconds.
    Draft202012Validator(json.loads(SPECIFICATION.read_text())).validate(document)


def test_no_path_conflicts_with_the_mastodon_api(document: dict[str, Any]) -> None:
    assert document["paths"]
    for path in document["paths"]:
        assert not re.match(r"/api/v\d|/oauth", path)
        assert not path.endswith("/")


def test_each_operation_declares_its_error_responses(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        statuses, where = set(operation["responses"]), f"{method} {path}"
        assert operation["summary"], where
        if any(operation["security"]):
            assert "401" in statuses, where
        if "{" in path:
            assert "404" in statuses, where
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= statuses, where
        if any(operation["security"]) and method != "get":
            assert {"403", "429"} <= statuses, where


def test_each_limited_read_declares_its_limit(document: dict[str, Any]) -> None:
    unlimited = {"/api/status", "/.well-known/jwks.json"}
    for method, path, operation in operations(document):
        if method == "get" and path not in unlimited:
            for status in ("200", "429"):
                headers = operation["responses"][status]["headers"]
                assert {"RateLimit", "RateLimit-Policy"} <= set(headers), path
            assert "Retry-After" in headers, path


def test_operations_that_create_objects_accept_an_idempotency_key(document: dict[str, Any]) -> None:
    creating = [
        operation
        for method, _, operation in operations(document)
        if method == "post" and "201" in operation["responses"] and any(operation["security"])
    ]
    assert creating
    for operation in creating:
        assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}


def test_the_page_loads_only_static_files_and_has_no_inline_code(page: Any) -> None:
    found = Sources()
    found.feed(page.content.decode())
    assert found.loaded
    assert all(source.startswith("/static/") for source in found.loaded)
    assert found.inline == []
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_the_page_lists_each_operation_and_has_no_broken_links(
    page: Any, document: dict[str, Any]
) -> None:
    found = Sources()
    found.feed(page.content.decode())
    assert {operation["operationId"] for _, _, operation in operations(document)} <= set(found.ids)
    assert set(found.anchors) <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_types_are_described_in_words() -> None:
    described: dict[str, dict[str, Any]] = {
        "string": {"type": "string"},
        "string (at most 5 characters)": {"type": "string", "maxLength": 5},
        "integer (1 to 9)": {"type": "integer", "minimum": 1, "maximum": 9},
        "string or null (date-time)": {"type": ["string", "null"], "format": "date-time"},
        "one of a, b": {"enum": ["a", "b"]},
        "list of string": {"type": "array", "items": {"type": "string"}},
    }
    for words, value in described.items():
        assert docs._kind(value) == docs.Kind(words)
    ref = {"$ref": "#/components/schemas/Tweet"}
    assert docs._kind(ref) == docs.Kind("", "Tweet")
    assert docs._kind({"type": "array", "items": ref}) == docs.Kind("list of", "Tweet")
    nullable = {"oneOf": [ref, {"type": "null"}]}
    assert docs._kind(nullable) == docs.Kind("null or", "Tweet")


def test_only_safe_methods_are_allowed() -> None:
    for path in ("/api/schema", "/api/docs"):
        assert Client().post(path).status_code == 405
