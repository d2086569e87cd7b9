"""Secrets that the first run generates."""

import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chirp import secrets


def test_secrets_are_generated_once_and_only_for_their_owner(tmp_path: Path) -> None:
    secrets.ensure(tmp_path)
    first = {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert set(first) == {"secret_key", "jwt.pem", "vapid.pem"}
    secrets.ensure(tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == first
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "secrets").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_secret_key_is_long_enough(tmp_path: Path) -> None:
    assert len(secrets.secret_key(tmp_path)) >= 50
    assert secrets.secret_key(tmp_path) == secrets.secret_key(tmp_path)
    assert secrets.secret_key(tmp_path / "other") != secrets.secret_key(tmp_path)


def test_the_signing_key_is_rsa_of_2048_bits(tmp_path: Path) -> None:
    key = load_pem_private_key(secrets.jwt_private_key(secrets.jwt_key_file(tmp_path)), None)
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048


def test_an_existing_key_is_used(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    path.write_bytes(b"mine")
    assert secrets.jwt_private_key(path) == secrets.vapid_private_key(path) == b"mine"


@pytest.mark.parametrize("_", range(3))
def test_processes_that_start_at_once_agree(tmp_path: Path, _: int) -> None:
    start, seen = threading.Barrier(8), []

    def run() -> None:
        start.wait()
        seen.append(secrets.secret_key(tmp_path))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["secret_key"]
