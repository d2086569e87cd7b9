"""Logs must not hold secrets: passwords, their hashes, e-mail addresses, tokens, session keys.

Nor do they name accounts by anything but their numbers, since lines outlive accounts: records are
searched for handles as the formats of the site write them (chirp/observability/discretion.py).

`holds_no_secret` checks one log for given secrets. A `LogSearch` searches everything that a run of
the tests logs for every secret that the tests used: tests/plugin.py makes the run fail if there is
one.
"""

import logging
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from chirp.observability import logs
from tests.helpers.faults import embedded_servers

# What is a secret wherever it is logged. Tests use addresses of these domains only.
PATTERNS = {
    "a password hash": re.compile(rb"argon2(?:id)?\$\S+"),
    "an e-mail address": re.compile(rb"[\w.+-]+@example\.(?:org|net|com)\b"),
    "a token": re.compile(rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a session cookie": re.compile(rb"sessionid=[a-z0-9]{32}\b"),
}
# Handles of the accounts that tests use most, as paths and sentences have them.
HANDLE = re.compile(rb"(?:@|/users/)(?:alice|bob|charlie|dora|warden|zqmarkerzq)\b(?!\.\w)")
SESSION_KEY = re.compile(rb"(?<![A-Za-z0-9])[a-z0-9]{32}(?![A-Za-z0-9])")
# Shorter passwords of tests, such as "password", are ordinary words.
PASSWORD_LENGTH = 12
LOG_FILE = re.compile(r"log|.*\.log(\.\d+)?|log\..*")
FORMAT = logs.Text()
BLOCK = 1 << 22  # bytes of a log that are searched at once
OVERLAP = 1 << 12


def holds_no_secret(log: Path, *secrets: str) -> None:
    """Assert that none of these texts is in a log. Empty secrets are a mistake of the test."""
    text = log.read_text(errors="replace")
    assert all(secrets)
    assert [secret for secret in secrets if secret in text] == []


def postgres_log() -> Path:
    """The log of the embedded PostgreSQL of this test run. Skips the test if there is none."""
    return embedded_servers().postgres.log


class LogSearch:
    """Learns the secrets of a test run while it runs, and finds them in what it logs."""

    def __init__(self) -> None:
        self.passwords: set[bytes] = set()
        self.session_keys: set[bytes] = set()
        self.others: dict[str, bytes] = {}  # what it is: the secret
        self.found: list[str] = []  # sentences

    def learn_password(self, password: str) -> None:
        """A password was hashed or compared."""
        if len(password) >= PASSWORD_LENGTH:
            self.passwords.add(password.encode())

    def learn_session_key(self, key: str) -> None:
        """A session was made."""
        self.session_keys.add(key.encode())

    def check_record(self, record: logging.LogRecord, test: str) -> None:
        """Note the secrets in a record, its fields and its traceback."""
        parts = [record.getMessage(), repr(getattr(record, "fields", ""))]
        if record.exc_info and record.exc_info[0]:
            parts += traceback.format_exception(*record.exc_info)
        found = self.secrets_in("\n".join(parts).encode(errors="replace"))
        for what in found | names_in(FORMAT.format(record).encode(errors="replace")):
            self._note(f"{test} logged {what}, to the logger {record.name!r}.")

    def check_files(self, *folders: Path) -> None:
        """Note the secrets in every log below these folders."""
        for log in _logs_below(folders):
            for what in self._secrets_in_file(log):
                self._note(f"{log} has {what}.")

    def secrets_in(self, logged: bytes) -> set[str]:
        """What kinds of secrets are in a text, with the beginning of each."""
        found = {
            f"{what} ({match[0][:16]!r}...)"
            for what, pattern in PATTERNS.items()
            if (match := pattern.search(logged))
        }
        if any(key in self.session_keys for key in SESSION_KEY.findall(logged)):
            found.add("a session key")
        found |= {f"a password ({one[:4]!r}...)" for one in self.passwords if one in logged}
        return found | {what for what, secret in self.others.items() if secret in logged}

    def _secrets_in_file(self, log: Path) -> set[str]:
        found: set[str] = set()
        with suppress(FileNotFoundError), log.open("rb") as file:
            tail = b""
            while block := file.read(BLOCK):
                found |= self.secrets_in(tail + block) | names_in(tail + block)
                tail = block[-OVERLAP:]
        return found

    def _note(self, sentence: str) -> None:
        if sentence not in self.found:
            self.found.append(sentence)


def names_in(line: bytes) -> set[str]:
    """What names accounts in a line of a log."""
    return {f"a handle ({match[0]!r})" for match in HANDLE.finditer(line)}


def _logs_below(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in folder.rglob("*"):
            in_log_folder = path.parent.name == "log"
            if (in_log_folder or LOG_FILE.fullmatch(path.name)) and path.is_file():
                yield path


def listen(search: LogSearch, patch: Any, current_test: Callable[[], str]) -> None:
    """Let `search` learn passwords and session keys, and check what this process logs.

    `patch` is a MonkeyPatch that is undone at the end of the run.
    """
    from django.contrib.auth.hashers import Argon2PasswordHasher
    from django.contrib.sessions.backends.base import SessionBase

    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
    session: Any = SessionBase
    new_key, handle = session._get_new_session_key, logging.Logger.handle

    def encoding(hasher: Any, password: str, salt: str) -> str:
        search.learn_password(password)
        return encode(hasher, password, salt)

    def verifying(hasher: Any, password: str, encoded: str) -> bool:
        search.learn_password(password)
        return verify(hasher, password, encoded)

    def making_key(session: Any) -> str:
        key: str = new_key(session)
        search.learn_session_key(key)
        return key

    def handling(logger: logging.Logger, record: logging.LogRecord) -> None:
        search.check_record(record, current_test())
        handle(logger, record)

    patch.setattr(Argon2PasswordHasher, "encode", encoding)
    patch.setattr(Argon2PasswordHasher, "verify", verifying)
    patch.setattr(session, "_get_new_session_key", making_key)
    patch.setattr(logging.Logger, "handle", handling)
