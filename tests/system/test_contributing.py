"""CONTRIBUTING.md names files and rooms as they are."""

import re
import tomllib

import pytest

from runner.options import CHECKOUT

TEXT = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z][\w./-]*(?:/|\.[a-z]+))`", TEXT))
LINKED = set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT))
ROOM = re.compile(r"^\| `(\w+)/` \| .* \| (\w+)[^|]* \|$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted(NAMED | LINKED))
def test_what_it_names_is_there(path: str) -> None:
    found = (CHECKOUT / path).exists() or any(CHECKOUT.glob(f"*/{path}"))
    assert found, f"CONTRIBUTING.md names {path}"


def test_its_rooms_are_those_that_the_linter_knows() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if c["type"] == "layers")
    below = dict(zip(layers, [*layers[1:], "no"], strict=True))
    expected = [(room.strip(), below[layer]) for layer in layers for room in layer.split("|")]
    assert ROOM.findall(TEXT)[: len(expected)] == expected
