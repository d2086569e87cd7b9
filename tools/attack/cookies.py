"""Cookies that are too long, malformed, too many, or made to take long."""

from collections.abc import Iterator

from tools.attack.target import Target

PATHS = ("/", "/healthz", "/api/status", "/login")
REFUSED = {
    "8,000 backslashes in quotes": 'a="' + "\\" * 8000,
    "5,000 characters": "a=" + "x" * 5000,
    "1,000 cookies": "; ".join(f"c{number}=1" for number in range(1000)),
}
IGNORED = {
    "an open quote": 'a="',
    "4,000 backslashes": 'a="' + "\\" * 4000,
    "control characters": "a=\x01\x02; b=\x7f",
    "no name": "=x; ; ;=; a",
    "letters beyond ASCII": "a=\xe9\xff",
    "a session that cannot be": "sessionid=" + "'" * 40,
    "a session of another kind": "sessionid=../../../etc/passwd; csrftoken=%00",
    "two sessions": "sessionid=a; sessionid=b",
}


def refused(target: Target) -> Iterator[str]:
    """More than 4 KB of cookies are a 400, whatever they are."""
    for name, cookie in REFUSED.items():
        yield from _wrong(target, name, cookie, {400, 431})


def ignored(target: Target) -> Iterator[str]:
    """What cannot be a cookie is ignored or refused, and signs nobody out."""
    for name, cookie in IGNORED.items():
        yield from _wrong(target, name, cookie, {200, 400})


def _wrong(target: Target, name: str, cookie: str, right: set[int]) -> Iterator[str]:
    for path in PATHS:
        answer = target.client().get(path, headers={"Cookie": cookie.encode("latin-1")})
        if answer.status_code not in right:
            yield f"{path} with {name} answered {answer.status_code}"
