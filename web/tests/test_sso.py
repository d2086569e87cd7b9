"""Single sign-on against a real OpenID provider, as a browser without scripts goes there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from accounts import emails, services
from accounts.joining import invitations
from accounts.joining.models import Arrival, Terms
from accounts.models import SecurityEvent, User
from accounts.sso import client as oidc
from accounts.sso import config
from accounts.sso.services import ConnectedElsewhere, Unknown, register, sign_in
from conftest import PASSWORD
from moderation.blocks.models import EmailDomain
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App
from tests.helpers.oidc import SECRET, Person, path_of, provider
from tests.helpers.pages import page
from tests.helpers.threads import at_once
from web import sso

pytestmark = pytest.mark.django_db
BACK = "http://testserver/login/sso/back"
DORA = {"handle": "dora", "name": "Dora"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider, for all tests of this module."""
    with provider(BACK) as found:
        yield found


@pytest.fixture(autouse=True)
def _configured(settings: Any, issuer: str) -> None:
    oidc.forget()
    settings.OIDC_ISSUER, settings.OIDC_LABEL, settings.OIDC_TRUST = issuer, "Corp", []
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "chirp", SECRET


def comes_back(client: Client, name: str, path: str = "/login/sso", **sent: str) -> str:
    """Go to the provider and sign in there. Returns the path that leads back."""
    answer = client.post(path, sent)
    assert answer.status_code == 302, page(answer)
    return path_of(Person(name).goes(answer["Location"], BACK))


def walks(client: Client, name: str, path: str = "/login/sso", **sent: str) -> Any:
    return client.get(comes_back(client, name, path, **sent))


def who(client: Client) -> str:
    shown = page(client.get("/explore"))
    return shown.partition('class="nav-me" href="/@')[2].partition('"')[0]


def connected(user: User, name: str) -> User:
    SocialAccount.objects.create(user=user, provider=config.provider().issuer, uid=name)  # type: ignore[union-attr]
    return user


def confirmed(user: User, email: str) -> User:
    """The account, with this address, which is confirmed."""
    user.email = email
    user.save()
    emails.mark_verified(user=user)
    return user


def test_a_new_person_chooses_a_handle_and_comes_again(settings: Any) -> None:
    client = Client()
    assert "Log in with Corp" in page(client.get("/login"))
    answer = walks(client, "dora", next="/explore")
    assert answer["Location"] == "/login/sso/new?next=%2Fexplore"
    shown = page(client.get(answer["Location"]))
    assert 'value="dora"' in shown
    assert "dora@corp.example" in shown
    assert client.post(answer["Location"], {"handle": "admin"}).status_code == 400
    sent = {**DORA, "next": "/explore"}
    assert client.post("/login/sso/new", sent)["Location"] == "/explore"
    assert who(client) == "dora"
    dora = User.objects.get(handle="dora")
    assert (dora.email, dora.has_usable_password()) == ("dora@corp.example", False)
    assert not emails.is_verified(dora)  # the provider says so, and is not trusted with that
    assert client.post("/login/sso/new", sent)["Location"] == "/explore"  # sent twice
    again = Client()
    assert walks(again, "dora", next="/settings")["Location"] == "/settings"
    assert who(again) == "dora"
    kinds = SecurityEvent.objects.filter(user=dora).values_list("kind", flat=True).order_by("pk")
    assert list(kinds) == ["registered", "signed_in"]
    assert again.get("/settings/sessions").status_code == 200


