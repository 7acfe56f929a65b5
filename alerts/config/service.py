"""The service itself: ``[schedule]`` and ``[operator]`` of config.toml."""

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from alerts.config import schedule_expressions as when
from alerts.config.schedule_expressions import ScheduleExpression
from jobspider.config import Section


def _is_hour(value: str) -> str:
    if when.parse(value).after_crawl:
        raise ValueError(f"a crawl comes at an hour of its own: write {when.TIMED_EXAMPLES}")
    return value


def _is_heartbeat_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # urllib's word for a bad host or port
        is_whole = False
    if value and not (is_whole and value.isascii() and value.isprintable() and not set(" ?#") & set(value)):
        raise ValueError("an address like https://hc-ping.com/your-uuid is expected, without ? and #; empty for none")
    return value.rstrip("/")


def _is_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder of zones
        raise ValueError(f"{value!r} is no time zone: write one like Europe/London") from None
    return value


class Schedule(Section):
    """When the service crawls, and the clock by which the file's schedules are meant."""

    timezone: Annotated[str, AfterValidator(_is_zone)] = "Europe/London"
    crawl: Annotated[str, AfterValidator(_is_hour)] = "daily 06:30"

    @property
    def due(self) -> ScheduleExpression:
        """The crawl's schedule, read."""
        return when.parse(self.crawl)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every schedule in the file."""
        return ZoneInfo(self.timezone)


class Operator(Section):
    """Who is told of what goes wrong with the service itself.

    ``channel`` is one of the file's, empty for nobody; ``spare_channel`` is for what goes wrong with that one.
    """

    channel: str = ""
    spare_channel: str = ""
    heartbeat_url: Annotated[str, AfterValidator(_is_heartbeat_address)] = ""
    stale_days: Annotated[int, Field(ge=1, le=365)] = 7
    min_free_mb: Annotated[int, Field(ge=0)] = 500
