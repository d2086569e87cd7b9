"""How long sessions of staff last."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_session_of_staff_is_short(settings: Settings, alice: User) -> None:
    """The admin has no log-in page of its own."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    browser = Client()
    browser.post("/login", {"login": "alice", "password": PASSWORD})
    assert browser.session.get_expiry_age() == settings.STAFF_SESSION_SECONDS


def test_a_session_of_others_is_long(settings: Settings, alice: User) -> None:
    browser = Client()
    browser.post("/login", {"login": "alice", "password": PASSWORD})
    assert browser.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
