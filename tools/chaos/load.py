"""A steady, mixed load over HTTP, from a separate process that imports no Django.

Few clients suffice, because the slowest response counts, not the number of them. Each client sleeps
after each request, and records by how much it overslept: any response may seem that much slower
only because the machine is busy.
"""

import multiprocessing
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import requests

CLIENTS = 4
PACE_SECONDS = 0.12
TIMEOUT_SECONDS = 5.0
KINDS = {"home": 10, "profile": 2, "post": 7, "follow": 2, "unfollow": 2, "delete": 1, "repost": 2}
READING = ("home", "profile")
WRITING = ("post", "follow", "unfollow", "delete", "repost")
# 403, 404 and 409: another client deleted or posted it meanwhile.
EXPECTED_STATUSES = {200, 201, 204, 403, 404, 409}
PADDING = "words " * 60


@dataclass
class Log:
    """The results of one phase.

    `answers` counts responses by (kind, outcome), `waits` has the seconds of each by kind, `stall`
    is the longest time in seconds by which a client overslept, and `strange` describes unexpected
    responses and broken connections.
    """

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=dict)
    stall: float = 0.0
    strange: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """The number of requests."""
        return sum(self.answers.values())

    def count(self, *outcomes: str) -> int:
        """The number of responses with one of these outcomes: fine, failed (503), cut, strange."""
        return sum(n for (_, outcome), n in self.answers.items() if outcome in outcomes)

    def failed(self, *kinds: str) -> int:
        """The number of requests of these kinds answered with 503 and `Retry-After`."""
        return sum(self.answers[kind, "failed"] for kind in kinds)

    def slowest(self, *kinds: str) -> float:
        """The slowest response to a request of these kinds, in seconds; 0 if there is none."""
        return max((wait for kind in kinds for wait in self.waits.get(kind, [])), default=0.0)

    def slower(self, than: float, *kinds: str) -> int:
        """The number of responses to these kinds that took more than `than` seconds."""
        return sum(wait > than for kind in kinds for wait in self.waits.get(kind, []))


