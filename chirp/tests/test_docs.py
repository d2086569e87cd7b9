"""Docs that cannot rot: every setting and every command, as the code has them and no others."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands, load_command_class

from chirp.env import DECLARED
from chirp.observability import metrics
from runner import options

DOCS = Path(settings.BASE_DIR) / "docs"
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", re.MULTILINE)
TABLE = {name: (default, what) for name, default, what in ROW.findall(SETTINGS)}
METRIC = re.compile(r"^\| `(chirp_[a-z_]+)` \| (\w+) \| (.*?) ?\| (.*) \|$", re.MULTILINE)
OURS = {
    *("chirp", "outbox", "accounts", "people", "tweets", "timelines"),
    *("operations", "api", "web", "demo"),
}


def of_the_runner() -> set[str]:
    """What `script/run` reads from the environment for itself."""
    source = Path(options.__file__).read_text(encoding="utf-8")
    return set(re.findall(r"_(?:variable|number|yes)\(\"([A-Z_]+)\"", source))


def our_commands() -> Iterator[tuple[str, Any]]:
    for name, app in get_commands().items():
        if isinstance(app, str) and app in OURS:
            yield name, load_command_class(app, name)


def section(command: str) -> str:
    """What the page says of one command."""
    found = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/commands.md has no section on {command}"
    return found[1]


def plain(default: str) -> str:
    """A default as it stands in a table, without the marks of code around it."""
    return default.strip("`") if default.count("`") == 2 else default


# --- Settings -----------------------------------------------------------------------------------


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(TABLE) == set(DECLARED) | of_the_runner()


def test_no_setting_is_documented_twice() -> None:
    assert len(ROW.findall(SETTINGS)) == len(TABLE)


@pytest.mark.parametrize("name", DECLARED)
def test_a_setting_has_the_default_and_the_meaning_that_the_code_has(name: str) -> None:
    default, what = TABLE[name]
    declared = DECLARED[name]
    assert plain(default) == plain(declared.default or "none")
    assert what == declared.doc


def test_the_runner_reads_something() -> None:
    assert {"HOST", "PORT"} <= of_the_runner()


@pytest.mark.parametrize("name", sorted(of_the_runner() - set(DECLARED)))
def test_a_setting_of_the_runner_stands_in_its_help(name: str) -> None:
    assert name in options._parser().format_help()


# --- Metrics -------------------------------------------------------------------------------------


def test_every_metric_is_documented_as_the_code_has_it_and_no_other() -> None:
    documented = METRIC.findall((DOCS / "metrics.md").read_text(encoding="utf-8"))
    assert len(documented) == len({name for name, *_ in documented})
    assert {name: tuple(rest) for name, *rest in documented} == {
        name: (metric.kind, ", ".join(f"`{label}`" for label in metric.labels), metric.doc)
        for name, metric in metrics.DECLARED.items()
    }


def test_what_is_declared_is_what_prometheus_gets() -> None:
    names = {f"{m.name}_total" if m.type == "counter" else m.name for m in metrics.OURS.collect()}
    gauges = {name for name, metric in metrics.DECLARED.items() if metric.kind == "gauge"}
    assert names | gauges == set(metrics.DECLARED)
    assert len(names) > 10


# --- Commands -----------------------------------------------------------------------------------


def test_every_command_of_ours_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^## ([a-z_]+)$", COMMANDS, re.MULTILINE))
    assert documented == {name for name, _ in our_commands()}


@pytest.mark.parametrize("name", [name for name, _ in our_commands()])
def test_every_option_and_subcommand_is_documented(name: str) -> None:
    text = section(name)
    for words in said_by(dict(our_commands())[name]):
        assert f"`{words}" in text, f"docs/commands.md says nothing of `{name}: {words}`"


def said_by(command: Any) -> Iterator[str]:
    """The options and subcommands of a command that are its own."""
    inherited = {"-h", "--help", "--version", "-v", "--verbosity", "--settings", "--pythonpath"}
    inherited |= {"--traceback", "--no-color", "--force-color", "--skip-checks"}
    name = command.__module__.rpartition(".")[2]
    for action in command.create_parser("manage.py", name)._actions:
        yield from (option for option in action.option_strings if option not in inherited)
        if not action.option_strings and isinstance(action.choices, dict):
            yield from (f"{name} {subcommand}" for subcommand in action.choices)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_apps_whose_commands_are_checked_are_all_of_ours() -> None:
    root = Path(settings.BASE_DIR)
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == root}
    assert ours == OURS
