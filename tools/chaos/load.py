"""A steady, mixed load over HTTP, from a process of its own that knows no Django.

Few clients suffice: what counts is the worst answer, not how many there are. Each client waits a
while after each request, and notes how much longer than that it slept: so much any answer may
seem to be late only because this machine is busy.
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
HANG_SECONDS = 5.0  # who waits longer is not answered at all
KINDS = {"home": 10, "profile": 2, "post": 7, "follow": 2, "unfollow": 2, "delete": 1, "repost": 2}
READING = ("home", "profile")
WRITING = ("post", "follow", "unfollow", "delete", "repost")
FINE = {200, 201, 204, 403, 404, 409}  # 403, 404, 409: somebody else deleted or posted it meanwhile
PADDING = "words " * 60


@dataclass
class Log:
    """What one phase brought: answers by (kind, outcome), and the waits for them in seconds."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=dict)
    stall: float = 0.0
    strange: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many were asked."""
        return sum(self.answers.values())

    def count(self, *outcomes: str) -> int:
        """How many answers had one of these outcomes: fine, failed (cleanly), cut, strange."""
        return sum(n for (_, outcome), n in self.answers.items() if outcome in outcomes)

    def failed(self, *kinds: str) -> int:
        """How many requests of these kinds were refused cleanly: 503, and when to come again."""
        return sum(self.answers[kind, "failed"] for kind in kinds)

    def slowest(self, *kinds: str) -> float:
        """The worst wait for an answer of one of these kinds, in seconds."""
        return max((wait for kind in kinds for wait in self.waits.get(kind, [])), default=0.0)

    def slower(self, than: float, *kinds: str) -> int:
        """How many answers of these kinds took more seconds."""
        return sum(wait > than for kind in kinds for wait in self.waits.get(kind, []))


@dataclass
class Written:
    """What became of posts, by their texts, each of which is used once."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # text: the tweet's id
    pending: dict[str, tuple[str, str]] = field(default_factory=dict)  # text: (handle, key)
    deleted: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)  # the answer to their deletion was none


