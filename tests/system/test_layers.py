"""Layer rules that import-linter cannot express: no HTTP in the domain, and pure modules."""

import ast
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from api.presenters.new_tweets import NewTweetSerializer
from runner.options import CHECKOUT

DOMAIN = (
    *("outbox", "accounts", "people", "media", "tweets"),
    *("filters", "lists", "timelines", "notifications", "search", "moderation", "archives"),
)
HTTP = ("django.http", "django.shortcuts", "django.views")
# Hooks of Django that take a request: the admin, and the authentication backend.
HOOKS = {"admin.py", "backends.py"}
CONTRACTS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
PURE = next(
    contract["source_modules"]
    for contract in CONTRACTS["contracts"]
    if contract["name"] == "Pure cores know no Django"
)


def imported(path: Path) -> set[str]:
    """The modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("app", DOMAIN)
def test_the_domain_does_not_import_http(app: str) -> None:
    violations = {
        str(path.relative_to(CHECKOUT)): names
        for path in (CHECKOUT / app).rglob("*.py")
        if "tests" not in path.parts and path.name not in HOOKS
        if (names := {name for name in imported(path) if name.startswith(HTTP)})
    }
    assert violations == {}


LOADER = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    loaded = {module.partition(".")[0] for module in sys.modules}
    if loaded & {"django", "rest_framework", "celery", "redis"}:
        sys.exit(f"{name} loads {sorted(loaded)}")
"""


def test_pure_modules_load_no_django() -> None:
    """Runs in a separate process, so that indirect imports are visible in `sys.modules`."""
    run = subprocess.run(
        [sys.executable, "-c", LOADER, *PURE], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_no_modules_import_each_other() -> None:
    """Imports within functions count too: they hide a cycle and do not break it."""
    packages = [name for name in CONTRACTS["root_packages"] if name != "tests"]
    graph = grimp.build_graph(*packages)
    modules = {name for name in graph.modules if "tests" not in name.split(".")}
    imports = {name: graph.find_modules_directly_imported_by(name) & modules for name in modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


# What `at` would date back: only the demo posts in the past.
DATED = {"post_tweet", "like", "repost", "vote", "follow", "date_back"}


@pytest.mark.parametrize("face", ["web", "api", "mastodon"])
def test_faces_date_nothing_back(face: str) -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}:{call.lineno}"
        for path in (CHECKOUT / face).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in DATED
        and any(keyword.arg == "at" for keyword in call.keywords)
    ]
    assert found == []


def test_new_tweets_of_faces_have_no_date() -> None:
    assert "at" not in NewTweetSerializer().fields