def test_what_comes_back_counts_once_and_for_its_session(monkeypatch: Any, issuer: str) -> None:
    client, other = Client(), Client()
    path = comes_back(client, "dora")
    for stranger in (other, Client()):
        wrong = stranger.get(path)
        assert (wrong.status_code, "begin again" in page(wrong)) == (400, True)
    assert client.get(path).status_code == 302
    assert client.get(path).status_code == 400  # the state is used up
    code = path.partition("code=")[2].partition("&")[0]
    other.post("/login/sso")
    (state,) = other.session[sso.ATTEMPTS]
    replayed = other.get(f"/login/sso/back?state={state}&code={code}")
    assert replayed.status_code == 400  # the code is used up, and belongs to another verifier
    bad_issuer = comes_back(client, "dora").replace("iss=http", "iss=https")
    assert client.get(bad_issuer).status_code == 400
    path = comes_back(client, "dora")
    monkeypatch.setattr(sso, "SECONDS", -1)
    assert client.get(path).status_code == 400  # too late
    monkeypatch.undo()
    path = comes_back(client, "dora")
    session = client.session
    session[sso.ATTEMPTS] = {
        key: {**noted, "nonce": "another"} for key, noted in session[sso.ATTEMPTS].items()
    }
    session.save()
    assert client.get(path).status_code == 400
    client.post("/login/sso")
    *_, state = client.session[sso.ATTEMPTS]
    answer = client.get(f"/login/sso/back?state={state}&error=access_denied")
    assert (answer.status_code, "cancelled" in page(answer)) == (400, True)
    for nonsense in ("", "?state=x", "?state=%00&code=%00", "?code=1&code=2"):
        assert client.get(f"/login/sso/back{nonsense}").status_code == 400
    assert who(client) == ""
    assert not User.objects.exists()


def test_a_provider_that_is_away_or_talks_nonsense(
    settings: Any, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client()
    path = comes_back(client, "dora")
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    answer = client.post("/login/sso")
    assert (answer.status_code, "does not answer" in page(answer)) == (503, True)
    settings.OIDC_ISSUER = issuer
    for field in ("token_endpoint", "jwks_uri", "userinfo_endpoint"):
        oidc.forget()
        client.post("/login/sso")
        for at, found in list(oidc._memory.items()):
            oidc._memory[at] = (found[0], {**found[1], field: "http://127.0.0.1:9/"})
        assert client.get(comes_back(client, "dora")).status_code == 503, field
    oidc.forget()
    settings.OIDC_ISSUER = f"{issuer}/elsewhere"  # which it does not say of itself
    assert client.post("/login/sso").status_code in (400, 503)
    settings.OIDC_ISSUER = issuer
    settings.OIDC_CLIENT_SECRET = "wrong"
    caplog.clear()
    assert client.get(comes_back(client, "dora")).status_code == 400
    assert "/token answers with a 401" in caplog.text  # what an operator has to know
    settings.OIDC_ISSUER = ""
    assert client.post("/login/sso").status_code == 404
    assert client.get(path).status_code == 404
    assert "Corp" not in page(client.get("/login"))


def test_what_a_provider_says_of_a_person() -> None:
    found = config.provider()
    assert found is not None
    for sub in ("a\0", "\ud800"):
        with pytest.raises(oidc.SsoFailed):
            oidc._identity(found, {"sub": sub})
    odd = {"sub": "a", "email": "a\0@corp.example", "name": 7, "auth_time": "now"}
    assert oidc._identity(found, odd) == oidc.Identity(found.issuer, "a")
    token = {"email": "a@corp.example", "email_verified": True}
    for more, is_verified in (
        ({}, None),
        ({"email": "a@corp.example"}, None),
        ({"email": "b@corp.example"}, False),  # what the token says is about another address
        ({"email": "b@corp.example", "email_verified": True}, True),
    ):
        assert oidc._about(more, token).get("email_verified") is is_verified, more


def test_an_address_links_only_if_both_sides_have_verified_it(alice: User, settings: Any) -> None:
    confirmed(alice, "alice@corp.example")
    client = Client()
    refused = walks(client, "alice")
    assert (refused.status_code, "There is an account" in page(refused)) == (409, True)
    settings.OIDC_TRUST = ["email"]
    EmailAddress.objects.filter(user=alice).update(verified=False)
    assert walks(client, "alice").status_code == 409  # somebody else may have registered it
    EmailAddress.objects.filter(user=alice).update(verified=True)
    assert walks(client, "alice")["Location"] == "/"
    assert who(client) == "alice"
    assert SecurityEvent.objects.filter(user=alice, kind="sso_connected").exists()
    confirmed(alice, "unsure@corp.example")
    SocialAccount.objects.all().delete()
    assert walks(Client(), "unsure").status_code == 409  # the provider has not verified it
    nobody = Client()
    walks(nobody, "nomail")
    assert "does not tell" in page(nobody.post("/login/sso/new", DORA))


def test_connecting_and_disconnecting_in_the_settings(alice: User, bob: User, drain: Any) -> None:
    client = Client()
    client.post("/login", {"login": "alice", "password": PASSWORD})
    assert "Connect it" in page(client.get("/settings/sso"))
    assert walks(client, "ann", "/settings/sso/connect")["Location"] == "/settings/sso"
    assert "It is connected" in page(client.get("/settings/sso"))
    assert walks(client, "other", "/settings/sso/connect").status_code == 409
    signed_in = Client()
    walks(signed_in, "ann")
    assert who(signed_in) == "alice"
    taken = Client()
    taken.post("/login", {"login": "bob", "password": PASSWORD})
    assert walks(taken, "ann", "/settings/sso/connect").status_code == 409
    path = comes_back(taken, "bobby", "/settings/sso/connect")
    taken.post("/logout")
    assert taken.get(path).status_code == 400  # nobody is signed in any more
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)
    session = client.session
    session["confirmed_at"] = 9e12
    session.save()
    client.post("/settings/sso/disconnect")
    assert "only way to log in" in page(client.get("/settings/sso"))
    services.set_password(user=alice, new=PASSWORD)
    client.post("/login", {"login": "alice", "password": PASSWORD})
    client.post("/settings/sso/disconnect")
    assert "Connect it" in page(client.get("/settings/sso"))
    assert SecurityEvent.objects.filter(user=alice, kind="sso_disconnected").exists()
    old = Client()
    old.force_login(bob)
    assert "/settings/confirm" in old.post("/settings/sso/connect")["Location"]
    for path in ("connect", "confirm", "disconnect"):
        assert "/login" in Client().post(f"/settings/sso/{path}")["Location"]


