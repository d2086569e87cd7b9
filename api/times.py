"""Times as the API tells them."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("UTC")


@lru_cache(maxsize=8192)  # the same tweets are read by many
def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with three decimals: `2026-01-31T09:30:00.123Z`."""
    # The database speaks UTC already, and converting costs as much as all the rest.
    utc = moment if moment.tzinfo in (ZONE, UTC) else moment.astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
