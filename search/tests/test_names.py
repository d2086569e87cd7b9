"""The words of names, and typos in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import names


def test_an_account_is_found_by_each_word_of_handle_and_name() -> None:
    assert names.words_of("Ada_L", "Ada Lovelace O'Neil") == {
        **dict.fromkeys(("ada", "l", "lovelace", "o", "neil"), False),
        "ada_l": True,
    }
    assert set(names.words_of("taro", "山田太郎")) == {"taro", "山田太郎", "田太郎", "太郎", "郎"}


@pytest.mark.parametrize("typed", ["alcie", "alic", "alices", "slice", "aalice", "lice", "alixe"])
def test_one_typo_is_forgiven(typed: str) -> None:
    assert names.is_typo(typed, "alice")
    assert set(names.near(typed)) & set(names.near("alice"))


@pytest.mark.parametrize("typed", ["alcei", "ali", "bob", "alicexy", "ecila", "alxxe", ""])
def test_two_typos_are_not(typed: str) -> None:
    assert not names.is_typo(typed, "alice")


@given(st.text("abc", min_size=5, max_size=8), st.text("abc", min_size=5, max_size=8))
def test_words_that_a_typo_tells_apart_are_compared(typed: str, word: str) -> None:
    assert names.is_typo(typed, word) == names.is_typo(word, typed)
    if names.is_typo(typed, word):
        assert set(names.near(typed)) & set(names.near(word))


@pytest.mark.parametrize(("count", "tier"), [(0, 0), (9, 0), (10, 1), (99_999, 4), (10**9, 5)])
def test_tiers_are_magnitudes(count: int, tier: int) -> None:
    assert names.tier(count) == tier
