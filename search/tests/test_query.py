"""Parsing queries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import MAX_LENGTH, BadQuery, Kind, Query, parse, plain_words
from search.words import tokens


def read(text: str) -> list[str]:
    """The terms of a query, each in one readable line."""
    return [
        ("-" if term.negated else "")
        + (f"{term.kind.name.lower()}:{term.value}" if term.value else "")
        + ("" if term.value else " ".join(token.folded for token in term.tokens))
        for term in parse(text).terms
    ]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Hello  WORLD", ["hello", "world"]),
        ('"new york" -"los angeles"', ["new york", "-los angeles"]),
        ('“new york" „Guten Tag“', ["new york", "guten tag"]),
        ('"never closed', ["never closed"]),
        ('a"b c"d', ["a", "b c", "d"]),
        ("word -spam", ["word", "-spam"]),
        ("well-known don't", ["well known", "don t"]),
        ("- word --spam", ["word", "-spam"]),
        ("from:Alice FROM:@bob -to:carol_1", ["from:alice", "from:bob", "-to:carol_1"]),
        ("has:media HAS:Link -has:poll", ["has:media", "has:link", "-has:poll"]),
        ("is:reply lang:de-AT", ["is:reply", "language:de"]),
        ("#Berlin! ＃東京", ["hashtag:berlin", "hashtag:東京"]),
        ("word -#spam @Alice", ["word", "-hashtag:spam", "mention:alice"]),
        ("#1 @", ["1"]),
        ("12:30 https://example.com/a?b note:this", ["12 30", "example com", "note this"]),
        ("café ŁÓDŹ Straße ёлка", ["cafe", "lodz", "strasse", "елка"]),
        ("ｗｉｄｅ：full", ["wide full"]),
        ("iPhoneを買う", ["iphone を買う"]),
        ("👍 🇩🇪", ["👍", "🇩🇪"]),
        ("same " * 40 + "SAME", ["same"]),
        ("a\x00b \ud800c", ["a b", "c"]),
    ],
)
def test_a_query_is_split_into_terms(text: str, terms: list[str]) -> None:
    assert read(text) == terms


def test_days_bound_a_query() -> None:
    query = parse("word since:2026-03-01 until:2026-04-01")
    assert (query.since, query.until) == (date(2026, 3, 1), date(2026, 4, 1))
    assert [term.kind for term in query.terms] == [Kind.WORDS]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Type a word"),
        ("   ", "Type a word"),
        ('" "', "Type a word"),
        ("?!", "Type a word"),
        ("-word", "Type a word"),
        ("-from:alice -#tag", "Type a word"),
        ("since:2026-01-01", "Type a word"),
        ("from:", "from: needs a handle"),
        ("to:not!a!handle", "to: needs a handle"),
        ("has:cake", "has: can be has:media, has:link, has:poll"),
        ("is:", "is: can be is:reply"),
        ("lang:english", "lang: needs a language"),
        ("word since:yesterday", "since: needs a day"),
        ("word until:2026-02-30", "until: needs a day"),
        ("word since:２０２６", "since: needs a day"),
        ("word -since:2026-01-01", "since: needs a day"),
        ("word " + "x" * MAX_LENGTH, "at most 500 characters"),
        (" ".join(f"w{number}" for number in range(31)), "at most 30 words"),
        ('"' + " ".join(f"w{number}" for number in range(31)) + '"', "at most 30 words"),
    ],
)
def test_a_query_that_means_nothing_is_explained(text: str, message: str) -> None:
    with pytest.raises(BadQuery, match=message) as caught:
        parse(text)
    assert caught.value.at == "q"


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_split_as_any_other_text(text: str) -> None:
    # A word in another script must not change how the rest is split.
    assert tokens(f"{text} ö")[:-1] == tokens(text)


PIECES = st.sampled_from(
    [
        '"',
        "-",
        " ",
        ":",
        "#",
        "@",
        "from:",
        "since:",
        "has:",
        "lang:",
        "2026-01-01",
        "東",
        "ก",
        "\x00",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=20).map("".join) | st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for read_text in (parse, plain_words):
        try:
            found = read_text(text)
        except BadQuery:
            continue
        assert isinstance(found, Query | str)
        if isinstance(found, Query):
            assert not all(term.negated for term in found.terms)