@dataclass
class Posts:
    """The state of each post, by its text, which is unique."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # text: the tweet's id
    pending: dict[str, tuple[str, str]] = field(default_factory=dict)  # text: (handle, key)
    deleted: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)  # their deletion was requested and not confirmed


class Clients:
    """The threads of the clients, and the state that they share."""

    def __init__(self, url: str, seed: int, timeout: float) -> None:
        self.url, self.timeout, self.rng = url, timeout, random.Random(seed)
        self.access: dict[str, str] = {}
        self.log, self.posts = Log(), Posts()
        self.running = threading.Event()
        self.lock = threading.Lock()
        self.seen_ids: list[str] = []
        self.owners: dict[str, str] = {}
        self._threads: list[threading.Thread] = []

    def start(self, access: dict[str, str]) -> None:
        """Begin a phase, in which these accounts (handle: access token) act."""
        self.access, self.log = access, Log()
        self.running.set()
        self._threads = [threading.Thread(target=self._run_client) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Log:
        """End the phase after the pending requests, and return its results."""
        self.running.clear()
        for thread in self._threads:
            thread.join()
        return self.log

    def retry_pending(self) -> int:
        """Send unacknowledged posts again, with the same keys. Returns how many still are."""
        for _ in range(len(self.posts.pending)):
            self._post_again()
        return len(self.posts.pending)

    def _run_client(self) -> None:
        kinds, weights = list(KINDS), list(KINDS.values())
        while self.running.is_set():
            started = time.monotonic()
            getattr(self, f"_{self.rng.choices(kinds, weights)[0]}")()
            rest = max(0.02, PACE_SECONDS - (time.monotonic() - started))
            asleep = time.monotonic()
            time.sleep(rest)
            self.log.stall = max(self.log.stall, time.monotonic() - asleep - rest)

    def _random_handle(self) -> str:
        return self.rng.choice(list(self.access))

    def _home(self) -> None:
        answer = self._request("home", self._random_handle(), "GET", "timelines/home?limit=20")
        if answer is not None and answer.ok:
            self.seen_ids = [tweet["id"] for tweet in answer.json()["results"]] or self.seen_ids

    def _profile(self) -> None:
        self._request(
            "profile", self._random_handle(), "GET", f"users/{self._random_handle()}/tweets"
        )

    def _post(self) -> None:
        if self.posts.pending and self.rng.random() < 0.5:
            self._post_again()
            return
        text, key = f"{uuid.uuid4().hex} {PADDING}".strip(), uuid.uuid4().hex
        self._send_post(self._random_handle(), text, key)

    def _post_again(self) -> None:
        with self.lock:
            if not self.posts.pending:
                return
            text, (handle, key) = self.posts.pending.popitem()
        self._send_post(handle, text, key)

    def _send_post(self, handle: str, text: str, key: str) -> None:
        headers = {"Idempotency-Key": key}
        answer = self._request("post", handle, "POST", "tweets", {"text": text}, headers)
        if answer is not None and answer.status_code == 201:
            self.owners[text] = handle
            self.posts.acknowledged[text] = answer.json()["id"]
        else:
            self.posts.pending[text] = (handle, key)

    def _delete(self) -> None:
        with self.lock:
            existing = [
                text
                for text in list(self.posts.acknowledged)[-50:]
                if text not in self.posts.deleted | self.posts.unsure
            ]
            if not existing:
                return
            text = self.rng.choice(existing)
            self.posts.unsure.add(text)
        id_ = self.posts.acknowledged[text]
        answer = self._request("delete", self.owners[text], "DELETE", f"tweets/{id_}")
        if answer is not None and answer.status_code == 204:
            self.posts.deleted.add(text)
            self.posts.unsure.discard(text)

    def _repost(self) -> None:
        if self.seen_ids:
            id_ = self.rng.choice(self.seen_ids)
            self._request("repost", self._random_handle(), "PUT", f"tweets/{id_}/repost")

    def _follow(self) -> None:
        self._edge("follow", "PUT")

    def _unfollow(self) -> None:
        self._edge("unfollow", "DELETE")

    def _edge(self, kind: str, method: str) -> None:
        one, other = self._random_handle(), self._random_handle()
        if one != other:
            self._request(kind, one, method, f"users/{other}/follow")

    def _request(
        self,
        kind: str,
        handle: str,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response | None:
        headers = {"Authorization": f"Bearer {self.access[handle]}", **(headers or {})}
        started = time.monotonic()
        answer, outcome, detail = None, "cut", ""
        try:
            answer = requests.request(
                method,
                f"{self.url}/api/{path}",
                json=body,
                headers=headers,
                timeout=self.timeout,
            )
            outcome, detail = _outcome(answer)
        except requests.Timeout:
            outcome, detail = "strange", f"no answer within {self.timeout:.0f} s"
        except requests.RequestException as error:
            detail = type(error).__name__
        took = time.monotonic() - started
        with self.lock:
            self.log.answers[kind, outcome] += 1
            self.log.waits.setdefault(kind, []).append(took)
            if outcome in ("strange", "cut"):
                self.log.strange.append(f"{method} {path}: {detail}")
        return answer


def _outcome(answer: requests.Response) -> tuple[str, str]:
    """The outcome of a response, and a description of it if it is strange."""
    if answer.status_code in EXPECTED_STATUSES:
        return "fine", ""
    if answer.status_code == 503 and answer.headers.get("Retry-After"):
        return "failed", ""
    if answer.status_code == 502 and answer.headers.get("Retry-After"):
        return "cut", "502"  # the balancer says that each process that had it was killed
    return "strange", f"{answer.status_code} {answer.text[:200]}"


class Load:
    """A proxy for Clients in another process, which the trial therefore does not slow down."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _call(self, name: str, *arguments: Any) -> Any:
        self._connection.send((name, arguments))
        return self._connection.recv()

    def start(self, access: dict[str, str]) -> None:
        """Call Clients.start."""
        self._call("start", access)

    def stop(self) -> Log:
        """Call Clients.stop."""
        log: Log = self._call("stop")
        return log

    def retry_pending(self) -> int:
        """Call Clients.retry_pending."""
        left: int = self._call("retry_pending")
        return left

    def posts(self) -> Posts:
        """The state of all posts so far."""
        posts: Posts = self._call("posts")
        return posts


@contextmanager
def loading(url: str, seed: int, timeout: float = TIMEOUT_SECONDS) -> Iterator[Load]:
    """Clients of the site at `url`, which wait for `start`, and are killed when the block ends.

    A request that takes longer than `timeout` seconds counts as hanging.
    """
    context = multiprocessing.get_context("spawn")
    parent_end, child_end = context.Pipe()
    process = context.Process(target=_serve, args=(child_end, url, seed, timeout), daemon=True)
    process.start()
    try:
        yield Load(parent_end)
    finally:
        process.kill()
        process.join()


def _serve(connection: Connection, url: str, seed: int, timeout: float) -> None:
    clients = Clients(url, seed, timeout)
    while True:
        name, arguments = connection.recv()
        connection.send(clients.posts if name == "posts" else getattr(clients, name)(*arguments))
