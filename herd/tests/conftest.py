"""One herd of five processes, for all tests that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.helpers.herd.chirp import Chirp
from tests.helpers.herd.processes import Herd


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Herd]:
    """Five servers, linked."""
    folder = tmp_path_factory.mktemp("herd")
    with Chirp() as chirp, Herd(folder, chirp=chirp.url) as herd:
        yield herd
