"""Error pages: in words, with a way on, and without database, Redis and session."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from chirp import error_handlers
from tests.helpers.pages import HTMX, code_in, page
from web.errors import error_page, when_again

STATUSES = (400, 403, 404, 405, 409, 413, 415, 429, 500, 503)


def test_every_error_says_what_to_do_and_asks_nothing_of_servers() -> None:
    # No test database and no Redis here: a query would fail.
    request = RequestFactory().get(
        "/nowhere?q=<b>", headers={"Referer": "http://testserver/@alice"}
    )
    for status in STATUSES:
        html = page(error_page(request, status, "<i>It went wrong.</i>"))
        assert f'<p class="error-status">{status}</p>' in html
        assert html.count("<h1>") == html.count("<main") == 1
        assert "That cannot be done" not in html, "each has a title of its own"
        assert 'href="/@alice">Go back</a>' in html
        assert 'href="/">Start page</a>' in html
        assert ('href="/nowhere?q=%3Cb%3E">Try again</a>' in html) == (status in (429, 500, 503))
        assert ('role="search"' in html) == (status == 404)
        assert ("/login?next=/nowhere%3Fq%3D" in html) == (status in (403, 404))
        assert ('href="/status"' in html) == (status >= 500)
        assert "<i>" not in html
        assert not code_in(html)


def test_a_part_of_a_page_gets_the_text_alone() -> None:
    for status in STATUSES:
        response = error_page(
            RequestFactory().get("/", headers=HTMX), status, "It <went> wrong.", 90
        )
        assert response["Content-Type"] == "text/plain"
        assert page(response).endswith("Try again in 2 minutes.")
        assert "<html" not in page(response)


def test_ways_on_lead_to_this_site_only() -> None:
    for referer in (
        "https://evil.example/",
        "http://testserver.evil.example/x",
        "javascript:x",
        "//",
    ):
        headers = {"Referer": referer}
        html = page(error_page(RequestFactory().get("/x", headers=headers), 404, "No."))
        assert "Go back" not in html, referer
        assert "evil" not in html
    sent = RequestFactory().post("/compose", headers={"Referer": "http://testserver/compose"})
    html = page(error_page(sent, 503, "No."))
    assert "Try again" not in html, "a form is not sent again by a link"


def test_when_to_try_again_is_told_in_words() -> None:
    expected = {1: "1 second", 59: "59 seconds", 60: "1 minute", 61: "2 minutes", 7200: "2 hours"}
    for seconds, text in expected.items():
        assert when_again(seconds) == f"Try again in {text}."


@pytest.mark.usefixtures("redis")
def test_too_many_pages_say_when(settings: Settings, alice: User) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "read": (1, 600)}
    client = Client()
    client.get("/about")
    refused = client.get("/about")
    assert refused.status_code == 429
    assert "Try again in 10 minutes." in page(refused)
    assert "Try again in 10 minutes." in page(client.get("/about", headers=HTMX))


def broken(*args: Any, **kwargs: Any) -> None:
    raise OperationalError("away")


def test_errors_are_in_the_language_of_the_reader_without_a_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("web.views.site.services.rules", broken)
    monkeypatch.setattr("moderation.site.services.texts._load", broken)
    client = Client(raise_request_exception=False, headers={"Accept-Language": "ar"})
    response = client.get("/about")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert '<html lang="ar" dir="rtl"' in page(response)
    client.cookies["language"] = "de"
    assert '<html lang="de" dir="ltr"' in page(client.get("/about"))


def test_offline_is_the_same_for_everyone(client: Client, alice: User) -> None:
    anonymous = page(client.get("/offline"))
    assert "You are offline" in anonymous
    client.force_login(alice)
    assert page(client.get("/offline")) == anonymous


def test_a_404_offers_the_login_to_visitors_only(client: Client, alice: User) -> None:
    assert "Log in</a> and look again" in page(client.get("/@nobody"))
    client.force_login(alice)
    html = page(client.get(reverse("profile", args=["nobody"])))
    assert "look again" not in html
    assert str(error_handlers.MESSAGES[404]) in html, "which says more than the title"
