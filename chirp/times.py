"""The format of times in JSON, and time zones."""

from datetime import UTC, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

ZONE = ZoneInfo("UTC")


@lru_cache(maxsize=8192)  # many viewers read the same tweets
def rfc3339(moment: datetime) -> str:
    """`moment` as an RFC 3339 string in UTC with milliseconds: `2026-01-31T09:30:00.123Z`."""
    # The database returns UTC already, and converting would double the cost of this function.
    utc = moment if moment.tzinfo in (ZONE, UTC) else moment.astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


@cache  # looking for them reads the directories of the time zone database
def time_zone_names() -> frozenset[str]:
    """The names of all time zones, such as `Europe/Berlin`."""
    return frozenset(available_timezones())
