"""Texts as HTML."""

import re
from html import unescape

from hypothesis import given

from mastodon.content import html_of
from tests.helpers.strings import written

BASE = "https://chirp.example"


def html(text: str, *handles: str) -> str:
    return html_of(text, handles, BASE)


def test_paragraphs_and_lines() -> None:
    assert html("") == ""
    assert html("one\ntwo\n\nthree") == "<p>one<br>two</p><p>three</p>"
    assert html("<b> & \"'") == "<p>&lt;b&gt; &amp; &quot;&#39;</p>"


def test_a_mention_has_the_address_of_the_account() -> None:
    link = f'<a href="{BASE}/@Ann" class="u-url mention">@<span>ann</span></a>'
    whole = f'<span class="h-card" translate="no">{link}</span>'
    assert html("hi @ann!", "Ann") == f"<p>hi {whole}!</p>"
    assert html("@nobody") == "<p>@nobody</p>"


def test_a_hashtag_has_an_address_that_clients_know() -> None:
    link = f'<a href="{BASE}/tags/chirp" class="mention hashtag" rel="tag">#<span>Chirp</span></a>'
    assert html("#Chirp") == f"<p>{link}</p>"
    assert f'href="{BASE}/tags/%E6%97%A5%E6%9C%AC"' in html("#日本")


def test_a_long_link_is_cut_by_the_client() -> None:
    found = html("https://www.example.com/a/long/path/that/goes/on?x=1&y=2")
    assert '<span class="invisible">https://www.</span>' in found
    assert '<span class="ellipsis">example.com/a/long/path/that/g</span>' in found
    assert '<span class="invisible">oes/on?x=1&amp;y=2</span>' in found
    assert "…" not in found


def bare(text: str) -> str:
    """The text without white space, and with the usual signs for mentions and hashtags."""
    return re.sub(r"\s", "", text).replace("＠", "@").replace("＃", "#")


@given(written)
def test_without_tags_it_is_the_text(text: str) -> None:
    found = html_of(text, None, BASE)
    if "://" not in unescape(re.sub(r"<[^>]*>", "", found)):  # a link gets the scheme that it lacks
        assert bare(unescape(re.sub(r"<[^>]*>", "", found))) == bare(text)
