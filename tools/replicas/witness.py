"""A witness: whether readers find what they wrote, and whether what was taken away is gone.

It writes through the site as one account and reads as others at once, while a fault lasts. What is
answered with 503 says nothing, and is left out.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.utils import timezone

from accounts import tokens
from accounts.services import register
from people.services import follow
from tools.chaos.faults import NoEffect
from tweets.posting import post_tweet

PAUSE_SECONDS = 0.1
TIMEOUT_SECONDS = 15.0
PASSWORD = "of-no-interest-47"


class WrongAnswers(NoEffect):
    """Readers were shown what is gone, or did not find what they had written."""


class Witness(threading.Thread):
    """Posts, deletes, blocks and reads until it is stopped."""

    def __init__(self, url: str) -> None:
        super().__init__(name="witness", daemon=True)
        self.url = url
        self.stopping = threading.Event()
        self.wrong: list[str] = []
        self.checks = 0
        self.author, self.reader = (_account(name) for name in ("author", "reader"))
        follow(follower=self.reader, followee=self.author)
        self._kept = str(post_tweet(author=self.reader, text="before the fault").pk)
        self._access = {
            each.handle: tokens.issue(user=each, now=timezone.now()).access
            for each in (self.author, self.reader)
        }

    def run(self) -> None:
        """Check one thing after another."""
        while not self.stopping.wait(PAUSE_SECONDS):
            self._reads()
            self._own_writes_and_deletions()
            self._blocks()

    def _reads(self) -> None:
        """What was there before the fault still is, also without the primary."""
        page = self._send(self.author.handle, "GET", f"users/{self.reader.handle}/tweets")
        self._expect(page, self._kept, there=True)

    def _own_writes_and_deletions(self) -> None:
        posted = self._send(self.author.handle, "POST", "tweets", {"text": uuid.uuid4().hex})
        if posted is None:
            return
        path = f"tweets/{posted['id']}"
        self._expect(self._home(self.author.handle), posted["id"], there=True)
        if self._send(self.author.handle, "DELETE", path) is None:
            return
        for handle in (self.author.handle, self.reader.handle):
            self._expect(self._home(handle), posted["id"], there=False)

    def _blocks(self) -> None:
        posted = self._send(self.author.handle, "POST", "tweets", {"text": uuid.uuid4().hex})
        block = f"users/{self.reader.handle}/block"
        if posted is None or self._send(self.author.handle, "PUT", block) is None:
            return
        found = self._send(self.reader.handle, "GET", f"users/{self.author.handle}/tweets")
        self._expect(found, posted["id"], there=False)
        self._send(self.author.handle, "DELETE", block)
        self._send(self.reader.handle, "PUT", f"users/{self.author.handle}/follow")

    def _home(self, handle: str) -> Any:
        return self._send(handle, "GET", "timelines/home")

    def _expect(self, page: Any, tweet_id: str, *, there: bool) -> None:
        if page is None:
            return
        self.checks += 1
        found = tweet_id in [each["id"] for each in page.get("results", [])]
        if found != there:
            self.wrong.append(f"{tweet_id} was {'missing' if there else 'still shown'}")

    def _send(self, handle: str, method: str, path: str, body: Any = None) -> Any:
        """The body of the answer, empty if there is none; None if the request was not served."""
        headers = {"Authorization": f"Bearer {self._access[handle]}"}
        try:
            answer = requests.request(
                method,
                f"{self.url}/api/{path}",
                json=body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
            )
        except requests.RequestException:
            return None
        if answer.status_code >= 500 or (answer.status_code >= 400 and method != "GET"):
            return None
        return answer.json() if answer.content else {}


@contextmanager
def watched(url: str) -> Iterator[Witness]:
    """Have a witness in the block. Raises WrongAnswers at its end."""
    witness = Witness(url)
    witness.start()
    try:
        yield witness
    finally:
        witness.stopping.set()
        witness.join()
    if witness.wrong:
        raise WrongAnswers(f"{len(witness.wrong)} of {witness.checks} reads: {witness.wrong[:3]}")
    if not witness.checks:
        raise NoEffect("The witness saw nothing.")


def _account(name: str) -> Any:
    handle = f"{name}_{uuid.uuid4().hex[:8]}"
    return register(handle=handle, email=f"{handle}@example.org", password=PASSWORD)
