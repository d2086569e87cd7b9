"""The drill: a site is backed up, and restored on a machine that is empty."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from accounts.models import User
from chirp import ids
from operations import backups
from people import services as people
from runner.embedded import database_url, roles
from tests.helpers.databases import own_database
from tests.helpers.pictures import ready
from tests.helpers.tweets import post
from tests.plugin import VAR
from tweets import partitions

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_storage", "redis"),
]
OTHER = "chirp_restored"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
Machine = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def key(settings: Any, tmp_path: Path) -> Path:
    """The secret key of the site that is backed up."""
    settings.VAR_DIR = tmp_path / "var"
    key: Path = settings.VAR_DIR / "secrets" / "secret_key"
    key.parent.mkdir(parents=True)
    key.write_text("of the first machine " * 4)
    return key


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Another machine, whose database is empty: `machine("restore", "x")` runs a command on it."""
    with roles.connect(VAR) as database:
        database.execute(f"CREATE DATABASE {OTHER} OWNER chirp")
    server, _, _ = database_url(VAR).rpartition("/")
    environment = {
        "DATABASE_URL": f"{server}/{OTHER}",
        "REDIS_URL": django_settings.REDIS_URL,
        "VAR_DIR": str(tmp_path / "other"),
    }

    def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=django_settings.BASE_DIR,
            env=os.environ | environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    with roles.connect(VAR) as database:
        database.execute(f"DROP DATABASE {OTHER} WITH (FORCE)")


def rows_of(name: str) -> dict[str, list[str]]:
    """All rows of all tables of a database, as text."""
    with roles.connect(VAR, database=name) as database:
        found = {}
        for (table,) in database.execute(TABLES).fetchall():
            query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table))
            found[table] = sorted(row for (row,) in database.execute(query).fetchall())
        return found


def files_in(folder: Path) -> dict[str, bytes]:
    """The files below a directory, by their path in it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.slow
def test_a_restored_site_is_the_one_that_was_backed_up(
    key: Path, machine: Machine, alice: User, bob: User, own_storage: Path, tmp_path: Path
) -> None:
    people.follow(follower=bob, followee=alice)
    post(alice, text="with a picture 🐦", media_ids=[ready(alice).pk])
    place = tmp_path / "backups"
    call_command("backup", str(place))
    (backup,) = backups.all_in(place)
    assert {path.stat().st_mode & 0o777 for path in (place, backup)} == {0o700}
    rows, media = rows_of(connection.settings_dict["NAME"]), files_in(own_storage)
    assert (len(rows["accounts_user"]), len(media) > 1) == (2, True)
    post(alice, text="after the backup")

    done = machine("restore", str(place))
    assert done.returncode == 0, done.stderr
    assert rows_of(OTHER) == rows
    assert files_in(tmp_path / "other" / "media") == media
    assert files_in(tmp_path / "other" / "secrets")["secret_key"] == key.read_bytes()
    verified = machine("timeline", "verify", "--all")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert machine("migrate", "--check").returncode == 0

    away = machine("restore", str(place), DATABASE_URL="postgresql://127.0.0.1:9/none")
    assert (away.returncode, away.stderr.count("\n")) == (1, 1), away.stderr
    assert "Connection refused" in away.stderr
    again = machine("restore", str(place))
    assert (again.returncode, "has accounts" in again.stderr) == (1, True), again.stderr
    assert machine("restore", str(backup), "--replace").returncode == 0
    assert rows_of(OTHER) == rows


def test_backups_share_files_and_old_ones_go(
    key: Path, alice: User, own_storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(alice)
    place = tmp_path / "backups"
    place.joinpath("20200101T000000Z.partial").mkdir(parents=True)  # one that was cut off
    for number in range(3):
        moment = backups.now() + timedelta(seconds=number)
        monkeypatch.setattr(backups, "now", lambda moment=moment: moment)
        call_command("backup", str(place), keep=2)
    with backups._locked(place), pytest.raises(CommandError, match="Another backup"):
        call_command("backup", str(place))
    first, second = backups.all_in(place)
    assert sorted(place.iterdir()) == [first, second]
    names = files_in(own_storage)
    assert files_in(first / "media") == files_in(second / "media") == names
    for name in names:
        assert (first / "media" / name).samefile(second / "media" / name)


def test_what_is_no_backup_changes_nothing(key: Path, alice: User, tmp_path: Path) -> None:
    def refused(reason: str, **options: Any) -> None:
        with pytest.raises(CommandError, match=reason):
            call_command("restore", str(backup), **options)
        assert User.objects.get().handle == "alice"

    backup = tmp_path / "nothing"
    refused("has accounts")
    refused("is no backup", replace=True)
    call_command("backup", str(tmp_path / "backups"))
    (backup,) = backups.all_in(tmp_path / "backups")
    manifest = backup / "manifest.json"
    whole = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(whole | {"migrations": ["accounts.9999_later"]}))
    refused("newer Chirp", replace=True)
    for wrong in ("[]", "{", json.dumps({"version": "1"})):
        manifest.write_text(wrong)
        refused("is no backup", replace=True)
    manifest.write_text(json.dumps(whole))
    with backup.joinpath("database.dump").open("ab") as dump:
        dump.write(b"x")
    refused("is damaged", replace=True)
    with pytest.raises(CommandError, match="at least 1"):
        call_command("backup", str(tmp_path / "backups"), keep=0)
    with pytest.raises(CommandError, match="cannot be read or written"):
        call_command("backup", "/proc/nowhere")


def test_a_site_with_partitions_is_restored_as_it_was(
    key: Path, alice: User, tmp_path: Path, machine: Machine
) -> None:
    with own_database(VAR) as name:
        post(alice, text="before")
        partitions.divide_at(ids.at(time.time() + 1), 2027)
        time.sleep(1.1)
        post(alice, text="after")
        made = backups.make(tmp_path / "backups", keep=1)
        rows = rows_of(name)
    assert len(rows["tweets_tweet_before_2027"]) == len(rows["tweets_tweet_from_2027"]) == 1
    assert machine("restore", str(made)).returncode == 0
    assert rows_of(OTHER) == rows
    assert machine("restore", str(made), "--replace").returncode == 0
    assert rows_of(OTHER) == rows
    listed = machine("partitions", "list")
    assert "tweets_tweet_from_2027" in listed.stdout, listed.stderr
