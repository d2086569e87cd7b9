"""The web server under attack: by slow, silent and long-winded clients, and by script/attack."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from accounts.models import User
from chirp.secrets import jwt_private_key
from conftest import PASSWORD
from tests.helpers.secret_logs import holds_no_secret
from tests.helpers.site import Site, running_site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PATIENCE = 20  # seconds; a request that waits for a slow client would wait for a minute
HALF_HEADER = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "
HALF_BODY = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=al"
)
UNREAD = b"GET /explore HTTP/1.1\r\nHost: localhost\r\n\r\n"
ENOUGH = 300_000  # more than any form may send


@pytest.fixture(scope="module")
def site(collected_static: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A whole site with the web server that script/run and the container start.

    Its rate limits are on, but so high that no attack meets them.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("WRITES", "READS", "REGISTER", "SIGN_IN"):
            patch.setenv(f"RATE_LIMIT_{name}", "100000/5m")
        with running_site(tmp_path_factory.mktemp("site") / "log") as site:
            yield site


def connect(site: Site, stack: ExitStack, sent: bytes) -> socket.socket:
    """A client that sends this and nothing more, and reads nothing."""
    address = urlsplit(site.url)
    client = stack.enter_context(socket.socket())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    client.connect((address.hostname, address.port))
    client.sendall(sent)
    return client


def test_clients_that_are_slow_hold_up_no_other_client(site: Site) -> None:
    for sent, clients in ((b"", 500), (HALF_HEADER, 500), (HALF_BODY, 500), (UNREAD, 100)):
        with ExitStack() as stack:
            for _ in range(clients):
                connect(site, stack, sent)
            for _ in range(10):
                assert requests.get(f"{site.url}/healthz", timeout=PATIENCE).ok


def test_a_connection_stays_open_between_requests(site: Site) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.get(f"{site.url}/healthz", timeout=PATIENCE).ok
        adapter = session.get_adapter(site.url)
        assert isinstance(adapter, HTTPAdapter)
        (pool,) = adapter.poolmanager.pools._container.values()
        assert pool.num_connections == 1


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/static/css/base.css"])
def test_a_response_to_head_has_no_body(site: Site, path: str) -> None:
    with requests.Session() as session:  # a body would be taken for the next response
        session.headers["Accept-Encoding"] = "identity"
        head = session.head(f"{site.url}{path}", timeout=PATIENCE)
        get = session.get(f"{site.url}{path}", timeout=PATIENCE)
    assert head.status_code == get.status_code
    assert head.headers["Content-Length"] == str(len(get.content))


def test_a_body_that_is_too_large_is_refused_in_the_words_of_its_face(site: Site) -> None:
    page = requests.post(f"{site.url}/login", data={"login": "x" * ENOUGH}, timeout=PATIENCE)
    assert (page.status_code, page.headers["Content-Type"][:9]) == (413, "text/html")
    answer = requests.post(f"{site.url}/api/auth/token", data=b" " * 2_000_000, timeout=PATIENCE)
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"
    files = {"file": b"x" * ENOUGH}
    assert requests.post(f"{site.url}/login", files=files, timeout=PATIENCE).status_code == 413


def test_a_body_without_a_length_is_bounded_while_it_arrives(site: Site) -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 10_000] * (ENOUGH // 10_000)

    refused = requests.post(f"{site.url}/login", data=chunks(), timeout=PATIENCE)
    assert refused.status_code == 413


def test_a_request_that_is_cut_off_leaves_the_server_well(site: Site) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            connect(site, stack, HALF_BODY).close()
    assert requests.get(f"{site.url}/healthz", timeout=PATIENCE).ok


def test_a_cookie_header_that_is_too_long_is_refused(site: Site) -> None:
    for cookie in ('a="' + "\\" * 8000, "a=" + "x" * 5000):
        sent = {"headers": {"Cookie": cookie}, "timeout": PATIENCE}
        page = requests.get(f"{site.url}/healthz", **sent)  # type: ignore[arg-type]
        assert (page.status_code, page.headers["Content-Type"][:9]) == (400, "text/html")
        api = requests.get(f"{site.url}/api/status", **sent)  # type: ignore[arg-type]
        assert (api.status_code, api.json()["error"]) == (400, "invalid")


@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_script_attack_finds_nothing(site: Site, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    jwt_private_key(settings.JWT_KEY_FILE)  # makes the file if nobody has signed a token yet
    env = {
        **os.environ,
        "ATTACK_STAFF": f"alice:{PASSWORD}",
        "ATTACK_JWT_KEY": str(settings.JWT_KEY_FILE),
    }
    command = [sys.executable, "-m", "tools.attack", "--short", site.url]
    result = subprocess.run(
        command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "SKIP" not in result.stdout
    holds_no_secret(site.log, PASSWORD, "@example.org")
