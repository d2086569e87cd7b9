"""Compiled templates are kept for the next start."""

from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from web.templating.compiled import CompiledTemplates


def rendered(text: str) -> str:
    """A template, as a process renders it that has just started."""
    environment = Environment(
        loader=DictLoader({"t.html": text}), bytecode_cache=CompiledTemplates(), autoescape=True
    )
    return environment.get_template("t.html").render()


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "templates").iterdir()}


def test_they_are_read_again(tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.VAR_DIR = tmp_path
    assert rendered("{{ 1 + 1 }}") == "2"
    assert len(kept(tmp_path)) == 1
    monkeypatch.setattr(Environment, "compile", pytest.fail)
    assert rendered("{{ 1 + 1 }}") == "2"


def test_another_text_replaces_it(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    rendered("{{ 1 + 1 }}")
    before = kept(tmp_path)
    assert rendered("{{ 1 + 2 }}") == "3"
    assert kept(tmp_path).keys() == before.keys()
    assert kept(tmp_path) != before


def test_so_does_another_version(tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.VAR_DIR = tmp_path
    rendered("{{ 1 + 1 }}")
    before = kept(tmp_path)
    monkeypatch.setattr("jinja2.__version__", "0.0")
    rendered("{{ 1 + 1 }}")
    assert kept(tmp_path) != before


def test_it_does_without_a_folder(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path / "file"
    settings.VAR_DIR.write_text("no folder")
    assert rendered("{{ 1 + 1 }}") == "2"
