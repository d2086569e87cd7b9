"""What holds at every address of the API."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts.models import User
from mastodon.endpoints import Route, Who
from mastodon.routes import ROUTES
from tests.helpers.mastodon_client import JSON, Mastodon
from tests.helpers.mastodon_entities import check

ANSWERS = (200, 400, 401, 404, 422)  # never an empty one, which clients cannot read
PAGE = "https://elk.example"


def addresses() -> Iterator[tuple[Route, str]]:
    """Each route with an address of it, whose ids name nothing."""
    for route in ROUTES:
        if route.path.endswith("streaming/health"):  # the only one that is plain text
            continue
        yield route, "/" + route.path.replace("<", "").replace(">", "").replace(":", "")


def sent(client: Client, method: str, address: str, **headers: str) -> Any:
    """The response to a request with the header of a page of another site."""
    send = getattr(client, method.lower())
    return send(address, headers={"Origin": PAGE, **headers})


@pytest.mark.django_db
def test_every_answer_is_json_that_pages_of_other_sites_can_read() -> None:
    client = Client(raise_request_exception=False)
    for route, address in addresses():
        for method, endpoint in route.methods.items():
            response = sent(client, method, address)
            wrong = (method, address, response.status_code, response.content)
            assert response["Content-Type"] == JSON, wrong
            assert response["Access-Control-Allow-Origin"] == "*", wrong
            assert "Link" in response["Access-Control-Expose-Headers"], wrong
            assert response["Cache-Control"].endswith("no-store"), wrong
            assert response.status_code in ANSWERS, wrong
            if response.status_code >= 400:
                check(response.json(), "Error")
            if endpoint.who is not Who.ANYBODY:
                assert response.status_code == 401, wrong


@pytest.mark.django_db
def test_a_slash_at_the_end_changes_nothing() -> None:
    client = Client(raise_request_exception=False)
    for route, address in addresses():
        for method in route.methods:
            with_slash = sent(client, method, f"{address}/")
            assert with_slash.status_code == sent(client, method, address).status_code, address
            assert with_slash.status_code not in (301, 302), address


@pytest.mark.django_db
def test_a_preflight_needs_no_token() -> None:
    asks = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    for _, address in addresses():
        response = sent(Client(), "OPTIONS", address, **asks)
        assert response.status_code == 204
        assert "PUT" in response["Access-Control-Allow-Methods"]
        assert response["Access-Control-Allow-Headers"] == "authorization,idempotency-key"


@pytest.mark.django_db
def test_an_invalid_token_is_refused_everywhere_and_a_session_opens_nothing(alice: User) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    for route, address in addresses():
        for method, endpoint in route.methods.items():
            invalid = sent(browser, method, address, Authorization="Bearer nonsense")
            assert invalid.status_code == 401, address
            if endpoint.who is not Who.ANYBODY:
                assert sent(browser, method, address).status_code == 401, address


@pytest.mark.django_db
def test_a_token_with_other_scopes_opens_nothing(alice: User) -> None:
    token = Mastodon(alice, scopes=["push"]).token
    client = Client(raise_request_exception=False)
    for route, address in addresses():
        for method, endpoint in route.methods.items():
            if endpoint.scopes and endpoint.scopes != ("push",):
                response = sent(client, method, address, Authorization=f"Bearer {token}")
                assert response.status_code == 403, (method, address)
                assert response.json() == {
                    "error": "This action is outside the authorized scopes"
                }, address


@pytest.mark.django_db
def test_addresses_and_methods_that_are_not_there() -> None:
    client = Client(raise_request_exception=False)
    assert sent(client, "GET", "/api/v1/nothing")["Access-Control-Allow-Origin"] == "*"
    for path in ("/api/v1/nothing", "/api/v2/nothing/here", "/api/v1", "/oauth/nothing"):
        response = sent(client, "GET", path)
        assert (response.status_code, response["Content-Type"]) == (404, JSON), path
        assert response.json() == {"error": "Record not found"}
    response = sent(client, "GET", "/api/v1/apps")
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    check(response.json(), "Error")


@pytest.mark.django_db
def test_rate_limits_are_told_and_kept(alice: User) -> None:
    address = "/api/v1/apps/verify_credentials"
    client = Mastodon(alice)
    with override_settings(RATE_LIMITS={"read": (4, 60), "apps": None, "write": None}):
        first = client.send("get", address)
        assert first["X-RateLimit-Limit"] == "2"  # half of the account's
        assert first["X-RateLimit-Reset"].endswith("Z")
        for _ in range(2):
            client.client.get(address, headers=client.headers)
        last = client.send("get", address, status=429)
        assert last.json() == {"error": "Too many requests"}
        assert int(last["Retry-After"]) > 0
        assert last["X-RateLimit-Remaining"] == "0"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent_as",
    [
        {"data": b"{", "content_type": "application/json"},
        {"data": b"[1]", "content_type": "application/json"},
        {"data": b"x", "content_type": "multipart/form-data"},
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(sent_as: dict[str, Any]) -> None:
    Mastodon().send("post", "apps", status=400, **sent_as)
