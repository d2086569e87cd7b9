"""The pages and lists of one reader, and what a request for one costs."""

import re
import time
from dataclasses import asdict
from pathlib import Path

from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.oauth import services as oauth
from bench import world
from timelines import services
from tools.readers.paths import PATHS
from tools.readers.subjects import Subjects

TIMES = 10
NAMES = re.compile(r"{(\w+)}")
BEFORE = 6  # after so many, PostgreSQL keeps the plan of a prepared query
MASTODON = re.compile("/api/v[12]/")
SCOPES = ("read", "write", "follow")
SIGN_IN = (302, 401)  # what those who are signed out get instead


def costs(viewer: int | None, subjects: Subjects, valkey: int) -> dict[str, float]:
    """Milliseconds of processor that a request for each of PATHS takes in all processes.

    It is the smallest of some requests: the machine may be busy. The first ones are not counted:
    they make plans and fill caches. Without a viewer, only what is for all is there, and
    without a list or a conversation of the viewer, not their pages.
    """
    client, values = Client(SERVER_NAME="localhost"), asdict(subjects)
    native, mastodon = {}, {}
    if viewer is not None:
        account = world.account(viewer)
        client.force_login(account)
        native, mastodon = _bearer(world.token(viewer)), _bearer(_app_token(account))
        values |= {"me": account.handle, "me_id": viewer}
        services.populate(viewer_id=viewer)  # which workers do
        values |= _own(client, native)
    found = {}
    for path in PATHS:
        if not all(name in values for name in NAMES.findall(path)):
            continue
        asked = path.format_map(values)
        if viewer is None and client.get(asked).status_code in SIGN_IN:
            continue
        headers = mastodon if MASTODON.match(path) else native
        for _ in range(BEFORE):
            client.get(asked, headers=headers)
        found[path] = min(_cost(client, headers, asked, valkey) for _ in range(TIMES))
    return found


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _app_token(account: User) -> str:
    """A token of an app, which the client API of Mastodon wants."""
    new = oauth.register_app(
        name="Readers", redirect_uris=["https://app.example/back"], wanted=SCOPES, website=""
    )
    return oauth.user_token(app=new.app, user=account, held=SCOPES).token


def _own(client: Client, headers: dict[str, str]) -> dict[str, str]:
    """The ids of the first list and of the first conversation of a reader, where there are any."""
    found = {}
    for name, path in (("list", "/api/lists"), ("conversation", "/api/conversations")):
        results = client.get(path, headers=headers).json()["results"]
        if results:
            found[name] = results[0]["id"]
    return found


def _cost(client: Client, headers: dict[str, str], path: str, valkey: int) -> float:
    before = _used(valkey)
    answer = client.get(path, headers=headers)
    after = _used(valkey)
    assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])
    return (after - before) * 1000


def _used(valkey: int) -> float:
    """Seconds of processor that this process, PostgreSQL's for it and Valkey have taken."""
    connection.ensure_connection()
    servers = (connection.connection.info.backend_pid, valkey)
    texts = (Path(f"/proc/{pid}/schedstat").read_text() for pid in servers)
    return time.process_time() + sum(int(text.split()[0]) for text in texts) / 1e9
