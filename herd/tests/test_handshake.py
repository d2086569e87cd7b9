"""Proofs of the shared key, and seals on lines."""

from dataclasses import replace

import pytest

from herd.handshake import Forged, Meeting, number

MEETING = Meeting(b"k" * 32, "Hill", "Gasol", number(), number())


def test_each_believes_the_proof_of_the_other() -> None:
    MEETING.check("dials", MEETING.proof("dials"))
    MEETING.check("answers", MEETING.proof("answers"))


def test_a_proof_cannot_be_sent_back() -> None:
    with pytest.raises(Forged):
        MEETING.check("dials", MEETING.proof("answers"))


@pytest.mark.parametrize(
    "other",
    [
        replace(MEETING, key=b"x" * 32),
        replace(MEETING, dialling="Young"),
        replace(MEETING, answering="Young"),
        replace(MEETING, dialled_with=number()),
        replace(MEETING, answered_with=number()),
    ],
)
def test_a_proof_is_for_one_key_one_pair_and_one_time(other: Meeting) -> None:
    with pytest.raises(Forged):
        MEETING.check("answers", other.proof("answers"))


@pytest.mark.parametrize("proof", ["", "x", "é", "0" * 64])
def test_nonsense_proves_nothing(proof: str) -> None:
    with pytest.raises(Forged):
        MEETING.check("answers", proof)


def test_sealed_lines_arrive_in_their_order() -> None:
    out, to = MEETING.seal("dials"), MEETING.seal("dials")
    for line in (b"one", b"", b"two words", b"one"):
        assert to.open(out.close(line)) == line


def test_a_line_cannot_be_changed() -> None:
    sealed = MEETING.seal("dials").close(b"AT Hill")
    with pytest.raises(Forged):
        MEETING.seal("dials").open(sealed.replace(b"Hill", b"Evil"))


def test_a_line_cannot_be_repeated() -> None:
    out, to = MEETING.seal("dials"), MEETING.seal("dials")
    sealed = out.close(b"one")
    to.open(sealed)
    with pytest.raises(Forged):
        to.open(sealed)


def test_a_line_cannot_be_left_out() -> None:
    out = MEETING.seal("dials")
    out.close(b"one")
    with pytest.raises(Forged):
        MEETING.seal("dials").open(out.close(b"two"))


def test_a_line_cannot_be_sent_back() -> None:
    with pytest.raises(Forged):
        MEETING.seal("answers").open(MEETING.seal("dials").close(b"one"))


@pytest.mark.parametrize("line", [b"", b" ", b"AT Hill", b"\xff\0 x"])
def test_a_line_without_a_seal_is_not_opened(line: bytes) -> None:
    with pytest.raises(Forged):
        MEETING.seal("dials").open(line)
