"""The client for the API of the site: a real server of the herd, and a small server for Chirp."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from herd.tweets import MAX_RESPONSE_BYTES, ChirpAway, read
from tests.helpers.herd.chirp import Chirp, tweets
from tests.helpers.herd.processes import Herd, eventually

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def chirp() -> Iterator[Chirp]:
    with Chirp() as chirp:
        yield chirp


@pytest.fixture(scope="module")
def herd(chirp: Chirp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Herd]:
    folder = tmp_path_factory.mktemp("herd")
    with Herd(folder, names=["Hill"], chirp=chirp.url, limits={"chirp_timeout": 1}) as herd:
        yield herd


@pytest.fixture(autouse=True)
def _reset_chirp(chirp: Chirp) -> Iterator[None]:
    yield
    chirp.status, chirp.headers, chirp.before_response = 200, {}, lambda: None
    chirp.body = json.dumps(tweets()).encode()
    chirp.requests.clear()
    chirp.forwarded_protos.clear()


def ask(herd: Herd, *, radius: str = "10", count: int = 5) -> Any:
    """Ask for tweets near a client, and return the JSON of the response."""
    with herd.client("Hill") as connection:
        connection.report("kiwi")
        report, response = connection.ask("kiwi", radius=radius, count=count)
        assert report.startswith(b"AT Hill +")
        assert connection.send("still here") == b"? still here\n"
    return response


def away(herd: Herd) -> str:
    """Ask for tweets, and return the reason why there are none."""
    response = ask(herd)
    assert set(response) == {"error", "message"}
    assert response["error"] == "away"
    message: str = response["message"]
    return message.removeprefix("Chirp is away: ")


def test_tweets_are_passed_on_as_the_api_returns_them(herd: Herd) -> None:
    assert ask(herd) == tweets()


def test_the_request_has_the_location_the_radius_and_the_count(herd: Herd, chirp: Chirp) -> None:
    ask(herd, radius="12.5", count=100)
    (request,) = chirp.requests
    query = {
        "lat": ["34.06893"],
        "lon": ["-118.445127"],
        "radius_km": ["12.5"],
        "limit": ["100"],
    }
    assert request == ("/api/timelines/nearby", query, chirp.url.removeprefix("http://"))


@pytest.mark.parametrize(
    ("location", "lat", "lon"),
    [
        ("+00.000001-000.000001", "0.000001", "-0.000001"),
        ("-90+180", "-90", "180"),
        ("+4030-00730", "40.5", "-7.5"),
    ],
)
def test_coordinates_are_plain_numbers(
    herd: Herd, chirp: Chirp, location: str, lat: str, lon: str
) -> None:
    with herd.client("Hill") as connection:
        connection.report("moa", location=location)
        connection.ask("moa")
    query = chirp.requests[0][1]
    assert (query["lat"], query["lon"]) == ([lat], [lon])


def test_more_tweets_than_requested_are_cut_off(herd: Herd, chirp: Chirp) -> None:
    chirp.body = json.dumps(tweets(50)).encode()
    assert len(ask(herd, count=2)["results"]) == 2


@pytest.mark.parametrize("status", [201, 301, 400, 404, 429, 500, 503])
def test_another_status_is_an_error(herd: Herd, chirp: Chirp, status: int) -> None:
    chirp.status = status
    chirp.headers = {"Location": f"{chirp.url}/elsewhere"}
    assert away(herd) == f"it answered with status {status}."
    assert len(chirp.requests) == 1  # redirects are not followed either


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "its answer is not JSON."),
        (b"<html>", "its answer is not JSON."),
        (b"\xff", "its answer is not JSON."),
        (b'{"results": NaN}', "its answer is not JSON."),
        (b"[" * 100_000, "its answer is not JSON."),
        (b"[]", "its answer is not a list of tweets."),
        (b"{}", "its answer is not a list of tweets."),
        (b'{"results": 5}', "its answer is not a list of tweets."),
        (b'{"results": ["tweet"]}', "its answer is not a list of tweets."),
        (b" " * (MAX_RESPONSE_BYTES + 1), "its answer is too large."),
    ],
    ids=range(10),
)
def test_an_invalid_response_is_an_error(herd: Herd, chirp: Chirp, body: bytes, why: str) -> None:
    chirp.body = body
    assert away(herd) == why


def test_an_incomplete_response_is_an_error(herd: Herd, chirp: Chirp) -> None:
    chirp.headers = {"Content-Length": "100000"}
    assert away(herd) == "its answer was cut off."


def test_a_request_times_out(herd: Herd, chirp: Chirp) -> None:
    release = threading.Event()
    chirp.before_response = release.wait
    try:
        assert away(herd) == "no answer within 1 seconds."
    finally:
        release.set()
    chirp.before_response = lambda: None
    assert ask(herd) == tweets()


def test_a_silent_chirp_does_not_delay_other_commands(herd: Herd, chirp: Chirp) -> None:
    """Also with more clients than concurrent requests to Chirp: each gets an error in time."""
    release = threading.Event()
    chirp.before_response = release.wait
    connections = [herd.client("Hill") for _ in range(50)]
    try:
        for number, connection in enumerate(connections):
            connection.report(f"client-{number}")
            connection.socket.sendall(f"WHATSAT client-{number} 1 1\n".encode())
        assert herd.report("Hill", "kiwi")
        for connection in connections:
            assert connection.lines.readline().startswith(b"AT Hill ")
            assert json.loads(connection.lines.readline())["error"] == "away"
    finally:
        release.set()
        for connection in connections:
            connection.__exit__()
    assert ask(herd) == tweets()


def test_the_error_log_reports_only_the_first_failure(herd: Herd, chirp: Chirp) -> None:
    ask(herd)
    before = herd.errors("Hill").count("Chirp is away")
    chirp.status = 503
    for _ in range(5):
        away(herd)
    assert herd.errors("Hill").count("Chirp is away") == before + 1
    assert "Traceback" not in herd.errors("Hill")


def test_a_client_that_disconnects_does_not_cause_an_error(herd: Herd, chirp: Chirp) -> None:
    before = herd.errors("Hill")
    release = threading.Event()
    chirp.before_response = release.wait
    try:
        with herd.client("Hill") as connection:
            connection.report("kiwi")
            connection.send("WHATSAT kiwi 1 1")
        eventually(lambda: herd.status("Hill")["clients"] == 0)
    finally:
        release.set()
    assert ask(herd) == tweets()
    assert herd.errors("Hill") == before


def test_the_url_and_the_host_can_be_options(chirp: Chirp, tmp_path: Path) -> None:
    options = ["--chirp", chirp.url, "--chirp-host", "chirp.example"]
    with Herd(tmp_path, names=["Hill"], chirp=NOWHERE, arguments=options) as herd:
        ask(herd)
    assert chirp.requests[0][2] == "chirp.example"


@pytest.mark.parametrize(
    ("names", "name", "proto"),
    [
        ("chirp.example", "chirp.example", "https"),
        ("chirp.example,www.chirp.example", "chirp.example", "https"),
        (".chirp.example", "chirp.example", "https"),
        ("*", None, None),
    ],
)
def test_the_first_of_several_hosts_is_used(
    chirp: Chirp, tmp_path: Path, names: str, name: str | None, proto: str | None
) -> None:
    options = ["--chirp", chirp.url, "--chirp-host", names]
    with Herd(tmp_path, names=["Hill"], chirp=NOWHERE, arguments=options) as herd:
        ask(herd)
    assert chirp.requests[0][2] == (name or chirp.url.removeprefix("http://"))
    assert chirp.forwarded_protos == [proto]


def test_a_refused_connection_is_reported(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp=NOWHERE) as herd:
        assert away(herd).startswith("Connection was refused")


def test_https_needs_a_trusted_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Chirp() as chirp:
        certificate = chirp.use_tls(tmp_path)
        with Herd(tmp_path, names=["Hill"], chirp=chirp.url) as herd:
            assert "certificate verify failed" in away(herd)
            assert chirp.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Herd(tmp_path, names=["Hill"], chirp=chirp.url) as herd:
            assert ask(herd) == tweets()


def test_https_to_a_plain_http_server_fails(chirp: Chirp, tmp_path: Path) -> None:
    url = chirp.url.replace("http://", "https://")
    with Herd(tmp_path, names=["Hill"], chirp=url) as herd:
        assert away(herd)
        assert chirp.requests == []


def test_read_returns_at_most_the_requested_count() -> None:
    assert read(json.dumps(tweets(5)).encode(), 3) == tweets(3)
    with pytest.raises(ChirpAway):
        read(b"null", 3)
