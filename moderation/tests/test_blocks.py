"""Blocked e-mail domains, networks and words, through HTTP."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from moderation import roles
from moderation.blocks import checks
from moderation.blocks.models import EmailDomain, Network, Word
from moderation.models import Report, ReportedTweet
from tests.helpers.admin import address, browser
from tests.helpers.api_client import Api
from tests.helpers.pages import page


@pytest.fixture
def editor(warden: User) -> Client:
    """A client that an administrator is signed in with."""
    Group.objects.get(name=roles.ADMINISTRATORS).user_set.add(warden.pk)
    return browser(warden)


def register(number: int, client: Client | None = None, **more: str) -> Any:
    """The response to a registration."""
    who = {"handle": f"new{number}", "email": f"new{number}@example.org", **more}
    data = {"password": "correct horse battery staple", **who}
    return (client or Client()).post("/api/auth/register", data, content_type="application/json")


def test_domains_are_blocked_with_their_subdomains(
    editor: Client, django_capture_on_commit_callbacks: Any
) -> None:
    for domain, stored in (("@Example.NET.", "example.net"), ("bücher.example", None)):
        editor.post(address(EmailDomain, "add"), {"domain": domain})
        assert stored is None or EmailDomain.objects.get().domain == stored
    again = editor.post(address(EmailDomain, "add"), {"domain": "EXAMPLE.net"})
    assert again.status_code == 200
    for wrong in ("com", "a b.com", "..."):
        refused = editor.post(address(EmailDomain, "add"), {"domain": wrong})
        assert "A domain looks like" in page(refused), wrong
    for email in ("x@example.net", "x@MAIL.example.NET", "x@xn--bcher-kva.example"):
        refused = register(1, email=email)
        assert (refused.status_code, refused.json()["error"]) == (400, "email_blocked"), email
        assert list(refused.json()["fields"]) == ["email"]
    assert register(1, email="x@notexample.net").status_code == 201
    form = {"handle": "new2", "email": "y@example.net", "password": "correct horse battery staple"}
    site = Client().post("/register", form)
    assert (site.status_code, "Use another one." in page(site)) == (400, True)


def test_networks_are_blocked_for_sign_up_or_for_all(
    editor: Client, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for network, scope in (("192.0.2.9/24", "sign_up"), ("2001:db8::/32", "all")):
            editor.post(address(Network, "add"), {"network": network, "scope": scope})
    assert Network.objects.filter(network="192.0.2.0/24").exists()
    wrong = editor.post(address(Network, "add"), {"network": "here", "scope": "all"})
    assert "A network looks like" in page(wrong)
    near, far = Client(REMOTE_ADDR="192.0.2.77"), Client(REMOTE_ADDR="2001:db8::5")
    assert register(1, near).json()["error"] == "address_blocked"
    assert near.get("/explore").status_code == 200
    for path in ("/explore", "/api/timelines/public", "/login"):
        refused = far.get(path)
        assert (refused.status_code, "network is blocked" in page(refused)) == (403, True), path
    assert far.get("/healthz").status_code == 200
    assert register(2).status_code == 201


def test_words_are_refused_or_reported(alice: User) -> None:
    Word.objects.create(text="Casino", severity="refuse")
    Word.objects.create(text="buy now", severity="report")
    checks.forget()
    api = Api(alice)
    for field in ("text", "spoiler"):
        refused = api.post("/api/tweets", {"text": "hello", field: "CASINO!"})
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert api.post("/api/tweets", {"text": "casinos"}).status_code == 201
    ids = [
        int(api.post("/api/tweets", {"text": text}).json()["id"])
        for text in ("Please BUY\nNOW", "Buy now, again", "I buy nowhere")
    ]
    assert api.patch(f"/api/tweets/{ids[2]}", {"text": "casino"}).status_code == 400
    assert api.patch(f"/api/tweets/{ids[2]}", {"text": "so buy now"}).status_code == 200
    assert set(ReportedTweet.objects.values_list("tweet_id", flat=True)) == set(ids)
    report = Report.objects.get()
    assert (report.reporter, report.case.account) == (None, alice)
    for fields in ({"handle": "casino"}, {"name": "Buy now"}):
        refused = register(1, None, **fields)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, list(fields))
    assert api.patch("/api/me", {"name": "The casino"}).status_code == 400
    assert Api(alice).get("/api/reports").json()["results"] == []
