"""Streams through a SIGKILL of each part: what each client shows is what a read would show.

Every client keeps what its stream tells: tweets of home without those that were deleted, and groups
of notifications. It comes back with the last id when the stream ends, and reads again when it is
told to. In the end, both are compared with what the API answers.
"""

import http.client
import json
import random
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests

from tools.streams.stage import Stage

PAUSE_SECONDS = 0.3
SETTLE_SECONDS = 90.0
PAGE = 100


@dataclass(frozen=True)
class Scale:
    """How many streams, and how many posts before and after each part is killed."""

    streams: int
    posts: int


FULL = Scale(streams=50, posts=12)
SMOKE = Scale(streams=6, posts=2)


@dataclass(eq=False)
class Watcher(threading.Thread):
    """A client that keeps what it is told, and comes back whenever the stream ends."""

    port: int
    token: str
    handle: str
    home: set[str] = field(default_factory=set)
    notifications: set[str] = field(default_factory=set)
    opened: int = 0
    resets: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._last_id = ""
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {self.token}"
        self._left = threading.Event()

    def run(self) -> None:
        """Listen until told to leave."""
        while not self._left.is_set():
            with suppress(OSError, http.client.HTTPException, ValueError):
                self._listen()
            self._left.wait(PAUSE_SECONDS)

    def leave(self) -> None:
        """Do not come back once this stream ends."""
        self._left.set()

    def read(self) -> tuple[set[str], set[str]]:
        """Return the ids of home and of notifications that the API answers."""
        return self._ids("timelines/home"), self._ids("notifications")

    def _listen(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        headers = {"Authorization": f"Bearer {self.token}", "Last-Event-ID": self._last_id}
        connection.request("GET", "/api/stream", headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            return
        self.opened += 1
        event = ""
        for line in response:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                self._last_id = value
            elif name == "event":
                event = value
            elif name == "data":
                self._take(event, json.loads(value))

    def _take(self, event: str, data: dict[str, Any]) -> None:
        if event == "home":
            self.home.add(data["id"])
        elif event == "delete":
            self.home.discard(data["id"])
        elif event == "notification":
            self.notifications.add(data["id"])
        elif event == "notification_gone":
            self.notifications.discard(data["id"])
        elif event == "reset":
            self.resets += 1
            self.home, self.notifications = self.read()

    def _ids(self, path: str) -> set[str]:
        url, found = f"http://127.0.0.1:{self.port}/api/{path}?limit={PAGE}", set[str]()
        while url:
            try:
                page = self._session.get(url, timeout=30)
                page.raise_for_status()
            except requests.RequestException:
                if self._left.wait(PAUSE_SECONDS):
                    break
                continue
            found |= {entry["id"] for entry in page.json()["results"]}
            url = page.json()["next"]
        return found


def run(stage: Stage, scale: Scale, *, parts: Sequence[str] = ()) -> list[str]:
    """Kill one part after another while people post, by default all parts.

    Returns what is wrong with each client.
    """
    author, watchers = _people(stage, scale)
    for watcher in watchers:
        watcher.start()
    _wait(lambda: all(watcher.opened for watcher in watchers))
    wrong = []
    try:
        for part in parts or stage.parts:
            found = _killed(stage, part, author, watchers, scale.posts)
            wrong += [f"after {part} was killed: {each}" for each in found]
    finally:
        for watcher in watchers:
            watcher.leave()
    return wrong


def _killed(
    stage: Stage, part: str, author: "_Author", watchers: Sequence[Watcher], posts: int
) -> list[str]:
    """Kill a part and start it again while people post. Returns what is wrong after that."""
    _post(author, watchers, posts)
    stage.kill(part)
    _post(author, watchers, posts, while_away=lambda: stage.start(part))
    stage.wait()
    _post(author, watchers, posts)
    found = _settle(stage, watchers)
    opened, resets = (sum(getattr(w, name) for w in watchers) for name in ("opened", "resets"))
    print(f"{part:<10} killed: {len(found)} differ; {opened} streams, {resets} resets so far")
    return found


def _settle(stage: Stage, watchers: Sequence[Watcher]) -> list[str]:
    """Wait until all clients show what a read shows, and return those that never do."""
    deadline = time.monotonic() + SETTLE_SECONDS
    differing = list(watchers)
    while differing and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        stage.revive()
        differing = [each for each in differing if (each.home, each.notifications) != each.read()]
    return [_difference(watcher) for watcher in differing]


def _difference(watcher: Watcher) -> str:
    home, notifications = watcher.read()
    return (
        f"{watcher.handle} misses {home - watcher.home or '{}'} of home and "
        f"{notifications - watcher.notifications or '{}'} of notifications, and should not have "
        f"{watcher.home - home or '{}'} and {watcher.notifications - notifications or '{}'}"
    )


def _post(
    author: "_Author", watchers: Sequence[Watcher], count: int, *, while_away: Any = None
) -> None:
    """Post, mention and delete. `while_away` is called in between."""
    threads = [
        threading.Thread(target=author.post, args=(random.choice(watchers).handle,))
        for _ in range(count)
    ]
    for number, thread in enumerate(threads):
        thread.start()
        if while_away is not None and number == count // 2:
            while_away()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    author.delete_one()


class _Author:
    """Posts until the site accepts it: the same post, however often it is sent."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/tweets"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._posted: list[str] = []

    def post(self, to: str) -> None:
        """Post a tweet that mentions somebody."""
        key = secrets.token_hex(8)
        body = {"text": f"@{to} {key}"}
        answer = self._send("POST", self._url, {"Idempotency-Key": key}, body)
        self._posted.append(answer.json()["id"])

    def delete_one(self) -> None:
        """Delete one of the tweets."""
        tweet_id = self._posted.pop(random.randrange(len(self._posted)))
        self._send("DELETE", f"{self._url}/{tweet_id}", {}, None)

    def _send(self, method: str, url: str, headers: dict[str, str], body: Any) -> Any:
        while True:
            with suppress(requests.RequestException):
                sent = {**self._headers, **headers}
                answer = requests.request(method, url, json=body, headers=sent, timeout=30)
                if answer.status_code in (201, 204):
                    return answer
            time.sleep(PAUSE_SECONDS)


def _people(stage: Stage, scale: Scale) -> tuple[_Author, list[Watcher]]:
    """Return an author, and clients of accounts that follow it. One of three mutes it."""
    from django.utils import timezone

    from accounts import services, tokens
    from accounts.models import User
    from people.services import follow, mute

    handles = ["author", *(f"reader{number}" for number in range(scale.streams))]
    services.register_many_without_password(handles, email_domain="example.org")
    author, *readers = User.objects.order_by("pk")
    for number, reader in enumerate(readers):
        follow(follower=reader, followee=author)
        if number % 3 == 2:
            mute(muter=reader, muted=author)
    now = timezone.now()
    access = {user.handle: tokens.issue(user=user, now=now).access for user in (author, *readers)}
    token = access.pop("author")
    watchers = [Watcher(stage.port, each, handle) for handle, each in access.items()]
    return _Author(stage.url, token), watchers


def _wait(condition: Any) -> None:
    while not condition():
        time.sleep(PAUSE_SECONDS)
