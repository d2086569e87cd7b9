"""docs/herd.md agrees with the code."""

import re
from dataclasses import fields

from herd.__main__ import _parser
from herd.node import Counts
from herd.settings import CHECKOUT, DEFAULT, Limits

PAGE = (CHECKOUT / "docs" / "herd.md").read_text(encoding="utf-8")


def test_every_limit_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| ([\d.]+) \|", PAGE, re.MULTILINE))
    assert {name: float(value) for name, value in rows.items()} == {
        limit.name: getattr(Limits(), limit.name) for limit in fields(Limits)
    }


def test_every_limit_is_explained_in_the_default_settings_file() -> None:
    rows = re.findall(r"^([a-z_]+) = [\d_.]+ +# \S", DEFAULT.read_text(), re.MULTILINE)
    assert rows == [limit.name for limit in fields(Limits)]


def test_every_count_is_documented() -> None:
    for count in fields(Counts):
        assert f'"{count.name}": ' in PAGE


def test_every_variable_and_option_is_documented() -> None:
    sources = "".join(path.read_text() for path in (CHECKOUT / "herd").glob("*.py"))
    for name in set(re.findall(r'environ\.get\("([A-Z_]+)"', sources)):
        assert f"| `{name}` |" in PAGE
    for action in _parser()._actions:
        for option in set(action.option_strings) - {"-h", "--help"}:
            assert f"`{option}" in PAGE


def test_every_module_is_documented() -> None:
    for path in (CHECKOUT / "herd").glob("[a-z]*.py"):
        assert f"`{path.name}`" in PAGE
