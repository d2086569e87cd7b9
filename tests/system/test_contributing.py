"""The files and packages that CONTRIBUTING.md refers to exist, in the documented layers."""

import re
import tomllib

import pytest

from runner.options import CHECKOUT

TEXT = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
QUOTED = set(re.findall(r"`([a-z][\w./-]*(?:/|\.[a-z]+))`", TEXT))
LINKED = set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT))
PACKAGE = re.compile(r"^\| `(\w+)/` \| .* \| (\w+)[^|]* \|$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted(QUOTED | LINKED))
def test_each_path_exists(path: str) -> None:
    found = (CHECKOUT / path).exists() or any(CHECKOUT.glob(f"*/{path}"))
    assert found, f"CONTRIBUTING.md refers to {path}"


def test_the_layers_are_those_of_import_linter() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if c["type"] == "layers")
    below = dict(zip(layers, [*layers[1:], "no"], strict=True))
    expected = [
        (name.strip(), below[layer].split(" ")[0]) for layer in layers for name in layer.split("|")
    ]
    assert PACKAGE.findall(TEXT)[: len(expected)] == expected
