"""Proofs of the shared key, and seals of lines."""

from dataclasses import replace

import pytest

from herd.handshake import Forged, Handshake, nonce

HANDSHAKE = Handshake(b"k" * 32, "Hill", "Gasol", nonce(), nonce())


def test_both_servers_accept_the_proof_of_the_other() -> None:
    HANDSHAKE.check("dials", HANDSHAKE.proof("dials"))
    HANDSHAKE.check("answers", HANDSHAKE.proof("answers"))


def test_a_proof_cannot_be_sent_back() -> None:
    with pytest.raises(Forged):
        HANDSHAKE.check("dials", HANDSHAKE.proof("answers"))


@pytest.mark.parametrize(
    "other",
    [
        replace(HANDSHAKE, key=b"x" * 32),
        replace(HANDSHAKE, dialling="Young"),
        replace(HANDSHAKE, answering="Young"),
        replace(HANDSHAKE, dialling_nonce=nonce()),
        replace(HANDSHAKE, answering_nonce=nonce()),
    ],
)
def test_a_proof_is_valid_for_one_key_one_pair_and_one_handshake(other: Handshake) -> None:
    with pytest.raises(Forged):
        HANDSHAKE.check("answers", other.proof("answers"))


@pytest.mark.parametrize("proof", ["", "x", "é", "0" * 64])
def test_an_invalid_proof_is_refused(proof: str) -> None:
    with pytest.raises(Forged):
        HANDSHAKE.check("answers", proof)


def test_sealed_lines_can_be_opened_in_order() -> None:
    sent, received = HANDSHAKE.sealer("dials"), HANDSHAKE.sealer("dials")
    for line in (b"one", b"", b"two words", b"one"):
        assert received.open(sent.seal(line)) == line


def test_a_line_cannot_be_changed() -> None:
    sealed = HANDSHAKE.sealer("dials").seal(b"AT Hill")
    with pytest.raises(Forged):
        HANDSHAKE.sealer("dials").open(sealed.replace(b"Hill", b"Evil"))


def test_a_line_cannot_be_repeated() -> None:
    sent, received = HANDSHAKE.sealer("dials"), HANDSHAKE.sealer("dials")
    sealed = sent.seal(b"one")
    received.open(sealed)
    with pytest.raises(Forged):
        received.open(sealed)


def test_a_line_cannot_be_left_out() -> None:
    sent = HANDSHAKE.sealer("dials")
    sent.seal(b"one")
    with pytest.raises(Forged):
        HANDSHAKE.sealer("dials").open(sent.seal(b"two"))


def test_a_line_cannot_be_sent_back() -> None:
    with pytest.raises(Forged):
        HANDSHAKE.sealer("answers").open(HANDSHAKE.sealer("dials").seal(b"one"))


@pytest.mark.parametrize("line", [b"", b" ", b"AT Hill", b"\xff\0 x"])
def test_a_line_without_a_seal_is_not_opened(line: bytes) -> None:
    with pytest.raises(Forged):
        HANDSHAKE.sealer("dials").open(line)
