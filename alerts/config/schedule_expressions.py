"""Parse schedules and calculate their occurrences.

Formats: ``"daily 06:30"``, ``"mon,thu 07:30"``, ``"monthly 1 08:00"``, ``"after crawl"``. Days of the week have names,
because schedulers disagree on which day has number 1. Only this module decides how clock changes are handled: a local
time that is skipped is due when the clock has passed it; a local time that occurs twice is due at the first occurrence.
Pure: callers pass the current time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, islice
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMED_EXAMPLES: Final = '"daily 06:30", "mon 07:30", "mon,thu 07:30" or "monthly 1 08:00"'
ALL_EXAMPLES: Final = '"daily 06:30", "mon 07:30", "mon,thu 07:30", "monthly 1 08:00" or "after crawl"'
LAST_DAY_OF_EVERY_MONTH: Final = 28

_TIMED_SCHEDULE: Final = re.compile(
    r"(?P<days>daily|monthly (?P<day_of_month>[1-9]\d?)|[a-z]{3}(?:,[a-z]{3})*)"
    r" (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ScheduleExpression:
    """Days of the week at a local time, or the end of every crawl if ``local_time`` is ``None``.

    ``day_of_month`` restricts the schedule to one day of each month.
    """

    days: tuple[str, ...]
    local_time: time | None
    day_of_month: int | None = None

    @property
    def is_after_crawl(self) -> bool:
        """Whether the schedule is due at the end of every crawl and has no time."""
        return self.local_time is None

    def previous_occurrence(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the last occurrence at or before ``now``, or ``None`` for "after crawl"."""
        occurrences = self._occurrences(now, zone, -1)
        return next((moment for moment in occurrences if moment.timestamp() <= now.timestamp()), None)

    def next_occurrences(self, now: datetime, zone: ZoneInfo, times: int = 1) -> tuple[datetime, ...]:
        """Return the next ``times`` occurrences after ``now`` in ``zone``; an empty tuple for "after crawl"."""
        occurrences = self._occurrences(now, zone, 1)
        return tuple(islice((moment for moment in occurrences if moment.timestamp() > now.timestamp()), times))

    def _occurrences(self, now: datetime, zone: ZoneInfo, step: int) -> Iterator[datetime]:
        """Yield all occurrences from the day of ``now`` onwards, or backwards if ``step`` is -1. Infinite."""
        if self.local_time is None:
            return
        today = now.astimezone(zone).date()
        for days in count(0, step):
            day = today + timedelta(days=days)
            if self._matches_day(day):
                # Callers compare timestamps, because local times cannot be compared across a clock change.
                yield datetime.combine(day, self.local_time, zone)

    def _matches_day(self, day: date) -> bool:
        return DAYS[day.weekday()] in self.days and self.day_of_month in (None, day.day)


def parse_schedule(text: str) -> ScheduleExpression:
    """Parse a schedule; letter case and extra spaces are ignored.

    Raises:
        ValueError: The text is not a schedule. The message says what is accepted.
    """
    normalised = " ".join(text.lower().split())
    if normalised == "after crawl":
        return ScheduleExpression((), None)
    match = _TIMED_SCHEDULE.fullmatch(normalised)
    if match is None:
        raise ValueError(f"{text!r} is not a schedule: write {ALL_EXAMPLES}")
    day_of_month = None if match["day_of_month"] is None else int(match["day_of_month"])
    days = DAYS if day_of_month or match["days"] == "daily" else tuple(match["days"].split(","))
    if not set(days) <= set(DAYS):
        raise ValueError(f"{text!r} is not a schedule: write {ALL_EXAMPLES}")
    if day_of_month is not None and day_of_month > LAST_DAY_OF_EVERY_MONTH:
        raise ValueError(f"{text!r} is not a schedule: not every month has that day, write a day from 1 to 28")
    return ScheduleExpression(days, time(int(match["hour"]), int(match["minute"])), day_of_month)
