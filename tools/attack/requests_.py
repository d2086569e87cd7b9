"""Strange requests: other hosts, methods, paths; ids that cannot exist, and forged cursors."""

import base64
from collections.abc import Iterator
from urllib.parse import quote

from tools.attack import raw
from tools.attack.operations import WRITES, fields, placed, sample
from tools.attack.pages import page_paths
from tools.attack.target import Target

EVIL = "evil.example"
IDS = (
    *("0", "-1", "+1", "01", "1.0", "1e5", "0x1", " 1", "1 ", "１", "١", "null", "NaN", "", "1,2"),
    *("9" * 16, "9" * 17, "9" * 400, "9223372036854775808", "1'--", "../1", "1;1", "1\x00"),
)
CURSORS = (
    *("", "x", "====", "%00", "b0", "a0", "e30", "é", "A" * 5000, "-_-_", "null", "[]"),
    *(
        base64.urlsafe_b64encode(text).decode().rstrip("=")
        for text in (
            *(b"b-1", b"b1e9", b"b01", b"b9223372036854775808", b"a9223372036854775807", b"c1"),
            *(b"b0", b"a0", b"b", b"b1 ", b"b\xff", b'{"before": 1}', b"b9223372036854775807"),
        )
    ),
)
LIMITS = ("0", "-1", "101", "1e1", "9" * 50, "", "x", "1.5", "٣", "+1", " 1", "null")


def hosts(target: Target) -> Iterator[str]:
    """Other names, several, none: refused, and never repeated in a link."""
    own = raw.host(target)
    attempts = {
        "another host": (f"Host: {EVIL}",),
        "no name": ("Host:",),
        "a strange port": (f"Host: {own}:80@{EVIL}",),
        "user information": (f"Host: {EVIL}@{own}",),
        "a script": ("Host: <script>",),
        "two hosts": (f"Host: {own}", f"Host: {EVIL}"),
        "a forwarded host": (f"Host: {own}", f"X-Forwarded-Host: {EVIL}", f"X-Host: {EVIL}"),
        "a forwarded header": (f"Host: {own}", f"Forwarded: host={EVIL}"),
        "another path": (f"Host: {own}", "X-Original-URL: /admin/", "X-Rewrite-URL: /admin/"),
    }
    for name, headers in attempts.items():
        for path in ("/", "/api/timelines/public", "/login", f"http://{EVIL}/login"):
            answer = raw.get(target, path, *headers)
            is_refused = answer.status == 400
            if EVIL in answer.head + answer.body or answer.status >= 500:
                yield f"GET {path} with {name} answered {answer.status} and repeats it"
            elif not is_refused and own not in headers[0]:
                yield f"GET {path} with {name} answered {answer.status}"


def methods(target: Target) -> Iterator[str]:
    """Methods that an address does not have are a 405 that names those it has."""
    by_path: dict[str, set[str]] = {}
    for operation in target.operations:
        by_path.setdefault(operation.path, set()).add(operation.method)
    for template, known in by_path.items():
        for method in {*WRITES, "get", "trace", "propfind", "link"} - known:
            answer = target.somebody.api.request(method, target.path(template))
            if answer.status_code != 405 or "Allow" not in answer.headers:
                yield f"{method} {template} answered {answer.status_code}"
    for page in page_paths():
        for method in ("put", "delete", "patch", "trace"):
            answer = target.client().request(method, target.path(page.path))
            if answer.status_code not in (403, 404, 405):
                yield f"{method} {page.path} answered {answer.status_code}"


def overridden_methods(target: Target) -> Iterator[str]:
    """No header and no field turns a POST into a DELETE."""
    headers = dict.fromkeys(
        ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), "DELETE"
    )
    path, author = f"/api/tweets/{target.tweet}", target.somebody.api
    author.post(f"{path}?_method=DELETE", headers=headers, data={"_method": "DELETE"})
    if author.get(path).status_code != 200:
        yield "a POST deleted a tweet"


def heads(target: Target) -> Iterator[str]:
    """HEAD answers as GET does, without a body."""
    for page in page_paths():
        path = target.path(page.path)
        if page.path == "/status":
            continue  # its state may differ from one second to the next
        head, get = (target.somebody.site.request(method, path) for method in ("HEAD", "GET"))
        if head.status_code != get.status_code or head.content:
            yield f"HEAD {path} answered {head.status_code}, GET {get.status_code}"


