"""What tests of the site read from a page."""

from html.parser import HTMLParser
from typing import Any, Protocol

HTMX = {"HX-Request": "true"}


class Answer(Protocol):
    """What the test client answers."""

    @property
    def content(self) -> Any:
        """The body."""


def page(response: Answer) -> str:
    """What is on it."""
    return str(response.content, "utf-8")


def older(shown: str) -> str:
    """Where the link to the next page leads; empty where there is none."""
    return _link(shown, "next")


def newer(shown: str) -> str:
    """Where the link to the page above leads; empty where there is none."""
    return _link(shown, "prev")


def _link(shown: str, rel: str) -> str:
    return shown.partition(f'rel="{rel}" href="')[2].partition('"')[0].replace("&amp;", "&")


class Code(HTMLParser):
    """Collects everything on a page that a browser would run, other than our own files."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note scripts, styles, handlers of events, and links that are code."""
        given = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and not given.get("src", "").startswith("/static/")):
            self.found.append(tag)
        for name, value in given.items():
            if name == "style" or name.startswith("on") or "javascript:" in value.lower():
                self.found.append(f"{tag} {name}={value}")


def code_in(shown: str) -> list[str]:
    """What of a page would run, or style it, without being one of our own files."""
    reader = Code()
    reader.feed(shown)
    return reader.found
