"""The rules for all texts from users, and for host names."""

import pytest

from chirp.plain_text import (
    BIDI_CONTROLS,
    MAX_CLUSTER,
    BadText,
    clean_line,
    clean_lines,
    fold_lines,
    is_blank,
    unfit_cluster,
)
from chirp.web_hosts import ascii_host


def line(text: str) -> str:
    return clean_line(text, field="name", limit=50)


def lines(text: str) -> str:
    return clean_lines(text, field="bio", limit=500)


INVISIBLE = [
    *(
        "\u200b",
        "\u3164",
        "\u2800",
        "\u115f\u1160",
        "\uffa0",
        "\u00ad",
        "\ufeff",
        "\u2060",
        "\u034f",
    ),
    *(
        "\u180e",
        "\u17b4",
        "\ufe0f",
        "\U000e0041",
        "\U0001d159",
        "\ufffc",
        "\U00013441",
        "\u200d \u3000",
    ),
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_of_invisible_characters_is_empty(text: str) -> None:
    assert is_blank(text)
    assert line(text * 3) == lines(text + "\n" + text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "\u200ba",
        "❤️",
        "می\u200cخواهم",
        "👩‍👧",
        "\ud83c\udf08".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
)
def test_a_text_with_a_visible_character_is_kept(text: str) -> None:
    assert line(text) == lines(text) == text


@pytest.mark.parametrize("character", [*sorted(BIDI_CONTROLS), "\0", "\x1b", "\x85", "\ud800"])
def test_characters_that_deceive_or_control_are_refused(character: str) -> None:
    for clean in (line, lines):
        with pytest.raises(BadText):
            clean(f"a{character}b")


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\u2028", "\u2029"])
def test_every_kind_of_line_ends_in_a_line_feed(break_: str) -> None:
    assert lines(f"a{break_}b") == "a\nb"
    with pytest.raises(BadText):
        line(f"a{break_}b")


@pytest.mark.parametrize("blank", ["\n", "\r\n", " \n", "\u2800\n", "\n\u200b\n"])
def test_of_many_blank_lines_two_are_kept(blank: str) -> None:
    assert fold_lines(f"a\n{blank * 20}  b\n") == "a\n\n\n  b\n"


@pytest.mark.parametrize("text", ["a\n\n\nb", "a\n \n\nb", "a\nb\nc\nd\ne\nf"])
def test_fewer_blank_lines_are_kept(text: str) -> None:
    assert fold_lines(text) == text


# The longest of their kinds: families, couples, flags, keycaps; syllables; pointed and chanted
# letters; stacks.
LONG = [
    *("👨🏻‍👩🏼‍👧🏽‍👦🏾", "👩🏻‍❤️‍💋‍👨🏿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑🏿‍🦽‍➡️", "1️⃣", "कार्त्स्न्याँ॑", "ക്ഷ്ത്ര്യാം"),
    *("בְּרֵאשִׁ֖ית", "שּׁ\u034f\u05bdָ֖֑", "ཧྐྵྨླྺྼྻྂ", "ስ፝", "က္က္ရွှေ့", "ស្ត្រី", "ậ̣", "ᄀᄀᄀ\u1161\u1161\u11a8"),
]


@pytest.mark.parametrize("text", LONG)
def test_emoji_and_letters_of_every_script_are_accepted(text: str) -> None:
    assert unfit_cluster(text) is None


WIDE = ["ก" + "\u0e33" * 40, "क्" * 20, "\u1100" * 40, "x" + "\u0301" * 40, "👨\u200d" * 20 + "👩"]


@pytest.mark.parametrize("text", WIDE)
def test_a_character_of_too_many_parts_is_refused_by_its_first(text: str) -> None:
    for clean in (line, lines):
        with pytest.raises(
            BadText, match=f"U.{ord(text[0]):04X} .*, and {MAX_CLUSTER} are the most"
        ):
            clean(text)


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("Example.COM", "example.com"),
        ("аpple.com", "xn--pple-43d.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("a_b.example.com", "a_b.example.com"),
        *(
            (bad, None)
            for bad in ("localhost", "a_b.com", "✪df.ws", "-a.com", "a..com", "a." * 130)
        ),
    ],
)
def test_a_host_has_one_ascii_form(typed: str, host: str | None) -> None:
    assert ascii_host(typed) == host
