"""Merging slices: no ids below the shallowest source, and no duplicates."""

from hypothesis import given
from hypothesis import strategies as st

from timelines.merge import merge


def test_it_merges_newest_first_without_repeats() -> None:
    assert merge([([9, 5, 1], 0), ([8, 5], 0)], 10) == ([9, 8, 5, 1], 0)


def test_it_stops_at_the_shallowest_source() -> None:
    assert merge([([9, 8], 7), ([6, 5, 4], 0)], 10) == ([9, 8], 7)


def test_it_cuts_at_the_limit_and_says_where() -> None:
    assert merge([([9, 5], 0), ([8, 4], 0)], 3) == ([9, 8, 5], 4)


def test_no_slices_merge_to_an_empty_slice() -> None:
    assert merge([], 10) == ([], 0)


@given(
    st.lists(st.tuples(st.sets(st.integers(1, 60)), st.integers(0, 60)), max_size=6),
    st.integers(1, 20),
)
def test_it_is_complete_above_its_bottom(sources: list[tuple[set[int], int]], limit: int) -> None:
    slices = [(sorted((i for i in ids if i > low), reverse=True), low) for ids, low in sources]
    merged, bottom = merge(slices, limit)
    all_ids = {i for ids, _ in slices for i in ids}
    assert merged == sorted((i for i in all_ids if i > bottom), reverse=True)
    assert len(merged) <= limit
    assert bottom >= max((low for _, low in slices), default=0)
