"""E-mail addresses and forgotten passwords, as a browser without scripts uses them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import emails
from accounts.mail import queue
from accounts.models import KeptMail, OutgoingMail, SecurityEvent, User
from chirp.email_urls import django_settings
from conftest import PASSWORD
from tests.helpers.admin import address, browser
from tests.helpers.authenticator import App
from tests.helpers.pages import page
from tests.helpers.smtp import Mailbox, path_in, texts
from tests.helpers.threads import at_once

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
NEW = "a wholly different phrase"
DORA = {"handle": "Dora", "email": "dora@example.org", "password": PASSWORD}
CHANGE = {"email": "alice@example.net", "password": PASSWORD}


@pytest.fixture
def client(alice: User) -> Client:
    """Where alice is signed in."""
    client = Client()
    client.force_login(alice)
    return client


def code_in(mail: Mailbox) -> str:
    """The code of the latest e-mail."""
    return texts(mail.messages[-1])[0].partition("enter this code: ")[2].split()[0]


def token_in(path: str) -> str:
    """The secret of a link."""
    return path.partition("token=")[2].replace("%3A", ":")


def asked_for_a_link(drain: Drain, mail: Mailbox) -> str:
    """The path of the link that alice gets to set a password."""
    Client().post("/login/forgotten", {"login": "alice"})
    drain()
    return path_in(mail.messages[-1])


def test_a_new_account_confirms_its_address(db: None, drain: Drain, mail: Mailbox) -> None:
    client = Client()
    client.post("/register", DORA)
    refused = client.post("/compose", {"text": "hello"})
    assert refused.status_code == 403
    assert "confirm your e-mail address" in page(refused)
    assert "Not confirmed" in page(client.get("/settings/email"))
    assert drain(times=2) > 0
    (message,) = mail.messages
    assert message["To"] == "dora@example.org"
    path = path_in(message)
    anybody = Client()
    assert "Is dora@example.org yours?" in page(anybody.get(path))
    assert "Not confirmed" in page(client.get("/settings/email"))
    confirmed = anybody.post("/settings/email/link", {"token": token_in(path)}, follow=True)
    assert "dora@example.org is confirmed." in page(confirmed)
    for again in (anybody.get(path), client.get("/settings/email/link?token=x")):
        assert again.status_code == 404
    assert client.post("/compose", {"text": "hello", "visibility": "public"}).status_code == 302
    assert client.post("/settings/email/send").status_code == 409


def test_an_address_changes_when_the_new_one_is_confirmed(
    client: Client, alice: User, bob: User, drain: Drain, mail: Mailbox
) -> None:
    for sent, status, said in (
        ({"email": "nowhere"}, 400, "not an e-mail address"),
        ({"email": "BOB@example.org"}, 409, "There is an account with this e-mail address."),
        ({"email": "alice@example.org"}, 409, "This is your address already."),
        ({"password": "wrong"}, 403, "The password is wrong."),
        ({"email": ""}, 400, "required"),
    ):
        response = client.post("/settings/email", CHANGE | sent)
        assert (response.status_code, said in page(response)) == (status, True), sent
        assert PASSWORD not in page(response)
    client.post("/settings/email", CHANGE)
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    drain()
    assert mail.recipients == ["alice@example.net"]
    wrong = client.post("/settings/email/code", {"code": "BCDF-GHJK"})
    assert wrong.status_code == 400
    assert "BCDF-GHJK" in page(wrong)
    assert "alice@example.org is confirmed" not in page(wrong)
    others = browser(bob).post("/settings/email/code", {"code": code_in(mail)})
    assert others.status_code == 400
    client.post("/settings/email/code", {"code": f" {code_in(mail).lower()} "})
    alice.refresh_from_db()
    assert alice.email == "alice@example.net"
    drain()
    assert mail.recipients[-1] == "alice@example.org"
    assert "alice@example.net now" in texts(mail.messages[-1])[0]
    assert emails.state(user=alice) == emails.EmailState("alice@example.net", True, None)
    assert alice.security_events.filter(kind="email_changed").count() == 1


def test_a_change_can_be_dropped_and_loses_to_an_account_that_was_first(
    client: Client, alice: User, person: Callable[..., User], drain: Drain, mail: Mailbox
) -> None:
    client.post("/settings/email", {"email": "carol@example.org", "password": PASSWORD})
    drain()
    path = path_in(mail.messages[-1])
    person("carol")
    taken = client.post("/settings/email/link", {"token": token_in(path)})
    assert taken.status_code == 409
    client.post("/settings/email/cancel")
    client.post("/settings/email/cancel")
    assert client.get(path).status_code == 404
    assert "carol" not in page(client.get("/settings/email"))


def test_a_forgotten_password_is_set_by_a_link_once(
    client: Client, alice: User, drain: Drain, mail: Mailbox
) -> None:
    path = asked_for_a_link(drain, mail)
    stranger = Client()
    assert "Set a new password" in page(stranger.get(path))
    data = {"token": token_in(path), "password": "password"}
    weak = stranger.post("/login/password", data)
    assert weak.status_code == 400
    assert "too common" in page(weak)
    data["password"] = NEW
    assert stranger.post("/login/password", data).headers["Location"] == "/login"
    assert stranger.post("/login/password", data).status_code == 404
    for broken in ("", "x", f"{data['token']}x", "\x00"):
        assert stranger.get("/login/password", {"token": broken}).status_code == 404
    assert client.get("/settings").status_code == 302  # the other session ended
    assert stranger.post("/login", {"login": "alice", "password": NEW}).status_code == 302
    assert emails.is_verified(alice)
    drain()
    assert "A new password was set by e-mail" in texts(mail.messages[-1])[0]


def test_a_new_password_ends_a_change_of_the_address(
    alice: User, client: Client, drain: Drain, mail: Mailbox
) -> None:
    """Otherwise whoever knew the old one could still take the account by the link."""
    old = PASSWORD

    def changes_it() -> None:
        sent = {"old": PASSWORD, "new": NEW}
        assert client.post("/settings/password", sent).status_code == 302

    def forgot_it() -> None:
        data = {"token": token_in(asked_for_a_link(drain, mail)), "password": f"{NEW} again"}
        assert Client().post("/login/password", data).status_code == 302

    for sets_it in (changes_it, forgot_it):
        client.force_login(alice)
        client.post("/settings/email", {"email": "mallory@example.org", "password": old})
        drain()
        letter = mail.messages[-1]
        code, token = code_in(mail), token_in(path_in(letter))
        sets_it()
        old = NEW
        assert Client().post("/settings/email/link", {"token": token}).status_code == 404
        alice.refresh_from_db()
        client.force_login(alice)
        client.post("/settings/email/code", {"code": code})
        alice.refresh_from_db()
        assert alice.email == "alice@example.org", sets_it


def test_who_first_proves_an_address_gets_the_account_alone(
    alice: User, drain: Drain, mail: Mailbox
) -> None:
    """What was added to sign in before may be of whoever registered with the address."""
    for is_proven in (False, True):
        SocialAccount.objects.create(user=alice, provider="https://id.example", uid="mallory")
        App(alice)
        assert emails.is_verified(alice) == is_proven
        data = {"token": token_in(asked_for_a_link(drain, mail)), "password": f"{NEW} {is_proven}"}
        assert Client().post("/login/password", data).status_code == 302
        assert SocialAccount.objects.filter(user=alice).exists() == is_proven
        assert Authenticator.objects.filter(user=alice).exists() == is_proven  # codes as well
    for kind in ("sso_disconnected", "factors_reset"):
        assert SecurityEvent.objects.filter(user=alice, kind=kind).count() == 1


def test_what_was_added_before_the_address_was_confirmed_stays_for_who_confirmed_it_there(
    client: Client, alice: User, drain: Drain, mail: Mailbox
) -> None:
    """By the link anybody may confirm, as the true owner of the address. That proves nothing."""
    for number, by in enumerate((None, "link", "code")):
        EmailAddress.objects.filter(user=alice).delete()
        App(alice)
        drain()
        emails.ask_to_confirm(user=alice, now=timezone.now())
        drain()
        token, code = token_in(path_in(mail.messages[-1])), code_in(mail)
        if by == "code":
            assert client.post("/settings/email/code", {"code": code}).status_code == 302
        else:
            opened = Client() if by is None else client
            assert opened.post("/settings/email/link", {"token": token}).status_code == 302
        assert emails.is_verified(alice)
        data = {"token": token_in(asked_for_a_link(drain, mail)), "password": f"{NEW} {number}"}
        assert Client().post("/login/password", data).status_code == 302
        assert Authenticator.objects.filter(user=alice).exists() == (by is not None), by
        Authenticator.objects.filter(user=alice).delete()
        alice.refresh_from_db()
        client.force_login(alice)


def test_it_does_not_tell_whose_password_can_be_set(
    alice: User, bob: User, drain: Drain, mail: Mailbox
) -> None:
    User.objects.filter(pk=bob.pk).update(suspended_at=bob.created_at)
    answers = set()
    for login in ("alice", "bob", "nobody", "nobody@example.org", "a\x00"):
        answer = Client().post("/login/forgotten", {"login": login}, follow=True)
        answers.add("If there is such an account" in page(answer))
    assert answers == {True, False}  # the last one is no text
    drain()
    assert mail.recipients == ["alice@example.org"]


def test_a_mail_that_is_refused_is_sent_later_and_once(
    alice: User, drain: Drain, mail: Mailbox
) -> None:
    mail.refuse = True
    Client().post("/login/forgotten", {"login": "alice"})
    waiting = OutgoingMail.objects.get()
    with pytest.raises(queue.MailRefused, match="SMTPDataError"):
        queue.send(mail_id=waiting.pk, now=timezone.now())
    mail.refuse = False
    drain(times=3)
    assert len(mail.messages) == 1
    assert not OutgoingMail.objects.exists()


def test_without_a_mail_server_superusers_read_the_mail(
    alice: User, bob: User, charlie: User, drain: Drain, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = django_settings("admin:")[
        "EMAIL_BACKEND"
    ]  # not that of Django's tests
    Client().post("/login/forgotten", {"login": "alice"})
    drain()
    (kept,) = KeptMail.objects.all()
    where = address(KeptMail, "change", kept.pk)
    html = page(browser(bob, superuser=True).get(where))
    assert 'href="http://127.0.0.1:8000/login/password?token=' in html
    staff = browser(charlie, "accounts.view_keptmail", "accounts.change_keptmail")
    assert staff.get(where).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_twice_at_once_counts_once(
    alice: User, drain: Drain, mail: Mailbox
) -> None:
    token = token_in(asked_for_a_link(drain, mail))
    statuses: list[Any] = []

    def set_password(number: int) -> None:
        data = {"token": token, "password": f"{NEW} {number}"}
        statuses.append(Client().post("/login/password", data).status_code)

    assert not at_once([partial(set_password, number) for number in range(4)])
    assert sorted(statuses) == [302, 404, 404, 404]
    assert SecurityEvent.objects.filter(kind="password_reset").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_address_that_several_want_at_once_goes_to_one(
    alice: User, bob: User, drain: Drain, mail: Mailbox
) -> None:
    """By confirming a change of address and by registering, with real connections."""
    wanted = "wanted@example.net"
    for person in (alice, bob):
        client = Client()
        client.force_login(person)
        client.post("/settings/email", {"email": wanted, "password": PASSWORD})
    drain()
    tokens = [token_in(path_in(message)) for message in mail.messages]
    jobs = [
        *(partial(Client().post, "/settings/email/link", {"token": token}) for token in tokens),
        partial(Client().post, "/register", {**DORA, "email": wanted.upper()}),
    ]
    answers: list[Any] = []
    assert not at_once([lambda job=job: answers.append(job()) for job in jobs])  # type: ignore[misc]
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409]
    assert all("There is an account" in page(each) for each in answers if each.status_code == 409)
    assert User.objects.by_email(wanted).count() == 1
