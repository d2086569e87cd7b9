"""Which of several Pythons the virtual environment is made of."""

from pathlib import Path

import pytest

from runner.faster_python import choose


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ([("3, 11", 0.10)], 0),
        ([("3, 11", 0.10), ("3, 11", 0.07), ("3, 11", 0.08)], 1),
        ([("3, 11", 0.10), ("3, 11", 0.095)], 0),  # that may be noise
        ([("3, 11", 0.10), ("3, 12", 0.01)], 0),  # another version is not asked for
    ],
)
def test_a_faster_build_of_the_same_version_is_chosen(
    pythons: list[tuple[str, float]], chosen: int, tmp_path: Path
) -> None:
    paths = [tmp_path / str(number) for number in range(len(pythons))]
    for path, (version, seconds) in zip(paths, pythons, strict=True):
        path.write_text(f'#!/bin/sh\nprintf "({version})\\t{seconds}\\n"\n')
        path.chmod(0o755)
    assert choose([str(path) for path in paths]) == str(paths[chosen])
