"""The clients of the mix: `python -m bench.mixer PLAN` prints one line of JSON.

60 % home, 30 % tweets of an account, 10 % posts, ten entries per page, from a random depth: the mix
of DeathStarBench's social network (Gan et al., 2019). With a fixed rate, requests are sent when
they are due, regardless of earlier responses, and their time counts from then (an open loop). With
a rate of 0, a few clients send one request after another, to measure the maximum rate.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chirp.pagination import Cursor

LIMIT = 10
CLOSED_CLIENTS = 4
DEPTH = 1_000  # a page starts at one of so many newest tweets of the site
TIMEOUT_SECONDS = 10.0


@dataclass(slots=True)
class Mixer:
    """The plan of a run, and its results: seconds of each request, and counts by kind and error."""

    url: str
    rate: float
    seconds: float
    tokens: dict[str, str]  # by handle
    ids: list[int]  # of tweets, oldest first
    rng: random.Random
    took: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Send requests for the planned seconds, and wait for the responses."""
        if self.rate:
            await self._open()
            return
        until = time.perf_counter() + self.seconds
        await asyncio.gather(*(self._closed(until) for _ in range(CLOSED_CLIENTS)))

    async def _open(self) -> None:
        started = due = time.perf_counter()
        sent = set()
        while due < started + self.seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self._timed(due))
            sent.add(task)
            task.add_done_callback(sent.discard)
            due += self.rng.expovariate(self.rate)
        await asyncio.gather(*sent)

    async def _closed(self, until: float) -> None:
        while time.perf_counter() < until:
            await self._timed(time.perf_counter())

    async def _timed(self, due: float) -> None:
        kind, request = self._request()
        self.kinds[kind] += 1
        try:
            status, body = await asyncio.wait_for(self._send(request), TIMEOUT_SECONDS)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            self.errors[f"{kind} {type(error).__name__}"] += 1
            return
        if status >= 400:
            self.errors[f"{kind} {status}"] += 1
        elif kind == "post":
            self.ids.append(int(json.loads(body)["id"]))
        self.took.append(time.perf_counter() - due)

    def _request(self) -> tuple[str, bytes]:
        viewer, kind = self.rng.choice(list(self.tokens)), self.rng.random()
        if kind < 0.6:
            return "home", self._get(viewer, f"/api/timelines/home?limit={LIMIT}{self._depth()}")
        if kind < 0.9:
            author = self.rng.choice(list(self.tokens))
            return "user", self._get(
                viewer, f"/api/users/{author}/tweets?limit={LIMIT}{self._depth()}"
            )
        text = f"{self.rng.getrandbits(64):x} and some more words, #about things"
        return "post", self._head(
            viewer, "POST", "/api/tweets", json.dumps({"text": text}).encode()
        )

    def _depth(self) -> str:
        below = self.rng.choice(self.ids[-DEPTH:])
        return f"&cursor={Cursor(before=below + 1).encode()}"

    def _get(self, viewer: str, path: str) -> bytes:
        return self._head(viewer, "GET", path, b"")

    def _head(self, viewer: str, method: str, path: str, body: bytes) -> bytes:
        lines = (
            f"{method} {path} HTTP/1.1",
            f"Host: {urlsplit(self.url).netloc}",
            f"Authorization: Bearer {self.tokens[viewer]}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        return "\r\n".join((*lines, "", "")).encode() + body

    async def _send(self, request: bytes) -> tuple[int, bytes]:
        at = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        try:
            writer.write(request)
            answer = await reader.read(-1)
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]), body


def main() -> None:
    """Run the plan, and print the results."""
    plan: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    mixer = Mixer(**plan, rng=random.Random(plan["rate"]))
    asyncio.run(mixer.run())
    print(json.dumps({"took": mixer.took, "kinds": mixer.kinds, "errors": mixer.errors}))


if __name__ == "__main__":
    main()
