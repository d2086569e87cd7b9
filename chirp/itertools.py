"""Helpers for iterables."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield tuples of up to `size` items. (The standard library has it from Python 3.12 on.)"""
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch
