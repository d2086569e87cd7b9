"""Content negotiation: the shortcut selects as Django REST Framework does."""

import pytest
from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.negotiation import OneRendererNegotiation
from api.renderers import OrjsonRenderer
from tests.helpers.api_client import Api

ACCEPTS = (
    None,
    "",
    "*/*",
    "application/json",
    "application/*",
    "application/json; indent=8",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "text/html",
    "nonsense",
)


def negotiate(
    negotiation: type[DefaultContentNegotiation], path: str, accept: str | None
) -> object:
    headers = {} if accept is None else {"Accept": accept}
    request = Request(APIRequestFactory().get(path, headers=headers))
    renderers = [OrjsonRenderer()]
    try:
        renderer, media_type = negotiation().select_renderer(request, renderers)
    except (NotAcceptable, Http404) as error:
        return type(error)
    return renderer is renderers[0], media_type


@pytest.mark.parametrize("path", ["/", "/?format=json", "/?format=xml", "/?format="])
@pytest.mark.parametrize("accept", ACCEPTS)
def test_it_selects_as_the_framework_does(path: str, accept: str | None) -> None:
    ours = negotiate(OneRendererNegotiation, path, accept)
    assert ours == negotiate(DefaultContentNegotiation, path, accept)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("", "*/*", 200),
        ("", "application/json", 200),
        ("", "text/html", 406),
        ("?format=json", "*/*", 200),
        ("?format=xml", "*/*", 404),
    ],
)
def test_a_refused_accept_header_gets_an_error_in_json(
    query: str, accept: str, status: int, alice: object
) -> None:
    answer = Api().get(f"/api/users/alice{query}", Accept=accept)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert ("error" in answer.json()) is (status != 200)
