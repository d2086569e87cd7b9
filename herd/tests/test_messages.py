"""Parsing and formatting lines."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd.messages import (
    SECOND,
    Iamat,
    Malformed,
    Report,
    Status,
    Whatsat,
    coordinates,
    format_at,
    format_flood,
    format_skew,
    parse_command,
    parse_flood,
    parse_time,
)

NOW = 1_400_000_000 * SECOND
KIWI = Iamat("kiwi.example", "+27.5916+086.5640", "1353118103.108893381", 1353118103_108893381)


def parse(line: bytes) -> object:
    return parse_command(line, latest=NOW)


def test_iamat_is_parsed() -> None:
    assert parse(b"IAMAT kiwi.example +27.5916+086.5640 1353118103.108893381") == KIWI


@pytest.mark.parametrize(
    "line",
    [
        b"  IAMAT kiwi.example\t+27.5916+086.5640   1353118103.108893381 ",
        b"IAMAT kiwi.example +27.5916+086.5640 1353118103.108893381\r",
        b"\tIAMAT\tkiwi.example\t+27.5916+086.5640\t1353118103.108893381\t",
    ],
)
def test_fields_are_separated_by_any_white_space(line: bytes) -> None:
    assert parse(line) == KIWI


ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Téléphone-電話",
            "می\u200cخواهم",
            "ක්\u200dෂ",
            "क्\u200dष",
            "\U0001f3f3\ufe0f\u200d\U0001f308",
        ),
        *("\U0001f469\u200d\u2764\ufe0f\u200d\U0001f469", ENGLAND),
    ],
)
def test_client_names_may_be_in_any_script(name: str) -> None:
    found = parse(f"IAMAT {name} +00+000 1".encode())
    assert isinstance(found, Iamat)
    assert found.client == name


@pytest.mark.parametrize(
    "name",
    [
        *("\u200d", "a\u200d", "\u200ca", "a\u200d\u200db", "a\u200bb", "\U000e0067", "a\u202eb"),
        *("\u2060", "a\ufeffb", "a\u00adb"),
    ],
)
def test_other_invisible_characters_are_refused(name: str) -> None:
    with pytest.raises(Malformed):
        parse(f"IAMAT {name} +00+000 1".encode())


def test_whatsat_and_status_are_parsed() -> None:
    assert parse(b"WHATSAT kiwi 10 5") == Whatsat("kiwi", 10.0, 5)
    assert parse(b"WHATSAT kiwi 0.5 100") == Whatsat("kiwi", 0.5, 100)
    assert parse(b"WHATSAT kiwi 100 1") == Whatsat("kiwi", 100.0, 1)
    assert parse(b"STATUS") == Status()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"   ",
        b"HELLO",
        b"iamat kiwi +34-118 1",
        b"IAMAT",
        b"IAMAT kiwi +34-118",
        b"IAMAT kiwi +34-118 1 2",
        b"IAMAT kiwi 34-118 1",
        b"IAMAT kiwi +34 1",
        b"IAMAT kiwi +34,-118 1",
        b"IAMAT kiwi +3-118 1",
        b"IAMAT kiwi +34-18 1",
        b"IAMAT kiwi +91-118 1",
        b"IAMAT kiwi +90.000001-118 1",
        b"IAMAT kiwi +34-180.000001 1",
        b"IAMAT kiwi +3460-118 1",
        b"IAMAT kiwi +34-1185960 1",
        b"IAMAT kiwi +nan-118 1",
        b"IAMAT kiwi NaN 1",
        b"IAMAT kiwi +34.-118 1",
        b"IAMAT kiwi +34-118 NaN",
        b"IAMAT kiwi +34-118 inf",
        b"IAMAT kiwi +34-118 1e9",
        b"IAMAT kiwi +34-118 -1",
        b"IAMAT kiwi +34-118 +1",
        b"IAMAT kiwi +34-118 0x10",
        b"IAMAT kiwi +34-118 1_0",
        b"IAMAT kiwi +34-118 1.",
        b"IAMAT kiwi +34-118 .5",
        b"IAMAT kiwi +34-118 1.0000000001",
        "IAMAT kiwi +34-118 ١".encode(),
        b"IAMAT kiwi +34-118 1400000000.000000001",
        b"IAMAT kiwi +34-118 99999999999999999999",
        b"IAMAT ki\0wi +34-118 1",
        b"IAMAT kiwi +34-118 1 \0",
        b"IAMAT ki\x1b[31mwi +34-118 1",
        b"IAMAT ki\xffwi +34-118 1",
        b"IAMAT ki\xed\xa0\x80wi +34-118 1",
        b"\xef\xbb\xbfIAMAT kiwi +34-118 1",
        "IAMAT ki\u00a0wi +34-118 1".encode(),
        "IAMAT ki\u2028wi +34-118 1".encode(),
        b"IAMAT " + b"k" * 256 + b" +34-118 1",
        b"WHATSAT kiwi 10",
        b"WHATSAT kiwi 10 5 5",
        b"WHATSAT kiwi -1 5",
        b"WHATSAT kiwi 100.1 5",
        b"WHATSAT kiwi 101 5",
        b"WHATSAT kiwi NaN 5",
        b"WHATSAT kiwi inf 5",
        b"WHATSAT kiwi 10 0",
        b"WHATSAT kiwi 10 101",
        b"WHATSAT kiwi 10 -5",
        b"WHATSAT kiwi 10 5.0",
        b"WHATSAT " + b"k" * 256 + b" 10 5",
        b"STATUS please",
        b"AT Hill +0.1 kiwi +34-118 1",
        b"AT Hill +0.100000000 kiwi +34-118 1 Hill",
    ],
)
def test_anything_else_is_malformed(line: bytes) -> None:
    with pytest.raises(Malformed):
        parse(line)


def test_a_time_after_the_latest_is_refused() -> None:
    assert parse(b"IAMAT kiwi +34-118 1400000000")
    with pytest.raises(Malformed):
        parse(b"IAMAT kiwi +34-118 1400000001")


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("+34.068930-118.445127", (34.068930, -118.445127)),
        ("+27.5916+086.5640", (27.5916, 86.5640)),
        ("-00.5+000", (-0.5, 0.0)),
        ("+90+180/", (90.0, 180.0)),
        ("-90-180", (-90.0, -180.0)),
        ("+4030+00730", (40.5, 7.5)),
        ("+4030.6-00730.6", (40.51, -7.51)),
        ("+403018+0073018.0", (40.505, 7.505)),
    ],
)
def test_locations_are_iso_6709(location: str, place: tuple[float, float]) -> None:
    assert coordinates(location) == pytest.approx(place)


def test_times_are_exact_to_the_nanosecond() -> None:
    assert parse_time("1353118103.108893381") == 1353118103_108893381
    assert parse_time("1353118103.1") == 1353118103_100000000
    assert parse_time("0") == 0


def test_the_response_contains_the_difference_of_the_clocks() -> None:
    later = KIWI.report(server="Hill", now=KIWI.when + 263873386)
    assert format_at(later) == (
        "AT Hill +0.263873386 kiwi.example +27.5916+086.5640 1353118103.108893381"
    )
    sooner = KIWI.report(server="Hill", now=KIWI.when - 2 * SECOND)
    assert format_at(sooner).startswith("AT Hill -2.000000000 kiwi.example ")
    assert later.taken == KIWI.when + 263873386


def test_a_skew_of_zero_is_positive() -> None:
    assert format_skew(0) == "+0.000000000"
    assert format_skew(-1) == "-0.000000001"


def test_a_flooded_report_contains_its_hop() -> None:
    report = KIWI.report(server="Hill", now=NOW)
    assert format_flood(report, hop="Gasol").decode() == f"{format_at(report)} Gasol"
    assert parse_flood(format_flood(report, hop="Gasol")) == (report, "Gasol")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"PONG",
        b"AT Hill +0.1 kiwi +34-118 1 Hill",
        b"AT Hill +0.100000000 kiwi +34-118 1",
        b"AT Hill 0.100000000 kiwi +34-118 1 Hill",
        b"AT Hill +0.100000000 kiwi +94-118 1 Hill",
        b"AT Hill +0.100000000 kiwi +34-118 x Hill",
        b"AT Hill +0.100000000 kiwi +34-118 1 Hill Hill",
    ],
)
def test_other_lines_between_servers_are_malformed(line: bytes) -> None:
    with pytest.raises(Malformed):
        parse_flood(line)


def report(
    time: str = "1", location: str = "+34-118", server: str = "Hill", skew: int = 5
) -> Report:
    return Report("kiwi", location, time, server, skew, parse_time(time))


def test_the_later_report_has_the_greater_rank_on_every_server() -> None:
    assert report("2", skew=9, server="Farmer").rank > report("1.999999999", server="Young").rank


def test_reports_of_the_same_time_have_different_ranks() -> None:
    assert report(location="+35-118").rank > report(location="+34-118").rank
    assert report(server="Young").rank > report(server="Hill").rank
    # The same report sent again to the same server is not newer.
    assert report(skew=9).rank < report(skew=5).rank


LINES = st.binary(max_size=200) | st.lists(
    st.sampled_from(
        [b"IAMAT", b"WHATSAT", b"AT", b"STATUS", b"kiwi", b"+34-118", b"1", b"-1", b"NaN", b"\0"]
    )
    | st.binary(max_size=12),
    max_size=8,
).map(b" ".join)


@given(LINES)
def test_every_line_is_a_command_or_malformed(line: bytes) -> None:
    for read in (parse, parse_flood):
        with contextlib.suppress(Malformed):
            read(line)


@given(
    degrees=st.tuples(st.integers(-89, 89), st.integers(-179, 179)),
    fraction=st.integers(0, 999_999),
    time=st.integers(0, NOW),
    now=st.integers(0, 2 * NOW),
)
def test_a_report_is_the_same_after_a_hop(
    degrees: tuple[int, int], fraction: int, time: int, now: int
) -> None:
    location = f"{degrees[0]:+03d}.{fraction:06d}{degrees[1]:+04d}.{fraction:06d}"
    seconds = f"{time // SECOND}.{time % SECOND:09d}"
    command = parse(f"IAMAT kiwi {location} {seconds}".encode())
    assert isinstance(command, Iamat)
    made = command.report(server="Hill", now=now)
    again, hop = parse_flood(format_flood(made, hop="Young"))
    assert (again, hop, again.when, again.taken) == (made, "Young", time, now)
