"""Rendering of texts as HTML: no text can add any other markup."""

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given

from chirp.plain_text import graphemes
from tests.helpers.strings import ACCENTS, written
from tweets import text as texts
from tweets.text.rendering import MAX_DISPLAY, display


def html(text: str) -> str:
    return texts.to_html(text, handles=None)


def test_it_renders_links_mentions_and_hashtags() -> None:
    text = "Hi @ALICE & @nobody:\n#Über <b> https://example.com/"
    assert texts.to_html(text, handles={"alice": "Alice"}) == (
        '<div dir="auto">Hi <a class="mention" href="/@Alice" dir="ltr">@ALICE</a>'
        " &amp; <bdi>@nobody</bdi>:</div>"
        '<div dir="auto">'
        '<a class="hashtag" href="/hashtag/%C3%BCber" dir="ltr">#Über</a> &lt;b&gt; '
        '<a class="link" href="https://example.com/" rel="nofollow noopener noreferrer ugc"'
        ' target="_blank" dir="ltr">example.com/</a></div>'
    )


def test_each_line_has_its_own_direction() -> None:
    assert html("one") == "one"
    assert html("one\n\n two") == (
        '<div dir="auto">one</div><div><br></div><div dir="auto"> two</div>'
    )


def test_without_handles_every_mention_becomes_a_link() -> None:
    assert html("@nobody") == '<a class="mention" href="/@nobody" dir="ltr">@nobody</a>'


@pytest.mark.parametrize("tag", ["#مرحبا", "#שלום", "#2024_مرحبا"])
def test_a_hashtag_from_right_to_left_decides_the_direction_of_a_line_without_words(
    tag: str,
) -> None:
    assert "dir=" not in html(f"{tag}, 1!")
    assert html(f"{tag} @a #b").count("dir=") == html(f"@a #b {tag}").count('dir="ltr"') == 2
    for words in ("good morning", "صباح"):
        assert html(f"{tag} {words}").count('dir="rtl"') == 1
    assert 'dir="rtl"' not in html(f"good\n{tag}\nmorning")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a?b=c&d", "example.com/a?b=c&d"),
        ("https://example.com/" + "a" * 18, "example.com/" + "a" * 18),
        ("https://example.com/" + "a" * 19, "example.com/" + "a" * 18 + "…"),
        ("https://example.com/" + ACCENTS * 19, "example.com/" + ACCENTS * 18 + "…"),
        ("https://www.bank.example.login.evil.example/a", "…ank.example.login.evil.example"),
    ],
)
def test_it_shortens_the_text_of_a_link_but_not_the_end_of_its_host(
    url: str, expected: str
) -> None:
    assert display(url) == expected


def test_it_displays_a_lookalike_host_in_its_ascii_form() -> None:
    assert ">xn--pple-43d.com</a>" in html("http://аpple.com")  # the first letter is Cyrillic


class Page(HTMLParser):
    """Parsed HTML: its elements, and its text in runs."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.runs: list[tuple[str, str]] = []  # (class of the enclosing link or "", text)
        self.around, self.lines = "", 0
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.around = dict(attrs)["class"] or ""
        elif tag == "div":
            self.handle_data("\n" if self.lines else "")
            self.lines += 1

    def handle_endtag(self, tag: str) -> None:
        assert tag in ("a", "bdi", "div")
        self.around = ""

    def handle_data(self, data: str) -> None:
        self.runs.append((self.around, data))


PLAIN: list[tuple[str, dict[str, str | None]]] = [
    ("br", {}),
    ("bdi", {}),
    ("div", {}),
    ("div", {"dir": "auto"}),
]
LOCAL = {"class", "href", "dir"}
REMOTE = {"class", "href", "rel", "target", "dir"}


def is_allowed(tag: str, attributes: dict[str, str | None]) -> bool:
    href = attributes.get("href") or ""
    match attributes.get("class"):
        case None:
            return (tag, attributes) in PLAIN
        case "mention":
            return tag == "a" and set(attributes) == LOCAL and href.startswith("/@")
        case "hashtag":
            word = unquote(href.removeprefix("/hashtag/"))
            return tag == "a" and set(attributes) <= LOCAL and texts.normalize_tag(word) == word
        case _:
            parts = urlsplit(href)
            known = parts.scheme in ("http", "https") and (parts.hostname or "").isascii()
            return tag == "a" and set(attributes) == REMOTE and known and "@" not in parts.netloc


@given(written)
@pytest.mark.parametrize("handles", [None, {}])
def test_no_text_adds_other_markup(handles: dict[str, str] | None, text: str) -> None:
    page = Page(texts.to_html(text, handles=handles))
    assert [tag for tag in page.tags if not is_allowed(*tag)] == []


@given(written)
def test_the_displayed_text_is_the_original_except_for_links(text: str) -> None:
    displayed = "".join("\0" if kind == "link" else run for kind, run in Page(html(text)).runs)
    assert displayed == _replace_links(text, "\0")


def _replace_links(text: str, placeholder: str) -> str:
    pieces, at = [], 0
    for link in texts.parse(text).links:
        pieces += [text[at : link.start], placeholder]
        at = link.end
    return "".join([*pieces, text[at:]])


@given(written)
def test_the_displayed_text_of_a_link_is_a_part_of_its_url(text: str) -> None:
    for link in texts.parse(text).links:
        displayed = display(link.value)
        assert displayed.strip("…") in link.value
        assert graphemes(displayed) <= MAX_DISPLAY + 1


# With a careless pattern, each of these takes seconds, or years.
@pytest.mark.parametrize(
    "piece",
    [
        *("@", "#", ".a", "a.", "$a.", "=a.b.c", "http://", "http://a.", "http://x.co/?", "x.co/("),
        *("xn--a.", "http://xn--a.", "a@xn--a.", "\u0301\u0323", "#a\u200d", "@é", "a@", "'x.co/["),
        *(
            "#a/",
            "@a/",
            "a\u0301@",
            "http://a.aあ",
            "http://_",
            "あa.co",
            "\ufe0f#",
            "\n\u3164",
            "x,،",
        ),
    ],
)
@pytest.mark.parametrize("end", ["", "_"])
def test_hostile_text_of_maximum_length_is_rendered_quickly(piece: str, end: str) -> None:
    text = (piece * texts.MAX_CODE_POINTS)[: texts.MAX_CODE_POINTS - 1] + end
    assert Page(html(text)).tags is not None
    assert texts.length(text) > 0
