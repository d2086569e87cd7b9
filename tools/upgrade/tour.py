"""What people do in each step of an upgrade, over HTTP."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import requests

DELIVERED_SECONDS = 30.0
TIMEOUT_SECONDS = 15.0
PAUSE_SECONDS = 0.1
PASSWORD = "mole-tepid-91-drum"
Json = dict[str, Any]


class Person:
    """An account, and its requests. `wrong` has what was answered otherwise than it should be."""

    def __init__(self, name: str, url: str, wrong: list[str]) -> None:
        self.handle = f"{name}_{uuid.uuid4().hex[:8]}"
        self.url = url
        self.requests = 0
        self._wrong, self._access = wrong, ""
        account = {"email": f"{self.handle}@example.org", "password": PASSWORD}
        registered = self.send("POST", "auth/register", {"handle": self.handle, **account}, 201)
        self._access = registered.get("access", "")

    def send(self, method: str, path: str, body: Json | None = None, *fine: int) -> Json:
        """Send a request to the API, and return the JSON of the answer; empty if it is wrong."""
        headers = {"Authorization": f"Bearer {self._access}"} if self._access else {}
        answer = self._request(method, f"/api/{path}", fine, json=body, headers=headers)
        try:
            return answer.json() if answer is not None and answer.content else {}
        except requests.JSONDecodeError:
            self._wrong.append(f"{method} /api/{path}: the answer is no JSON.")
            return {}

    def page(self, path: str) -> None:
        """Load a page of the site as an anonymous visitor."""
        self._request("GET", path, ())

    def ids(self, path: str) -> list[str]:
        """Return the ids on a page of the API."""
        return [each["id"] for each in self.send("GET", path).get("results", [])]

    def eventually(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait until something that workers do is done, unless something is wrong anyway."""
        deadline = time.monotonic() + (0 if self._wrong else DELIVERED_SECONDS)
        while not condition():
            if time.monotonic() > deadline:
                self._wrong.append(f"{what} did not come.")
                return
            time.sleep(PAUSE_SECONDS)

    def _request(
        self, method: str, path: str, fine: tuple[int, ...], **options: Any
    ) -> requests.Response | None:
        self.requests += 1
        url = f"{self.url}{path}"
        try:
            answer = requests.request(method, url, timeout=TIMEOUT_SECONDS, **options)
        except requests.RequestException as error:
            self._wrong.append(f"{method} {path}: {type(error).__name__}")
            return None
        if answer.status_code in (fine or (200, 201, 204)):
            return answer
        self._wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return None


class Tour:
    """A visit of two people: one uses the web server at one address, the other that at another."""

    def __init__(self, author_url: str, reader_url: str) -> None:
        self.wrong: list[str] = []
        self.author = Person("author", author_url, self.wrong)
        self.reader = Person("reader", reader_url, self.wrong)

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return self.author.requests + self.reader.requests

    def run(self, earlier: list[str]) -> str:
        """Do everything once. `earlier` are tweets of earlier visits. Returns a tweet of this."""
        author, reader = self.author, self.reader
        reader.send("PUT", f"users/{author.handle}/follow")
        tag = f"tag{uuid.uuid4().hex[:8]}"
        posted = str(author.send("POST", "tweets", {"text": f"hello #{tag}"}).get("id", "0"))
        reader.eventually("A tweet", lambda: posted in reader.ids("timelines/home"))
        self._answer(posted)
        self._organise(posted)
        self._read([*earlier, posted], tag)
        self._leave(posted)
        return posted

    def _answer(self, posted: str) -> None:
        author, reader = self.author, self.reader
        for mark in ("like", "repost", "bookmark"):
            reader.send("PUT", f"tweets/{posted}/{mark}")
        reader.send("POST", "tweets", {"text": "a reply", "reply_to_id": posted})
        reader.send("POST", "tweets", {"text": "a quote", "quote_of_id": posted})
        author.send("PATCH", f"tweets/{posted}", {"text": "hello again"})
        author.eventually("A notification", lambda: bool(author.ids("notifications")))

    def _organise(self, posted: str) -> None:
        author, reader = self.author, self.reader
        list_id = reader.send("POST", "lists", {"name": "friends"}).get("id", "0")
        reader.send("PUT", f"lists/{list_id}/members/{author.handle}")
        reader.eventually("A list", lambda: posted in reader.ids(f"lists/{list_id}/timeline"))
        filtered = {"title": "no", "phrases": [{"text": "nonsense"}], "contexts": ["home"]}
        reader.send("POST", "filters", filtered)
        reader.send("POST", "drafts", {"tweets": [{"text": "later"}]})
        direct = {"text": f"@{author.handle} between us", "visibility": "direct"}
        reader.send("POST", "tweets", direct)
        author.eventually("A direct tweet", lambda: bool(author.ids("conversations")))

    def _read(self, tweets: list[str], tag: str) -> None:
        for person, other in ((self.author, self.reader), (self.reader, self.author)):
            for tweet in tweets:
                person.send("GET", f"tweets/{tweet}")
                person.send("GET", f"tweets/{tweet}/thread")
            for path in ("tweets", "replies", "likes", "followers", "following", "lists"):
                person.send("GET", f"users/{other.handle}/{path}")
            for path in ("timelines/home", "timelines/public", f"timelines/hashtag/{tag}", "me"):
                person.send("GET", path)
            person.send("GET", "notifications")
            for path in ("/", f"/@{other.handle}", f"/hashtag/{tag}", "/status"):
                person.page(path)

    def _leave(self, posted: str) -> None:
        author, reader = self.author, self.reader
        gone = author.send("POST", "tweets", {"text": "soon gone"}).get("id", "0")
        reader.eventually("A tweet", lambda: gone in reader.ids("timelines/home"))
        author.send("DELETE", f"tweets/{gone}")
        reader.eventually("A deletion", lambda: gone not in reader.ids("timelines/home"))
        reader.send("PUT", f"users/{author.handle}/mute")
        author.send("PUT", f"users/{reader.handle}/block")
        reader.send("GET", f"users/{author.handle}/tweets", None, 200, 403, 404)
        author.send("DELETE", f"users/{reader.handle}/block")
        reader.send("DELETE", f"tweets/{posted}/like")
