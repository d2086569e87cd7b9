"""JSON bodies of requests, of limited depth.

orjson refuses bytes that are not UTF-8, lone surrogates and NaN. It reads deeper nesting (1,024
levels) than it writes (254), so depth is limited here: whatever was read can be written again, into
an idempotency record for example.
"""

from typing import Any

import orjson

# No endpoint expects more than 5 levels.
MAX_DEPTH = 32


class BadJson(ValueError):
    """The body is not JSON, or nested too deep. The message is a sentence for people."""


def decode(content: bytes) -> Any:
    """Return the value of a body. Raises BadJson."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadJson(f"The body is not JSON: {error}.") from None
    if _is_deep(content, body):
        raise BadJson(f"The body is nested more than {MAX_DEPTH} levels deep.")
    return body


def _is_deep(content: bytes, body: Any) -> bool:
    """Whether arrays and objects in `body` are nested more than MAX_DEPTH levels.

    Without recursion, level by level; and not at all for a body with too few brackets, as nearly
    all have.
    """
    if content.count(b"[") + content.count(b"{") <= MAX_DEPTH:
        return False
    level = [body]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for value in level
            if isinstance(value, (dict, list))
            for child in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, (dict, list)) for value in level)
