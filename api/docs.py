"""The API reference: an OpenAPI document for programs, and an HTML page for people.

The page is rendered here rather than by a JavaScript viewer, so that it needs only our own style
sheets and works under the site's content security policy.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

Json = dict[str, Any]
CODE = re.compile("`([^`]+)`")
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a value: a text, followed by the name of a component schema, if any."""

    words: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a property of a component schema. `place` is where a parameter is sent."""

    name: str
    kind: Kind
    required: bool
    about: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that an operation can return."""

    status: str
    about: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Operation:
    """An OpenAPI operation: one HTTP method of one path."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    who: str
    parameters: list[Field]
    body: Kind | None
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Shape:
    """A component schema: an object with fields, or a value of the type `kind`."""

    name: str
    about: str
    kind: Kind
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Section:
    """The operations that share a tag."""

    name: str
    about: str
    operations: list[Operation] = field(default_factory=list)


@cache
def schema() -> Json:
    """The OpenAPI 3.1 document of the API. It is generated once per process."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    made: Json = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@require_safe
def schema_json(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document: GET /api/schema."""
    return HttpResponse(orjson.dumps(schema()), content_type="application/json")


@require_safe
def docs_page(request: HttpRequest) -> HttpResponse:
    """Render the API reference as a page: GET /api/docs."""
    context = {"info": schema()["info"], "sections": sections(schema()), "shapes": shapes(schema())}
    return render(request, "pages/api/docs.html", context)


def sections(document: Json) -> list[Section]:
    """Group the operations of an OpenAPI document by tag, in the order of its tags."""
    found = {tag["name"]: Section(tag["name"], _prose(tag)) for tag in document.get("tags", [])}
    for path, method, operation in _operations(document):
        tag = operation["tags"][0]
        section = found.setdefault(tag, Section(tag, ""))
        section.operations.append(_operation(path, method, operation))
    return [section for section in found.values() if section.operations]


def shapes(document: Json) -> list[Shape]:
    """The component schemas of an OpenAPI document, sorted by name."""
    components: Json = document["components"]["schemas"]
    return [
        Shape(name, _prose(component), _kind(component), _fields(component))
        for name, component in sorted(components.items())
    ]


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _operation(path: str, method: str, operation: Json) -> Operation:
    body = operation.get("requestBody", {}).get("content")
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        about=_prose(operation),
        who=_authentication(operation.get("security", [])),
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", [])],
        body=_content(body) if body else None,
        answers=[_response(status, value) for status, value in operation["responses"].items()],
    )


def _authentication(security: list[Json]) -> str:
    if not any(security):
        return ""
    return "Authentication optional" if {} in security else "Authentication required"


def _parameter(parameter: Json) -> Field:
    return Field(
        parameter["name"],
        _kind(parameter["schema"]),
        parameter.get("required", False),
        _prose(parameter),
        place=parameter["in"],
    )


def _response(status: str, response: Json) -> Answer:
    content = response.get("content")
    return Answer(status, _prose(response), _content(content) if content else None)


def _content(content: Json) -> Kind:
    media = next(iter(content.values()))
    return _kind(media.get("schema", {}))


def _fields(component: Json) -> list[Field]:
    required = component.get("required", [])
    return [
        Field(name, _kind(value), name in required, _prose(value))
        for name, value in component.get("properties", {}).items()
    ]


def _prose(described: Json) -> SafeString:
    """The description of something as HTML: what is between backticks is code."""
    return mark_safe(CODE.sub(r"<code>\1</code>", escape(described.get("description", ""))))  # noqa: S308 - escaped


def _kind(value: Json) -> Kind:
    """A short description of the type that a JSON schema defines."""
    if "$ref" in value:
        return Kind("", value["$ref"].rpartition("/")[2])
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in value:
            return _union([_kind(option) for option in value[choice]])
    if "enum" in value:
        return Kind("one of " + ", ".join(str(option) for option in value["enum"]))
    if value.get("type") == "array":
        entries = _kind(value.get("items", {}))
        return Kind(f"list of {entries.words}".rstrip(), entries.shape)
    return Kind(_simple_type(value))


def _union(options: list[Kind]) -> Kind:
    shape = next((option.shape for option in options if option.shape), "")
    words = " or ".join(option.words for option in options if option.words)
    return Kind(f"{words} or".removeprefix(" ") if words and shape else words, shape)


def _simple_type(value: Json) -> str:
    types = value.get("type", "anything")
    words = " or ".join(types) if isinstance(types, list) else str(types)
    bounds = []
    if "format" in value:
        bounds.append(value["format"])
    if "minimum" in value and "maximum" in value:
        bounds.append(f"{value['minimum']} to {value['maximum']}")
    if "maxLength" in value:
        bounds.append(f"at most {value['maxLength']} characters")
    return f"{words} ({', '.join(bounds)})" if bounds else words
