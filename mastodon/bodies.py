"""Read the parameters of a request: from the query and the body, whatever the method."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from chirp.json_bodies import BadJson, decode
from mastodon.errors import BadRequest
from mastodon.params import Params, nested

MULTIPART = "multipart/form-data"


def parameters(request: HttpRequest) -> Params:
    """Return the parameters; those of the body count more. Raises BadRequest, BadParameter."""
    return Params({**nested(_pairs(request.GET)), **_of_body(request)})


def _of_body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == MULTIPART:
        return nested(_multipart(request))
    body = request.body
    if request.content_type == "application/json" or body.lstrip()[:1] == b"{":
        return _json(body) if body.strip() else {}
    return nested(_pairs(QueryDict(body, encoding="utf-8")))


def _multipart(request: HttpRequest) -> Iterator[tuple[str, Any]]:
    handlers = request.upload_handlers
    try:
        fields, files = MultiPartParser(request.META, request, handlers, "utf-8").parse()
    except MultiPartParserError as error:
        raise BadRequest(str(error)) from None
    yield from _pairs(fields)
    for name, uploads in files.lists():
        for upload in uploads:
            yield name, upload


def _pairs(data: QueryDict) -> Iterator[tuple[str, Any]]:
    for name, values in data.lists():
        for value in values:
            yield name, value


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = decode(body)
    except BadJson as error:
        raise BadRequest(str(error)) from None
    if not isinstance(value, dict):
        raise BadRequest("The body is no object")
    return value
