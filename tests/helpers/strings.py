"""Hypothesis strategies of texts, for the tests of text processing."""

from hypothesis import strategies as st

FAMILY = "👩‍👩‍👧‍👦"  # one grapheme cluster, seven code points
ACCENTS = "e" + "\u0301" * 9

# Any string that Python can represent, and strings of pieces that the parser handles specially.
anything = st.text(st.characters(exclude_categories=()), max_size=60)
PIECES = [
    *("@alice", "＠bob", "@", "#tag", "＃タグ", "#", "#1", "_", "x", "é", "あ", "א", "\u202e"),
    *("http://", "https://", "HTTP://", "javascript:", "ftp://", "mailto:", "//", "www.", "xn--"),
    *("example.com", "x.co", "münchen.de", "例え.jp", ".", "/", "?", "=", "(", ")", "[", "'", '"'),
    *(":", ":80", "user:pw@", "a@b.com", "<", ">", "<script>", "&", "&amp;", "\\", "`", "$", "-"),
    *(" ", "\n", "\t", "\r\n", "。", "…", FAMILY, ACCENTS, "\u0301", "\u200d", "\ufdfa", "\ud800"),
]
hostile = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
written = anything | hostile
