"""The pages and lists of one reader, and what a request for one costs."""

import re
import time
from dataclasses import asdict
from pathlib import Path

from django.db import connection
from django.test import Client

from bench import world
from timelines import services
from tools.readers.subjects import Subjects

TIMES = 10
NAMES = re.compile(r"{(\w+)}")
BEFORE = 6  # after so many, PostgreSQL keeps the plan of a prepared query


# {me} is the reader, {list} and {conversation} are theirs, the others are fields of Subjects. Paths
# with "/api" are JSON, others pages.
PATHS = (
    "/api/timelines/home?limit=20",
    "/api/timelines/home?limit=20&cursor={middle}",
    "/api/timelines/home?limit=20&view=ranked",
    "/api/timelines/home/{popular}/why",
    "/api/timelines/public?limit=20",
    "/api/timelines/public?limit=20&cursor={middle}",
    "/api/timelines/hashtag/{tag}?limit=20",
    "/api/timelines/hashtag/{tag}?limit=20&cursor={middle}",
    "/api/lists/{list}/timeline?limit=20",
    "/api/lists/{list}/members",
    "/api/lists",
    "/api/users/{busy}",
    "/api/users/{busy}/tweets?limit=20",
    "/api/users/{rare}/tweets?limit=20",
    "/api/users/{busy}/replies?limit=20",
    "/api/users/{busy}/media?limit=20",
    "/api/users/{busy}/pinned",
    "/api/users/{busy}/featured-people",
    "/api/users/{busy}/featured-hashtags",
    "/api/users/{me}/lists",
    "/api/users/{me}/likes?limit=20",
    "/api/users/{star}/followers",
    "/api/users/{me}/following",
    "/api/tweets/{popular}",
    "/api/tweets/{popular}/thread",
    "/api/tweets/{popular}/likes",
    "/api/tweets/{popular}/reposts",
    "/api/tweets/{popular}/quotes",
    "/api/tweets/{popular}/history",
    "/api/notifications",
    "/api/notifications?kinds=mention",
    "/api/notifications/unread",
    "/api/notifications/requests",
    "/api/bookmarks",
    "/api/drafts",
    "/api/scheduled",
    "/api/conversations",
    "/api/conversations/{conversation}/tweets",
    "/api/me",
    "/api/me/follow-requests",
    "/api/me/hashtags",
    "/api/filters",
    "/api/markers/home",
    "/api/search?type=tweets&q={often}",
    "/api/search?type=tweets&q={seldom}",
    "/api/search?type=tweets&q={often}+from:{busy}",
    "/api/search?type=tweets&q=%22{often}%22+-{seldom}",
    "/api/search?type=users&q={busy}",
    "/api/search?type=hashtags&q={tag}",
    "/api/search/complete?q={busy}",
    "/api/trends",
    "/api/trends/tweets",
    "/api/suggestions",
    "/",
    "/home/new?since={popular}",
    "/explore",
    "/explore/tweets",
    "/search?q={often}",
    "/search?type=users&q={busy}",
    "/@{busy}",
    "/@{busy}/replies",
    "/@{busy}/media",
    "/@{busy}/likes",
    "/@{busy}.rss",
    "/@{star}/followers",
    "/@{me}/following",
    "/@{me}/lists",
    "/@{popular_author}/{popular}",
    "/@{popular_author}/{popular}/likes",
    "/@{popular_author}/{popular}/reposts",
    "/@{popular_author}/{popular}/quotes",
    "/hashtag/{tag}",
    "/tags/{tag}.rss",
    "/lists",
    "/lists/{list}",
    "/lists/{list}/members",
    "/bookmarks",
    "/conversations",
    "/conversations/{conversation}",
    "/drafts",
    "/scheduled",
    "/compose",
    "/notifications",
    "/notifications/mentions",
    "/notifications/reactions",
    "/notifications/followers",
    "/notifications/requests",
    "/settings",
    "/settings/requests",
    "/settings/blocked",
    "/settings/muted",
    "/settings/hashtags",
    "/settings/featured",
    "/settings/filters",
    "/settings/notifications",
)
SIGN_IN = (302, 401)  # what those who are signed out get instead


def costs(viewer: int | None, subjects: Subjects, valkey: int) -> dict[str, float]:
    """Milliseconds of processor that a request for each of PATHS takes in all processes.

    It is the smallest of some requests: the machine may be busy. The first ones are not counted:
    they make plans and fill caches. Without a viewer, only what is for all is there, and
    without a list or a conversation of the viewer, not their pages.
    """
    client, headers, values = Client(SERVER_NAME="localhost"), {}, asdict(subjects)
    if viewer is not None:
        account = world.account(viewer)
        client.force_login(account)
        headers["Authorization"] = f"Bearer {world.token(viewer)}"
        values["me"] = account.handle
        services.populate(viewer_id=viewer)  # which workers do
        values |= _own(client, headers)
    found = {}
    for path in PATHS:
        if not all(name in values for name in NAMES.findall(path)):
            continue
        asked = path.format_map(values)
        if viewer is None and client.get(asked).status_code in SIGN_IN:
            continue
        for _ in range(BEFORE):
            client.get(asked, headers=headers)
        found[path] = min(_cost(client, headers, asked, valkey) for _ in range(TIMES))
    return found


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
