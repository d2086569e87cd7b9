"""Responses are sent compressed to those who take it."""

import gzip

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from chirp.compression import Compression, takes_gzip

LONG = b"<p>a tweet</p>" * 500


def sent(response: HttpResponseBase, accepted: str = "gzip, br") -> HttpResponseBase:
    request: HttpRequest = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    return Compression(lambda _: response)(request)


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("identity, x-gzip", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        (",;=,gzip;=;q", False),
    ],
)
def test_what_a_client_takes(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


def test_a_long_text_is_compressed_and_its_length_tells_little() -> None:
    answers = [sent(HttpResponse(LONG, headers={"ETag": '"1"'})) for _ in range(50)]
    first = answers[0]
    assert isinstance(first, HttpResponse)
    assert gzip.decompress(first.content) == LONG
    assert first["Content-Length"] == str(len(first.content))
    assert first["ETag"] == 'W/"1"'
    assert first["Vary"] == "Accept-Encoding"
    assert len({answer["Content-Length"] for answer in answers}) > 10


def test_what_is_not_compressed() -> None:
    plain = sent(HttpResponse(LONG), "br")
    assert "Content-Encoding" not in plain
    assert plain["Vary"] == "Accept-Encoding"  # the answer to others differs
    responses = {
        "short": HttpResponse(b"ok"),
        "a picture": HttpResponse(LONG, content_type="image/webp"),
        "compressed before": HttpResponse(LONG, headers={"Content-Encoding": "br"}),
        "a file": FileResponse(iter([LONG]), content_type="text/html"),
    }
    for name, response in responses.items():
        assert sent(response).get("Content-Encoding") in (None, "br"), name


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/api/schema", "/nothing-here"])
def test_pages_and_the_api_are_compressed(client: Client, path: str) -> None:
    plain = client.get(path)
    assert "Content-Encoding" not in plain
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert packed["Cache-Control"] == plain["Cache-Control"]
    assert len(gzip.decompress(packed.content)) == pytest.approx(len(plain.content), rel=0.1)
