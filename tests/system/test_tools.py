"""The programs of tools/: `script/tool` lists them, and each explains itself."""

import subprocess
import sys

import pytest

import tools
from tools.chaos.deployment import CHECKOUT

FILES = [*(CHECKOUT / "tools").glob("[!_]*.py"), *(CHECKOUT / "tools").glob("*/__main__.py")]
PROGRAMS = {each.parent.name if each.stem == "__main__" else each.stem for each in FILES}
SCRIPTS = [
    each
    for each in (CHECKOUT / "script").iterdir()
    if each.name != "tool" and "-m tools." in each.read_text()
]
WITH_SCRIPTS = {
    name for name in PROGRAMS for each in SCRIPTS if f"-m tools.{name} " in each.read_text()
}


def run(*command: str) -> tuple[int, str, str]:
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def listed(text: str) -> dict[str, str]:
    """What a list says of each program."""
    lines = [line.split() for line in text.splitlines() if line.startswith("  ")]
    return {words[0]: " ".join(words[1:]) for words in lines}


def test_help_lists_all_programs() -> None:
    status, output, errors = run("script/tool", "--help")
    assert (status, errors) == (0, "")
    names = {name for name in listed(output) if not name.startswith("script/")}
    assert names == PROGRAMS - WITH_SCRIPTS
    assert all(listed(output)[name] for name in names)
    scripts = {name.removeprefix("script/") for name in listed(output)} - names
    assert scripts == {each.name for each in SCRIPTS}


@pytest.mark.parametrize("name", ["", "nothing", "__init__", "../manage", "chaos/load", "-m"])
def test_without_a_program_the_list_is_an_error(name: str) -> None:
    status, output, errors = run("script/tool", *filter(None, [name]))
    assert (status, output) == (2, "")
    assert listed(errors) == listed(run("script/tool", "--help")[1])
    assert (f"no such program: '{name}'" in errors) is bool(name)


@pytest.mark.parametrize("name", sorted(PROGRAMS - WITH_SCRIPTS))
def test_help_names_the_script(name: str) -> None:
    status, output, errors = run(sys.executable, "-m", f"tools.{name}", "--help")
    assert (status, errors) == (0, "")
    assert output.startswith(f"usage: script/tool {name} [-h]")


def test_help_of_failover_has_the_options_of_all_that_inject_faults() -> None:
    output = run(sys.executable, "-m", "tools.failover", "--help")[1]
    for option in ("--asynchronous", "--short", "--only", "--seed", "--logs", "docs/faults.md"):
        assert option in output


def test_to_choose_no_fault_is_an_error() -> None:
    command = (sys.executable, "-m", "tools.chaos", "--short", "--only", "nonsense")
    status, output, errors = run(*command)
    assert (status, output) == (2, "")
    assert "worker child killed" in errors


def test_a_parser_is_named_by_the_docstring() -> None:
    parser = tools.parser("`script/tool streams figures|faults`: measure: all.\n\nMore.\n")
    assert parser.prog == "script/tool streams"
    assert parser.description == "Measure: all.\n\nMore.\n"
    assert tools.parser("`script/load URL`: clients.").prog == "script/load"