def test_the_provider_confirms_who_it_is(alice: User) -> None:
    connected(alice, "ann")
    client = Client()
    client.force_login(alice)
    assert "Confirm with Corp" in page(client.get("/settings/confirm"))
    answer = walks(client, "ann", "/settings/sso/confirm", next="/settings/two-step/app")
    assert answer["Location"] == "/settings/two-step/app"
    assert client.get("/settings/two-step/app").status_code == 200
    shown = page(client.get("/settings/email"))  # of use where there is no password
    assert 'name="password"' not in shown
    assert client.post("/settings/account", {})["Location"] == "/"
    alice.refresh_from_db()
    assert alice.deactivated_at is not None
    User.objects.filter(pk=alice.pk).update(deactivated_at=None)
    other = Client()
    walks(other, "ann")  # signed in, but perhaps by a session at the provider
    assert "Log in with Corp in place of the password" in page(other.get("/settings/email"))
    assert walks(other, "bobby", "/settings/sso/confirm").status_code == 400
    assert other.post("/settings/account", {}).status_code == 400


def test_a_second_factor_is_asked_for_unless_the_provider_has_it(
    alice: User, settings: Any
) -> None:
    connected(alice, "ann")
    App(alice)
    client = Client()
    assert walks(client, "ann", next="/explore")["Location"] == "/login/code?next=%2Fexplore"
    assert who(client) == ""
    settings.OIDC_TRUST = ["second_factor"]
    walks(client, "ann")
    assert who(client) == "alice"


def test_states_of_accounts_are_those_of_passwords(alice: User, bob: User) -> None:
    now = timezone.now()
    connected(alice, "ann")
    services.deactivate(user=alice, password=PASSWORD, now=now)
    client = Client()
    walks(client, "ann")
    assert who(client) == "alice"
    services.suspend(user=alice, by=bob, now=now)
    suspended = Client()
    assert walks(suspended, "ann")["Location"] == "/settings/strikes"
    assert who(suspended) == ""
    services.unsuspend(user=alice, by=bob)
    User.objects.filter(pk=alice.pk).update(delete_at=now + timedelta(days=3), deactivated_at=now)
    assert "keep" in walks(Client(), "ann")["Location"]
    identity = oidc.Identity(config.provider().issuer, "unknown")  # type: ignore[union-attr]
    with pytest.raises(Unknown):
        sign_in(identity=identity, now=now, address="")


