"""The pages and lists of one reader, and what a request for one costs."""

import time
from dataclasses import asdict
from pathlib import Path

from django.db import connection
from django.test import Client

from bench import world
from timelines import services
from tools.readers.subjects import Subjects

TIMES = 10
BEFORE = 6  # after so many, PostgreSQL keeps the plan of a prepared query


# {me} is the reader, the others are fields of Subjects. Paths with "/api" are JSON, others pages.
PATHS = (
    "/api/timelines/home?limit=20",
    "/api/timelines/home?limit=20&cursor={middle}",
    "/api/timelines/home?limit=20&view=ranked",
    "/api/timelines/public?limit=20",
    "/api/timelines/hashtag/{tag}?limit=20",
    "/api/users/{busy}/tweets?limit=20",
    "/api/users/{rare}/tweets?limit=20",
    "/api/users/{busy}/replies?limit=20",
    "/api/users/{busy}/media?limit=20",
    "/api/users/{me}/likes?limit=20",
    "/api/users/{star}/followers",
    "/api/users/{me}/following",
    "/api/tweets/{popular}/thread",
    "/api/tweets/{popular}/likes",
    "/api/tweets/{popular}/reposts",
    "/api/notifications",
    "/api/notifications/unread",
    "/api/bookmarks",
    "/api/conversations",
    "/api/search?type=tweets&q={often}",
    "/api/search?type=tweets&q={seldom}",
    "/api/search?type=users&q={busy}",
    "/api/trends",
    "/api/suggestions",
    "/",
    "/explore",
    "/@{busy}",
    "/@{popular_author}/{popular}",
    "/notifications",
    "/settings/blocked",
    "/settings/muted",
)
FOR_ALL = ("timelines/public", "hashtag", "{busy}", "{rare}", "{popular}", "search?", "/explore")


def costs(viewer: int | None, subjects: Subjects, valkey: int) -> dict[str, float]:
    """Milliseconds of processor that a request for each of PATHS takes in all processes.

    It is the smallest of some requests: the machine may be busy. The first ones are not counted:
    they make plans and fill caches. Without a viewer, only what is for all is there.
    """
    client, headers, values = Client(SERVER_NAME="localhost"), {}, asdict(subjects)
    if viewer is not None:
        account = world.account(viewer)
        client.force_login(account)
        headers["Authorization"] = f"Bearer {world.token(viewer)}"
        values["me"] = account.handle
        services.populate(viewer_id=viewer)  # which workers do
    found = {}
    for path in PATHS:
        if viewer is None and not any(part in path for part in FOR_ALL):
            continue
        asked = path.format_map(values)
        for _ in range(BEFORE):
            client.get(asked, headers=headers)
        found[path] = min(_cost(client, headers, asked, valkey) for _ in range(TIMES))
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
