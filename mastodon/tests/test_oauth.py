"""Apps, consent and tokens."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from accounts.models import SecurityEvent, SiteSession, User
from accounts.oauth import services as oauth
from accounts.oauth.models import App, AppToken, Grant
from conftest import PASSWORD
from tests.helpers.mastodon_client import Mastodon, new_app
from tests.helpers.pages import page
from tests.helpers.threads import at_once

pytestmark = pytest.mark.django_db
OOB = "urn:ietf:wg:oauth:2.0:oob"
REDIRECTS = [
    *("https://app.example/back", "http://127.0.0.1:9/x?y=1", OOB, "icecubesapp://"),
    *("com.tapbots.Ivory.10217:/request_token", "org.joinmastodon.android-auth://callback"),
    "https://elk.zone/api/a.example/oauth/https%3A%2F%2Felk.zone",
]
FORBIDDEN = [
    *("", "/back", "javascript:alert(1)", "data:text/html,x", "file:///etc", "https://", "blob:x"),
    *("https://app.example/#x", "urn:ietf:else", "x", "https://app.example:99999/", "VBScript:x"),
    *("https://app.example/\x07", "about:blank", "https://a.example/<script>"),
]


def registered(**more: Any) -> Any:
    """The answer to the registration of an app."""
    body = {"client_name": "Test", "redirect_uris": REDIRECTS[0], "scopes": "read write", **more}
    return Mastodon().post("apps", "CredentialApplication", body)


def signed_in(user: User) -> Client:
    """A browser in which the user is signed in, and which checks CSRF tokens."""
    browser = Client(enforce_csrf_checks=False)
    browser.force_login(user)
    return browser


def asks(app: Any, **more: str) -> str:
    """The address to which an app sends the person."""
    query = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": app["redirect_uris"][0],
        "scope": "read write",
        **more,
    }
    return f"/oauth/authorize?{urlencode(query)}"


def code_for(user: User, app: Any, **more: str) -> str:
    """The code that an app gets when the person allows it."""
    response = signed_in(user).post(asks(app, **more), {"decision": "allow"})
    return parse_qs(urlsplit(response["Location"]).query)["code"][0]


def exchanged(app: Any, code: str, *, status: int = 200, **more: str) -> Any:
    """The answer to the exchange of a code."""
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": app["redirect_uris"][0],
        **more,
    }
    entity = "Token" if status == 200 else "Error"
    return Mastodon().post("/oauth/token", entity, body, status=status)


@pytest.mark.parametrize("uri", REDIRECTS)
def test_an_app_asks_a_person_and_uses_the_account(alice: User, uri: str) -> None:
    app = registered(redirect_uris=uri)
    browser, address = signed_in(alice), asks(app, state="a b&c=d")
    asked = browser.get(address)
    assert "Let Test use your account?" in page(asked)
    assert asked["Referrer-Policy"] == "same-origin"
    response = browser.post(address, {"decision": "allow"})
    assert response.status_code == 302
    leads = response["Location"]
    if uri == OOB:
        shown = browser.get(leads)
        code = page(shown).partition('readonly value="')[2].partition('"')[0]
    else:
        assert leads.startswith(uri + ("&" if "?" in uri else "?"))
        parameters = parse_qs(leads[len(uri) + 1 :])
        assert parameters["state"] == ["a b&c=d"]
        (code,) = parameters["code"]
    token = exchanged(app, code)
    assert (token["token_type"], token["scope"]) == ("Bearer", "read write")
    mine = Mastodon(token=token["access_token"]).get("apps/verify_credentials", "Application")
    assert mine["name"] == "Test"


@pytest.mark.parametrize("uri", FORBIDDEN)
def test_redirects_that_are_not_accepted(uri: str) -> None:
    Mastodon().post("apps", "", {"client_name": "x", "redirect_uris": [uri]}, status=422)


def test_a_registration_from_the_query_a_form_or_json_is_the_same() -> None:
    values = {"client_name": "x", "redirect_uris": "icecubesapp://", "scopes": "read follow"}
    client = Client()
    answers = [
        client.post(f"/api/v1/apps?{urlencode(values)}"),
        client.post("/api/v1/apps/", values),
        client.post("/api/v1/apps", urlencode(values), "application/x-www-form-urlencoded"),
        client.post("/api/v1/apps", {**values, "scopes": ["read", "follow"]}, "application/json"),
    ]
    for answer in answers:
        assert answer.json()["redirect_uris"] == ["icecubesapp://"]
        assert answer.json()["scopes"] == ["read", "follow"]


def test_registrations_that_are_not_valid() -> None:
    wrongs: list[dict[str, Any]] = [
        {"client_name": ""},
        {"client_name": "x" * 61},
        {"client_name": "\x00"},
        {"client_name": {"a": 1}},
        {"redirect_uris": []},
        {"redirect_uris": [f"https://a.example/{n}" for n in range(21)]},
        {"scopes": "read everything"},
        {"website": "javascript:alert(1)"},
    ]
    for wrong in wrongs:
        body = {"client_name": "x", "redirect_uris": "a://b", **wrong}
        error = Mastodon().post("apps", "", body, status=422)["error"]
        assert error.startswith("Validation failed: "), wrong


def test_scopes_of_moderators_are_accepted_and_never_granted(alice: User) -> None:
    app = registered(scopes="read admin:read admin:write:reports", website="")
    assert (app["scopes"], app["website"]) == (["read"], None)
    code = code_for(alice, app, scope="read admin:read")
    assert exchanged(app, code)["scope"] == "read"


def test_an_unknown_app_leads_nowhere(alice: User) -> None:
    app = registered()
    for change in (
        {"client_id": "x"},
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "\x00"},
    ):
        response = signed_in(alice).get(asks(app, **change))
        assert response.status_code == 400
        assert "not known" in page(response)
        assert "Location" not in response


def test_wrong_requests_lead_back_with_an_error(alice: User) -> None:
    app = registered()
    for change, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "follow"}, "invalid_scope"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"code_challenge": "x" * 43}, "invalid_request"),
        ({"code_challenge": "x", "code_challenge_method": "S256"}, "invalid_request"),
    ):
        response = signed_in(alice).get(asks(app, state="s", **change))
        found = parse_qs(urlsplit(response["Location"]).query)
        assert (found["error"], found["state"]) == ([error], ["s"])


def test_who_is_not_signed_in_comes_back_after_it(alice: User) -> None:
    address = asks(registered(), state="x y")
    browser = Client()
    login = browser.get(address)["Location"]
    assert login.startswith("/login?")
    response = browser.post(login, {"login": "alice", "password": PASSWORD})
    assert response["Location"] == address
    assert browser.get(address).status_code == 200


def test_a_person_can_deny_or_use_another_account(alice: User) -> None:
    address, browser = asks(registered(), state="s"), signed_in(alice)
    denied = browser.post(address, {"decision": "deny"})["Location"]
    assert parse_qs(urlsplit(denied).query)["error"] == ["access_denied"]
    browser.post("/login", {"login": "alice", "password": PASSWORD})
    assert browser.post(address, {"decision": "switch"})["Location"].startswith("/login?next=")
    assert SecurityEvent.objects.filter(user=alice, kind="signed_out").exists()
    assert not SiteSession.objects.filter(user=alice).exists()
    assert browser.post(address, {"decision": "allow"})["Location"].startswith("/login?next=")
    assert not Grant.objects.exists()


def test_consent_needs_the_form_of_the_site(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(asks(registered()), {"decision": "allow"}).status_code == 403
    assert not Grant.objects.exists()


def test_the_consent_page_may_lead_to_the_app_and_nowhere_else(alice: User) -> None:
    def form_action(uri: str) -> str:
        response = signed_in(alice).get(asks(registered(redirect_uris=uri)))
        policy = response["Content-Security-Policy"]
        return policy.partition("form-action ")[2].partition(";")[0]

    assert form_action("icecubesapp://") == "'self' icecubesapp:"
    assert form_action("https://elk.zone/api/x") == "'self' https://elk.zone"
    assert form_action("http://127.0.0.1:9/") == "'self' http://127.0.0.1:9"


def test_a_code_works_once_and_a_second_use_ends_the_token(alice: User) -> None:
    app = registered()
    code = code_for(alice, app)
    client = Mastodon(token=exchanged(app, code)["access_token"])
    client.get("apps/verify_credentials", "Application")
    assert exchanged(app, code, status=400)["error"] == "invalid_grant"
    client.get("apps/verify_credentials", status=401)


@pytest.mark.django_db(transaction=True)
def test_of_two_exchanges_at_once_no_more_than_one_gives_a_token(alice: User) -> None:
    app = registered()
    code = code_for(alice, app)
    row = App.objects.get(client_id=app["client_id"])

    def exchange() -> None:
        oauth.exchange(
            app=row, code=code, redirect_uri=REDIRECTS[0], verifier="", now=timezone.now()
        )

    raised = at_once([exchange, exchange])
    assert [type(error) for error in raised] == [oauth.InvalidGrant]
    assert not AppToken.objects.exists()


def test_codes_are_bound_to_app_address_and_challenge(alice: User) -> None:
    app, other = registered(redirect_uris=REDIRECTS), registered()
    verifier = "v" * 50
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    wrong = exchanged(other, code_for(alice, app), status=400)
    assert wrong["error"] == "invalid_grant"
    exchanged(app, code_for(alice, app), status=400, redirect_uri=REDIRECTS[1])
    exchanged(app, code_for(alice, app, **pkce), status=400)
    exchanged(app, code_for(alice, app, **pkce), status=400, code_verifier="w" * 50)
    exchanged(app, code_for(alice, app, **pkce), code_verifier=verifier)
    exchanged(app, code_for(alice, app), code_verifier=verifier)
    code = code_for(alice, app)
    Grant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    exchanged(app, code, status=400)


def test_wrong_credentials_of_an_app() -> None:
    app = registered()
    for change in ({"client_id": "x"}, {"client_secret": "x"}, {"client_secret": ""}):
        body = {
            "grant_type": "client_credentials",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            **change,
        }
        assert Mastodon().post("/oauth/token", "", body, status=401)["error"] == "invalid_client"
    for kind in ("password", "refresh_token", ""):
        error = Mastodon().post("/oauth/token", "", {"grant_type": kind}, status=400)
        assert error["error"] == "unsupported_grant_type"
    broken = Mastodon().send(
        "post",
        "/oauth/token?grant_type=client_credentials",
        status=401,
        headers={"Authorization": "Basic ???"},
    )
    assert broken.json()["error"] == "invalid_client"


def test_a_token_of_the_app_itself_opens_nothing_of_accounts() -> None:
    app = registered()
    basic = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    address = "/oauth/token?grant_type=client_credentials&scope=read"
    answer = Mastodon().send(
        "post", address, entity="Token", headers={"Authorization": f"Basic {basic}"}
    )
    client = Mastodon(token=answer.json()["access_token"])
    client.get("apps/verify_credentials", "Application")
    error = client.get("/oauth/userinfo", status=422)["error"]
    assert error == "This method requires an authenticated user"


def test_signing_up_through_an_app(alice: User) -> None:
    new = new_app(scopes=["read", "write"])
    own = oauth.app_token(app=new.app, wanted=["read", "write"])
    client = Mastodon(token=own.token)
    body = {"username": "dora", "email": "dora@example.org", "password": PASSWORD, "agreement": 1}
    wrongs: list[tuple[dict[str, Any], str, str]] = [
        ({"username": ""}, "username", "ERR_BLANK"),
        ({"username": "alice"}, "username", "ERR_TAKEN"),
        ({"username": "admin"}, "username", "ERR_RESERVED"),
        ({"username": "a b"}, "username", "ERR_INVALID"),
        ({"email": "alice@example.org"}, "email", "ERR_TAKEN"),
        ({"email": "nonsense"}, "email", "ERR_INVALID"),
        ({"password": "123"}, "password", "ERR_INVALID"),
        ({"agreement": "false"}, "agreement", "ERR_ACCEPTED"),
    ]
    for change, field, code in wrongs:
        error = client.post("accounts", "", {**body, **change}, status=422)
        assert error["details"][field][0]["error"] == code, change
    token = client.post("accounts", "Token", body)
    mine = Mastodon(token=token["access_token"]).get("accounts/verify_credentials")
    assert mine["acct"] == "dora"
    Mastodon().post("accounts", "", body, status=401)


def test_revoking(alice: User, bob: User) -> None:
    app, other = registered(), registered()
    token = exchanged(app, code_for(alice, app))["access_token"]

    def revoke(by: Any, status: int = 200) -> Any:
        body = {**{name: by[name] for name in ("client_id", "client_secret")}, "token": token}
        return Mastodon().post("/oauth/revoke", "", body, status=status)

    assert revoke(other, 403)["error"] == "unauthorized_client"
    Mastodon(token=token).get("/oauth/userinfo")
    assert revoke(app) == revoke(app) == {}
    Mastodon(token=token).get("/oauth/userinfo", status=401)


def test_a_token_ends_with_the_sign_ins_of_its_account(
    alice: User, bob: User, charlie: User, person: Callable[[str], User]
) -> None:
    now = timezone.now()
    dora = person("dora")
    clients = {user.handle: Mastodon(user) for user in (alice, bob, charlie, dora)}
    accounts.suspend(user=alice, by=dora, now=now)
    accounts.deactivate(user=bob, password=PASSWORD, now=now, address="")
    accounts.change_password(
        user=charlie, old=PASSWORD, new="another long password", now=now, address=""
    )
    for handle, client in clients.items():
        client.get("/oauth/userinfo", status=200 if handle == "dora" else 401)
    accounts.sign_in(login="bob", password=PASSWORD, now=now, address="")
    clients["bob"].get("/oauth/userinfo", status=401)


def test_a_person_sees_and_removes_apps_in_the_settings(alice: User, bob: User) -> None:
    client, others = Mastodon(alice), Mastodon(bob)
    browser = signed_in(alice)
    html = page(browser.get("/settings/apps"))
    assert html.count("Revoke access") == 1
    assert "Post, and change everything" in html
    app_id = AppToken.objects.get(user=alice).app_id
    browser.post("/settings/apps", {"app": str(AppToken.objects.get(user=bob).app_id)})
    browser.post("/settings/apps", {"app": "nonsense"})
    others.get("/oauth/userinfo")
    browser.post("/settings/apps", {"app": str(app_id)})
    client.get("/oauth/userinfo", status=401)
    assert "No apps" in page(browser.get("/settings/apps"))


def test_metadata_names_what_is_there() -> None:
    found = Mastodon().get("/.well-known/oauth-authorization-server")
    assert found["issuer"] == "http://testserver/"
    assert found["token_endpoint"] == "http://testserver/oauth/token"
    assert "write:statuses" in found["scopes_supported"]


def test_what_expired_is_forgotten_but_no_app_that_was_used(alice: User) -> None:
    used, unused = new_app(), new_app()
    oauth.user_token(app=used.app, user=alice, held=["read"])
    long_ago = timezone.now() - timedelta(days=400)
    App.objects.update(created_at=long_ago)
    code_for(alice, registered())
    Grant.objects.update(expires_at=long_ago)
    accounts.forget_expired(now=timezone.now())
    assert not Grant.objects.exists()
    names = set(App.objects.filter(created_at=long_ago).values_list("pk", flat=True))
    assert names == {used.app.pk}
    assert unused.app.pk not in names
