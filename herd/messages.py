"""The lines of the herd, read and written. Pure: no sockets, no clock.

Times are POSIX. Inside they are whole nanoseconds, since a float cannot hold what clients send;
the client's own text is kept and passed on as it came.
"""

import re
from dataclasses import dataclass, field

SECOND = 10**9
LONGEST_CLIENT = 255  # bytes
MOST_RADIUS = 100.0  # km
MOST_TWEETS = 100

_TIME = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?")
_SKEW = re.compile(r"([+-])([0-9]{1,11})\.([0-9]{9})")
_RADIUS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,9})?")
_COUNT = re.compile(r"[0-9]{1,3}")
# ISO 6709: degrees, degrees and minutes, or those and seconds; the last may have a fraction.
_LOCATION = re.compile(
    r"([+-])([0-9]{2}|[0-9]{4}|[0-9]{6})(\.[0-9]{1,12})?"
    r"([+-])([0-9]{3}|[0-9]{5}|[0-9]{7})(\.[0-9]{1,12})?/?"
)


class Malformed(Exception):
    """A line that is no command. The connection lives on."""


@dataclass(frozen=True, slots=True)
class Report:
    """Where a client said it was, the server that it told, and when.

    `skew` is by how many nanoseconds the server's clock was ahead of the client's. The rank decides
    between reports of one client, alike on every server: the later one, and of two that claim the
    same time, the same one everywhere.
    """

    client: str
    location: str
    time: str
    server: str
    skew: int
    when: int = field(compare=False)

    @property
    def taken(self) -> int:
        """When the server took it from the client, in nanoseconds."""
        return self.when + self.skew

    @property
    def rank(self) -> tuple[int, str, str, int]:
        """The report with the greater rank counts."""
        return self.when, self.location, self.server, -self.skew


@dataclass(frozen=True, slots=True)
class Iamat:
    """A client says where it is."""

    client: str
    location: str
    time: str
    when: int

    def report(self, *, server: str, now: int) -> Report:
        """What `server`, whose clock says `now`, makes of it."""
        skew = now - self.when
        return Report(self.client, self.location, self.time, server, skew, self.when)


@dataclass(frozen=True, slots=True)
class Whatsat:
    """Somebody asks for tweets near a client. The radius is in km."""

    client: str
    radius: float
    count: int


@dataclass(frozen=True, slots=True)
class Status:
    """Somebody asks how the server is."""


Command = Iamat | Whatsat | Status


def parse_command(line: bytes, *, latest: int) -> Command:
    """What a client wants. Raises Malformed, also for a time after `latest`."""
    match words(line):
        case ["IAMAT", client, location, time]:
            coordinates(location)
            when = parse_time(time)
            if when > latest:
                raise Malformed("a time in the future")
            return Iamat(_client(client), location, time, when)
        case ["WHATSAT", client, radius, count]:
            return Whatsat(_client(client), _radius(radius), _count(count))
        case ["STATUS"]:
            return Status()
    raise Malformed("no command")


def format_at(report: Report) -> str:
    """The report as clients see it."""
    skew = format_skew(report.skew)
    return f"AT {report.server} {skew} {report.client} {report.location} {report.time}"


def format_flood(report: Report, *, hop: str) -> bytes:
    """The report as one server, `hop`, tells it to the next."""
    return f"{format_at(report)} {hop}".encode()


def parse_flood(line: bytes) -> tuple[Report, str]:
    """A report from another server, and the hop it came from. Raises Malformed."""
    match words(line):
        case ["AT", server, skew, client, location, time, hop]:
            coordinates(location)
            when = parse_time(time)
            return Report(_client(client), location, time, server, _skew(skew), when), hop
    raise Malformed("no report")


def words(line: bytes) -> list[str]:
    """The fields of a line. Raises Malformed where one is not UTF-8 or cannot be printed."""
    try:
        found = [word.decode() for word in line.split()]
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    if not all(word.isprintable() for word in found):
        raise Malformed("control characters")
    return found


def parse_time(text: str) -> int:
    """A POSIX time in seconds, as nanoseconds. Raises Malformed."""
    match = _TIME.fullmatch(text)
    if not match:
        raise Malformed("no time")
    return int(match[1]) * SECOND + int((match[2] or "").ljust(9, "0"))


def coordinates(location: str) -> tuple[float, float]:
    """Latitude and longitude in degrees. Raises Malformed for what is not on earth."""
    match = _LOCATION.fullmatch(location)
    if not match:
        raise Malformed("no location")
    latitude = _degrees(match[1], match[2], match[3] or "", width=2)
    longitude = _degrees(match[4], match[5], match[6] or "", width=3)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Malformed("not on earth")
    return latitude, longitude


def format_skew(skew: int) -> str:
    """Seconds with their sign: `+0.263873386`."""
    seconds, rest = divmod(abs(skew), SECOND)
    return f"{'-' if skew < 0 else '+'}{seconds}.{rest:09d}"


def _skew(text: str) -> int:
    match = _SKEW.fullmatch(text)
    if not match:
        raise Malformed("no skew")
    size = int(match[2]) * SECOND + int(match[3])
    return -size if match[1] == "-" else size


def _degrees(sign: str, digits: str, fraction: str, *, width: int) -> float:
    """`3404` with a width of 2 is 34 degrees and 4 minutes."""
    units = [digits[:width], *re.findall("..", digits[width:])]
    units[-1] += fraction
    value = 0.0
    for power, unit in enumerate(units):
        if power and float(unit) >= 60:
            raise Malformed("60 minutes or seconds")
        value += float(unit) / 60**power
    return -value if sign == "-" else value


def _client(text: str) -> str:
    if len(text.encode()) > LONGEST_CLIENT:
        raise Malformed("a long name")
    return text


def _radius(text: str) -> float:
    if not _RADIUS.fullmatch(text) or float(text) > MOST_RADIUS:
        raise Malformed("no radius")
    return float(text)


def _count(text: str) -> int:
    if not _COUNT.fullmatch(text) or not 1 <= int(text) <= MOST_TWEETS:
        raise Malformed("no count")
    return int(text)
