"""Rate limits through the API, and the quotas behind them."""

from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from api.throttles import ReadThrottle
from chirp.limits import quotas
from chirp.redis.client import RedisAway, client, guarded
from tests.helpers.api_client import Api

_numbers = count()


@pytest.fixture
def limits(settings: Any) -> dict[str, tuple[int, int] | None]:
    """Limit each scope to two requests a minute."""
    settings.RATE_LIMITS = dict.fromkeys(("write", "read", "register", "sign_in", "apps"), (2, 60))
    limits: dict[str, tuple[int, int] | None] = settings.RATE_LIMITS
    return limits


def try_to_sign_in(address: str = "192.0.2.1", **headers: str) -> Any:
    """The response to a wrong password from a client address."""
    # Another login each time: guesses of one password are limited in another way.
    data = {"login": f"nobody{next(_numbers)}", "password": "wrong"}
    return Client(REMOTE_ADDR=address).post(
        "/api/auth/token", data, content_type="application/json", headers=headers
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_headers_show_the_remaining_quota_until_it_is_used_up() -> None:
    remaining = []
    for _ in range(2):
        answer = try_to_sign_in()
        assert answer.status_code == 401
        assert answer.headers["RateLimit-Policy"] == '"sign_in";q=2;w=60'
        remaining.append(answer.headers["RateLimit"])
    assert remaining == ['"sign_in";r=1;t=60', '"sign_in";r=0;t=60']
    refused = try_to_sign_in()
    assert refused.status_code == 429
    assert refused.json()["error"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"sign_in";r=0;t=')


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_each_address_has_its_own_limit() -> None:
    for _ in range(3):
        try_to_sign_in()
    assert try_to_sign_in("192.0.2.2").status_code == 401


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_an_ipv6_network_and_its_wider_network_have_limits() -> None:
    statuses = [try_to_sign_in(f"2001:db8:0:1::{n}").status_code for n in range(3)]
    assert statuses == [401, 401, 429]
    # The /56 has counted three requests; it may send four times as many as a /64.
    statuses = [try_to_sign_in(f"2001:db8:0:{n:x}::1").status_code for n in range(16, 22)]
    assert statuses == [401] * 5 + [429]
    assert try_to_sign_in("2001:db8:0:100::1").status_code == 401


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_a_new_window_starts_when_the_old_one_expires() -> None:
    for _ in range(3):
        try_to_sign_in()
    (key,) = client().keys("rate:*")
    assert 0 < client().ttl(key) <= 60  # it expires by itself
    client().delete(key)
    assert try_to_sign_in().status_code == 401


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_further_requests_do_not_extend_the_window() -> None:
    try_to_sign_in()
    (key,) = client().keys("rate:*")
    client().expire(key, 7)
    try_to_sign_in()
    assert client().ttl(key) <= 7


def send(person: Any, method: str, **more: Any) -> Any:
    browser = Client()
    if person:
        browser.force_login(person)
    return getattr(browser, method)(
        "/api/me" if person else "/api/timelines/public",
        {},
        **({} if method == "get" else {"content_type": "application/json"}),
        **more,
    )


@pytest.mark.usefixtures("limits")
def test_writes_and_reads_are_limited_by_account(alice: Any, bob: Any) -> None:
    for method, scope in (("patch", "write"), ("get", "read")):
        statuses = [send(alice, method).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        refused = send(alice, method)
        assert refused.headers["RateLimit"] == f'"{scope}";r=0;t=60'
        assert refused.headers["RateLimit-Policy"] == f'"{scope}";q=2;w=60'
        assert refused.headers["Retry-After"] == "60"
        assert send(bob, method).headers["RateLimit"] == f'"{scope}";r=1;t=60'


@pytest.mark.parametrize(("method", "scope"), [("patch", "write"), ("get", "read")])
def test_a_token_may_use_half_of_the_limit_of_its_account(
    method: str, scope: str, alice: Any, limits: dict[str, Any]
) -> None:
    limits[scope] = (5, 60)
    wild, tame = Api(alice), Api(alice)
    body: Any = {} if method == "patch" else None
    sent = [wild.request(method, "/api/me", body) for _ in range(9)]
    assert [response.status_code for response in sent] == [200] * 3 + [429] * 6
    assert sent[-1].headers["RateLimit-Policy"] == f'"{scope}";q=3;w=60'
    # What was refused was not counted for the account, of which two requests are left.
    sent = [tame.request(method, "/api/me", body) for _ in range(3)]
    assert [response.status_code for response in sent] == [200, 200, 429]
    assert sent[-1].headers["RateLimit-Policy"] == f'"{scope}";q=5;w=60'


@pytest.mark.usefixtures("limits")
def test_anonymous_reads_are_limited_by_address_and_those_of_accounts_are_not(
    alice: Any,
) -> None:
    statuses = [send(None, "get", REMOTE_ADDR="192.0.2.1").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert send(alice, "get", REMOTE_ADDR="192.0.2.1").status_code == 200
    assert send(None, "get", REMOTE_ADDR="192.0.2.2").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/status", "/.well-known/jwks.json", "/healthz", "/readyz", "/metrics", "/status"]
)
def test_what_monitoring_reads_is_not_limited(path: str, limits: dict[str, Any]) -> None:
    limits["read"] = (1, 60)
    responses = [Client().get(path) for _ in range(3)]
    assert {response.status_code for response in responses} == {200}
    assert not any("RateLimit" in response for response in responses)


@pytest.mark.usefixtures("limits", "redis")
def test_both_networks_of_an_ipv6_client_are_counted_in_one_slot() -> None:
    quotas.spend_address("write", address="2001:db8:1:2::3")
    found: Any = client().keys("rate:*")
    keys = {key.decode() for key in found}
    common = "rate:write:{2001:db8:1::/56}"
    assert keys == {f"{common}:2001:db8:1:2::/64", f"{common}:2001:db8:1::/56"}


@pytest.mark.django_db
def test_a_limit_can_be_disabled(limits: dict[str, Any]) -> None:
    limits["sign_in"] = None
    for _ in range(4):
        answer = try_to_sign_in()
        assert answer.status_code == 401
        assert "RateLimit" not in answer.headers


@pytest.mark.usefixtures("limits")
def test_without_redis_each_process_counts_for_itself(redis: None) -> None:
    with pytest.raises(RedisAway), guarded():
        raise ConnectionError
    spent = [quotas.spend("write", who="somebody while Redis is away") for _ in range(3)]
    assert [quota and quota.used for quota in spent] == [1, 2, 3]
    guarded.reset()


def test_every_write_has_a_limit() -> None:
    """Of each view that writes, some throttle counts requests that are not reads."""
    found = [
        (str(pattern.pattern), getattr(pattern.callback, "view_class", None))
        for pattern in get_resolver("api.urls").url_patterns
    ]
    views = {path: view for path, view in found if view is not None}
    writing = ("post", "put", "patch", "delete")
    unlimited = {
        path
        for path, view in views.items()
        if any(hasattr(view, verb) for verb in writing)
        and set(view.throttle_classes) <= {ReadThrottle}
    }
    assert (unlimited, len(views) > 50) == (set(), True)


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("path", ["/api/me", "/api/v1/timelines/home"])
def test_tokens_that_are_none_count_for_the_address_that_sends_them(path: str) -> None:
    guessed = Api(access="a" * 43)
    for method in ("get", "post"):
        answers = [guessed.request(method, path).status_code for _ in range(3)]
        assert answers[1:] != [401, 401] or answers == [405] * 3, (method, answers)
    assert guessed.get(path).status_code == 429
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert other.get(path, headers=guessed.headers).status_code == 401
