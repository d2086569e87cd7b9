"""Headers of responses: for caches, for browsers, and the flags of cookies."""

import re
from collections.abc import Iterator

import requests

from tools.attack.pages import page_paths
from tools.attack.target import Client, Target

# What is the same for everyone, and may be kept by all caches.
SAME_FOR_ALL = re.compile(r"/\.well-known/jwks\.json|.*(\.rss|/feed\.\w+|/embed)")
# What other sites may frame.
FRAMED = re.compile(r".*/embed")
RESOURCES, ORIGINS = "Cross-Origin-Resource-Policy", "Access-Control-Allow-Origin"
# What pages of other sites may read: the client API, and what it refers to.
FOR_OTHER_SITES = (
    *("/api/v1", "/api/v2", "/oauth/token", "/oauth/revoke", "/oauth/userinfo"),
    *("/.well-known/", "/nodeinfo", "/media/"),
)
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    RESOURCES: "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}
POLICY = ("default-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'")
UNSAFE = ("unsafe-inline", "unsafe-eval", "*", "http:")


def caching(target: Target) -> Iterator[str]:
    """Whatever depends on who asks is private and varies, signed in and signed out."""
    for path, api, site in _everything(target):
        for answer in (api.get(path), site.get(path), target.client().get(path)):
            if not SAME_FOR_ALL.fullmatch(path):
                yield from _cached(path, answer)


def _cached(path: str, answer: requests.Response) -> Iterator[str]:
    kept = answer.headers.get("Cache-Control", "")
    if not ("private" in kept or "no-store" in kept) or "public" in kept:
        yield f"{path} has Cache-Control: {kept}"
    varies = answer.headers.get("Vary", "")
    if "no-store" not in kept and not {"Cookie", "Authorization"} <= set(varies.split(", ")):
        yield f"{path} varies by {varies or 'nothing'}"


def writes(target: Target) -> Iterator[str]:
    """Answers to POST are kept nowhere."""
    answer = target.client().post("/api/auth/token", json={"login": "x", "password": "y"})
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        yield f"POST /api/auth/token has {answer.headers.get('Cache-Control')}"


def security(target: Target) -> Iterator[str]:
    """Every answer tells browsers to sniff, embed and frame nothing; errors too.

    Only what holds no session may be read by pages of other sites, and then without cookies.
    """
    paths = [path for path, *_ in _everything(target)]
    for path in (*paths, "/nothing/here", "/api/nothing"):
        answer = target.client().get(path)
        is_open = path.startswith(FOR_OTHER_SITES)
        for name, value in SECURITY.items():
            if name == "X-Frame-Options" and FRAMED.fullmatch(path):
                continue
            wanted = "cross-origin" if is_open and name == RESOURCES else value
            if wanted not in answer.headers.get(name, ""):
                yield f"{path} has {name}: {answer.headers.get(name, 'nothing')}"
        yield from _policy(path, answer)
        forbidden = ("Access-Control-Allow-Credentials", "Set-Cookie") if is_open else (ORIGINS,)
        for name in (*forbidden, "X-Powered-By", "Server"):
            if name in answer.headers:
                yield f"{path} has {name}: {answer.headers[name]}"


def _policy(path: str, answer: requests.Response) -> Iterator[str]:
    policy = answer.headers.get("Content-Security-Policy", "")
    if FRAMED.fullmatch(path):
        policy = policy.replace("frame-ancestors *", "frame-ancestors 'none'")
    for directive in POLICY:
        if directive not in policy:
            yield f"{path} has a policy without {directive}"
    for source in UNSAFE:
        if source in policy:
            yield f"{path} has a policy with {source}"


def cookies(target: Target) -> Iterator[str]:
    """The session is HttpOnly, cookies are SameSite, and Secure with __Host- over HTTPS."""
    person = target.somebody
    is_secure = target.base.startswith("https")
    browser = target.client()
    answer = browser.submit("/login", {"login": person.handle, "password": person.password})
    for cookie in answer.cookies:
        flags = {name.lower() for name in cookie._rest}  # type: ignore[attr-defined]
        if "sessionid" in cookie.name and "httponly" not in flags:
            yield f"{cookie.name} is not HttpOnly"
        if "samesite" not in flags or cookie.domain_specified or cookie.path != "/":
            yield f"{cookie.name} is for {cookie.domain}{cookie.path} with {sorted(flags)}"
        if is_secure and not (cookie.secure and cookie.name.startswith("__Host-")):
            yield f"{cookie.name} is not Secure with __Host-"
    if not any("sessionid" in cookie.name for cookie in answer.cookies):
        yield "signing in set no session"


def log_out(target: Target) -> Iterator[str]:
    """Log-out ends the session on the server, and has the browser forget."""
    person = target.register("out")
    kept = dict(person.site.cookies)
    answer = person.site.submit("/logout")
    if "Clear-Site-Data" not in answer.headers:
        yield "POST /logout has no Clear-Site-Data"
    again = target.client().get("/settings", cookies=kept)
    if again.status_code == 200:
        yield "a session that was copied before the log-out still works"


def _everything(target: Target) -> Iterator[tuple[str, Client, Client]]:
    api, site = target.somebody.api, target.somebody.site
    for operation in target.operations:
        if operation.method == "get":
            yield target.path(operation.path), api, site
    for page in page_paths():
        yield target.path(page.path), api, site
