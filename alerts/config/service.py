"""Define ``[schedule]`` and ``[operator]`` of config.toml: when to crawl, and whom to notify of problems."""

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from alerts.config.schedule_expressions import TIMED_EXAMPLES, ScheduleExpression, parse_schedule
from jobspider.config import Section


def _validate_crawl_schedule(value: str) -> str:
    if parse_schedule(value).is_after_crawl:
        raise ValueError(f"a crawl needs a time: write {TIMED_EXAMPLES}")
    return value


def _validate_heartbeat_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an invalid host or port
        is_complete = False
    if value and not (is_complete and value.isascii() and value.isprintable() and not set(" ?#") & set(value)):
        raise ValueError('a URL like https://hc-ping.com/your-uuid is expected, without ? and #, or "" for none')
    return value.rstrip("/")


def _validate_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a directory of the zone database
        raise ValueError(f"{value!r} is not a time zone: write one like Europe/London") from None
    return value


class Schedule(Section):
    """When the service crawls, and the time zone of all schedules in the file."""

    timezone: Annotated[str, AfterValidator(_validate_time_zone)] = "Europe/London"
    crawl: Annotated[str, AfterValidator(_validate_crawl_schedule)] = "daily 06:30"

    @property
    def crawl_schedule(self) -> ScheduleExpression:
        """The parsed key ``crawl``."""
        return parse_schedule(self.crawl)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of all schedules in the file."""
        return ZoneInfo(self.timezone)


class Operator(Section):
    """Who is notified of problems of the service.

    ``channel`` is the name of a channel, or empty for none. ``spare_channel`` is used for problems with that channel.
    """

    channel: str = ""
    spare_channel: str = ""
    heartbeat_url: Annotated[str, AfterValidator(_validate_heartbeat_url)] = ""
    stale_days: Annotated[int, Field(ge=1, le=365)] = 7
    min_free_mb: Annotated[int, Field(ge=0)] = 500
