"""Parse and format the lines of the protocols. Pure: no sockets, no clock.

Times are POSIX times, as integers in nanoseconds, because a float is not precise enough for what
clients send. The text of the client's time is kept, and is passed on unchanged.
"""

import re
from dataclasses import dataclass, field

SECOND = 10**9
MAX_CLIENT_BYTES = 255
MAX_RADIUS = 100.0  # km
MAX_TWEETS = 100

_TIME = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?")
_SKEW = re.compile(r"([+-])([0-9]{1,11})\.([0-9]{9})")
_RADIUS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,9})?")
_COUNT = re.compile(r"[0-9]{1,3}")
# ISO 6709: degrees, degrees and minutes, or degrees, minutes and seconds. The last unit may have a
# fraction.
_LOCATION = re.compile(
    r"([+-])([0-9]{2}|[0-9]{4}|[0-9]{6})(\.[0-9]{1,12})?"
    r"([+-])([0-9]{3}|[0-9]{5}|[0-9]{7})(\.[0-9]{1,12})?/?"
)
# Invisible characters that belong to a word or an emoji: joiners between two characters, and the
# tags that follow a flag.
_JOINER = re.compile(
    r"(?<=[^\u200c\u200d])[\u200c\u200d](?=[^\u200c\u200d])|(?<=.)[\U000e0020-\U000e007f]"
)


class Malformed(Exception):
    """The line is not valid. The connection stays open."""


@dataclass(frozen=True, slots=True)
class Report:
    """The location of a client, its own time, and the server that received the report.

    `time` is the client's time as it was sent, and `when` is the same in nanoseconds. `skew` is by
    how many nanoseconds the clock of the server was ahead of the client's. Of two reports of one
    client every server keeps the one with the greater rank: the later one, and for equal times the
    same one on every server.
    """

    client: str
    location: str
    time: str
    server: str
    skew: int
    when: int = field(compare=False)

    @property
    def taken(self) -> int:
        """When the server received the report from the client, in nanoseconds."""
        return self.when + self.skew

    @property
    def rank(self) -> tuple[int, str, str, int]:
        """The order of reports of one client: the greatest rank wins."""
        return self.when, self.location, self.server, -self.skew


@dataclass(frozen=True, slots=True)
class Iamat:
    """A client reports its location."""

    client: str
    location: str
    time: str
    when: int

    def report(self, *, server: str, now: int) -> Report:
        """Return the report as received by `server` at `now`, by its clock in nanoseconds."""
        skew = now - self.when
        return Report(self.client, self.location, self.time, server, skew, self.when)


@dataclass(frozen=True, slots=True)
class Whatsat:
    """A request for tweets near a client. The radius is in km."""

    client: str
    radius: float
    count: int


@dataclass(frozen=True, slots=True)
class Status:
    """A request for the status of the server."""


Command = Iamat | Whatsat | Status


def parse_command(line: bytes, *, latest: int) -> Command:
    """Parse a line of a client. Raises Malformed, also for a time after `latest` (nanoseconds)."""
    match split_fields(line):
        case ["IAMAT", client, location, time]:
            coordinates(location)
            when = parse_time(time)
            if when > latest:
                raise Malformed("the time is in the future")
            return Iamat(_client(client), location, time, when)
        case ["WHATSAT", client, radius, count]:
            return Whatsat(_client(client), _radius(radius), _count(count))
        case ["STATUS"]:
            return Status()
    raise Malformed("unknown command")


def format_at(report: Report) -> str:
    """Format a report for clients."""
    skew = format_skew(report.skew)
    return f"AT {report.server} {skew} {report.client} {report.location} {report.time}"


def format_flood(report: Report, *, hop: str) -> bytes:
    """Format a report for another server. `hop` is the name of the server that sends it."""
    return f"{format_at(report)} {hop}".encode()


def parse_flood(line: bytes) -> tuple[Report, str]:
    """Parse a line of another server: return the report and its hop. Raises Malformed."""
    match split_fields(line):
        case ["AT", server, skew, client, location, time, hop]:
            coordinates(location)
            when = parse_time(time)
            return Report(_client(client), location, time, server, _skew(skew), when), hop
    raise Malformed("not a report")


def split_fields(line: bytes) -> list[str]:
    """Split a line at white space. Raises Malformed if a field is not UTF-8 or not printable."""
    try:
        fields = [field.decode() for field in line.split()]
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    if not all(_JOINER.sub("", field).isprintable() for field in fields):
        raise Malformed("characters that are not printable")
    return fields


def parse_time(text: str) -> int:
    """Parse a POSIX time in seconds, and return nanoseconds. Raises Malformed."""
    match = _TIME.fullmatch(text)
    if not match:
        raise Malformed("invalid time")
    return int(match[1]) * SECOND + int((match[2] or "").ljust(9, "0"))


def coordinates(location: str) -> tuple[float, float]:
    """Parse a location (ISO 6709): return latitude and longitude in degrees. Raises Malformed."""
    match = _LOCATION.fullmatch(location)
    if not match:
        raise Malformed("invalid location")
    latitude = _degrees(match[1], match[2], match[3] or "", width=2)
    longitude = _degrees(match[4], match[5], match[6] or "", width=3)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Malformed("latitude or longitude out of range")
    return latitude, longitude


def format_skew(skew: int) -> str:
    """Format nanoseconds as seconds with a sign: `+0.263873386`."""
    seconds, rest = divmod(abs(skew), SECOND)
    return f"{'-' if skew < 0 else '+'}{seconds}.{rest:09d}"


def _skew(text: str) -> int:
    match = _SKEW.fullmatch(text)
    if not match:
        raise Malformed("invalid skew")
    nanoseconds = int(match[2]) * SECOND + int(match[3])
    return -nanoseconds if match[1] == "-" else nanoseconds


def _degrees(sign: str, digits: str, fraction: str, *, width: int) -> float:
    """Convert digits to degrees, of which the first `width` are whole degrees.

    For example `3404` with a width of 2 is 34 degrees and 4 minutes.
    """
    units = [digits[:width], *re.findall("..", digits[width:])]
    units[-1] += fraction
    value = 0.0
    for power, unit in enumerate(units):
        if power and float(unit) >= 60:
            raise Malformed("minutes or seconds out of range")
        value += float(unit) / 60**power
    return -value if sign == "-" else value


def _client(text: str) -> str:
    if len(text.encode()) > MAX_CLIENT_BYTES:
        raise Malformed("the name of the client is too long")
    return text


def _radius(text: str) -> float:
    if not _RADIUS.fullmatch(text) or float(text) > MAX_RADIUS:
        raise Malformed("invalid radius")
    return float(text)


def _count(text: str) -> int:
    if not _COUNT.fullmatch(text) or not 1 <= int(text) <= MAX_TWEETS:
        raise Malformed("invalid count")
    return int(text)
