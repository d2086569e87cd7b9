"""Apps of others in a real browser: what only a browser enforces (form-action, CORS, schemes)."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.oauth.services import NewApp
from tests.browser.chromium import start
from tests.browser.conftest import CHROMIUM, DRIVER
from tests.browser.person import Person
from tests.helpers.mastodon_client import new_app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCHEME = "com.tapbots.Ivory.10217:/request_token"
# Exchanges the code, then posts and reads with the token, all from a page of another origin.
CLIENT = """
const [site, credentials, done] = arguments;
const send = (path, options) => fetch(site + path, options);
(async () => {
  const body = JSON.stringify(credentials);
  const headers = {"Content-Type": "application/json"};
  const token = await (await send("/oauth/token", {method: "POST", body, headers})).json();
  headers.Authorization = `Bearer ${token.access_token}`;
  const mine = await (await send("/api/v1/apps/verify_credentials", {headers})).json();
  const refused = await send("/oauth/userinfo", {headers: {Authorization: "Bearer x"}});
  for (const status of ["one", "two"]) {
    const key = {...headers, "Idempotency-Key": status};
    await send("/api/v1/statuses", {method: "POST", headers: key, body: JSON.stringify({status})});
  }
  const home = await send("/api/v1/timelines/home?limit=1", {headers});
  const next = home.headers.get("Link").includes('rel="next"');
  return [token.scope, mine.name, refused.status, (await home.json()).length, next];
})().then(done, error => done(String(error)));
"""


class Page(BaseHTTPRequestHandler):
    """An empty page of another origin."""

    def do_GET(self) -> None:
        """Send it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Client</title>")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def client_site() -> Iterator[str]:
    """The origin of a web client."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def asks(person: Person, new: NewApp) -> None:
    """Open the page on which the person is asked, and allow it."""
    uri = new.app.redirect_uris
    query = {"response_type": "code", "client_id": new.app.client_id, "redirect_uri": uri}
    person.visits(f"/oauth/authorize?{urlencode({**query, 'scope': 'read write', 'state': 's'})}")
    person.presses("Authorize", within=".card")


def test_consent_leads_to_a_web_client_which_then_calls_from_its_own_origin(
    opens: Callable[..., Person], client_site: str
) -> None:
    alice = opens()
    alice.registers("alice")
    new = new_app(redirect_uri=f"{client_site}/back")
    asks(alice, new)
    alice.waits(lambda: alice.browser.title == "Client")
    found = parse_qs(urlsplit(alice.browser.current_url).query)
    assert found["state"] == ["s"]
    credentials = {
        "grant_type": "authorization_code",
        "code": found["code"][0],
        "client_id": new.app.client_id,
        "client_secret": new.secret,
        "redirect_uri": new.app.redirect_uris,
    }
    seen = alice.browser.execute_async_script(CLIENT, alice.site, credentials)
    assert seen == ["read write", "Test app", 401, 1, True]


@pytest.fixture
def watched(chromium: None, live_server: LiveServer, tmp_path: Path) -> Iterator[Person]:
    """A person whose browser logs its requests."""
    browser = start(CHROMIUM or "", DRIVER or "", tmp_path, scripts=True, network=True)
    yield Person(browser, live_server.url, scripts=True)
    browser.quit()


def test_consent_leads_to_an_app_with_a_scheme_of_its_own(watched: Person) -> None:
    """No app has this scheme here, so the browser stays on the page after it tried."""
    watched.registers("alice")
    asks(watched, new_app(redirect_uri=SCHEME))
    wanted = f'"documentURL":"{SCHEME.lower()}?code='

    def followed() -> bool:
        log = watched.browser.get_log("performance")  # type: ignore[no-untyped-call]
        return any(wanted in entry["message"] for entry in log)

    watched.waits(followed)