def paths(target: Target) -> Iterator[str]:
    """Paths that try to leave their directory, or to look like others."""
    up = ("..", "%2e%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "....//", "%252e%252e", "..;")
    files = (
        "etc/passwd",
        "manage.py",
        "chirp/settings.py",
        "var/secrets/secret_key",
        ".git/config",
    )
    for root in ("/static", "/media", "/api", ""):
        for step in up:
            for file in files:
                path = f"{root}/{'/'.join([step] * 4)}/{file}"
                yield from _leaks(target, path)
    user = target.somebody.handle
    for path in (
        *(f"/api/users/{user}%2fblock", f"/api/users/{user};x=1", f"/api/users/{user}%00"),
        *(f"/@{user}/..%2fadmin", f"/@{user};/1", "/admin;/", "/%61dmin/auth", "/.//admin/"),
        *("/static//etc/passwd", "/static/%00", "/static/", "/%", "/%zz", "/\x7f", "/%ff%fe"),
        *("/" + "a" * 7_000, "/" + "a" * 20_000, "/?" + "a" * 20_000, "/" + "a/" * 3_000, "*"),
        *("/@" + "a" * 5_000, f"/hashtag/{'x' * 5_000}", "/api/timelines/hashtag/" + "%23" * 500),
    ):
        yield from _leaks(target, path)


def _leaks(target: Target, path: str) -> Iterator[str]:
    answer = raw.get(target, path)
    shown = path if len(path) < 80 else f"{path[:60]}... ({len(path)} characters)"
    if answer.status >= 500 or answer.status == 0:
        yield f"GET {shown} answered {answer.status or 'nothing'}"
    if any(text in answer.body for text in ("root:", "SECRET_KEY", "PRIVATE KEY", "[core]")):
        yield f"GET {shown} shows a file"


def ids(target: Target) -> Iterator[str]:
    """Ids that cannot exist are a 404 in paths, and a 400 in bodies."""
    api = target.somebody.api
    for operation in target.operations:
        if "tweet_id" in operation.names("path"):
            for id_ in IDS[:: 4 if target.short else 1]:
                named = dict.fromkeys(operation.names("path"), quote(id_, safe=""))
                path = operation.path.format(**named)
                answer = api.request(operation.method, path, json=sample(operation.body or {}))
                # Taking back what is not there is done already.
                is_done = operation.method == "delete" and answer.status_code == 204
                if answer.status_code not in (400, 404, 405) and not is_done:
                    yield f"{operation} of {id_[:30]!r} answered {answer.status_code}"
        if operation.names("path"):
            continue  # what the path names is looked for first, and is not there
        for at in fields(operation.body or {}):
            for id_ in IDS if at[-1] in ("reply_to_id", "quote_of_id") else ():
                body = placed(sample(operation.body or {}), at, id_)
                answer = api.request(operation.method, operation.path, json=body)
                if answer.status_code != 400:
                    yield f"{operation} with {at[-1]}={id_[:30]!r} answered {answer.status_code}"


def cursors(target: Target) -> Iterator[str]:
    """Forged cursors and limits are a 400, or a position like any other: never a 5xx."""
    for operation in target.operations:
        if "cursor" not in operation.names("query"):
            continue
        path = target.path(operation.path)
        is_there = target.somebody.api.get(f"{path}?lat=1&lon=1").status_code != 404
        for cursor in CURSORS[:: 5 if target.short else 1]:
            url = f"{path}?lat=1&lon=1&cursor={quote(cursor)}"
            answer = target.somebody.api.get(url)
            if answer.status_code not in ((200, 400) if is_there else (400, 404)):
                yield f"{operation} at {cursor[:30]!r} answered {answer.status_code}"
        for limit in LIMITS:
            answer = target.somebody.api.get(f"{path}?lat=1&lon=1&limit={quote(limit)}")
            if answer.status_code != 400:
                yield f"{operation} with limit={limit[:10]!r} answered {answer.status_code}"
