"""The port to the site: one real server, and a small real HTTP server in the place of Chirp."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from herd.tweets import LARGEST, ChirpAway, read
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
def _as_it_was(chirp: Chirp) -> Iterator[None]:
    yield
    chirp.status, chirp.headers, chirp.before = 200, {}, lambda: None
    chirp.body = json.dumps(tweets()).encode()
    chirp.asked.clear()
    chirp.schemes.clear()


def ask(herd: Herd, *, radius: str = "10", count: int = 5) -> Any:
    with herd.client("Hill") as phone:
        phone.report("kiwi")
        report, found = phone.ask("kiwi", radius=radius, count=count)
        assert report.startswith(b"AT Hill +")
        assert phone.say("still here") == b"? still here\n"
    return found


def away(herd: Herd) -> str:
    """Why there are no tweets."""
    found = ask(herd)
    assert set(found) == {"error", "message"}
    assert found["error"] == "away"
    message: str = found["message"]
    return message.removeprefix("Chirp is away: ")


def test_tweets_are_passed_on_in_the_shape_of_the_api(herd: Herd) -> None:
    assert ask(herd) == tweets()


def test_chirp_is_asked_for_the_place_the_radius_and_the_count(herd: Herd, chirp: Chirp) -> None:
    ask(herd, radius="12.5", count=100)
    (asked,) = chirp.asked
    query = {
        "lat": ["34.06893"],
        "lon": ["-118.445127"],
        "radius_km": ["12.5"],
        "limit": ["100"],
    }
    assert asked == ("/api/timelines/nearby", query, chirp.url.removeprefix("http://"))


@pytest.mark.parametrize(
    ("location", "lat", "lon"),
    [
        ("+00.000001-000.000001", "0.000001", "-0.000001"),
        ("-90+180", "-90", "180"),
        ("+4030-00730", "40.5", "-7.5"),
    ],
)
def test_places_are_plain_numbers(
    herd: Herd, chirp: Chirp, location: str, lat: str, lon: str
) -> None:
    with herd.client("Hill") as phone:
        phone.report("moa", location=location)
        phone.ask("moa")
    query = chirp.asked[0][1]
    assert (query["lat"], query["lon"]) == ([lat], [lon])


def test_more_than_was_asked_for_is_cut(herd: Herd, chirp: Chirp) -> None:
    chirp.body = json.dumps(tweets(50)).encode()
    assert len(ask(herd, count=2)["results"]) == 2


@pytest.mark.parametrize("status", [201, 301, 400, 404, 429, 500, 503])
def test_another_status_is_no_answer(herd: Herd, chirp: Chirp, status: int) -> None:
    chirp.status = status
    chirp.headers = {"Location": f"{chirp.url}/elsewhere"}
    assert away(herd) == f"it answered with status {status}."
    assert len(chirp.asked) == 1  # redirects are not followed either


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "its answer is not JSON."),
        (b"<html>", "its answer is not JSON."),
        (b"\xff", "its answer is not JSON."),
        (b'{"results": NaN}', "its answer is not JSON."),
        (b"[" * 100_000, "its answer is not JSON."),
        (b"[]", "its answer is no list of tweets."),
        (b"{}", "its answer is no list of tweets."),
        (b'{"results": 5}', "its answer is no list of tweets."),
        (b'{"results": ["tweet"]}', "its answer is no list of tweets."),
        (b" " * (LARGEST + 1), "its answer is too large."),
    ],
    ids=range(10),
)
def test_nonsense_is_no_answer(herd: Herd, chirp: Chirp, body: bytes, why: str) -> None:
    chirp.body = body
    assert away(herd) == why


def test_an_answer_that_breaks_off_is_none(herd: Herd, chirp: Chirp) -> None:
    chirp.headers = {"Content-Length": "100000"}
    assert away(herd) == "its answer broke off."


def test_chirp_is_not_waited_for_longer_than_it_may_take(herd: Herd, chirp: Chirp) -> None:
    enough = threading.Event()
    chirp.before = enough.wait
    try:
        assert away(herd) == "no answer within 1 seconds."
    finally:
        enough.set()
    chirp.before = lambda: None
    assert ask(herd) == tweets()


def test_a_silent_chirp_holds_up_only_those_who_ask(herd: Herd, chirp: Chirp) -> None:
    """Also when more ask than are asked of Chirp at once: each is told, and reports go on."""
    enough = threading.Event()
    chirp.before = enough.wait
    phones = [herd.client("Hill") for _ in range(50)]
    try:
        for number, phone in enumerate(phones):
            phone.report(f"phone-{number}")
            phone.socket.sendall(f"WHATSAT phone-{number} 1 1\n".encode())
        assert herd.report("Hill", "kiwi")
        for phone in phones:
            assert phone.lines.readline().startswith(b"AT Hill ")
            assert json.loads(phone.lines.readline())["error"] == "away"
    finally:
        enough.set()
        for phone in phones:
            phone.__exit__()
    assert ask(herd) == tweets()


def test_the_error_log_says_once_that_it_is_away(herd: Herd, chirp: Chirp) -> None:
    ask(herd)
    before = herd.errors("Hill").count("Chirp is away")
    chirp.status = 503
    for _ in range(5):
        away(herd)
    assert herd.errors("Hill").count("Chirp is away") == before + 1
    assert "Traceback" not in herd.errors("Hill")


def test_who_leaves_while_it_thinks_does_not_make_it_away(herd: Herd, chirp: Chirp) -> None:
    before = herd.errors("Hill")
    enough = threading.Event()
    chirp.before = enough.wait
    try:
        with herd.client("Hill") as phone:
            phone.report("kiwi")
            phone.say("WHATSAT kiwi 1 1")
        eventually(lambda: herd.status("Hill")["clients"] == 0)
    finally:
        enough.set()
    assert ask(herd) == tweets()
    assert herd.errors("Hill") == before


def test_it_may_be_elsewhere_and_have_another_name(chirp: Chirp, tmp_path: Path) -> None:
    named = ["--chirp", chirp.url, "--chirp-host", "chirp.example"]
    with Herd(tmp_path, names=["Hill"], chirp=NOWHERE, arguments=named) as herd:
        ask(herd)
    assert chirp.asked[0][2] == "chirp.example"


@pytest.mark.parametrize(
    ("names", "name", "scheme"),
    [
        ("chirp.example", "chirp.example", "https"),
        ("chirp.example,www.chirp.example", "chirp.example", "https"),
        (".chirp.example", "chirp.example", "https"),
        ("*", None, None),
    ],
)
def test_it_may_be_called_by_the_first_of_its_names(
    chirp: Chirp, tmp_path: Path, names: str, name: str | None, scheme: str | None
) -> None:
    named = ["--chirp", chirp.url, "--chirp-host", names]
    with Herd(tmp_path, names=["Hill"], chirp=NOWHERE, arguments=named) as herd:
        ask(herd)
    assert chirp.asked[0][2] == (name or chirp.url.removeprefix("http://"))
    assert chirp.schemes == [scheme]


def test_where_nobody_answers_it_says_so(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp=NOWHERE) as herd:
        assert away(herd).startswith("Connection was refused")


def test_over_https_only_a_site_that_is_trusted_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Chirp() as chirp:
        certificate = chirp.speak_tls(tmp_path)
        with Herd(tmp_path, names=["Hill"], chirp=chirp.url) as herd:
            assert "certificate verify failed" in away(herd)
            assert chirp.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Herd(tmp_path, names=["Hill"], chirp=chirp.url) as herd:
            assert ask(herd) == tweets()


def test_over_https_nothing_but_tls_is_an_answer(chirp: Chirp, tmp_path: Path) -> None:
    url = chirp.url.replace("http://", "https://")
    with Herd(tmp_path, names=["Hill"], chirp=url) as herd:
        assert away(herd)
        assert chirp.asked == []


def test_what_is_read_is_no_more_than_was_asked_for() -> None:
    assert read(json.dumps(tweets(5)).encode(), 3) == tweets(3)
    with pytest.raises(ChirpAway):
        read(b"null", 3)
