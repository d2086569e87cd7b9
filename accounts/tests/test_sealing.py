"""Secrets of second factors in the database, and a change of SECRET_KEY."""

import json
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts import factors
from accounts.models import User
from conftest import PASSWORD
from tests.helpers.authenticator import App

pytestmark = pytest.mark.django_db
OLD, NEW = "an old key " * 5, "a new key " * 5


def status_of_sign_in(code: str) -> int:
    """The answer to a code in the second step, 302 if it is right."""
    client = Client()
    client.post("/login", {"login": "alice", "password": PASSWORD})
    return client.post("/login/code", {"code": code}).status_code


def sealed_again() -> str:
    """What the command writes."""
    output = StringIO()
    call_command("seal_factors", stdout=output)
    return output.getvalue()


def test_the_database_has_neither_the_key_of_the_app_nor_codes(alice: User) -> None:
    app = App(alice)
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert app.secret not in kept
    assert not any(code in kept for code in app.recovery_codes)
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert seed.startswith("gAAAA")  # Fernet's version and the beginning of a time


def test_a_change_of_the_secret_key_keeps_second_factors(alice: User, settings: Settings) -> None:
    settings.SECRET_KEY = OLD
    app = App(alice)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert status_of_sign_in(app.recovery_codes[0]) == 302
    assert sealed_again() == "Encrypted 2 secrets.\n"
    settings.SECRET_KEY_FALLBACKS = []
    assert status_of_sign_in(app.code()) == 302
    assert status_of_sign_in(app.recovery_codes[1]) == 302


def test_a_lost_secret_key_is_a_clear_error(alice: User, settings: Settings) -> None:
    settings.SECRET_KEY = OLD
    app = App(alice)
    settings.SECRET_KEY = NEW
    assert status_of_sign_in(app.code()) == 503
    assert factors.factors(user=alice).recovery_codes == 10
    with pytest.raises(CommandError, match=rf"^No key .* ids: {alice.pk}\.$"):
        sealed_again()
    factors.remove_all(user=alice)
    assert sealed_again() == "Encrypted 0 secrets.\n"
