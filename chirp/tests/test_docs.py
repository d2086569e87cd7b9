"""The docs describe every setting, metric and command as the code has it, and no others."""

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
TABLE = {name: (default, description) for name, default, description in ROW.findall(SETTINGS)}
METRIC = re.compile(r"^\| `(chirp_[a-z_]+)` \| (\w+) \| (.*?) ?\| (.*) \|$", re.MULTILINE)
OUR_APPS = {
    *("chirp", "outbox", "accounts", "people", "tweets", "timelines"),
    *("operations", "api", "web", "demo"),
}


def runner_settings() -> set[str]:
    """The settings that only `script/run` reads from the environment."""
    source = Path(options.__file__).read_text(encoding="utf-8")
    return set(re.findall(r"_(?:variable|number|yes)\(\"([A-Z_]+)\"", source))


def our_commands() -> Iterator[tuple[str, Any]]:
    for name, app in get_commands().items():
        if isinstance(app, str) and app in OUR_APPS:
            yield name, load_command_class(app, name)


def section(command: str) -> str:
    """The section of docs/commands.md about one command."""
    found = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/commands.md has no section on {command}"
    return found[1]


def plain(default: str) -> str:
    """A default from a table, without the backticks around it."""
    return default.strip("`") if default.count("`") == 2 else default


# --- Settings -----------------------------------------------------------------------------------


def test_every_setting_and_no_other_is_documented() -> None:
    assert set(TABLE) == set(DECLARED) | runner_settings()


def test_no_setting_is_documented_twice() -> None:
    assert len(ROW.findall(SETTINGS)) == len(TABLE)


@pytest.mark.parametrize("name", DECLARED)
def test_the_docs_have_the_default_and_the_description_of_the_code(name: str) -> None:
    default, description = TABLE[name]
    declared = DECLARED[name]
    assert plain(default) == plain(declared.default or "none")
    assert description == declared.doc


def test_the_settings_of_the_runner_are_found() -> None:
    assert {"HOST", "PORT"} <= runner_settings()


@pytest.mark.parametrize("name", sorted(runner_settings() - set(DECLARED)))
def test_a_setting_of_the_runner_is_in_its_help(name: str) -> None:
    assert name in options._parser().format_help()


# --- Metrics -------------------------------------------------------------------------------------


def test_every_metric_and_no_other_is_documented_as_in_the_code() -> None:
    documented = METRIC.findall((DOCS / "metrics.md").read_text(encoding="utf-8"))
    assert len(documented) == len({name for name, *_ in documented})
    assert {name: tuple(rest) for name, *rest in documented} == {
        name: (metric.kind, ", ".join(f"`{label}`" for label in metric.labels), metric.doc)
        for name, metric in metrics.DECLARED.items()
    }


def test_declared_and_registered_metrics_are_the_same() -> None:
    names = {
        f"{m.name}_total" if m.type == "counter" else m.name for m in metrics.REGISTRY.collect()
    }
    gauges = {name for name, metric in metrics.DECLARED.items() if metric.kind == "gauge"}
    assert names | gauges == set(metrics.DECLARED)
    assert len(names) > 10


# --- Commands -----------------------------------------------------------------------------------


def test_every_command_of_our_apps_and_no_other_is_documented() -> None:
    documented = set(re.findall(r"^## ([a-z_]+)$", COMMANDS, re.MULTILINE))
    assert documented == {name for name, _ in our_commands()}


@pytest.mark.parametrize("name", [name for name, _ in our_commands()])
def test_every_option_and_subcommand_is_documented(name: str) -> None:
    text = section(name)
    for option in options_of(dict(our_commands())[name]):
        assert f"`{option}" in text, f"docs/commands.md does not mention {option!r} of {name}"


def options_of(command: Any) -> Iterator[str]:
    """The options and subcommands of a command, without those of every Django command."""
    inherited = {"-h", "--help", "--version", "-v", "--verbosity", "--settings", "--pythonpath"}
    inherited |= {"--traceback", "--no-color", "--force-color", "--skip-checks"}
    name = command.__module__.rpartition(".")[2]
    for action in command.create_parser("manage.py", name)._actions:
        yield from (option for option in action.option_strings if option not in inherited)
        if not action.option_strings and isinstance(action.choices, dict):
            yield from (f"{name} {subcommand}" for subcommand in action.choices)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_links_point_to_existing_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_our_apps_are_all_apps_of_this_project() -> None:
    root = Path(settings.BASE_DIR)
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == root}
    assert ours == OUR_APPS
