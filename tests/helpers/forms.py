"""What a browser would send with a form of a page."""

from html.parser import HTMLParser
from typing import Any

REPEATED = ("parts", "rests", "media_ids", "poll_choices")


class Form(HTMLParser):
    """Collects the fields of the form with an id, and their values."""

    def __init__(self, id_: str) -> None:
        super().__init__(convert_charrefs=True)
        self.id = id_
        self.values: list[tuple[str, str]] = []
        self._inside = False
        self._select: tuple[str, list[str]] | None = None
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a field."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id") == self.id
        name = given.get("name", "")
        if not self._inside:
            return
        if tag == "input" and given.get("type") != "file":
            is_box = given.get("type") == "checkbox"
            if not is_box or "checked" in given:
                self.values.append((name, given.get("value", "on" if is_box else "")))
        elif tag == "textarea":
            self._textarea, self._text = name, ""
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select:
            at = 0 if "selected" in given else len(self._select[1])
            self._select[1].insert(at, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        """Read on in a textarea."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """Note what was chosen or written."""
        if tag == "textarea" and self._textarea is not None:
            self.values.append((self._textarea, self._text.removeprefix("\n")))
            self._textarea = None
        elif tag == "select" and self._select:
            self.values.append((self._select[0], self._select[1][0]))
            self._select = None
        elif tag == "form":
            self._inside = False


def fields(html: str, id_: str = "composer") -> dict[str, Any]:
    """The fields of a form: texts, and lists of texts where a name is repeated."""
    form = Form(id_)
    form.feed(html)
    found: dict[str, Any] = {name: [] for name in REPEATED} | dict(form.values)
    return found | {name: [v for n, v in form.values if n == name] for name in REPEATED}
