"""Which phrases are found in which texts."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from filters.matching import Phrase, finds, normal, normal_of, words_of


def matches(phrases: tuple[Phrase, ...], *texts: str) -> bool:
    """Whether one of the texts holds one of the phrases."""
    return finds(phrases, normal_of(texts))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("cat", "A cat!", True),
        ("cat", "concatenate", False),
        ("CAT", "the cat", True),
        ("cat", "cats", False),
        ("cat", "cat's", True),
        ("straße", "STRASSE", True),
        ("café", "cafe\u0301", True),
        ("two words", "two\nwords", True),
        ("two words", "two  words here", True),
        ("two words", "twowords", False),
        ("C++", "I like C++.", True),
        ("C++", "ABC++", False),
        (".net", "asp.net", True),
        ("#spoiler", "the end #Spoiler", True),
        ("#spoiler", "#spoilers", False),
        ("#spoiler", "spoiler", False),
        ("#spoiler", "\uff03spoiler", True),
        ("猫", "黒猫が好き", True),
        ("แมว", "ฉันชอบแมวมาก", True),
        ("кот", "который", False),
        ("кот", "Кот!", True),
        ("a.c", "abc", False),
        ("❤️", "I ❤ it", True),
        ("spoiler", "spoi\u200bl\u00ader", True),
        ("नमस्ते", "नमस्ते दुनिया", True),
        ("नमस", "नमस्ते", False),
        ("cat", "私のcatです", True),
        ("ﬁne", "FINE", True),
    ],
)
def test_whole_words(phrase: str, text: str, found: bool) -> None:
    assert matches((Phrase(phrase, True),), text) is found


def test_parts_of_words_if_wanted() -> None:
    assert matches((Phrase("cat", False),), "concatenate")
    assert not matches((Phrase("#cat", False),), "#cats")


def test_any_of_several_phrases_and_none_of_none() -> None:
    assert matches((Phrase("a", True), Phrase("b", True)), "b")
    assert not matches((), "anything")


def test_nothing_is_found_across_two_texts() -> None:
    assert not matches((Phrase("one two", False),), "one", "two")


@given(st.text(min_size=1, max_size=20), st.text(max_size=20), st.booleans())
def test_every_phrase_can_be_searched_for(phrase: str, text: str, whole: bool) -> None:
    """Nothing in a phrase is read as a pattern, and it is found where it stands alone."""
    if not words_of(phrase.replace("#", "")):
        return
    matches((Phrase(phrase, whole),), text)
    if not regex.search(r"\p{M}", normal(phrase)):
        assert matches((Phrase(phrase, whole),), f". {phrase} .")
