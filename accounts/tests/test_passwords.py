"""Guessing passwords: the delay, whom it does not concern, and what it must not reveal."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import services, tokens
from accounts.models import SecurityEvent, User
from chirp.limits.guesses import FREE, TooManyGuesses
from conftest import PASSWORD
from tests.helpers.guessing import let_the_delay_pass, stretch_delays, units

HOME = "192.0.2.1"
WRONG = "a wrong guess"
pytestmark = pytest.mark.django_db
_strangers = (f"198.51.{number // 250}.{number % 250}" for number in count(1))


@pytest.fixture(autouse=True)
def _stretched(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch_delays(monkeypatch)


def token(login: str, password: str = WRONG, *, address: str = "") -> Any:
    """The response to a sign-in, from an address that nobody has used yet unless given."""
    client = Client(REMOTE_ADDR=address or next(_strangers))
    data = {"login": login, "password": password}
    return client.post("/api/auth/token", data, content_type="application/json")


def guess(login: str, times: int) -> list[int]:
    """The statuses of wrong guesses, each from another address."""
    return [token(login).status_code for _ in range(times)]


@pytest.mark.parametrize("login", ["alice", "@ALICE", "Alice@Example.org", "nobody", "x@y.example"])
def test_guesses_from_many_addresses_are_delayed_also_for_unknown_logins(
    alice: User, login: str
) -> None:
    assert guess(login, 40) == [401] * FREE + [429] * (40 - FREE)
    delays = []
    for _ in range(4):
        delays.append(units(token(login).headers["Retry-After"]))
        let_the_delay_pass()
        assert token(login).status_code == 401
    assert delays == [1, 2, 4, 8]


def test_ways_to_write_a_login_share_a_budget(alice: User) -> None:
    for login in ("alice", "ALICE", "@alice", "@Alice", "aLICE"):
        assert token(login).status_code == 401
    assert token("Alice").status_code == 429


def test_guesses_by_handle_do_not_reveal_whose_address_it_is(alice: User) -> None:
    guess("alice", FREE)
    assert token("alice@example.org").status_code == 401


def test_the_right_password_has_to_wait_as_well(alice: User) -> None:
    guess("alice", FREE)
    assert token("alice", PASSWORD).status_code == 429
    let_the_delay_pass()
    assert token("alice", PASSWORD).status_code == 200


def test_strangers_cannot_lock_the_owner_out_of_a_known_network(alice: User) -> None:
    assert token("alice", PASSWORD, address=HOME).status_code == 200
    guess("alice", 3 * FREE)
    assert token("alice", address=HOME).status_code == 401
    assert token("alice", PASSWORD, address=HOME).status_code == 200


def test_an_ipv6_network_is_known_as_a_whole(alice: User) -> None:
    token("alice", PASSWORD, address="2001:db8:0:1::1")
    guess("alice", FREE)
    assert token("alice", PASSWORD, address="2001:db8:0:1::2").status_code == 200
    assert token("alice", PASSWORD, address="2001:db8:0:2::1").status_code == 429


def test_a_known_network_has_a_limited_budget_of_its_own(alice: User) -> None:
    token("alice", PASSWORD, address=HOME)
    statuses = [token("alice", address=HOME).status_code for _ in range(FREE + 1)]
    assert statuses == [401] * FREE + [429]
    assert token("alice").status_code == 401


def test_registering_makes_a_network_known() -> None:
    data = {"handle": "dora", "email": "dora@example.org", "password": PASSWORD}
    Client(REMOTE_ADDR=HOME).post("/api/auth/register", data, content_type="application/json")
    guess("dora", FREE)
    assert token("dora", PASSWORD, address=HOME).status_code == 200


def test_a_network_is_forgotten_after_ninety_days(alice: User) -> None:
    token("alice", PASSWORD, address=HOME)
    long_ago = timezone.now() - timedelta(days=90, seconds=1)
    SecurityEvent.objects.update(created_at=long_ago)
    guess("alice", FREE)
    assert token("alice", PASSWORD, address=HOME).status_code == 429


def test_a_network_is_known_to_one_account_only(alice: User, bob: User) -> None:
    token("bob", PASSWORD, address=HOME)
    guess("alice", FREE)
    assert token("alice", PASSWORD, address=HOME).status_code == 429


def test_clients_without_an_address_are_strangers(alice: User) -> None:
    services.sign_in(login="alice", password=PASSWORD, now=timezone.now())
    guess("alice", FREE)
    with pytest.raises(TooManyGuesses):
        services.sign_in(login="alice", password=PASSWORD, now=timezone.now())


def test_a_login_cannot_name_the_budget_of_another_one(alice: User) -> None:
    token("alice", PASSWORD, address=HOME)
    for login in (f"{HOME}\nalice", f"alice\n{HOME}", f"strangers\n{HOME}\nalice"):
        guess(login, 2 * FREE)
    assert token("alice", address=HOME).status_code == 401
    assert token("alice").status_code == 401


def test_many_sign_ins_from_new_addresses_are_not_delayed(alice: User) -> None:
    assert {token("alice", PASSWORD).status_code for _ in range(3 * FREE)} == {200}


def test_for_a_lost_account_guesses_are_delayed_as_for_nobody(alice: User) -> None:
    past = timezone.now() - timedelta(seconds=1)
    User.objects.filter(pk=alice.pk).update(deactivated_at=past, delete_at=past)
    statuses = [token("alice", PASSWORD).status_code for _ in range(FREE + 1)]
    assert statuses == [401] * FREE + [429]


# --- Every place that takes a password ---------------------------------------------------------


def api_deactivate(user: User) -> Any:
    access = tokens.issue(user=user, now=timezone.now()).access
    return Client(REMOTE_ADDR=next(_strangers)).post(
        "/api/me/deactivate",
        {"password": WRONG},
        content_type="application/json",
        headers={"Authorization": f"Bearer {access}"},
    )


def page_of_settings(path: str, **data: str) -> Callable[[User], Any]:
    def send(user: User) -> Any:
        client = Client(REMOTE_ADDR=next(_strangers))
        client.force_login(user)
        return client.post(path, data)

    return send


def login_page(user: User) -> Any:
    data = {"login": user.handle, "password": WRONG}
    return Client(REMOTE_ADDR=next(_strangers)).post("/login", data)


@pytest.mark.parametrize(
    "door",
    [
        api_deactivate,
        login_page,
        page_of_settings("/settings/account", password=WRONG),
        page_of_settings("/settings/password", old=WRONG, new="another good phrase"),
    ],
)
def test_every_door_delays_guesses_and_all_share_a_budget(
    alice: User, door: Callable[[User], Any]
) -> None:
    for _ in range(FREE):
        assert door(alice).status_code in (401, 403)
    refused = door(alice)
    assert refused.status_code == 429
    assert units(refused.headers["Retry-After"]) == 1
    assert token("alice").status_code == 429


def test_djangos_own_sign_in_is_delayed_too(alice: User) -> None:
    def sign_in(password: str) -> object:
        request = RequestFactory(REMOTE_ADDR=next(_strangers)).post("/")
        return authenticate(request, username="alice", password=password)

    assert [sign_in(WRONG) for _ in range(FREE)] == [None] * FREE
    assert sign_in(PASSWORD) is None
    let_the_delay_pass()
    assert sign_in(PASSWORD) == alice


def test_a_form_that_registers_again_is_a_guess_too(alice: User) -> None:
    def register_again(password: str) -> int:
        data = {"handle": "alice", "email": "alice@example.org", "password": password}
        return Client(REMOTE_ADDR=next(_strangers)).post("/register", data).status_code

    assert [register_again(f"{WRONG} of 8") for _ in range(FREE + 1)] == [409] * FREE + [429]
    assert token("alice").status_code == 429
