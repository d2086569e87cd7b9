"""Who asks, by the session of a request: the account read with it counts only if it fits."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sessions
from accounts.models import SiteSession, User

pytestmark = pytest.mark.django_db


def signed_in(account: User, noted_for: User | None = None) -> Client:
    """A browser with a session of `account`, which is noted for another one if that is given."""
    browser = Client()
    browser.force_login(account)
    key = browser.session.session_key or ""
    owner = noted_for or account
    sessions.begin(user=owner, session_key=key, agent="", address="", now=timezone.now())
    return browser


def asks(browser: Client) -> str:
    """The handle of the account that a browser is signed in as; empty without one."""
    response = browser.get("/api/me")
    return str(response.json()["handle"]) if response.status_code == 200 else ""


def test_session_and_account_are_one_query(alice: User) -> None:
    browser = signed_in(alice)
    with CaptureQueriesContext(connection) as captured:
        assert asks(browser) == "alice"
    read = [query["sql"] for query in captured if "django_session" in query["sql"]]
    assert len(read) == 1
    assert not [query for query in captured if "accounts_user WHERE id" in query["sql"]]


def test_the_session_decides_whose_it_is(alice: User, bob: User) -> None:
    assert asks(signed_in(alice, noted_for=bob)) == "alice"


def test_a_session_that_is_noted_nowhere_counts(alice: User) -> None:
    browser = signed_in(alice)
    SiteSession.objects.all().delete()
    assert asks(browser) == "alice"


@pytest.mark.parametrize("column", ["deactivated_at", "suspended_at"])
def test_an_account_that_is_gone_is_signed_in_no_more(alice: User, column: str) -> None:
    browser = signed_in(alice)
    User.objects.filter(pk=alice.pk).update(**{column: timezone.now()})
    assert asks(browser) == ""


def test_a_new_password_and_a_new_version_end_sessions(alice: User, bob: User) -> None:
    one, other = signed_in(alice), signed_in(bob)
    User.objects.filter(pk=alice.pk).update(token_version=alice.token_version + 1)
    User.objects.filter(pk=bob.pk).update(password="another")
    assert (asks(one), asks(other)) == ("", "")


def test_a_session_that_has_expired_is_over(alice: User) -> None:
    browser = signed_in(alice)
    session = browser.session
    session.set_expiry(-1)
    session.save()
    assert asks(browser) == ""


def test_secrets_of_before_still_count(alice: User, settings: Any) -> None:
    browser = signed_in(alice)
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "new" * 20
    settings.SECRET_KEY_FALLBACKS = [before]
    assert asks(browser) == "alice"
