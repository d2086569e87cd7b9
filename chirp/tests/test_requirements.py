"""What the code imports is what requirements.txt installs, and all of it is locked."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from runner.options import CHECKOUT

NAMES = ("requirements", "requirements-dev", "requirements-embedded", "requirements-traces")
LOCKED = tuple(f"{name}.txt" for name in NAMES)
EXTRAS = r"(\[[a-z0-9-]+(, [a-z0-9-]+)*\])?"
PIN = re.compile(rf"[A-Za-z0-9._-]+{EXTRAS}==[^*\s;]+( ; [^\\]+?)?( --hash=sha256:[0-9a-f]{{64}})+")
OURS = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} | {"conftest"}


def sources() -> Iterator[Path]:
    """The code that runs on a bare machine: all but tests, tools and benchmarks."""
    for name in sorted(OURS - {"conftest", "bench", "tests", "tools"}):
        for path in (CHECKOUT / name).rglob("*.py"):
            if "tests" not in path.parts:
                yield path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def required(name: str) -> set[str]:
    lines = (CHECKOUT / name).read_text().splitlines()
    names = (re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in lines)
    return {canonical(match[0]) for match in names if match}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_import_is_required_by_name() -> None:
    distributions = packages_distributions()
    asked = required("requirements.in") | required("requirements-traces.in")
    missing = {
        f"{path.relative_to(CHECKOUT)} imports {module}"
        for path in sources()
        for module in imported(path)
        if module not in OURS and module not in sys.stdlib_module_names
        if not asked & {canonical(name) for name in distributions.get(module, [])}
        # They come with what is required, and are its public face.
        if module not in {"kombu", "billiard", "amqp", "asgiref"}
    }
    assert missing == set()


@pytest.mark.parametrize("name", LOCKED)
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    uncommented = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)
    pins = [" ".join(line.split()) for line in uncommented.replace("\\\n", " ").splitlines()]
    assert pins
    assert [pin for pin in pins if not PIN.fullmatch(pin)] == []


@pytest.mark.parametrize("name", LOCKED)
def test_nothing_says_where_packages_come_from(name: str) -> None:
    """The developer's package index is the developer's own affair."""
    text = (CHECKOUT / name).read_text()
    assert re.findall(r"://|--index-url|--extra-index-url|--find-links|--trusted-host", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_wish_is_among_the_pins(name: str) -> None:
    assert required(f"{name}.in") <= required(f"{name}.txt")