class Clients:
    """The clients' threads, and what they share."""

    def __init__(self, url: str, seed: int) -> None:
        self.url, self.dice = url, random.Random(seed)
        self.access: dict[str, str] = {}
        self.log, self.written = Log(), Written()
        self.running = threading.Event()
        self.lock = threading.Lock()
        self.seen: list[str] = []
        self.owners: dict[str, str] = {}
        self._threads: list[threading.Thread] = []

    def go(self, access: dict[str, str]) -> None:
        """Begin a phase: these people (handle: access token) act."""
        self.access, self.log = access, Log()
        self.running.set()
        self._threads = [threading.Thread(target=self._act) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Log:
        """End the phase, once the last answer is there."""
        self.running.clear()
        for thread in self._threads:
            thread.join()
        return self.log

    def make_up(self) -> int:
        """Post again, with the same keys, what was not acknowledged. How much still is not."""
        for _ in range(len(self.written.pending)):
            self._post_again()
        return len(self.written.pending)

    def _act(self) -> None:
        kinds, weights = list(KINDS), list(KINDS.values())
        while self.running.is_set():
            started = time.monotonic()
            getattr(self, f"_{self.dice.choices(kinds, weights)[0]}")()
            rest = max(0.02, PACE_SECONDS - (time.monotonic() - started))
            asleep = time.monotonic()
            time.sleep(rest)
            self.log.stall = max(self.log.stall, time.monotonic() - asleep - rest)

    def _someone(self) -> str:
        return self.dice.choice(list(self.access))

    def _home(self) -> None:
        answer = self._ask("home", self._someone(), "GET", "timelines/home?limit=20")
        if answer is not None and answer.ok:
            self.seen = [tweet["id"] for tweet in answer.json()["results"]] or self.seen

    def _profile(self) -> None:
        self._ask("profile", self._someone(), "GET", f"users/{self._someone()}/tweets")

    def _post(self) -> None:
        if self.written.pending and self.dice.random() < 0.5:
            self._post_again()
            return
        text, key = f"{uuid.uuid4().hex} {PADDING}".strip(), uuid.uuid4().hex
        self._send_post(self._someone(), text, key)

    def _post_again(self) -> None:
        with self.lock:
            if not self.written.pending:
                return
            text, (handle, key) = self.written.pending.popitem()
        self._send_post(handle, text, key)

    def _send_post(self, handle: str, text: str, key: str) -> None:
        headers = {"Idempotency-Key": key}
        answer = self._ask("post", handle, "POST", "tweets", {"text": text}, headers)
        if answer is not None and answer.status_code == 201:
            self.owners[text] = handle
            self.written.acknowledged[text] = answer.json()["id"]
        else:
            self.written.pending[text] = (handle, key)

    def _delete(self) -> None:
        with self.lock:
            standing = [
                text
                for text in list(self.written.acknowledged)[-50:]
                if text not in self.written.deleted | self.written.unsure
            ]
            if not standing:
                return
            text = self.dice.choice(standing)
            self.written.unsure.add(text)
        id_ = self.written.acknowledged[text]
        answer = self._ask("delete", self.owners[text], "DELETE", f"tweets/{id_}")
        if answer is not None and answer.status_code == 204:
            self.written.deleted.add(text)
            self.written.unsure.discard(text)

    def _repost(self) -> None:
        if self.seen:
            id_ = self.dice.choice(self.seen)
            self._ask("repost", self._someone(), "PUT", f"tweets/{id_}/repost")

    def _follow(self) -> None:
        self._edge("follow", "PUT")

    def _unfollow(self) -> None:
        self._edge("unfollow", "DELETE")

    def _edge(self, kind: str, method: str) -> None:
        one, other = self._someone(), self._someone()
        if one != other:
            self._ask(kind, one, method, f"users/{other}/follow")

    def _ask(
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
        answer, outcome, words = None, "cut", ""
        try:
            answer = requests.request(
                method, f"{self.url}/api/{path}", json=body, headers=headers, timeout=HANG_SECONDS
            )
            outcome, words = _outcome(answer)
        except requests.Timeout:
            outcome, words = "strange", f"no answer within {HANG_SECONDS:.0f} s"
        except requests.RequestException as error:
            words = f"{type(error).__name__}"
        took = time.monotonic() - started
        with self.lock:
            self.log.answers[kind, outcome] += 1
            self.log.waits.setdefault(kind, []).append(took)
            if outcome in ("strange", "cut"):
                self.log.strange.append(f"{method} {path}: {words}")
        return answer


def _outcome(answer: requests.Response) -> tuple[str, str]:
    if answer.status_code in FINE:
        return "fine", ""
    if answer.status_code == 503 and answer.headers.get("Retry-After"):
        return "failed", ""
    return "strange", f"{answer.status_code} {answer.text[:200]}"


class Load:
    """The clients as the trial sees them: in another process, so that they have their own time."""

    def __init__(self, end: Connection) -> None:
        self._end = end

    def _call(self, name: str, *arguments: Any) -> Any:
        self._end.send((name, arguments))
        return self._end.recv()

    def go(self, access: dict[str, str]) -> None:
        """As Clients.go."""
        self._call("go", access)

    def stop(self) -> Log:
        """As Clients.stop."""
        log: Log = self._call("stop")
        return log

    def make_up(self) -> int:
        """As Clients.make_up."""
        left: int = self._call("make_up")
        return left

    def written(self) -> Written:
        """What became of all posts so far."""
        written: Written = self._call("tell")
        return written


@contextmanager
def loading(url: str, seed: int) -> Iterator[Load]:
    """Clients of the site at `url`, who wait to be told to go, until the block ends."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, url, seed), daemon=True)
    process.start()
    try:
        yield Load(ours)
    finally:
        process.kill()
        process.join()


def _serve(end: Connection, url: str, seed: int) -> None:
    clients = Clients(url, seed)
    while True:
        name, arguments = end.recv()
        end.send(clients.written if name == "tell" else getattr(clients, name)(*arguments))
