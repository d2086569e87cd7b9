"""Rate limits, through the API and by themselves."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from chirp import ratelimit
from chirp.redis import RedisAway, client, guarded

SIGN_IN = {"login": "nobody", "password": "wrong"}


@pytest.fixture
def limits(settings: Any) -> dict[str, tuple[int, int] | None]:
    """Two of everything in a minute."""
    settings.RATE_LIMITS = dict.fromkeys(("write", "register", "sign_in"), (2, 60))
    limits: dict[str, tuple[int, int] | None] = settings.RATE_LIMITS
    return limits


def try_to_sign_in(address: str = "192.0.2.1", **headers: str) -> Any:
    """The answer to a wrong password from some address."""
    return Client(REMOTE_ADDR=address).post(
        "/api/auth/token", SIGN_IN, content_type="application/json", headers=headers
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_what_is_left_is_told_and_then_nothing_is() -> None:
    lefts = []
    for _ in range(2):
        answer = try_to_sign_in()
        assert answer.status_code == 401
        assert answer.headers["RateLimit-Policy"] == '"sign_in";q=2;w=60'
        lefts.append(answer.headers["RateLimit"])
    assert lefts == ['"sign_in";r=1;t=60', '"sign_in";r=0;t=60']
    refused = try_to_sign_in()
    assert refused.status_code == 429
    assert refused.json()["error"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"sign_in";r=0;t=')


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_another_address_has_a_limit_of_its_own() -> None:
    for _ in range(3):
        try_to_sign_in()
    assert try_to_sign_in("192.0.2.2").status_code == 401


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_a_new_window_begins_when_the_old_one_has_ended() -> None:
    for _ in range(3):
        try_to_sign_in()
    (key,) = client().keys("rate:*")
    assert 0 < client().ttl(key) <= 60  # it ends by itself
    client().delete(key)
    assert try_to_sign_in().status_code == 401


@pytest.mark.django_db
@pytest.mark.usefixtures("limits")
def test_counting_on_does_not_make_the_window_longer() -> None:
    try_to_sign_in()
    (key,) = client().keys("rate:*")
    client().expire(key, 7)
    try_to_sign_in()
    assert client().ttl(key) <= 7


@pytest.mark.usefixtures("limits")
def test_writes_are_limited_by_account_and_reading_is_free(alice: Any, bob: Any) -> None:
    def send(person: Any, method: str) -> Any:
        browser = Client()
        browser.force_login(person)
        return getattr(browser, method)("/api/me", {}, content_type="application/json")

    statuses = [send(alice, "patch").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    reading = send(alice, "get")
    assert reading.status_code == 200
    assert "RateLimit" not in reading.headers
    assert send(bob, "patch").headers["RateLimit"] == '"write";r=1;t=60'


@pytest.mark.django_db
def test_a_limit_can_be_off(limits: dict[str, Any]) -> None:
    limits["sign_in"] = None
    for _ in range(4):
        answer = try_to_sign_in()
        assert answer.status_code == 401
        assert "RateLimit" not in answer.headers


@pytest.mark.usefixtures("limits")
def test_without_redis_nothing_is_limited(redis: None) -> None:
    with pytest.raises(RedisAway), guarded():
        raise ConnectionError
    assert [ratelimit.spend("write", who="alice") for _ in range(4)] == [None] * 4
    guarded.reset()


@pytest.mark.usefixtures("limits", "redis")
def test_forms_are_limited_alike() -> None:
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").post("/login")
    ratelimit.limit_address(request, "sign_in")
    ratelimit.limit_address(request, "sign_in")
    with pytest.raises(ratelimit.TooManyRequests) as refused:
        ratelimit.limit_address(request, "sign_in")
    assert refused.value.retry_after


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "198.51.100.7", "192.0.2.1"),  # anybody can write that
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9,198.51.100.7", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (3, "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (1, None, "192.0.2.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_an_address_is_what_trusted_proxies_say(
    settings: Any, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/", headers=headers)
    assert ratelimit.address_of(request) == address


def test_without_an_address_there_is_still_one_limit() -> None:
    request = RequestFactory(REMOTE_ADDR="").get("/")  # a server behind a socket
    assert ratelimit.address_of(request) == ""
