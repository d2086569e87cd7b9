"""`script/load URL`: concurrent clients, which post, like, repost and follow as fast as they can.

It registers new accounts, so the site's rate limits have to be off:
`RATE_LIMIT_WRITES=off RATE_LIMIT_READS=off RATE_LIMIT_REGISTER=off script/run`. The exit status is
1 after a response with status 5xx, or if an acknowledged post is not on its author's profile
exactly once.
"""

import random
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

import tools

KINDS = {"post": 4, "reply": 2, "like": 4, "unlike": 1, "repost": 2, "follow": 3, "unfollow": 2}
TIMEOUT = 30.0


@dataclass
class Result:
    """The number of responses by kind and status, the seconds of each, and acknowledged posts."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    posted: dict[str, list[str]] = field(default_factory=dict)  # handle: texts answered with 201

    @property
    def failures(self) -> int:
        """The number of responses with status 5xx."""
        return sum(count for (_, status), count in self.answers.items() if status >= 500)


class LoadClient(threading.Thread):
    """One client, which sends requests one after another."""

    def __init__(self, base: str, handle: str, access: str, others: Sequence[str]) -> None:
        super().__init__(name=handle, daemon=True)
        self.base, self.handle, self.others = base, handle, others
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {access}"
        self.random = random.Random(handle)
        self.result = Result(posted={handle: []})
        self.seen: list[str] = []
        self.until = 0.0

    def run(self) -> None:
        """Send requests until the monotonic clock reaches `until`."""
        kinds, weights = list(KINDS), list(KINDS.values())
        while time.monotonic() < self.until:
            self.act(self.random.choices(kinds, weights)[0])

    def act(self, kind: str) -> None:
        """Send a request of this kind; none if it needs a tweet and there is none."""
        if kind in ("post", "reply"):
            self._write(kind)
        elif kind in ("follow", "unfollow"):
            handle = self.random.choice(self.others)
            self._call(kind, "PUT" if kind == "follow" else "DELETE", f"users/{handle}/follow")
        elif tweet := self._some_tweet():
            method = "DELETE" if kind == "unlike" else "PUT"
            self._call(kind, method, f"tweets/{tweet}/{kind.removeprefix('un')}")

    def _write(self, kind: str) -> None:
        text = f"{self.handle} {secrets.token_hex(8)}"
        body = {"text": text}
        if kind == "reply" and (tweet := self._some_tweet()):
            body["reply_to_id"] = tweet
        answer = self._call(kind, "POST", "tweets", body)
        if answer.status_code == 201:
            self.result.posted[self.handle].append(text)

    def _some_tweet(self) -> str | None:
        if not self.seen or self.random.random() < 0.1:
            page = self._call("home", "GET", "timelines/home?limit=10")
            if page.ok:
                self.seen = [tweet["id"] for tweet in page.json()["results"]]
        return self.random.choice(self.seen) if self.seen else None

    def _call(self, kind: str, method: str, path: str, body: Any = None) -> requests.Response:
        started = time.monotonic()
        answer = self.session.request(method, f"{self.base}/api/{path}", json=body, timeout=TIMEOUT)
        self.result.seconds.append(time.monotonic() - started)
        self.result.answers[kind, answer.status_code] += 1
        return answer


def run_clients(base: str, accesses: dict[str, str], *, seconds: float) -> Result:
    """Run a client for each of `accesses` (handle: access token) for so many seconds."""
    handles = list(accesses)
    clients = [
        LoadClient(base, handle, access, [other for other in handles if other != handle])
        for handle, access in accesses.items()
    ]
    for client in clients:
        client.until = time.monotonic() + seconds
        client.start()
    total = Result()
    for client in clients:
        client.join()
        total.answers += client.result.answers
        total.seconds += client.result.seconds
        total.posted |= client.result.posted
    return total


def lost_or_repeated(base: str, posted: dict[str, list[str]]) -> list[str]:
    """The acknowledged texts that are not exactly once among their author's tweets and replies."""
    wrong = []
    for handle, texts in posted.items():
        found: Counter[str] = Counter()
        for tab in ("tweets", "replies"):
            url: str | None = f"{base}/api/users/{handle}/{tab}?limit=100"
            while url:
                page = requests.get(url, timeout=TIMEOUT).json()
                found.update(tweet["text"] for tweet in page["results"])
                url = page["next"]
        wrong += [text for text in texts if found[text] != 1]
    return wrong


def register(base: str, count: int) -> dict[str, str]:
    """Register `count` accounts, and return their access tokens by handle."""
    accesses = {}
    for _ in range(count):
        handle = f"load_{secrets.token_hex(6)}"
        body = {
            "handle": handle,
            "email": f"{handle}@example.org",
            "password": secrets.token_hex(16),
        }
        answer = requests.post(f"{base}/api/auth/register", json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        accesses[handle] = answer.json()["access"]
    return accesses


def main() -> None:
    """Run the clients against a site, and print the result."""
    parser = tools.parser(__doc__)
    parser.add_argument("base", help="such as http://127.0.0.1:8000")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    accesses = register(options.base, options.clients)
    result = run_clients(options.base, accesses, seconds=options.seconds)
    for (kind, status), count in sorted(result.answers.items()):
        print(f"{kind:9} {status}  {count}")
    durations = sorted(result.seconds)
    print(f"{len(durations)} requests, {len(durations) / options.seconds:.0f} a second")
    median, p99 = durations[len(durations) // 2], durations[len(durations) * 99 // 100]
    print(f"median {median:.3f} s, p99 {p99:.3f} s")
    wrong = lost_or_repeated(options.base, result.posted)
    posts = sum(map(len, result.posted.values()))
    print(f"{result.failures} answers were 5xx; {len(wrong)} of {posts} posts lost or repeated")
    sys.exit(bool(result.failures or wrong))


if __name__ == "__main__":
    main()
