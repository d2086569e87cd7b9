"""Headers of responses, and requests without HTTPS."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    ["/", "/explore", "/@alice", "/settings", "/api/users/alice", "/api/me", "/admin/", "/x"],
)
def test_what_depends_on_the_viewer_is_not_cached_for_others(
    client: Client, alice: User, path: str
) -> None:
    for _ in range(2):
        response = client.get(path)
        caching = set(response.headers["Cache-Control"].split(", "))
        assert {"private", "no-cache"} <= caching or "no-store" in caching
        assert "Cookie" in response.headers["Vary"].split(", ")
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in response.headers["Permissions-Policy"]
        client.force_login(alice)


def test_responses_to_changes_are_not_stored(client: Client, alice: User) -> None:
    wrong = {"login": "alice", "password": "wrong"}
    for path in ("/api/auth/token", "/login"):
        assert client.post(path, wrong).headers["Cache-Control"] == "no-store"


def test_public_keys_and_figures_keep_their_own_rules(client: Client) -> None:
    assert "public" in client.get("/.well-known/jwks.json").headers["Cache-Control"]


def test_signing_out_clears_what_the_browser_keeps(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.post("/logout").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_without_https_the_api_refuses_and_pages_are_redirected(
    client: Client, settings: Settings
) -> None:
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    for method in (client.get, client.post):
        refused = method("/api/me", headers={"Authorization": "Bearer secret"})
        assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed")
    assert client.get("/explore").headers["Location"].startswith("https://")
    assert client.get("/api/status", secure=True).status_code == 200
