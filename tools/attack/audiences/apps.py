"""The third source of rows: every address of the Mastodon API, with a token of an app.

They call the same services and selectors as the others, so each is asked for once for each tweet
or account that it can name.
"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import requests

from mastodon.routes import ROUTES
from tools.attack.audiences import checks
from tools.attack.audiences.checks import State
from tools.attack.audiences.rows import Row, tweets
from tools.attack.audiences.stage import TAG, Secret, Stage
from tools.attack.audiences.table import GONE, See
from tools.attack.target import Client, Person, Skipped, Target

REDIRECT = "https://app.example/back"
# What the first segment below /api/v1 says about `<id>`: it names a tweet, or an account.
OF_TWEETS, OF_ACCOUNTS = ("statuses", "polls"), ("accounts", "follow_requests")
OTHERS = {"<tag>": TAG, "<name>": TAG}
# Addresses that are not asked for, each with the reason.
LEFT_ALONE = {
    "lists": "each account has its own ids: mastodon/tests/test_timelines.py asks for others",
    "media": "each account has its own uploads: mastodon/tests/test_media.py asks for others",
    "filters": "each account has its own ids: mastodon/tests/test_filters.py asks for others",
    "conversations": "each account has its own: mastodon/tests/test_conversations.py",
    "notifications": "each account has its own: mastodon/tests/test_notifications.py",
    "scheduled_statuses": "each account has its own: mastodon/tests/test_scheduled.py",
    "profile": "one's own pictures",
    "oauth": "it shows no account but the token's",
    "apps": "it shows no account",
    "streaming": "a stream has no end: streaming/tests/test_mastodon.py listens as others",
}
# They take back what the viewer did, which one always may, whatever became of the tweet.
TAKING_BACK = tuple(
    f"/{verb}" for verb in ("unfavourite", "unreblog", "unbookmark", "unpin", "unmute")
)
ONLY_ITS_AUTHOR = ("put", "delete")
MUTES = "/mute"
INVALID = (400, 422)


def check(target: Target, stage: Stage, state: State) -> Iterator[str]:
    """What a viewer saw or changed through an app, and may not."""
    clients = _clients(target, stage)
    for number, row in enumerate(_reads(stage)):
        for viewer in _sample(stage, number) if row.names else stage.viewers:
            for secret in checks.authors(stage, row) if viewer == "author" else [None]:
                client = _client(clients, stage, viewer, secret)
                if client is not None:
                    answer = client.request(row.method, row.path)
                    yield from checks.wrong_read(stage, row, viewer, secret, answer)
    for number, row in enumerate(_writes(stage)):
        for secret in stage.tweets:
            for viewer in _sample(stage, number) if secret.id in row.names else ():
                client = _client(clients, stage, viewer, secret)
                if client is not None and not _is_allowed(secret, viewer, row):
                    before = state(secret)
                    answer = client.request(row.method, row.path, json=row.body)
                    yield from _wrong_write(secret, viewer, row, answer, state(secret) != before)


def _sample(stage: Stage, number: int) -> list[str]:
    """One of the viewers, another for each row: all of them would take eight times as long.

    Rows go through all tweets or accounts for each address, so over the addresses each viewer asks
    for each of them.
    """
    return [stage.viewers[number % len(stage.viewers)]]


def _clients(target: Target, stage: Stage) -> dict[str, Client]:
    """A client with a token for each account that can still sign in, by handle."""
    app = target.client().post(
        "/api/v1/apps",
        json={"client_name": "Attack", "redirect_uris": REDIRECT, "scopes": "read write follow"},
    )
    if app.status_code != 200:
        raise Skipped(f"cannot register an app: {app.status_code} {app.text}")
    # A sign-in would bring the deactivated account back.
    authors = [person for name, person in stage.authors.items() if name not in GONE]
    people = [*stage.people.values(), *authors]
    return {person.handle: target.client(_token(target, app.json(), person)) for person in people}


def _token(target: Target, app: dict[str, str], person: Person) -> str:
    """The token for an account, which its owner allows in a browser."""
    wanted = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": REDIRECT,
        "scope": "read write follow",
    }
    answer = person.site.submit(f"/oauth/authorize?{urlencode(wanted)}", {"decision": "allow"})
    code = answer.headers.get("Location", "").partition("code=")[2]
    body = {
        **{name: app[name] for name in ("client_id", "client_secret")},
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
    }
    return str(target.client().post("/oauth/token", json=body).json()["access_token"])


def _client(
    clients: dict[str, Client], stage: Stage, viewer: str, secret: Secret | None
) -> Client | None:
    """The client of a viewer; None for one that is gone."""
    person = stage.person(viewer, secret)
    if person is None:
        return None if viewer == "author" else Client(*_anonymous(clients))
    return clients.get(person.handle)


def _anonymous(clients: dict[str, Client]) -> tuple[str, requests.adapters.BaseAdapter]:
    some = next(iter(clients.values()))
    return some.base, some.get_adapter(some.base)


def _segment(path: str) -> str:
    return path.removeprefix("api/v1/").removeprefix("api/v2/").partition("/")[0]


def _templates(method: str) -> Iterator[str]:
    for route in ROUTES:
        if method.upper() in route.methods and _segment(route.path) not in LEFT_ALONE:
            yield f"/{route.path}"


def _reads(stage: Stage) -> Iterator[Row]:
    for template in _templates("get"):
        for row in _placed(stage, "get", template):
            if template.endswith("/search"):
                for secret in stage.secrets:
                    if secret.form in ("tweet", "bio"):
                        yield replace(row, path=f"{row.path}?q={secret.probe}")
            else:
                yield row
    for id_, handle in tweets(stage):
        link = urlencode({"q": f"{stage.base}/@{handle}/{id_}", "id[]": id_})
        for path in ("/api/v2/search", "/api/v1/statuses"):
            yield Row("get", path, f"{path}?{link}", frozenset({handle}))


def _writes(stage: Stage) -> Iterator[Row]:
    for method in ("post", "put", "delete"):
        for template in _templates(method):
            if _segment(template[1:]) in OF_TWEETS and "<id>" in template:
                body = {"status": "Mine now.", "choices": [0]}
                for row in _placed(stage, method, template):
                    yield replace(row, body=body)
    for name in ("in_reply_to_id", "quoted_status_id"):
        for id_, _ in tweets(stage):
            body = {"status": "See above.", name: id_}
            path = "/api/v1/statuses"
            yield Row("post", path, path, frozenset({id_}), body)


def _placed(stage: Stage, method: str, template: str) -> Iterator[Row]:
    """A row for each tweet, or each account, that the address can name."""
    if "<" not in template:
        yield Row(method, template, template, frozenset())
    elif "<id>" not in template:
        path = template
        for name, value in OTHERS.items():
            path = path.replace(name, value)
        yield Row(method, template, path, frozenset())
    elif _segment(template[1:]) in OF_TWEETS:
        for id_, handle in tweets(stage):
            path = template.replace("<id>", id_).replace("<quote_id>", id_)
            yield Row(method, template, path, frozenset({id_, handle}))
    else:
        assert _segment(template[1:]) in OF_ACCOUNTS, f"{template}: add it to tools/attack"
        for person in (stage.people["follower"], *stage.authors.values()):
            path = template.replace("<id>", person.id)
            yield Row(method, template, path, frozenset({person.handle}))


def _is_allowed(secret: Secret, viewer: str, row: Row) -> bool:
    if viewer == "author":
        return True
    if row.template.endswith("<id>") and row.method in ONLY_ITS_AUTHOR:
        return False
    see = secret.seen_by(viewer)
    return see is See.YES or (see is See.NAMED and row.template.endswith((MUTES, "/translate")))


def _wrong_write(
    secret: Secret, viewer: str, row: Row, answer: requests.Response, is_changed: bool
) -> Iterator[str]:
    said = f"{row.method.upper()} {row.path} as {viewer} answered {answer.status_code}"
    if checks.shows(secret, row, viewer, answer) and not checks.may_see(secret, viewer, row):
        yield f"{said}, with the {secret}"
    if row.template.endswith(TAKING_BACK):
        return
    if not (checks.is_refused(answer) or answer.status_code in INVALID):
        yield f"{said}: the {secret} is not for them to change"
    if is_changed:
        yield f"{said} and changed the {secret}"