def test_the_terms_hold_for_newcomers(settings: Any) -> None:
    def comes(name: str, **more: str) -> Any:
        client = Client()
        walks(client, name)
        return client.post("/login/sso/new", {"handle": name, **more})

    Terms.objects.create(mode="closed")
    assert comes("ann").status_code == 403
    Terms.objects.update(mode="invitation")
    assert "need an invitation" in page(comes("ann"))
    Terms.objects.update(mode="approval")
    assert "in a few words" in page(comes("ann"))
    assert comes("ann", reason="Please.")["Location"] == "/login"
    assert "waits for approval" in page(walks(Client(), "ann"))
    settings.OIDC_TRUST = ["registration"]
    Terms.objects.update(mode="invitation")
    assert comes("ben")["Location"] == "/"
    settings.OIDC_TRUST = ["email"]
    Terms.objects.update(mode="domains", domains="corp.example")
    assert comes("cleo")["Location"] == "/"
    assert emails.is_verified(User.objects.get(handle="cleo"))
    assert "Only e-mail addresses" in page(comes("at_dan_example.org"))
    EmailDomain.objects.create(domain="corp.example")
    assert "not accepted" in page(comes("eve"))


def test_an_invitation_is_kept_on_the_way_to_the_provider(alice: User, settings: Any) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.refresh_from_db()
    for number, mode in enumerate(("invitation", "approval", "domains")):
        Terms.objects.update_or_create(defaults={"mode": mode, "domains": "else.example"})
        settings.PASSWORD_SIGN_IN = mode != "approval"  # another page then has the button
        code = invitations.create(by=alice, now=timezone.now()).code
        client = Client()
        shown = page(client.get("/register", {"invitation": code}))
        assert f'name="invitation" value="{code}"' in shown
        path = walks(client, f"ann{number}", invitation=code, next="/explore")["Location"]
        assert f'value="{code}"' in page(client.get(path))
        sent = {"handle": f"ann{number}", "next": "/explore"}
        assert client.post(path, {**sent, "invitation": "x"}).status_code == 400, mode
        assert client.post(path, {**sent, "invitation": code})["Location"] == "/explore", mode
        assert Arrival.objects.count() == number + 1


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_for_one_person_one_comes_to_be(db: None) -> None:
    identity = oidc.Identity(config.provider().issuer, "ann", email="ann@corp.example")  # type: ignore[union-attr]

    def come(number: int) -> None:
        who = replace(identity, email=f"ann{number}@corp.example")
        now = timezone.now()
        register(identity=who, handle=f"ann{number}", name="", now=now, address="")

    refused = at_once([lambda number=n: come(number) for n in range(5)])  # type: ignore[misc]
    assert {type(error) for error in refused} == {ConnectedElsewhere}
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 1)


def test_passwords_may_be_left_to_staff(alice: User, bob: User, settings: Any) -> None:
    settings.PASSWORD_SIGN_IN = False
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    right = {"login": "alice", "password": PASSWORD}
    answer = Api().post("/api/auth/token", right)
    assert (answer.status_code, answer.json()["error"]) == (403, "password_sign_in_off")
    assert "Log in with Corp" in page(Client().post("/login", right))
    wrong = Api().post("/api/auth/token", {**right, "password": "wrong"})
    assert wrong.json()["error"] == "bad_credentials"
    assert not Client().login(username="alice", password=PASSWORD)
    assert Api().post("/api/auth/token", {**right, "login": "bob"}).status_code == 200
    new = {"handle": "eve", "email": "eve@example.org", "password": PASSWORD}
    assert Api().post("/api/auth/register", new).json()["error"] == "password_sign_in_off"
    assert "Go on with Corp" in page(Client().get("/register"))
    site = Api().get("/api/site").json()
    assert (site["password_sign_in"], site["single_sign_on"]["name"]) == (False, "Corp")
    connected(alice, "ann")
    client = Client()
    walks(client, "ann")
    assert who(client) == "alice"
