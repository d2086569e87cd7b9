"""Limits of forms and of pages."""

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from chirp.limits.quotas import TooManyRequests
from web.limits import limit_address


@pytest.mark.usefixtures("redis")
def test_forms_are_limited_by_address(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (2, 60)}
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").post("/login")
    limit_address(request, "sign_in")
    limit_address(request, "sign_in")
    with pytest.raises(TooManyRequests) as refused:
        limit_address(request, "sign_in")
    assert refused.value.retry_after


@pytest.fixture
def two_pages(settings: Settings) -> None:
    """Each account, and each address of anonymous visitors, may read two pages a minute."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "read": (2, 60)}


def reader(person: User | None = None, address: str = "192.0.2.1") -> Client:
    browser = Client(REMOTE_ADDR=address)
    if person:
        browser.force_login(person)
    return browser


@pytest.mark.usefixtures("two_pages")
def test_pages_are_limited_by_account_or_else_by_address(alice: User, bob: User) -> None:
    for person, other in ((alice, reader(bob)), (None, reader(address="192.0.2.2"))):
        browser = reader(person)
        pages = [browser.get(path) for path in ("/", "/explore", "/@alice")]
        assert [page.status_code for page in pages] == [200, 200, 429]
        assert [page["RateLimit"] for page in pages] == [f'"read";r={n};t=60' for n in (1, 0, 0)]
        assert pages[2]["RateLimit-Policy"] == '"read";q=2;w=60'
        assert pages[2]["Retry-After"] == "60"
        assert "Slow down a little" in pages[2].content.decode()
        assert other.get("/explore").status_code == 200


@pytest.mark.usefixtures("two_pages")
def test_what_is_sent_and_pages_about_the_api_count_as_what_they_are(alice: User) -> None:
    browser = reader(alice)
    for _ in range(3):  # limited as a write
        assert browser.post("/compose", {"text": ""}).status_code == 400
    assert browser.get("/api/docs").status_code == 200
    assert browser.get("/api/schema").status_code == 200
    assert browser.get("/api/docs").status_code == 429
    assert browser.get("/api/me").status_code == 429, "pages and the API share one limit"


@pytest.mark.usefixtures("two_pages")
def test_htmx_gets_a_line_of_text(alice: User) -> None:
    browser = reader(alice)
    replies = [browser.get("/", headers={"HX-Request": "true"}) for _ in range(3)]
    assert replies[2].status_code == 429
    assert replies[2]["Content-Type"].startswith("text/plain")
