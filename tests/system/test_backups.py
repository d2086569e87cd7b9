"""The drill: a site is backed up, and restored on a machine that is empty."""

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
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
from operations import backup_database, backup_files, backups
from operations.backup_manifest import BackupError, check, is_media, read
from people import services as people
from runner.embedded import database_url, roles
from tests.helpers.databases import own_database
from tests.helpers.pictures import ready
from tests.helpers.threads import at_once
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
Damage = Callable[[Path], None]


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


def flip(file: Path) -> None:
    """Damage a file: a bit of it is another."""
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def cut(file: Path) -> None:
    """Damage a file: the end of it is missing."""
    os.truncate(file, file.stat().st_size // 2)


def as_an_older_version(backup: Path) -> None:
    """Make it a backup of a version that knew only the checksum of the dump."""
    manifest = json.loads(backup.joinpath("manifest.json").read_text())
    del manifest["sums_sha256"], manifest["changed"]
    backup.joinpath("manifest.json").write_text(json.dumps(manifest))
    backup.joinpath("SHA256SUMS").unlink()


def backups_of(
    place: Path, monkeypatch: pytest.MonkeyPatch, *, count: int, keep: int
) -> list[Path]:
    """Backups that are made a second after each other, and stay."""
    begin = backups.now() + timedelta(seconds=len(list(place.glob("*"))))
    for number in range(count):
        moment = begin + timedelta(seconds=number)
        monkeypatch.setattr(backups, "now", lambda moment=moment: moment)
        call_command("backup", str(place), keep=keep)
    monkeypatch.undo()
    return backups.all_in(place)


@pytest.mark.slow
def test_a_restored_site_is_the_one_that_was_backed_up(
    key: Path, machine: Machine, alice: User, bob: User, own_storage: Path, tmp_path: Path
) -> None:
    people.follow(follower=bob, followee=alice)
    post(alice, text="with a picture 🐦", media_ids=[ready(alice).pk])
    place = tmp_path / "backups"
    call_command("backup", str(place))
    (backup,) = backups.all_in(place)
    for path in (place, *place.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
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
    restored = backup_files.files_in(tmp_path / "other" / "media")
    damages: list[Damage] = [flip, cut, Path.unlink]
    for damage, file in zip(damages, restored, strict=True):
        damage(file)
    assert machine("restore", str(backup), "--replace").returncode == 0
    assert rows_of(OTHER) == rows
    assert files_in(tmp_path / "other" / "media") == media

    as_an_older_version(backup)
    old = machine("restore", str(backup), "--replace")
    assert (old.returncode, "of an older Chirp" in old.stderr) == (0, True), old.stderr
    assert (rows_of(OTHER), files_in(tmp_path / "other" / "media")) == (rows, media)


def test_backups_share_files_and_old_ones_go(
    key: Path, alice: User, own_storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(alice)
    place = tmp_path / "backups"
    place.joinpath("20200101T000000Z.partial").mkdir(parents=True)  # one that was cut off
    first, second = backups_of(place, monkeypatch, count=3, keep=2)
    with backups._locked(place), pytest.raises(CommandError, match="Another backup"):
        call_command("backup", str(place))
    assert sorted(place.iterdir()) == [first, second]
    names = files_in(own_storage)
    assert files_in(first / "media") == files_in(second / "media") == names
    for name in names:
        assert (first / "media" / name).samefile(second / "media" / name)


def test_what_is_no_backup_changes_nothing(
    key: Path, alice: User, own_storage: Path, tmp_path: Path
) -> None:
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
    wrong = ("[]", "{", "\n", json.dumps({"version": "1"}), json.dumps(whole | {"extra": 1}))
    for content in (*wrong, json.dumps(whole | {"migrations": None})):
        manifest.write_text(content)
        refused("is no backup: .*manifest.json (is not JSON|has other entries than)", replace=True)
    manifest.write_text(json.dumps(whole))
    with pytest.raises(CommandError, match="at least 1"):
        call_command("backup", str(tmp_path / "backups"), keep=0)
    for below in (own_storage / "backups", key.parent / "backups", own_storage):
        with pytest.raises(CommandError, match="choose another place"):
            call_command("backup", str(below))
        assert below == own_storage or not below.exists()
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


def test_a_damaged_file_is_not_linked_to(
    key: Path, alice: User, own_storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(alice)
    place = tmp_path / "backups"
    (first,) = backups_of(place, monkeypatch, count=1, keep=1)
    flip(backup_files.files_in(first / "media")[0])
    (second,) = backups_of(place, monkeypatch, count=1, keep=1)
    assert second != first
    assert files_in(second / "media") == files_in(own_storage)
    assert read(second).changed == []

    empty, unreadable = tmp_path / "empty", Path("/proc/self/mem")
    empty.touch()
    found = backup_files.link_or_copy(empty, tmp_path / "copy", unreadable)
    assert found == backup_files.checksum(empty) == backup_files.checksum(tmp_path / "copy")


def test_a_file_that_changed_in_the_site_is_reported(
    key: Path,
    alice: User,
    own_storage: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ready(alice)
    backups_of(tmp_path / "backups", monkeypatch, count=2, keep=2)
    assert capsys.readouterr().err == ""
    file = backup_files.files_in(own_storage)[0]
    flip(file)
    *_, newest = backups_of(tmp_path / "backups", monkeypatch, count=1, keep=2)
    name = f"media/{file.relative_to(own_storage)}"
    assert read(newest).changed == [name]
    assert f"1 files of media have other bytes than in the backup before, {name}" in (
        capsys.readouterr().err
    )


def test_everything_is_checked_before_anything_is_changed(
    key: Path, alice: User, own_storage: Path, tmp_path: Path
) -> None:
    ready(alice)
    call_command("backup", str(tmp_path / "backups"))
    (made,) = backups.all_in(tmp_path / "backups")
    shutil.rmtree(own_storage)
    media, secrets = backup_files.files_in(made / "media")[0].relative_to(made), Path("secrets")
    faults: list[tuple[Damage, Path]] = [
        (flip, media),
        (cut, media),
        (Path.unlink, media),
        (shutil.rmtree, Path("media")),
        (flip, secrets / "secret_key"),
        (shutil.rmtree, secrets),
        (flip, Path("database.dump")),
        (flip, Path("SHA256SUMS")),
        (Path.unlink, Path("SHA256SUMS")),
    ]
    for number, (damage, path) in enumerate(faults):
        backup = tmp_path / str(number)
        shutil.copytree(made, backup)
        damage(backup / path)
        with pytest.raises(CommandError, match=r"is damaged|is missing") as error:
            call_command("restore", str(backup), replace=True)
        assert path.name in str(error.value)
        assert (User.objects.get().handle, own_storage.exists()) == ("alice", False)


def test_what_is_whole_of_a_damaged_backup_can_be_restored(
    key: Path, alice: User, tmp_path: Path
) -> None:
    ready(alice)
    call_command("backup", str(tmp_path / "backups"))
    (backup,) = backups.all_in(tmp_path / "backups")
    names = check(backup, read(backup), skip_damaged=False)
    assert {"database.dump", "secrets/secret_key"} < set(names)
    assert len(names) == 2 + len(backup_files.files_in(backup / "media"))
    damaged = backup_files.files_in(backup / "media")[0]
    flip(damaged)
    rest = check(backup, read(backup), skip_damaged=True)
    assert set(names) - set(rest) == {str(damaged.relative_to(backup))}
    as_an_older_version(backup)
    assert check(backup, read(backup), skip_damaged=False) == names
    damaged.unlink()
    with pytest.raises(BackupError, match="1 are missing"):
        check(backup, read(backup), skip_damaged=False)
    assert check(backup, read(backup), skip_damaged=True) == rest
    flip(backup / "database.dump")
    with pytest.raises(BackupError, match=r"database\.dump"):
        check(backup, read(backup), skip_damaged=True)


def test_a_file_that_is_cut_has_not_its_name(own_storage: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(os.urandom(100_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))  # as if the disk were full
    try:
        with pytest.raises(OSError, match="large"):
            backup_files.put_into_media(file, "ab/file")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files_in(own_storage) == {}
    own_storage.joinpath("ab/file").write_bytes(file.read_bytes()[:50_000])  # an older version's
    backup_files.put_into_media(file, "ab/file")
    assert files_in(own_storage) == {"ab/file": file.read_bytes()}
    assert own_storage.joinpath("ab/file").stat().st_mode & 0o777 == 0o600


def test_sha256sum_reads_the_checksums(key: Path, own_storage: Path, tmp_path: Path) -> None:
    own_storage.mkdir()
    names = ["ab", "with space", "back\\slash", "of two\nlines", "of \\\n both", "\udcff"]
    for name in names:
        own_storage.joinpath(name).write_bytes(os.fsencode(name))
    call_command("backup", str(tmp_path / "backups"))
    (backup,) = backups.all_in(tmp_path / "backups")
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(command, cwd=backup, check=True)
    sums = backup_files.read_sums(backup)
    assert {f"media/{name}" for name in names} == {name for name in sums if is_media(name)}
    assert backup_files.damaged(backup, sums) == []
    for name in ("../outside", "/outside"):
        backup_files.write_sums(backup, {name: "0" * 64})
        with pytest.raises(ValueError, match="outside"):
            backup_files.read_sums(backup)


def test_a_database_is_replaced_at_one_moment_or_not_at_all(key: Path, tmp_path: Path) -> None:
    with own_database(VAR) as name:
        dump = backups.make(tmp_path / "backups", keep=1) / "database.dump"
        rows, is_over = rows_of(name), threading.Event()

        def read_all_the_while() -> None:
            with roles.connect(VAR, database=name) as database:
                while not is_over.is_set():
                    database.execute("SELECT count(*) FROM accounts_user")

        def replace() -> None:
            try:
                backup_database.replace(dump)
            finally:
                is_over.set()

        assert at_once([read_all_the_while, replace]) == []
        assert rows_of(name) == rows
        cut(dump)
        with pytest.raises(BackupError, match=r"pg_restore failed: .*end of file"):
            backup_database.replace(dump)
        dump.write_bytes(b"no dump")
        with pytest.raises(BackupError, match=r"pg_restore failed: .*valid archive"):
            backup_database.replace(dump)
        assert rows_of(name) == rows
