"""When something is due: ``"daily 06:30"``, ``"mon,thu 07:30"``, ``"monthly 1 08:00"``, ``"after crawl"``.

Days of the week are named, never numbered: schedulers disagree on which day is number 1. Here alone is decided what a
local time means that a clock change skips or repeats.
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

_AT: Final = re.compile(
    r"(?P<days>daily|monthly (?P<of_month>[1-9]\d?)|[a-z]{3}(?:,[a-z]{3})*)"
    r" (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ScheduleExpression:
    """Days at a local time, or (``at is None``) the end of every crawl.

    ``day_of_month`` narrows the days down to one of each month.
    """

    days: tuple[str, ...]
    at: time | None
    day_of_month: int | None = None

    @property
    def after_crawl(self) -> bool:
        """Whether it is due when a crawl has ended, and at no hour of its own."""
        return self.at is None

    def previous_occurrence(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the newest moment not after ``now`` at which it was due.

        A local time that a clock change skips is due when the clock has passed it; one that comes twice is due at its
        first coming. ``None`` for "after crawl".
        """
        return next((due for due in self._occurrences(now, zone, -1) if due.timestamp() <= now.timestamp()), None)

    def next_occurrences(self, now: datetime, zone: ZoneInfo, times: int = 1) -> tuple[datetime, ...]:
        """Return the next moments after ``now`` at which it is due, in ``zone``; none for "after crawl"."""
        return tuple(
            islice((due for due in self._occurrences(now, zone, 1) if due.timestamp() > now.timestamp()), times)
        )

    def _occurrences(self, now: datetime, zone: ZoneInfo, step: int) -> Iterator[datetime]:
        """Yield every moment at which it is due, from the day of ``now`` on or (step -1) back, without an end."""
        if self.at is None:
            return
        today = now.astimezone(zone).date()
        for days in count(0, step):
            day = today + timedelta(days=days)
            if self._matches_day(day):
                # Compared by their timestamps: local wall times around a clock change do not compare.
                yield datetime.combine(day, self.at, zone)

    def _matches_day(self, day: date) -> bool:
        return DAYS[day.weekday()] in self.days and self.day_of_month in (None, day.day)


def parse(text: str) -> ScheduleExpression:
    """Read a schedule as people write it.

    Raises:
        ValueError: It is none; the sentence says what is accepted.
    """
    words = " ".join(text.lower().split())
    if words == "after crawl":
        return ScheduleExpression((), None)
    found = _AT.fullmatch(words)
    if found is None:
        raise ValueError(f"{text!r} is no schedule: write {ALL_EXAMPLES}")
    of_month = None if found["of_month"] is None else int(found["of_month"])
    days = DAYS if of_month or found["days"] == "daily" else tuple(found["days"].split(","))
    if not set(days) <= set(DAYS):
        raise ValueError(f"{text!r} is no schedule: write {ALL_EXAMPLES}")
    if of_month is not None and of_month > LAST_DAY_OF_EVERY_MONTH:
        raise ValueError(f"{text!r} is no schedule: not every month has that day; write one from 1 to 28")
    return ScheduleExpression(days, time(int(found["hour"]), int(found["minute"])), of_month)
