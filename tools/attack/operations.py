"""The operations of an OpenAPI document, and bodies that fit their schemas."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
WRITES = ("put", "post", "patch", "delete")
# Values of required fields that the schema does not describe well enough.
SAMPLES: Json = {
    "text": "An innocent text.",
    "handle": "nobody_in_particular",
    "email": "nobody@example.org",
    "login": "nobody_in_particular",
    "password": "a wrong password",
    "refresh": "not.a.token",
}


@dataclass(frozen=True)
class Operation:
    """One method of one path. `body` is the schema of its JSON, without references."""

    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]  # (path or query, name)
    body: Json | None
    media_type: str
    public: bool  # whether it never needs an account

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def names(self, place: str) -> list[str]:
        """The names of the parameters in the path, or in the query."""
        return [name for where, name in self.parameters if where == place]


def read(document: Json) -> list[Operation]:
    """The operations of a document, in its order."""
    return [
        _operation(document, method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("get", *WRITES)
    ]


def _operation(document: Json, method: str, path: str, operation: Json) -> Operation:
    media_type, content = next(
        iter(operation.get("requestBody", {}).get("content", {}).items()), ("", None)
    )
    return Operation(
        method,
        path,
        tuple((each["in"], each["name"]) for each in operation.get("parameters", [])),
        resolved(document, content["schema"]) if content else None,
        media_type,
        public=not any(operation.get("security", [])),
    )


def resolved(document: Json, schema: Any, depth: int = 8) -> Any:
    """The schema with its references replaced by what they name."""
    if isinstance(schema, list):
        return [resolved(document, each, depth) for each in schema]
    if not isinstance(schema, dict) or depth == 0:
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolved(document, document["components"]["schemas"][name], depth - 1)
    return {key: resolved(document, value, depth) for key, value in schema.items()}


def fields(schema: Json, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], Json]:
    """The fields of a body, nested ones and those of items included, by their paths."""
    found: dict[tuple[str, ...], Json] = {}
    for name, value in schema.get("properties", {}).items():
        value = _not_null(value)
        found[(*at, name)] = value
        items = value.get("items", {}) if value.get("type") == "array" else value
        found |= fields(_not_null(items), (*at, name))
    return found


def sample(schema: Json, name: str = "") -> Any:
    """A value that fits the schema: of an object, the required fields only."""
    schema = _not_null(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        required = schema.get("required", [])
        return {each: sample(schema["properties"][each], each) for each in required}
    if kind == "array":
        return [sample(schema.get("items", {}), name)]
    plain = {"string": "x", "boolean": True, "number": 1.0, "integer": 1}
    return SAMPLES.get(name, plain.get(str(kind)))


def placed(body: Any, at: tuple[str, ...], value: Any) -> Any:
    """A copy of the body with this value at a path; lists get it in their only item."""
    if not at:
        return value
    if isinstance(body, list):
        return [placed(body[0] if body else {}, at, value)]
    body = body if isinstance(body, dict) else {}
    return {**body, at[0]: placed(body.get(at[0]), at[1:], value)}


def _not_null(schema: Json) -> Json:
    """The schema of a value that may be null, without the null."""
    for several in ("oneOf", "anyOf"):
        if several in schema:
            others = [each for each in schema[several] if each.get("type") != "null"]
            return {**schema, **(others[0] if others else {})}
    if "allOf" in schema:
        return {**schema, **schema["allOf"][0]}
    kind = schema.get("type")
    if isinstance(kind, list):
        return {**schema, "type": next((each for each in kind if each != "null"), "null")}
    return schema
