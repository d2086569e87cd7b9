"""Helpers that read rendered pages."""

from html.parser import HTMLParser
from typing import Any, Protocol

HTMX = {"HX-Request": "true"}


class Answer(Protocol):
    """A response of the test client."""

    @property
    def content(self) -> Any:
        """The body of the response."""


def page(response: Answer) -> str:
    """The HTML of a response."""
    return str(response.content, "utf-8")


def older(html: str) -> str:
    """The URL of the link to the next page; empty if there is none."""
    return _link(html, "next")


def newer(html: str) -> str:
    """The URL of the link to the previous page; empty if there is none."""
    return _link(html, "prev")


def _link(html: str, rel: str) -> str:
    return html.partition(f'rel="{rel}" href="')[2].partition('"')[0].replace("&amp;", "&")


class Code(HTMLParser):
    """Collects inline code and styles, and scripts that are not static files of the site."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record scripts, styles, event handlers, and `javascript:` links."""
        given = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and not _is_harmless(given)):
            self.found.append(tag)
        for name, value in given.items():
            if name == "style" or name.startswith("on") or "javascript:" in value.lower():
                self.found.append(f"{tag} {name}={value}")


def _is_harmless(script: dict[str, str]) -> bool:
    """Whether it is data, which browsers do not run, or a file of the site."""
    return script.get("type") == "application/json" or script.get("src", "").startswith("/static/")


def code_in(html: str) -> list[str]:
    """The inline code and styles of a page, and its foreign scripts."""
    reader = Code()
    reader.feed(html)
    return reader.found
