"""Schedules: parsing, and occurrences around clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.config.schedule_expressions import DAYS, ScheduleExpression, parse_schedule

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
# Zones without clock changes, with changes at night or at midnight, with half-hour changes, and with unusual offsets.
ZONES = ["UTC", "Europe/London", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Beirut",
         "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "America/Nuuk", "America/Havana",
         "Africa/Casablanca"]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def previous(schedule: str, now: str, zone: ZoneInfo = LONDON) -> datetime | None:
    """Return the previous occurrence in UTC."""
    occurrence = parse_schedule(schedule).previous_occurrence(utc(now), zone)
    return occurrence and occurrence.astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("daily 06:30", ScheduleExpression(DAYS, time(6, 30))),
        ("mon 07:30", ScheduleExpression(("mon",), time(7, 30))),
        ("sun,mon 00:00", ScheduleExpression(("sun", "mon"), time(0, 0))),
        ("monthly 1 08:00", ScheduleExpression(DAYS, time(8, 0), 1)),
        ("  Mon,THU   23:59 ", ScheduleExpression(("mon", "thu"), time(23, 59))),
        ("After  Crawl", ScheduleExpression((), None)),
    ],
    ids=["daily", "weekly", "two days", "monthly", "spaces and case", "after crawl"],
)
def test_parse_schedule_accepts_documented_formats(text: str, expected: ScheduleExpression) -> None:
    assert parse_schedule(text) == expected
    assert parse_schedule(text).is_after_crawl == (expected.local_time is None)


def test_after_crawl_has_no_occurrences() -> None:
    assert previous("after crawl", "2026-03-02T07:30") is None
    assert parse_schedule("after crawl").next_occurrences(utc("2026-03-02T12:00"), LONDON, 3) == ()


def test_parse_schedule_refuses_other_formats() -> None:
    invalid = (
        "", "daily", "07:30", "mon", "1 07:30", "0-4 07:30", "monday 07:30", "mo 07:30", "xyz 07:30", "mon,xyz 07:30",
        "mon-fri 07:30", "mon, thu 07:30", "mon,,thu 07:30", ",mon 07:30", "mon 7:30", "mon 07:60", "mon 24:00",
        "mon 07:30:00", "mon 0730", "mon 07.30", "mon 07:30 pm", "mon at 07:30", "after", "aftercrawl", "after crawls",
        "daily,mon 07:30", "mon daily 07:30", "30 7 * * 1", "monthly 08:00", "monthly 0 08:00", "monthly 01 08:00",
        "monthly mon 08:00", "monthly 1,15 08:00", "1 monthly 08:00", "mon 0\uff17:30", "mon \u0660\u0667:30",
    )  # fmt: skip
    for text in invalid:
        with pytest.raises(ValueError, match=r'is not a schedule: write "daily 06:30", .* or "after crawl"$'):
            parse_schedule(text)
    for day in (29, 30, 31, 99):
        with pytest.raises(ValueError, match="not every month has that day, write a day from 1 to 28"):
            parse_schedule(f"monthly {day} 08:00")


def test_monthly_schedule_occurs_on_its_day() -> None:
    assert previous("monthly 28 08:00", "2026-03-28T07:59") == utc("2026-02-28T08:00")
    assert previous("monthly 28 08:00", "2026-03-28T08:00") == utc("2026-03-28T08:00")
    occurrences = parse_schedule("monthly 28 08:00").next_occurrences(utc("2026-02-28T08:00"), LONDON, 3)
    assert [f"{occurrence:%Y-%m-%d %H:%M %Z}" for occurrence in occurrences] == [
        "2026-03-28 08:00 GMT", "2026-04-28 08:00 BST", "2026-05-28 08:00 BST",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-10-25", ["00:30", "01:30"]), ("2026-03-29", ["01:30", "00:30"])],
    ids=["repeated time", "skipped time"],
)
def test_next_occurrences_on_day_of_clock_change(day: str, expected: list[str]) -> None:
    occurrences = parse_schedule("daily 01:30").next_occurrences(utc(f"{day}T00:00"), LONDON, 2)
    assert [f"{occurrence.astimezone(UTC):%H:%M}" for occurrence in occurrences] == expected


@pytest.mark.parametrize(
    ("schedule", "now", "expected"),
    [
        # 2 March 2026 is a Monday; London has UTC.
        ("mon 07:30", "2026-03-02T07:30:00", "2026-03-02T07:30"),
        ("mon 07:30", "2026-03-02T07:29:59.999999", "2026-02-23T07:30"),
        ("mon 07:30", "2026-03-08T23:59:59", "2026-03-02T07:30"),
        ("mon,thu 07:30", "2026-03-08T12:00", "2026-03-05T07:30"),
        ("thu,mon 07:30", "2026-03-02T12:00", "2026-03-02T07:30"),
        ("daily 00:00", "2026-03-02T00:00", "2026-03-02T00:00"),
        ("daily 23:59", "2026-03-02T00:00", "2026-03-01T23:59"),
        # 6 July 2026 is a Monday; London is one hour ahead of UTC.
        ("mon 07:30", "2026-07-06T06:30", "2026-07-06T06:30"),
        ("mon 07:30", "2026-07-06T06:29", "2026-06-29T06:30"),
        ("mon 00:30", "2026-07-05T23:30", "2026-07-05T23:30"),
    ],
    ids=str,
)
def test_previous_occurrence_is_newest_that_has_passed(schedule: str, now: str, expected: str) -> None:
    assert previous(schedule, now) == utc(expected)


def test_previous_occurrence_uses_the_time_zone() -> None:
    assert previous("mon 07:30", "2026-03-02T12:00", ZoneInfo("America/New_York")) == utc("2026-02-23T12:30")
    assert previous("mon 07:30", "2026-03-02T12:30", ZoneInfo("America/New_York")) == utc("2026-03-02T12:30")


def test_repeated_local_time_is_due_at_first_occurrence() -> None:
    """On 25 October 2026 London sets clocks back from 02:00 to 01:00: 01:30 is 00:30 UTC and again 01:30 UTC."""
    for clock in ("00:30", "00:59", "01:00", "01:30", "12:00"):
        for schedule in ("daily 01:30", "sun 01:30"):
            assert previous(schedule, f"2026-10-25T{clock}") == utc("2026-10-25T00:30")
    assert previous("daily 01:30", "2026-10-25T00:29") == utc("2026-10-24T00:30")
    assert previous("daily 01:30", "2026-10-26T01:29") == utc("2026-10-25T00:30")
    assert previous("daily 01:30", "2026-10-26T01:30") == utc("2026-10-26T01:30")


def test_repeated_local_time_has_one_iso_text() -> None:
    """The service uses the text as a key."""
    schedule = parse_schedule("daily 01:30")
    clocks = ("00:30", "01:15", "01:45", "23:00")
    occurrences = {schedule.previous_occurrence(utc(f"2026-10-25T{clock}"), LONDON) for clock in clocks}
    assert [moment.isoformat() for moment in occurrences if moment] == ["2026-10-25T01:30:00+01:00"]


def test_skipped_local_time_is_due_after_the_change() -> None:
    """On 29 March 2026 London sets clocks forward from 01:00 to 02:00, so there is no 01:30."""
    assert previous("daily 01:30", "2026-03-29T00:59") == utc("2026-03-28T01:30")
    assert previous("daily 01:30", "2026-03-29T01:30") == utc("2026-03-29T01:30")
    assert previous("sun 01:30", "2026-03-29T12:00") == utc("2026-03-29T01:30")
    assert previous("daily 01:30", "2026-03-30T00:30") == utc("2026-03-30T00:30")


local_times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
weekly_schedules = st.builds(
    ScheduleExpression,
    st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True).map(tuple),
    local_times,
)
monthly_schedules = st.builds(ScheduleExpression, st.just(DAYS), local_times, st.integers(1, 28))
moments = st.datetimes(datetime(2022, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zone is separate
zones = st.sampled_from(ZONES).map(ZoneInfo)


@given(weekly_schedules, moments, zones)
@settings(max_examples=150)
@example(ScheduleExpression(("sun",), time(1, 30)), utc("2026-10-25T01:10"), LONDON)
@example(ScheduleExpression(DAYS, time(0, 30)), utc("2026-04-05T02:30"), ZoneInfo("America/Santiago"))
@example(ScheduleExpression(DAYS, time(0, 15)), utc("2026-09-06T04:30"), ZoneInfo("America/Santiago"))
@example(ScheduleExpression(DAYS, time(2, 15)), utc("2026-10-03T15:40"), ZoneInfo("Australia/Lord_Howe"))
@example(ScheduleExpression(DAYS, time(23, 30)), utc("2026-10-25T01:10"), ZoneInfo("America/Nuuk"))
def test_previous_occurrence_is_on_schedule_and_newest(
    schedule: ScheduleExpression, now: datetime, zone: ZoneInfo
) -> None:
    occurrence = schedule.previous_occurrence(now, zone)
    assert occurrence is not None
    occurrence = occurrence.astimezone(UTC)
    assert timedelta(0) <= now - occurrence < timedelta(days=8)
    local = occurrence.astimezone(zone)
    assert DAYS[local.weekday()] in schedule.days
    assert local.time() == schedule.local_time or is_skipped(local, schedule, zone)
    assert local.fold == 0
    # No minute after it has the local time of the schedule, except in the second pass of a repeated hour.
    minute = occurrence + MINUTE
    while minute <= now:
        wall = minute.astimezone(zone)
        assert wall.fold or wall.time() != schedule.local_time or DAYS[wall.weekday()] not in schedule.days
        minute += MINUTE


def is_skipped(local: datetime, schedule: ScheduleExpression, zone: ZoneInfo) -> bool:
    """Return whether the local time of the schedule does not exist on that day."""
    day_before = local.astimezone(UTC) - timedelta(days=1)
    walls = ((day_before + MINUTE * minutes).astimezone(zone) for minutes in range(2 * 24 * 60))
    return all(wall.time() != schedule.local_time for wall in walls if wall.date() == local.date())


@given(weekly_schedules, moments, st.integers(0, 10 * 24 * 60), zones)
@settings(max_examples=150)
def test_previous_occurrence_never_decreases(
    schedule: ScheduleExpression, now: datetime, minutes: int, zone: ZoneInfo
) -> None:
    earlier, later = schedule.previous_occurrence(now, zone), schedule.previous_occurrence(now + MINUTE * minutes, zone)
    assert earlier is not None
    assert later is not None
    assert earlier.timestamp() <= later.timestamp()


@given(st.text(max_size=20))
def test_parse_schedule_any_text_is_schedule_or_value_error(text: str) -> None:
    try:
        schedule = parse_schedule(text)
    except ValueError:
        return
    assert schedule.is_after_crawl or set(schedule.days) <= set(DAYS)


@given(st.one_of(weekly_schedules, monthly_schedules), moments, zones)
@settings(max_examples=150)
def test_previous_and_next_occurrence_are_adjacent(schedule: ScheduleExpression, now: datetime, zone: ZoneInfo) -> None:
    latest = schedule.previous_occurrence(now, zone)
    following, after = schedule.next_occurrences(now, zone, 2)
    assert latest is not None
    assert latest.timestamp() <= now.timestamp() < following.timestamp() < after.timestamp()
    assert schedule.previous_occurrence(following.astimezone(UTC) - timedelta.resolution, zone) == latest
    assert schedule.previous_occurrence(following.astimezone(UTC), zone) == following
    assert schedule.next_occurrences(latest.astimezone(UTC), zone) == (following,)
