"""The description of the API: as OpenAPI for programs, and as a page for people.

The page is made here rather than by a viewer in JavaScript, so that it needs nothing but our own
style sheets and works under the site's content security policy as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: words, and the shape that they may end with."""

    words: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a shape."""

    name: str
    kind: Kind
    required: bool
    about: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status that an operation can answer with."""

    status: str
    about: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path."""

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
    """What is sent or answered: an object with fields, or a value that `kind` describes."""

    name: str
    about: str
    kind: Kind
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Section:
    """Operations that belong together."""

    name: str
    about: str
    operations: list[Operation] = field(default_factory=list)


@cache
def schema() -> Json:
    """The whole API in OpenAPI 3.1. It is made once in the life of a process."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    made: Json = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """GET /api/schema"""
    return HttpResponse(orjson.dumps(schema()), content_type="application/json")


@require_safe
def as_page(request: HttpRequest) -> HttpResponse:
    """GET /api/docs"""
    context = {"info": schema()["info"], "sections": sections(schema()), "shapes": shapes(schema())}
    return render(request, "api/docs.html", context)


def sections(document: Json) -> list[Section]:
    """The operations of an OpenAPI document by tag, in the document's order of tags."""
    found = {
        tag["name"]: Section(tag["name"], tag.get("description", ""))
        for tag in document.get("tags", [])
    }
    for path, method, operation in _operations(document):
        tag = operation["tags"][0]
        section = found.setdefault(tag, Section(tag, ""))
        section.operations.append(_operation(path, method, operation))
    return [section for section in found.values() if section.operations]


def shapes(document: Json) -> list[Shape]:
    """The named shapes of an OpenAPI document, by name."""
    components: Json = document["components"]["schemas"]
    return [
        Shape(name, component.get("description", ""), _kind(component), _fields(component))
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
        about=operation.get("description", ""),
        who=_who(operation.get("security", [])),
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", [])],
        body=_content(body) if body else None,
        answers=[_answer(status, answer) for status, answer in operation["responses"].items()],
    )


def _who(security: list[Json]) -> str:
    if not any(security):
        return ""
    return "Signed in or not" if {} in security else "Signed in"


def _parameter(parameter: Json) -> Field:
    return Field(
        parameter["name"],
        _kind(parameter["schema"]),
        parameter.get("required", False),
        parameter.get("description", ""),
        place=parameter["in"],
    )


def _answer(status: str, answer: Json) -> Answer:
    content = answer.get("content")
    return Answer(status, answer.get("description", ""), _content(content) if content else None)


def _content(content: Json) -> Kind:
    media = next(iter(content.values()))
    return _kind(media.get("schema", {}))


def _fields(component: Json) -> list[Field]:
    required = component.get("required", [])
    return [
        Field(name, _kind(value), name in required, value.get("description", ""))
        for name, value in component.get("properties", {}).items()
    ]


def _kind(value: Json) -> Kind:
    """What a JSON schema says in a few words."""
    if "$ref" in value:
        return Kind("", value["$ref"].rpartition("/")[2])
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in value:
            return _kind_of_choice([_kind(option) for option in value[choice]])
    if "enum" in value:
        return Kind("one of " + ", ".join(str(option) for option in value["enum"]))
    if value.get("type") == "array":
        entries = _kind(value.get("items", {}))
        return Kind(f"list of {entries.words}".rstrip(), entries.shape)
    return Kind(_simple(value))


def _kind_of_choice(options: list[Kind]) -> Kind:
    shape = next((option.shape for option in options if option.shape), "")
    words = " or ".join(option.words for option in options if option.words)
    return Kind(f"{words} or".removeprefix(" ") if words and shape else words, shape)


def _simple(value: Json) -> str:
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
