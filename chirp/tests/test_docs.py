"""The docs describe every setting, metric and command as the code has it, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands, load_command_class

from chirp.env import DECLARED
from chirp.observability import metrics
from outbox.events import TOPICS
from outbox.services import LIVE
from runner import options

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", re.MULTILINE)
TABLE = {name: (default, description) for name, default, description in ROW.findall(SETTINGS)}
METRIC = re.compile(r"^\| `(chirp_[a-z_]+)` \| (\w+) \| (.*?) ?\| (.*) \|$", re.MULTILINE)
EVENT = re.compile(r"^\| `(\w+)` \| `([a-z_]+\.[a-z_]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)
# The first word of a code span is a path if it has a slash or the suffix of a file. What begins
# with a dot or a slash is not in the repository: `.venv/`, URLs.
CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
FILE_SUFFIXES = "py|md|in|toml|html|css|js|lua|yml|example"
PATH = re.compile(rf"`((?=[^`\s]*/|[^`\s]*\.(?:{FILE_SUFFIXES})[`\s])[\w<][\w<>./-]*)[`\s]")
OUR_APPS = {
    *("chirp", "outbox", "accounts", "people", "media", "tweets"),
    *("filters", "lists", "timelines", "notifications", "search", "moderation", "archives"),
    *("operations", "api", "mastodon", "web", "streaming", "demo"),
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


def spans(cell: str) -> list[str]:
    """The code spans in a cell of a table."""
    return re.findall(r"`([^`]+)`", cell)


def paths(text: str) -> set[str]:
    """The paths in backticks in a page, without those in code blocks."""
    return set(PATH.findall(CODE_BLOCK.sub("", text)))


def is_in_the_repository(path: str) -> bool:
    """Whether a path exists, at the root or within a room. `<app>` stands for any directory."""
    pattern = path.strip("/").replace("<app>", "*")
    return any(True for start in ("", "*/") for _ in ROOT.glob(start + pattern))


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


# --- Paths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_links_point_to_existing_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_our_apps_are_all_apps_of_this_project() -> None:
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == ROOT}
    assert ours == OUR_APPS


def test_only_paths_count_as_paths() -> None:
    text = (
        "`read/`, `<app>/sql.py`, `script/test --fast`, `posting.py`; `.venv/`, `GET /api`, `a.b`"
    )
    assert paths(text) == {"read/", "<app>/sql.py", "script/test", "posting.py"}


def test_a_path_that_does_not_exist_is_noticed() -> None:
    assert not is_in_the_repository("tweets/no_such_module.py")
    assert not is_in_the_repository("no_such_module.py")
    assert not is_in_the_repository("<app>/no_such_module.py")


@pytest.mark.parametrize(
    "path", sorted(paths(ARCHITECTURE) | paths(CONTRIBUTING)), ids=lambda path: path
)
def test_a_path_in_the_architecture_and_the_guide_exists(path: str) -> None:
    assert is_in_the_repository(path)


# --- Events -------------------------------------------------------------------------------------


def test_the_table_of_events_has_every_topic_that_has_consumers() -> None:
    rows = EVENT.findall(ARCHITECTURE)
    assert len(rows) == len({topic for _, topic, *_ in rows})
    assert {topic: spans(tasks) for _, topic, tasks, _ in rows} == {
        topic: tasks for topic, tasks in settings.OUTBOX_ROUTES.items() if tasks
    }


@pytest.mark.parametrize(("event", "topic", "tasks", "queues"), EVENT.findall(ARCHITECTURE))
def test_the_table_of_events_has_the_class_and_the_queues(
    event: str, topic: str, tasks: str, queues: str
) -> None:
    current_app.loader.import_default_modules()  # the modules of the events
    assert TOPICS[topic].__name__ == event
    routes = [current_app.amqp.router.route({}, task) for task in spans(tasks) if task != LIVE]
    assert list(dict.fromkeys(route["queue"].name for route in routes)) == spans(queues)
