"""What only staff can do: suspend an account, hide a tweet. Here through the admin's pages."""

from html.parser import HTMLParser
from typing import Protocol
from urllib.parse import urlsplit

import requests

from tools.attack.target import Client, Skipped, Target


class Staff(Protocol):
    """A moderator."""

    def suspend(self, handle: str) -> None:
        """Suspend an account."""

    def hide(self, tweet_id: str) -> None:
        """Hide a tweet."""


class Form(HTMLParser):
    """The fields of a page's last form that is sent by POST, and the ids of a changelist's rows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.rows: list[str] = []
        self.asks_for_password = False
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record forms and inputs."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post"
            self.fields = {} if self._inside else self.fields
        if tag != "input" or not self._inside or not given.get("name"):
            return
        if given["name"] == "_selected_action":
            self.rows.append(given.get("value", ""))
        elif given.get("type") == "password":
            self.asks_for_password = True
            self.fields[given["name"]] = ""
        else:
            self.fields[given["name"]] = given.get("value", "")


class AdminStaff:
    """A superuser in the admin. Answers a second question, and repeats the password if asked."""

    def __init__(self, target: Target) -> None:
        if target.staff is None:
            raise Skipped("needs a superuser: ATTACK_STAFF=handle:password")
        login, self._password = target.staff
        self._browser: Client = target.signed_in(login, self._password)

    def suspend(self, handle: str) -> None:
        """Suspend an account."""
        self._act("/admin/accounts/user/", handle, "suspend")

    def hide(self, tweet_id: str) -> None:
        """Hide a tweet."""
        self._act("/admin/tweets/tweet/", tweet_id, "hide")

    def _act(self, changelist: str, query: str, action: str) -> None:
        page = self._browser.get(f"{changelist}?q={query}")
        found = Form(page.text).rows
        if len(found) != 1:
            raise Skipped(f"the admin shows {len(found)} rows for {query} ({page.status_code})")
        data = {"action": action, "_selected_action": found[0]}
        answer = self._browser.submit(changelist, data)
        for _ in range(3):  # questions
            if answer.status_code != 200:
                return
            answer = self._answer(answer, data)

    def _answer(self, page: requests.Response, data: dict[str, str]) -> requests.Response:
        form = Form(page.text)
        asked = {name: value or self._password for name, value in form.fields.items()}
        path = urlsplit(page.url).path
        return self._browser.submit(path, {**asked, **data})
