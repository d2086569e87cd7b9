"""What streams cost: memory of idle ones, how soon a tweet is heard, and what posting takes."""

import asyncio
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil
import requests

from tools.streams.clients import Client, open_all
from tools.streams.stage import Stage

MEGABYTE = 1024 * 1024
OTHERS = 100  # accounts of idle clients, each with several of them


@dataclass(frozen=True)
class Scale:
    """How many clients, followers among them, and posts."""

    clients: int
    followers: int
    posts: int


FULL = Scale(clients=5_000, followers=1_000, posts=60)
SMOKE = Scale(clients=40, followers=20, posts=3)


def measure(stage: Stage, scale: Scale) -> dict[str, float]:
    """Return the figures by name."""
    author, followers, others = _people(scale)
    site = _Poster(stage.url, author)
    process = psutil.Process(stage.pid("stream"))
    figures = {"RSS before (MB)": process.memory_info().rss / MEGABYTE}
    figures |= _spread("post, nobody listens (ms)", [site.post() for _ in range(scale.posts)])
    with _Clients(stage.url, followers) as some:
        figures["seconds to connect the others"] = some.add_idle(
            others, scale.clients - scale.followers
        )
        time.sleep(5)
        figures[f"RSS with {scale.clients} clients (MB)"] = process.memory_info().rss / MEGABYTE
        sent: dict[int, float] = {}
        before = process.cpu_times()
        posts = [site.post(sent) for _ in range(scale.posts)]
        time.sleep(3)
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        figures["CPU of the process for a tweet (ms)"] = 1000 * used / scale.posts
        heard = [
            client.heard[tweet_id] - at for client in some.clients for tweet_id, at in sent.items()
        ]
        figures |= _spread("post, all listen (ms)", posts)
        figures |= _spread("post to heard (ms)", heard)
    return figures


class _Poster:
    """Posts on behalf of the author."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/tweets"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._number = 0

    def post(self, sent: dict[int, float] | None = None) -> float:
        """Post, and return how long that took. `sent` notes when it was asked for, by id."""
        time.sleep(0.5)
        self._number += 1
        started = time.monotonic()
        answer = self._session.post(self._url, json={"text": f"number {self._number}"}, timeout=30)
        ended = time.monotonic()
        answer.raise_for_status()
        if sent is not None:
            sent[int(answer.json()["id"])] = started
        return ended - started


class _Clients:
    """Clients in a loop of their own."""

    def __init__(self, url: str, tokens: Sequence[str]) -> None:
        self._url, self._tokens = url, list(tokens)
        self._loop = asyncio.new_event_loop()
        self.clients: list[Client] = []

    def __enter__(self) -> "_Clients":
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.clients = self._open(self._tokens)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def add_idle(self, tokens: Sequence[str], count: int) -> float:
        """Open more streams, of accounts that follow nobody. Returns the seconds that it took."""
        started = time.monotonic()
        self._open([tokens[number % len(tokens)] for number in range(count)])
        return time.monotonic() - started

    def _open(self, tokens: list[str]) -> list[Client]:
        opening = asyncio.run_coroutine_threadsafe(open_all(self._url, tokens), self._loop)
        return opening.result()


def _people(scale: Scale) -> tuple[str, list[str], list[str]]:
    """Return access tokens: of an author, of accounts that follow it, and of others."""
    from django.utils import timezone

    from accounts import services, tokens
    from accounts.models import User
    from people.services import follow

    handles = ["author", *(f"reader{number}" for number in range(scale.followers))]
    handles += [f"other{number}" for number in range(OTHERS)]
    services.register_many_without_password(handles, email_domain="example.org")
    author, *readers = User.objects.order_by("pk")
    for reader in readers[: scale.followers]:
        follow(follower=reader, followee=author)
    now = timezone.now()
    access = [tokens.issue(user=user, now=now).access for user in (author, *readers)]
    return access[0], access[1 : scale.followers + 1], access[scale.followers + 1 :]


def _spread(name: str, seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    found = {
        "p50": statistics.median(ordered),
        "p99": ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)],
        "max": ordered[-1],
    }
    return {f"{name} {part}": value * 1000 for part, value in found.items()}
