"""Passkeys, as scripts and forms of a browser send them."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import factors, passkeys
from accounts.models import OutgoingMail, User
from accounts.ways_in import OnlyWayIn
from conftest import PASSWORD
from tests.helpers import passkey
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App
from tests.helpers.pages import code_in, page
from tests.helpers.passkey import PRESENT, SecurityKey, add, options, use
from tests.helpers.threads import Job, at_once

pytestmark = pytest.mark.django_db
ADD, SECOND = "/settings/two-step/passkey", "/login/code/passkey"
CONFIRM = "/settings/confirm/passkey"


def signed_in(handle: str = "alice") -> Client:
    """A browser where a password was entered just now."""
    client = passkey.browser()
    client.post("/login", {"login": handle, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    """Whether somebody is signed in."""
    return client.get("/settings").status_code == 200


def kinds(user: User) -> list[str]:
    """What is in the security log, the latest first."""
    return [event.kind for event in user.security_events.order_by("-pk")]


@pytest.fixture
def key(alice: User) -> SecurityKey:
    """A key with a passkey of alice."""
    key = SecurityKey()
    assert add(signed_in(), key).status_code == 302
    return key


def test_a_passkey_is_added_named_used_and_removed(alice: User) -> None:
    client, key = signed_in(), SecurityKey()
    html = page(client.get(ADD))
    assert code_in(html) == []
    assert "need JavaScript" in html
    shown = page(client.get(add(client, key, " Blue key ").headers["Location"]))
    assert len(re.findall(r"<code>\d{4}-\d{4}</code>", shown)) == 10
    # With the second one come no codes.
    assert add(client, SecurityKey(counter=0), "").headers["Location"] == "/settings/two-step/codes"
    assert client.get("/settings/two-step/codes").headers["Location"] == "/settings/two-step"
    listed = page(client.get("/settings/two-step"))
    assert "Blue key" in listed
    assert listed.count("not used yet") == 2
    assert kinds(alice)[:2] == ["passkey_added"] * 2
    assert "The passkey “Blue key” was added." in OutgoingMail.objects.order_by("pk")[0].text

    blue = Authenticator.objects.filter(type="webauthn").earliest("pk")
    path = f"/settings/two-step/{blue.pk}"
    assert "Blue key" in page(client.get(f"{path}/rename"))
    assert client.post(f"{path}/rename", {"name": "x" * 51}).status_code == 400
    assert client.post(f"{path}/rename", {"name": "Green key"}).status_code == 302

    other = passkey.browser()
    assert use(other, key, next="/explore").headers["Location"] == "/explore"
    assert is_in(other)
    assert "Green key" in page(other.get("/settings/two-step"))
    assert page(other.get("/settings/two-step")).count("not used yet") == 1
    assert other.post(f"{path}/remove").status_code == 302  # the passkey was a fresh proof
    assert kinds(alice)[0] == "factor_removed"
    assert "“Green key” was removed." in OutgoingMail.objects.latest("pk").text
    gone = use(passkey.browser(), key)
    assert gone.status_code == 401
    assert "not known here" in page(gone)


def test_a_passkey_is_a_second_step(alice: User, key: SecurityKey) -> None:
    client = signed_in()
    assert not is_in(client)
    html = page(client.get("/login/code?next=/explore"))
    assert "Use a passkey" in html
    found = options(client, SECOND)
    assert [each["id"] for each in found["allowCredentials"]] == [passkey.encoded(key.id)]
    key.flags = PRESENT  # the password has told who it is
    answer = client.post(SECOND, {"credential": key.use(found), "next": "/explore"})
    assert answer.headers["Location"] == "/explore"
    assert is_in(client)
    alone = use(passkey.browser(), key)
    assert alone.status_code == 401
    assert kinds(alice)[:2] == ["wrong_passkey", "signed_in"]


def test_a_passkey_confirms_who_it_is(alice: User, bob: User, key: SecurityKey) -> None:
    client = passkey.browser()
    client.force_login(alice)
    assert client.get(ADD).headers["Location"].startswith("/settings/confirm?next=")
    assert "Use a passkey" in page(client.get("/settings/confirm"))
    assert use(client, key, CONFIRM, next=ADD).headers["Location"] == ADD
    assert client.get(ADD).status_code == 200
    other = passkey.browser()
    other.force_login(bob)
    assert "Use a passkey" not in page(other.get("/settings/confirm"))
    assert other.post(f"{CONFIRM}/options").status_code == 409
    assert passkey.browser().post(f"{CONFIRM}/options").status_code == 401


def test_bad_answers_are_refused(alice: User, key: SecurityKey) -> None:
    client = passkey.browser()
    good = json.loads(key.use(options(client, "/login/passkey")))
    response = good["response"]
    odd: tuple[object, ...] = (None, 7, [], "ä")
    for bad in (
        *("", "null", "[]", "{}", "7", '"text"', "{" * 9, "[" * 30_000, "ä", "x" * 30_000),
        *(json.dumps(good | {name: value}) for name in good for value in odd),
        *(
            json.dumps(good | {"response": response | {name: value}})
            for name in ("clientDataJSON", "authenticatorData", "signature")
            for value in (None, 7, "", "ä", "AAAA", passkey.encoded(b"{}"))
        ),
        json.dumps(good | {"response": response | {"userHandle": "AAAA"}}),
        json.dumps(good | {"response": response | {"userHandle": None}}),
    ):
        options(client, "/login/passkey")
        refused = client.post("/login/passkey", {"credential": bad})
        assert refused.status_code in (400, 401), bad[:99]
        assert "Log in with a passkey" in page(refused)
        assert client.session.get("passkey") is None
    assert not is_in(client)


def test_a_bad_passkey_is_not_added_and_its_name_is_kept(alice: User, key: SecurityKey) -> None:
    client, new = signed_in_with(key), SecurityKey()
    whole = new.public

    def refuses(answer: Callable[[dict[str, Any]], str], status: int = 400) -> None:
        data = {"credential": answer(options(client, ADD)), "name": "Kept name"}
        refused = client.post(ADD, data)
        assert (refused.status_code, "Kept name" in page(refused)) == (status, True)

    for public in (
        {},
        {1: 2},
        {1: 2, 3: -7},
        whole | {3: -999},
        whole | {3: "ä"},
        whole | {-2: b""},
        whole | {-3: bytes(32)},
    ):
        new.public = public
        refuses(new.make)
    new.public = whole
    for attestation in (
        b"",
        b"\xa0",
        passkey.cbor({"fmt": "none", "attStmt": {}, "authData": b""}),
    ):
        refuses(partial(new.make, attestationObject=passkey.encoded(attestation)))
    refuses(lambda found: new.make({**found, "challenge": "AAAA"}))
    refuses(key.use)
    refuses(lambda _: "")
    key.counter = 50
    refuses(key.make, 409)  # it is there
    Authenticator.objects.bulk_create(
        Authenticator(user=alice, type="webauthn", data=row.data)
        for row in Authenticator.objects.filter(type="webauthn")
        for _ in range(passkeys.MOST - 1)
    )
    assert client.post(f"{ADD}/options").status_code == 409


def test_a_challenge_is_for_one_answer(alice: User, bob: User, key: SecurityKey) -> None:
    client = passkey.browser()
    answer = key.use(options(client, "/login/passkey"))
    assert passkey.browser().post("/login/passkey", {"credential": answer}).status_code == 401
    assert client.post("/login/passkey", {"credential": answer}).status_code == 302
    client.post("/logout")
    assert client.post("/login/passkey", {"credential": answer}).status_code == 401  # replayed
    options(client, "/login/passkey")
    assert client.post("/login/passkey", {"credential": answer}).status_code == 401

    # Of the second step, which asks for no PIN, to sign in without a password.
    second = signed_in()
    answer = key.use(options(second, SECOND))
    assert second.post("/login/passkey", {"credential": answer}).status_code == 401
    # Too late.
    options(client, "/login/passkey")
    session = client.session
    session["passkey"] |= {"at": session["passkey"]["at"] - 601}
    session.save()
    late = client.post("/login/passkey", {"credential": answer})
    assert "took too long" in page(late)
    # Of a page elsewhere, or at another port.
    for origin in ("http://localhost:81", "https://localhost", "https://evil.localhost"):
        key.origin = origin
        assert use(client, key).status_code == 401, origin
    key.origin = "http://localhost"
    # Of another account: bob with alice's key, and alice's key that says it is bob's.
    other = passkey.browser()
    other.force_login(bob)
    assert add(signed_in("bob"), SecurityKey()).status_code == 302
    assert use(other, key, CONFIRM).status_code == 401
    assert use(signed_in("bob"), key, SECOND).status_code == 401
    key.user = str(bob.pk).encode()
    assert use(passkey.browser(), key).status_code == 401
    (mine, codes) = Authenticator.objects.filter(user=alice).order_by("pk")
    fresh = confirmed(bob)
    for pk in (mine.pk, codes.pk, 7):
        assert fresh.get(f"/settings/two-step/{pk}/rename").status_code == 404
        assert fresh.post(f"/settings/two-step/{pk}/remove").status_code == 404
    assert not is_in(client)


def test_a_copied_passkey_is_refused(alice: User, key: SecurityKey) -> None:
    use(passkey.browser(), key)
    key.counter = 2  # where the copy was made
    OutgoingMail.objects.all().delete()
    copied = use(passkey.browser(), key)
    assert copied.status_code == 401
    assert "there may be a copy" in page(copied)
    assert kinds(alice)[0] == "passkey_copied"
    assert OutgoingMail.objects.get().subject == "A passkey of your account was refused"
    key.counter = 9
    assert use(passkey.browser(), key).status_code == 302
    # Those that never count are not suspected.
    uncounted = SecurityKey(counter=0)
    add(signed_in_with(key), uncounted)
    assert [use(passkey.browser(), uncounted).status_code for _ in range(2)] == [302, 302]


@pytest.mark.django_db(transaction=True)
def test_an_answer_counts_once_at_once(alice: User) -> None:
    key = SecurityKey(counter=0)
    client = signed_in()
    answer = key.make(options(client, ADD))
    clients = [passkey.browser() for _ in range(3)]
    for each in clients:
        each.cookies = client.cookies
    data = {"credential": answer, "name": ""}
    jobs: list[Job] = [partial(each.post, ADD, data) for each in clients]
    assert not at_once(jobs)
    assert Authenticator.objects.filter(type="webauthn").count() == 1

    anonymous = passkey.browser()
    data = {"credential": key.use(options(anonymous, "/login/passkey"))}
    for each in clients:
        each.cookies = anonymous.cookies
    answers: list[int] = []
    jobs = [
        lambda each=each: answers.append(each.post("/login/passkey", data).status_code)  # type: ignore[misc]
        for each in clients
    ]
    assert not at_once(jobs)
    assert answers.count(302) == 1
    assert set(answers) <= {302, 401, 400}  # 400 if the session went while it was asked for


def test_accounts_that_may_not_come_in(alice: User, key: SecurityKey) -> None:
    client = passkey.browser()
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
    refused = use(client, key)
    assert refused.headers["Location"] == "/settings/strikes"
    assert not is_in(client)
    assert client.get("/settings/strikes").status_code == 200
    past, soon = (timezone.now() + timedelta(minutes=minutes) for minutes in (-1, 9))
    User.objects.filter(pk=alice.pk).update(suspended_at=None, deactivated_at=past, delete_at=past)
    assert use(passkey.browser(), key).status_code == 401
    User.objects.filter(pk=alice.pk).update(delete_at=soon)
    assert use(passkey.browser(), key).headers["Location"] == "/login/keep"
    User.objects.filter(pk=alice.pk).update(delete_at=None)
    assert use(client, key).status_code == 302
    alice.refresh_from_db()
    assert alice.deactivated_at is None
    assert is_in(client)


def test_attempts_are_limited(alice: User, key: SecurityKey, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (2, 300)}
    client = passkey.browser()
    key.user = b"0"
    assert [use(client, key).status_code for _ in range(2)] == [401, 401]
    refused = client.post("/login/passkey/options")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "message" in refused.json()
    # The second step, which a stranger who knows the password may reach.
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": None}
    client = signed_in()
    answers = [use(client, SecurityKey(), SECOND).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_an_address_without_passkeys_says_so(alice: User, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for host, why in (
        ("127.0.0.1", "do not work at 127.0.0.1"),
        ("[::1]", "do not work at ::1"),
        ("chirp.example", "need HTTPS"),
    ):
        client = Client(SERVER_NAME=host)
        client.force_login(alice)
        assert why in page(client.get("/settings/two-step"))
        refused = client.post(f"{ADD}/options")
        assert (refused.status_code, why in refused.json()["message"]) == (400, True)
        anonymous = Client(SERVER_NAME=host)
        assert "passkey" not in page(anonymous.get("/login"))
        assert anonymous.post("/login/passkey", {"credential": "{}"}).status_code == 400
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example"]
    assert "passkey" in page(Client(SERVER_NAME="chirp.example").get("/login"))
    key = SecurityKey(origin="https://chirp.example")
    client = Client(SERVER_NAME="chirp.example")
    client.post("/login", {"login": "alice", "password": PASSWORD})
    assert options(client, ADD)["rp"]["id"] == "chirp.example"
    assert add(client, key).status_code == 302


def test_a_passkey_is_enough_for_staff(alice: User, settings: Settings) -> None:
    settings.REQUIRE_STAFF_MFA = True
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    client, key = signed_in(), SecurityKey()
    assert client.get("/admin/").status_code == 302
    add(client, key)
    assert client.get("/admin/").status_code == 200
    assert signed_in_with(key).get("/admin/").status_code == 200


def signed_in_with(key: SecurityKey) -> Client:
    """A browser where a passkey has signed in."""
    client = passkey.browser()
    assert use(client, key).status_code == 302
    return client


def confirmed(user: User) -> Client:
    """A browser where a user has proven who they are just now."""
    client = passkey.browser()
    client.force_login(user)
    client.post("/settings/confirm", {"password": PASSWORD})
    return client


def test_a_passkey_spares_the_password_for_a_while(alice: User, key: SecurityKey) -> None:
    client = passkey.browser()
    client.force_login(alice)
    change = {"email": "alice@example.net"}
    for path in ("/settings/email", "/settings/account"):
        assert client.post(path, {**change, "password": ""}).status_code == 400
        html = page(client.get(path))
        assert f"/settings/confirm?next={path.replace('/', '%2F')}" in html
    client.post("/settings/confirm", {"password": PASSWORD})
    assert client.post("/settings/email", change).status_code == 400  # a password spares nothing
    use(client, key, CONFIRM)
    assert 'name="password"' not in page(client.get("/settings/email"))
    assert client.post("/settings/email", {"email": "?"}).status_code == 400
    assert client.post("/settings/email", change).status_code == 302
    assert "alice@example.net replaces it" in page(client.get("/settings/email"))
    session = client.session
    session["password_spared_at"] -= 601
    session.save()
    assert client.post("/settings/account").status_code == 400
    assert signed_in_with(key).post("/settings/account").status_code == 302
    assert not is_in(client)
    alice.refresh_from_db()
    assert alice.deactivated_at is not None


def test_the_last_way_to_sign_in_cannot_be_removed(
    alice: User, key: SecurityKey, settings: Settings
) -> None:
    client = passkey.browser()
    use(client, key)
    app = App(alice)  # is a second step, and no way to sign in
    issuer = settings.OIDC_ISSUER = "https://id.example"
    settings.OIDC_CLIENT_ID, settings.PASSWORD_SIGN_IN = "chirp", False
    pk = Authenticator.objects.get(user=alice, type="webauthn").pk
    assert "only way to log in" in page(client.post(f"/settings/two-step/{pk}/remove", follow=True))
    proof = {"password": PASSWORD, "code": app.code()}
    refused = Api(alice).post(f"/api/me/factors/{pk}/remove", proof)
    assert (refused.status_code, refused.json()["error"]) == (409, "only_way_in")
    SocialAccount.objects.create(user=alice, provider="https://another.example", uid="ann")
    assert "only way to log in" in page(client.post(f"/settings/two-step/{pk}/remove", follow=True))
    SocialAccount.objects.create(user=alice, provider=issuer, uid="ann")
    client.post(f"/settings/two-step/{pk}/remove")
    assert not Authenticator.objects.filter(pk=pk).exists()
    client.post("/settings/sso/disconnect")
    assert "only way to log in" in page(client.get("/settings/sso"))


def test_nor_can_the_last_passkey_of_an_account_without_a_password(
    alice: User, key: SecurityKey
) -> None:
    alice.set_unusable_password()
    alice.save()
    rows = Authenticator.objects.filter(user=alice, type="webauthn")
    assert rows.count() == 1
    with pytest.raises(OnlyWayIn):
        factors.remove(user=alice, factor_id=rows.get().pk, address="")
    assert rows.count() == 1
