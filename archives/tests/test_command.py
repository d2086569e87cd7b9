"""`manage.py import_archive` imports an archive to its end, and says what it brought."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from archives.models import Import
from tools import twitter_archive as twitter


def test_it_imports_an_archive(
    alice: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "archive.zip"
    made, media = twitter.made_up(40)
    twitter.write(path, made, media=media)
    for words in ("Tweets imported: 38", "Tweets imported before: 38"):
        call_command("import_archive", "@Alice", str(path))
        assert words in capsys.readouterr().out
    assert Import.objects.filter(owner=alice, state="done").count() == 2


def test_it_says_what_is_wrong(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "follow.csv"
    path.write_bytes(b"\xff")
    for arguments, message in (
        (("nobody", str(path)), "There is no active account"),
        (("alice", str(tmp_path / "none")), "is no file"),
        (
            ("alice", str(path), "--kind", "twitter"),
            "This is not what was expected: an archive of Twitter.",
        ),
        (("alice", str(path)), "The file is no text in UTF-8."),
    ):
        with pytest.raises(CommandError, match=message):
            call_command("import_archive", *arguments)
