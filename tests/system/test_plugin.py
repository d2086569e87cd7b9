"""tests/plugin.py: a test that does not declare its use of the servers cannot connect to them."""

import subprocess
import sys
from pathlib import Path

import pytest

from runner.options import CHECKOUT
from tests import plugin

TESTS = """
import os
import subprocess
import sys
from contextlib import suppress

import pytest
from django.db import connection

from chirp.redis.client import client


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    # As in the real conftest: tests may empty the audit log.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE moderation_auditentry DISABLE TRIGGER audit_refuse_truncate")


def test_undeclared():
    client().ping()


def test_undeclared_with_a_suppressed_error():
    with suppress(Exception):
        client().ping()


def test_undeclared_with_a_suppressed_database_error():
    with suppress(Exception):
        connection.ensure_connection()


@pytest.mark.django_db
def test_declared():
    client().ping()


def test_undeclared_while_the_servers_run():
    client().ping()


def test_undeclared_subprocesses_find_no_servers():
    code = "import os, sys; sys.exit(os.path.exists(os.environ['VAR_DIR']))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(1, func_only=True)
def test_interrupted():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


@pytest.mark.django_db(transaction=True)
def test_declared_subprocesses_find_the_servers():
    code = "import os, sys; sys.exit(not os.path.exists(os.environ['VAR_DIR'] + '/run'))"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    file = tmp_path / "test_sample.py"
    file.write_text(TESTS)
    return file


embedded = pytest.mark.skipif(plugin.OTHERS_ARE_NAMED, reason="needs the embedded servers")


def outcomes(tests: Path, *options: str) -> str:
    """The outcomes of the tests in order, a letter each: `.` passed, `F` failed, `s` skipped."""
    command = [sys.executable, "-m", "pytest", "-c", str(CHECKOUT / "pyproject.toml")]
    result = subprocess.run(
        [*command, "--rootdir", str(CHECKOUT), "-q", *options, str(tests)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "uses Postgres or Valkey and does not declare it" in result.stdout, (
        result.stdout + result.stderr
    )
    return result.stdout.split()[0]


@embedded
def test_only_a_declared_test_connects_to_the_servers(tests: Path) -> None:
    # pytest-django runs tests that use the database first.
    assert outcomes(tests) == ".F.FFFF."


@embedded
def test_the_option_no_servers_starts_no_server(tests: Path) -> None:
    assert outcomes(tests, "--no-servers") == "FFFFs"


@pytest.mark.parametrize("file", plugin.LONGEST)
def test_the_files_that_start_first_exist(file: str) -> None:
    assert (CHECKOUT / file).is_file()
