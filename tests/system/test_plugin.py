"""tests/plugin.py: a test that does not say that it uses the servers never reaches them."""

import subprocess
import sys
from pathlib import Path

import pytest

from runner.options import CHECKOUT
from tests.plugin import LONGEST

TESTS = """
import os
import subprocess
import sys
from contextlib import suppress

import pytest
from django.db import connection

from chirp.redis.client import client


def test_it_says_nothing():
    client().ping()


def test_it_hides_the_failure():
    with suppress(Exception):
        client().ping()


def test_it_hides_that_of_the_database():
    with suppress(Exception):
        connection.ensure_connection()


@pytest.mark.django_db
def test_it_says_so():
    client().ping()


def test_it_says_nothing_once_the_servers_run():
    client().ping()


def test_its_children_find_no_servers():
    code = "import os, sys; sys.exit(os.path.exists(os.environ['VAR_DIR']))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.django_db(transaction=True)
def test_its_children_find_the_servers():
    code = "import os, sys; sys.exit(not os.path.exists(os.environ['VAR_DIR'] + '/run'))"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    file = tmp_path / "test_sample.py"
    file.write_text(TESTS)
    return file


def outcomes(tests: Path, *options: str) -> str:
    """A letter for each test, in their order: `.` passed, `F` failed, `s` skipped."""
    command = [sys.executable, "-m", "pytest", "-c", str(CHECKOUT / "pyproject.toml")]
    ran = subprocess.run(
        [*command, "--rootdir", str(CHECKOUT), "-q", *options, str(tests)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "uses Postgres or Valkey without saying so" in ran.stdout, ran.stdout + ran.stderr
    return ran.stdout.split()[0]


def test_only_a_test_that_says_so_reaches_the_servers(tests: Path) -> None:
    # pytest-django runs those with the database first.
    assert outcomes(tests) == "..FFFF."


def test_without_servers_nothing_starts(tests: Path) -> None:
    assert outcomes(tests, "--no-servers") == "FFFFs"


@pytest.mark.parametrize("file", LONGEST)
def test_what_starts_first_is_there(file: str) -> None:
    assert (CHECKOUT / file).is_file()
