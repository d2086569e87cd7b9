"""Texts from elsewhere, as far as they can be shown."""

from hypothesis import given
from hypothesis import strategies as st

from chirp.plain_text import clean_line, salvaged


@given(st.text(max_size=80), st.integers(1, 20))
def test_what_is_left_is_a_line_that_is_accepted(text: str, limit: int) -> None:
    line = salvaged(text, limit)
    assert clean_line(line, field="title", limit=limit) == line


def test_what_is_not_allowed_is_left_out() -> None:
    assert salvaged("  a\r\n\x00b\u202e\tc ", 10) == "a b c"
    assert salvaged("a" + "\u0301" * 50 + "b", 10) == "b"
    assert salvaged("word " * 10, 12) == "word word w…"
    assert salvaged("\u200b\u2800", 10) == ""
