"""A herd of five processes, shared by the tests that restore it afterwards."""

from collections.abc import Iterator

import pytest

from tests.helpers.herd.chirp import Chirp
from tests.helpers.herd.processes import Herd


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Herd]:
    """A herd of five servers."""
    folder = tmp_path_factory.mktemp("herd")
    with Chirp() as chirp, Herd(folder, chirp=chirp.url) as herd:
        yield herd
