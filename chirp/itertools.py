"""Small tools for sequences."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Tuples of up to `size` items. (itertools has it from Python 3.12 on.)"""
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch
