"""Logs must not hold secrets: passwords, their hashes, e-mail addresses, tokens."""

from pathlib import Path

from tests.helpers.faults import embedded_servers


def holds_no_secret(log: Path, *secrets: str) -> None:
    """Assert that none of these texts is in a log. Empty secrets are a mistake of the test."""
    text = log.read_text(errors="replace")
    assert all(secrets)
    assert [secret for secret in secrets if secret in text] == []


def postgres_log() -> Path:
    """The log of the embedded PostgreSQL of this test run. Skips the test if there is none."""
    return embedded_servers().postgres.log
