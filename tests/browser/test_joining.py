"""Coming in by an invitation, and by single sign-on, in a browser without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts.joining import invitations
from accounts.joining.links import invitation_path
from accounts.joining.models import Terms
from accounts.models import User
from accounts.sso import client
from conftest import PASSWORD
from tests.browser.person import Person
from tests.helpers.oidc import SECRET, provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_invitation_leads_in(opens: Callable[..., Person], alice: User) -> None:
    Terms.objects.create(mode="invitation", members_invite=True)
    made = invitations.create(by=alice, now=timezone.now(), follow=True)
    dora = opens(scripts=False)
    dora.visits("/register")
    assert "You need an invitation" in dora.text
    dora.visits(invitation_path(made.code))
    assert "invited by @alice" in dora.text
    dora.fills(handle="dora", email="dora@example.org", password=PASSWORD)
    dora.presses("Sign up")
    assert "Welcome to Chirp, dora." in dora.text
    dora.visits("/@alice")
    assert dora.one(".profile .button-following").text == "Following"


def test_single_sign_on_leads_in_and_back(
    opens: Callable[..., Person], live_server: LiveServer, settings: Any
) -> None:
    with provider(f"{live_server.url}/login/sso/back") as issuer:
        client.forget()
        settings.OIDC_ISSUER, settings.OIDC_LABEL, settings.OIDC_TRUST = issuer, "Corp", []
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "chirp", SECRET
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        allowed = {**policy, "form-action": ["'self'", issuer]}
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": allowed}
        dora = opens(scripts=False)
        dora.visits("/login?next=/explore")
        dora.presses("Log in with Corp")
        dora.fills(login="dora", password="any")
        dora.presses("Sign-in", within="body")
        dora.presses("Continue", within="body")
        assert dora.path == "/login/sso/new?next=%2Fexplore"
        dora.presses("Create the account")
        assert "Welcome to Chirp, dora of Corp." in dora.text
        assert dora.path == "/explore"
