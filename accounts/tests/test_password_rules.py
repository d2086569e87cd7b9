"""Which passwords are refused, and that a password is the same however it is composed."""

import unicodedata
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.creation import WeakPassword, hash_password
from accounts.management.commands import changepassword
from accounts.models import User
from conftest import PASSWORD
from tests.helpers.admin import browser, confirmed

DORA = User(handle="dora_the_3rd", email="marquez.dora@example.org", name="Dora Lind")
COMPOSED = "Über Äpfel, ﬁne plan"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.mark.parametrize(
    "password",
    [
        *("Password123!", "Summer2026!", "P@ssw0rd1", " " * 12, "Chirp2026", "chirp!2026"),
        *("2026Winter", "W1nter-2026", "October_31", "m0nday!!!", "FRIDAY13!"),
        *("pass-word-123", "p a s s w o r d 1", "PasswordPassword", "qwertyqwerty1", "!!Dragon!!"),
        *("l3tm31n!!", "we1come99", "we!come2026", "pa$$word", "123password", "monkey\u00a0123"),
        *(
            "ababababab",
            "aaaaaaaaaaab",
            "abcabcabcabc",
            "abcdefghijkl",
            "lkjihgfedcba",
            "12121212!!",
        ),
        *("Tweet2026!", "chirpchirp1", "ｐａｓｓｗｏｒｄ１２３"),
        *("dora_the_3rd!", "Dorathe3rd99", "Marquez2026!!!!!", "marquezdora1", "lind-1990!!"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        hash_password(password, user=DORA)


@pytest.mark.parametrize(
    "password",
    [
        *(PASSWORD, COMPOSED, "a long secret of dora", "summer in the city of tea", "8392a04b17c5"),
        *(
            "zq7#Rv!m2Lp",
            "5f2d9c0b7a6e4831",
            "not my password at all",
            "день за днём 7",
            "猫は毎日魚を食べる",
        ),
    ],
)
def test_a_password_that_is_not_easy_to_guess_is_accepted(password: str) -> None:
    assert hash_password(password, user=DORA).startswith("argon2")


def test_a_password_of_many_characters_is_too_long_once_it_is_normalized() -> None:
    with pytest.raises(WeakPassword, match="At most 1,000"):
        hash_password("\ufdfa word " * 60, user=DORA)


# --- One password, composed in different ways ----------------------------------------------------


def can_sign_in(password: str) -> bool:
    try:
        services.sign_in(login="alice", password=password, now=timezone.now())
    except services.BadCredentials:
        return False
    return True


def by_service(alice: User, new: str, monkeypatch: Any) -> None:
    services.change_password(user=alice, old=PASSWORD, new=new, now=timezone.now())


def by_page(alice: User, new: str, monkeypatch: Any) -> None:
    client = Client()
    client.force_login(alice)
    client.post("/settings/password", {"old": PASSWORD, "new": new})


def by_operator(alice: User, new: str, monkeypatch: Any) -> None:
    boss = services.register(handle="boss", email="boss@example.org", password=PASSWORD)
    other = DECOMPOSED if new == COMPOSED else COMPOSED
    data = {"password1": new, "password2": other}
    client = browser(boss, superuser=True)
    confirmed(client, f"/admin/accounts/user/{alice.pk}/password/", data, **data)


def by_command(alice: User, new: str, monkeypatch: Any) -> None:
    typed = iter([COMPOSED, DECOMPOSED])
    monkeypatch.setattr(changepassword, "getpass", lambda prompt: next(typed))
    call_command("changepassword", "alice", stdout=StringIO())


def by_django(alice: User, new: str, monkeypatch: Any) -> None:
    alice.set_password(new)
    alice.save()


@pytest.mark.parametrize("new", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("change", [by_service, by_page, by_operator, by_command, by_django])
def test_a_password_is_accepted_in_every_form(
    alice: User, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None], new: str
) -> None:
    change(alice, new, monkeypatch)
    assert not can_sign_in(PASSWORD)
    assert can_sign_in(COMPOSED)
    assert can_sign_in(DECOMPOSED)
    user = User.objects.get(pk=alice.pk)
    services.deactivate(user=user, password=DECOMPOSED, now=timezone.now())


def test_a_new_account_accepts_its_password_in_every_form(db: None) -> None:
    services.register(handle="alice", email="alice@example.org", password=DECOMPOSED)
    assert can_sign_in(COMPOSED)
    assert can_sign_in(DECOMPOSED)
    assert not can_sign_in(COMPOSED.swapcase())
