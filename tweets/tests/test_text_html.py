"""How a text is shown, and that nothing typed becomes any other markup."""

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given

from tests.helpers.strings import ACCENTS, written
from tweets import text as texts
from tweets.text.limits import graphemes
from tweets.text.rendering import MAX_DISPLAY, display


def html(text: str) -> str:
    return texts.to_html(text, handles=None)


def test_it_renders_what_it_found() -> None:
    text = "Hi @ALICE & @nobody:\n#Über <b> https://example.com/"
    assert texts.to_html(text, handles={"alice": "Alice"}) == (
        'Hi <a class="mention" href="/@Alice">@ALICE</a> &amp; @nobody:<br>'
        '<a class="hashtag" href="/hashtag/%C3%BCber">#Über</a> &lt;b&gt; '
        '<a class="link" href="https://example.com/" rel="nofollow noopener noreferrer ugc"'
        ' target="_blank" dir="ltr">example.com/</a>'
    )


def test_it_links_every_mention_if_it_is_not_told_who_exists() -> None:
    assert html("@nobody") == '<a class="mention" href="/@nobody">@nobody</a>'


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/a?b=c&d", "example.com/a?b=c&d"),
        ("https://example.com/" + "a" * 18, "example.com/" + "a" * 18),
        ("https://example.com/" + "a" * 19, "example.com/" + "a" * 18 + "…"),
        ("https://example.com/" + ACCENTS * 19, "example.com/" + ACCENTS * 18 + "…"),
        ("https://www.bank.example.login.evil.example/a", "…ank.example.login.evil.example"),
    ],
)
def test_it_shortens_what_is_shown_of_a_link_but_not_the_end_of_its_host(
    url: str, shown: str
) -> None:
    assert display(url) == shown


def test_it_shows_a_host_that_looks_like_another_as_what_it_is() -> None:
    assert ">xn--pple-43d.com</a>" in html("http://аpple.com")  # the first letter is Cyrillic


class Page(HTMLParser):
    """What a browser would make of some HTML."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.runs: list[tuple[str, str]] = []  # (class of the link around it or "", text)
        self.around = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.around = dict(attrs)["class"] or ""
        else:
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        assert tag == "a"
        self.around = ""

    def handle_data(self, data: str) -> None:
        self.runs.append((self.around, data))


LOCAL = {"class", "href"}
REMOTE = {"class", "href", "rel", "target", "dir"}


def is_allowed(tag: str, attributes: dict[str, str | None]) -> bool:
    href = attributes.get("href") or ""
    match attributes.get("class"):
        case None:
            return tag == "br" and attributes == {}
        case "mention":
            return tag == "a" and set(attributes) == LOCAL and href.startswith("/@")
        case "hashtag":
            word = unquote(href.removeprefix("/hashtag/"))
            return tag == "a" and set(attributes) == LOCAL and texts.normalize_tag(word) == word
        case _:
            parts = urlsplit(href)
            known = parts.scheme in ("http", "https") and (parts.hostname or "").isascii()
            return tag == "a" and set(attributes) == REMOTE and known and "@" not in parts.netloc


@given(written)
def test_no_text_makes_any_other_markup(text: str) -> None:
    page = Page(html(text))
    assert [tag for tag in page.tags if not is_allowed(*tag)] == []


@given(written)
def test_what_is_shown_is_the_text_but_for_shortened_links(text: str) -> None:
    shown = "".join("\0" if kind == "link" else run for kind, run in Page(html(text)).runs)
    assert shown == _with_links_as(text, "\0")


def _with_links_as(text: str, sign: str) -> str:
    pieces, at = [], 0
    for link in texts.parse(text).links:
        pieces += [text[at : link.start], sign]
        at = link.end
    return "".join([*pieces, text[at:]])


@given(written)
def test_what_is_shown_of_a_link_is_a_part_of_where_it_leads(text: str) -> None:
    for link in texts.parse(text).links:
        shown = display(link.value)
        assert shown.strip("…") in link.value
        assert graphemes(shown) <= MAX_DISPLAY + 1


# Every one of these took seconds, or years, with a careless pattern.
@pytest.mark.parametrize(
    "piece",
    [
        *("@", "#", ".a", "a.", "$a.", "=a.b.c", "http://", "http://a.", "http://x.co/?", "x.co/("),
        *("xn--a.", "http://xn--a.", "a@xn--a.", "\u0301\u0323", "#a\u200d", "@é", "a@", "'x.co/["),
    ],
)
@pytest.mark.parametrize("end", ["", "_"])
def test_it_copes_with_hostile_text_as_long_as_can_be(piece: str, end: str) -> None:
    text = (piece * texts.MAX_CODE_POINTS)[: texts.MAX_CODE_POINTS - 1] + end
    assert Page(html(text)).tags is not None
    assert texts.length(text) > 0
