"""The page for anonymous visitors, and whether pages tell the truth about registration."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.joining.models import Mode, Terms
from accounts.models import User
from moderation.site import services
from moderation.site.models import Rule, Site
from tests.helpers.pages import page
from tests.helpers.tweets import post


def test_it_shows_what_the_site_is(client: Client, alice: User) -> None:
    site = Site.objects.create(name="Nest", description="For <birds>.", contact="owl@example.org")
    for text in ("Be kind.", "No <b>shouting</b>."):
        Rule.objects.create(text=text)
    services.texts.set(site)
    post(alice, "Hello from the nest")
    html = page(client.get("/"))
    assert "<title>Nest</title>" in html
    assert '<h1 dir="auto">Nest</h1>' in html
    assert '<meta name="description" content="For &lt;birds&gt;.">' in html
    assert 'href="mailto:owl@example.org"' in html
    assert "Be kind.</li>" in html
    assert "No &lt;b&gt;shouting&lt;/b&gt;." in html
    assert "Hello from the nest" in html
    for contact, shown in (
        ("https://nest.example/contact", 'href="https://nest.example/contact"'),
        ("Ask the <owl>", "Ask the &lt;owl&gt;"),
        ('"@><script>', "@&gt;&lt;script&gt;"),
    ):
        site.contact = contact
        services.texts.set(site)
        for path in ("/", "/about"):
            assert shown in page(client.get(path))


def test_a_new_site_says_that_nothing_is_there_yet(client: Client, db: None) -> None:
    html = page(client.get("/"))
    assert "Nobody has written anything for everybody yet." in html
    assert "Rules" not in html
    assert "Contact" not in html


def test_many_rules_and_tweets_take_no_more_queries(client: Client, alice: User) -> None:
    counts = []
    for _ in range(2):
        for number in range(3):
            Rule.objects.create(text=f"Rule {number}")
            post(alice, f"Tweet {number}")
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("mode", "button", "text"),
    [
        (Mode.OPEN, "Create an account", ""),
        (Mode.INVITATION, "I have an invitation", "New members need an invitation."),
        (Mode.APPROVAL, "Ask for an account", "look at each new account"),
        (Mode.DOMAINS, "Create an account", "e-mail address at nest.example"),
        (Mode.CLOSED, "", "does not take new accounts"),
    ],
)
def test_pages_tell_the_truth_about_registration(
    client: Client, db: None, mode: Mode, button: str, text: str
) -> None:
    terms = Terms(mode=mode, domains="nest.example", message="Ask the owl.")
    services.registration.set(terms)
    for path in ("/", "/explore", "/login"):
        html = page(client.get(path))
        assert ('href="/register"' in html) == bool(button), path
        assert button in html
        if path != "/login" or not button:
            assert text in html, path
    assert "Ask the owl." in page(client.get("/"))


def test_newcomers_are_sent_to_the_provider_where_passwords_are_off(
    client: Client, db: None, settings: Settings
) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "https://id.example", "chirp"
    settings.OIDC_LABEL, settings.PASSWORD_SIGN_IN = "The Nest", False
    assert ">Go on with The Nest</a>" in page(client.get("/"))
