"""Texts of other sites: names mention nobody here, HTML becomes text, long ones become threads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.texts import MOST_HTML, MOST_PARTS, from_html, host_of, parts, with_site
from tweets import text as texts

NAMES = ("@alice", "＠bob", "@", "@a@b.example", "#tag", "/", "-", "_")
SPACES = (" ", "\n\n", ". ", "。")
WORDS = ("word", "x" * 120, "https://a.example/@alice/" + "p" * 300)
MARKS = ("\u202e", "e" + "\u0301" * 9, "é", "\U0001f469\u200d\U0001f467")
PIECES = st.sampled_from([*NAMES, *SPACES, *WORDS, *MARKS])


@given(st.lists(PIECES, max_size=60).map("".join))
def test_every_text_becomes_tweets_that_mention_nobody(text: str) -> None:
    found = parts(text, "twitter.com")
    assert len(found) <= MOST_PARTS
    for part in found:
        assert texts.mentioned_handles(part) == ()
        assert len(part) <= texts.MAX_CODE_POINTS
        if texts.length(part) <= texts.MAX_LENGTH:
            assert texts.check(part, may_be_blank=True) in (part, "")
        else:
            assert "@twitter.com" in part, "a name appeared where the text was divided"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi @bob, @BOB!", "hi @bob@twitter.com, @BOB@twitter.com!"),
        ("me@mail.example https://x.example/@bob", "me@mail.example https://x.example/@bob"),
        ("@bob@other.example", "@bob@other.example"),
        ("＠bob", "＠bob@twitter.com"),
    ],
)
def test_a_name_gets_its_site(text: str, expected: str) -> None:
    assert with_site(text, "twitter.com") == expected


def test_a_long_text_is_divided_at_the_best_place() -> None:
    text = f"{'a ' * 150}end.\n\n{'b ' * 150}end. {'c ' * 120}"
    first, second, third = parts(text, "x.example")
    assert (first[-4:], second[0], second[-4:], third[0]) == ("end.", "b", "end.", "c")
    assert " ".join((first, second, third)).split() == text.split()


def test_what_is_far_too_long_ends_with_an_ellipsis() -> None:
    found = parts("word " * 6_000, "x.example")
    assert (len(found), found[-1][-1]) == (MOST_PARTS, "…")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One<br />two</p><p>three &amp; &lt;four&gt;</p>", "One\ntwo\n\nthree & <four>"),
        (
            '<p><span class="h-card"><a href="https://far.example/@bob" class="u-url mention">@'
            "<span>bob</span></a></span> hi</p>",
            "@bob@far.example hi",
        ),
        (
            '<a href="https://far.example/a/long/way"><span class="invisible">https://</span>'
            '<span class="ellipsis">far.example/a/lo</span><span>ng/way</span></a>',
            "https://far.example/a/long/way",
        ),
        ('<a href="https://far.example/tags/x" class="mention hashtag">#<span>x</span></a>', "#x"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<script>alert(1)</script><style>p{}</style>safe<img src=x onerror=y>", "safe"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("a <b", "a <b"),
        ("", ""),
    ],
)
def test_html_becomes_text(html: str, expected: str) -> None:
    assert from_html(html) == expected


def test_html_that_never_ends_is_read_quickly() -> None:
    """Each of these is a tag that is not closed: the parser would look for its end to the end."""
    assert from_html("<p>1 &lt; 2</p> <a &amp;") == "1 < 2\n\n<a &"
    for broken in ("<a ", '<a b="', "<!", "<!--", "</a "):
        assert len(from_html(broken * 40_000)) <= MOST_HTML


def test_the_host_of_a_site_is_a_host() -> None:
    """It stands behind every name, so it must not hold names itself, or be long."""
    assert host_of("https://else.example:8000/x", "none") == "else.example:8000"
    for bad in ("", "else.example", "https://x @bob ", "https://[x", "https://" + 300 * "x"):
        assert host_of(bad, "none") == "none", bad
