"""The benchmark of the location servers runs and measures."""

import asyncio
from pathlib import Path

from tests.helpers.herd.chirp import Chirp
from tests.helpers.herd.processes import Herd
from tools.herd_load import ROUNDS, measure


def test_the_benchmark_measures_the_location_servers(tmp_path: Path) -> None:
    with Chirp() as chirp, Herd(tmp_path, chirp=chirp.url) as herd:
        result = asyncio.run(measure(herd, clients=20, seconds=1.0))
    assert len(result.quiet) == len(result.burst) == len(result.answered) == ROUNDS
    assert all(
        known >= answered for answered, known in zip(result.answered, result.burst, strict=True)
    )
    assert result.loaded
    # Each report passed every link at least once, in one direction.
    assert result.floods >= len(herd.links) * len(result.loaded)
    assert result.rate > 0
