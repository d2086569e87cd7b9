"""What import-linter cannot say: no HTTP in the domain, and pure modules are pure when they run."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from runner.options import CHECKOUT

DOMAIN = ("outbox", "accounts", "people", "tweets", "timelines")
HTTP = ("django.http", "django.shortcuts", "django.views")
# Django's own hooks take a request: the admin, and the backend that signs in to it.
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
def test_the_domain_knows_nothing_of_http(app: str) -> None:
    wrong = {
        str(path.relative_to(CHECKOUT)): names
        for path in (CHECKOUT / app).rglob("*.py")
        if "tests" not in path.parts and path.name not in HOOKS
        if (names := {name for name in imported(path) if name.startswith(HTTP)})
    }
    assert wrong == {}


LOADER = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    loaded = {module.partition(".")[0] for module in sys.modules}
    if loaded & {"django", "rest_framework", "celery", "redis"}:
        sys.exit(f"{name} loads {sorted(loaded)}")
"""


def test_pure_modules_load_no_django() -> None:
    """In a process of its own: what they import, directly or not, is loaded there."""
    run = subprocess.run(
        [sys.executable, "-c", LOADER, *PURE], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
