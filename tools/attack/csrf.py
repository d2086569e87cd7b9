"""Cross-site request forgery: a session alone changes nothing."""

from collections.abc import Iterator

from tools.attack.operations import sample
from tools.attack.pages import page_paths
from tools.attack.target import Client, Target

EVIL = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
# Forms whose text is kept instead of lost, and shown again: nothing is posted.
KEPT = {"/compose"}


def pages(target: Target) -> Iterator[str]:
    """Every form of the site without a token, with a wrong one, and from another site."""
    person = target.register("forged")
    before = _state(target, person.handle)
    for page in page_paths():
        path = target.path(page.path)
        right = person.site.csrf
        for name, token, headers in (
            ("no token", "", {}),
            ("a wrong token", "x" * 32, {}),
            ("the form of another site", right, EVIL),
        ):
            form = {"text": "forged", "csrfmiddlewaretoken": token}
            answer = person.site.post(path, data=form, headers=headers)
            is_kept = page.path in KEPT and answer.status_code == 302
            # Signed in already: log-in and registration lead on, and change nothing.
            is_entry = page.path in ("/login", "/register") and answer.status_code == 302
            if answer.status_code not in (403, 404, 405) and not (is_kept or is_entry):
                yield f"POST {path} with {name} answered {answer.status_code}"
    if _state(target, person.handle) != before:
        yield "something changed"


def api_by_session(target: Target) -> Iterator[str]:
    """The API takes a session only with a CSRF token, and never from another site."""
    browser = target.register("forged").site
    for operation in target.operations:
        if operation.method == "get" or operation.public:
            continue
        path, body = target.path(operation.path), sample(operation.body or {})
        for name, headers in (
            ("no token", {}),
            ("another site", {"X-CSRFToken": browser.csrf, **EVIL}),
        ):
            answer = browser.request(operation.method, path, json=body, headers=headers)
            # A body of another type is refused before anything looks at who sends it.
            if answer.status_code not in (403, 415):
                yield f"{operation} by session with {name} answered {answer.status_code}"


def api_with_token(target: Target) -> Iterator[str]:
    """With its CSRF token a session may use the API; an access token needs none."""
    person = target.register("honest")
    right = {"X-CSRFToken": person.site.csrf, "Referer": f"{target.base}/"}
    clients: list[tuple[str, Client, dict[str, str]]] = [
        ("a session", person.site, right),
        ("an access token", person.api, {}),
        ("an access token from another site", person.api, EVIL),
    ]
    for name, client, headers in clients:
        answer = client.patch("/api/me", json={"name": "Honest"}, headers=headers)
        if answer.status_code != 200:
            yield f"PATCH /api/me with {name} answered {answer.status_code}"


def simple_requests(target: Target) -> Iterator[str]:
    """The API takes no body that a form of another site can send."""
    for operation in target.operations:
        if operation.body is None or not operation.media_type.endswith("json"):
            continue
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            path = target.path(operation.path)
            headers = {"Content-Type": kind}
            client = target.somebody.api
            answer = client.request(operation.method, path, data=b"{}", headers=headers)
            if answer.status_code not in (403, 404, 415):
                yield f"{operation} with {kind} answered {answer.status_code}"


def log_out_by_link(target: Target) -> Iterator[str]:
    """A link, or an image, of another site signs nobody out."""
    browser = target.register("linked").site
    for page in page_paths():
        browser.get(target.path(page.path))
    if browser.get("/settings").status_code != 200:
        yield "after a GET of every page, the browser is signed out"


def _state(target: Target, handle: str) -> object:
    client = target.somebody.api
    return [client.get(f"/api/users/{each}").text for each in (handle, target.somebody.handle)]
