from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.config import schedule_expressions
from alerts.config.schedule_expressions import DAYS, ScheduleExpression

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
# Zones that keep one time, change by night or at midnight, change by half an hour, stand at odd offsets.
ZONES = ["UTC", "Europe/London", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Beirut",
         "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "America/Nuuk", "America/Havana",
         "Africa/Casablanca"]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(schedule: str, now: str, zone: ZoneInfo = LONDON) -> datetime | None:
    """Return when the schedule was last due, in UTC."""
    latest = schedule_expressions.parse(schedule).previous_occurrence(utc(now), zone)
    return latest and latest.astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "days", "at"),
    [
        ("daily 06:30", DAYS, time(6, 30)),
        ("mon 07:30", ("mon",), time(7, 30)),
        ("mon,thu 07:30", ("mon", "thu"), time(7, 30)),
        ("sun,mon 00:00", ("sun", "mon"), time(0, 0)),
        ("monthly 1 08:00", DAYS, time(8, 0)),
        ("  Mon,THU   23:59 ", ("mon", "thu"), time(23, 59)),
    ],
)
def test_a_schedule_is_read_as_people_write_it(text: str, days: tuple[str, ...], at: time) -> None:
    assert schedule_expressions.parse(text) == ScheduleExpression(days, at, 1 if "monthly" in text else None)
    assert not schedule_expressions.parse(text).after_crawl


@pytest.mark.parametrize("text", ["after crawl", "After  Crawl"])
def test_after_crawl_has_no_hour_of_its_own(text: str) -> None:
    assert schedule_expressions.parse(text).after_crawl
    assert due(text, "2026-03-02T07:30") is None


@pytest.mark.parametrize(
    "text",
    [
        "", "daily", "07:30", "mon", "1 07:30", "0-4 07:30", "monday 07:30", "mo 07:30", "xyz 07:30", "mon,xyz 07:30",
        "mon-fri 07:30", "mon, thu 07:30", "mon,,thu 07:30", ",mon 07:30", "mon 7:30", "mon 07:60", "mon 24:00",
        "mon 07:30:00", "mon 0730", "mon 07.30", "mon 07:30 pm", "mon at 07:30", "after", "aftercrawl", "after crawls",
        "daily,mon 07:30", "mon daily 07:30", "30 7 * * 1", "monthly 08:00", "monthly 0 08:00", "monthly 01 08:00",
        "monthly mon 08:00", "monthly 1,15 08:00", "1 monthly 08:00", "mon 0\uff17:30", "mon \u0660\u0667:30",
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(
        ValueError,
        match=r'is no schedule: write "daily 06:30", "mon 07:30", "mon,thu 07:30", "monthly 1 08:00" or "after crawl"$',
    ):
        schedule_expressions.parse(text)


@pytest.mark.parametrize("day", [29, 30, 31, 99])
def test_a_day_that_not_every_month_has_is_refused(day: int) -> None:
    with pytest.raises(ValueError, match="not every month has that day; write one from 1 to 28"):
        schedule_expressions.parse(f"monthly {day} 08:00")


def test_monthly_is_due_on_its_day_of_each_month() -> None:
    schedule = schedule_expressions.parse("monthly 28 08:00")
    assert due("monthly 28 08:00", "2026-03-28T07:59") == utc("2026-02-28T08:00")
    assert due("monthly 28 08:00", "2026-03-28T08:00") == utc("2026-03-28T08:00")
    found = schedule.next_occurrences(utc("2026-02-28T08:00"), LONDON, 3)
    assert [f"{each:%Y-%m-%d %H:%M %Z}" for each in found] == [
        "2026-03-28 08:00 GMT", "2026-04-28 08:00 BST", "2026-05-28 08:00 BST",
    ]  # fmt: skip


def test_after_crawl_has_no_next_time() -> None:
    assert schedule_expressions.parse("after crawl").next_occurrences(utc("2026-03-02T12:00"), LONDON, 3) == ()


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-10-25", ["00:30", "01:30"]), ("2026-03-29", ["01:30", "00:30"])],
    ids=["comes twice", "is skipped"],
)
def test_next_is_once_also_on_a_day_of_changing_clocks(day: str, expected: list[str]) -> None:
    found = schedule_expressions.parse("daily 01:30").next_occurrences(utc(f"{day}T00:00"), LONDON, 2)
    assert [f"{each.astimezone(UTC):%H:%M}" for each in found] == expected


@pytest.mark.parametrize(
    ("schedule", "now", "expected"),
    [
        # 2 March 2026 is a Monday, and London keeps UTC.
        ("mon 07:30", "2026-03-02T07:30:00", "2026-03-02T07:30"),
        ("mon 07:30", "2026-03-02T07:29:59.999999", "2026-02-23T07:30"),
        ("mon 07:30", "2026-03-08T23:59:59", "2026-03-02T07:30"),
        ("mon,thu 07:30", "2026-03-08T12:00", "2026-03-05T07:30"),
        ("thu,mon 07:30", "2026-03-02T12:00", "2026-03-02T07:30"),
        ("daily 00:00", "2026-03-02T00:00", "2026-03-02T00:00"),
        ("daily 23:59", "2026-03-02T00:00", "2026-03-01T23:59"),
        # 6 July 2026 is a Monday, and London is an hour ahead.
        ("mon 07:30", "2026-07-06T06:30", "2026-07-06T06:30"),
        ("mon 07:30", "2026-07-06T06:29", "2026-06-29T06:30"),
        ("mon 00:30", "2026-07-05T23:30", "2026-07-05T23:30"),
    ],
)
def test_it_was_due_at_the_newest_such_hour_that_has_passed(schedule: str, now: str, expected: str) -> None:
    assert due(schedule, now) == utc(expected)


def test_the_hour_is_meant_by_the_clock_of_its_zone() -> None:
    assert due("mon 07:30", "2026-03-02T12:00", ZoneInfo("America/New_York")) == utc("2026-02-23T12:30")
    assert due("mon 07:30", "2026-03-02T12:30", ZoneInfo("America/New_York")) == utc("2026-03-02T12:30")


@pytest.mark.parametrize(
    "now", ["2026-10-25T00:30", "2026-10-25T00:59", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T12:00"]
)
def test_a_local_time_that_comes_twice_is_due_once_at_its_first_coming(now: str) -> None:
    """London puts its clocks back from 02:00 to 01:00 on 25 October 2026: 01:30 is 00:30 UTC, and again 01:30 UTC."""
    assert due("daily 01:30", now) == utc("2026-10-25T00:30")
    assert due("sun 01:30", now) == utc("2026-10-25T00:30")


def test_before_the_first_coming_the_day_before_counts() -> None:
    assert due("daily 01:30", "2026-10-25T00:29") == utc("2026-10-24T00:30")
    assert due("daily 01:30", "2026-10-26T01:29") == utc("2026-10-25T00:30")
    assert due("daily 01:30", "2026-10-26T01:30") == utc("2026-10-26T01:30")


def test_one_occasion_has_one_name_however_late_it_is_looked_for() -> None:
    schedule = schedule_expressions.parse("daily 01:30")
    names = {
        schedule.previous_occurrence(utc(f"2026-10-25T{clock}"), LONDON)
        for clock in ("00:30", "01:15", "01:45", "23:00")
    }
    assert [name.isoformat() for name in names if name] == ["2026-10-25T01:30:00+01:00"]


def test_a_local_time_that_is_skipped_is_due_when_the_clock_has_passed_it() -> None:
    """London puts its clocks forward from 01:00 to 02:00 on 29 March 2026: there is no 01:30."""
    assert due("daily 01:30", "2026-03-29T00:59") == utc("2026-03-28T01:30")
    assert due("daily 01:30", "2026-03-29T01:30") == utc("2026-03-29T01:30")
    assert due("sun 01:30", "2026-03-29T12:00") == utc("2026-03-29T01:30")
    assert due("daily 01:30", "2026-03-30T00:30") == utc("2026-03-30T00:30")


schedules = st.builds(
    ScheduleExpression,
    st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True).map(tuple),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)
any_schedules = st.one_of(
    schedules,
    st.builds(
        ScheduleExpression, st.just(DAYS), st.builds(time, st.integers(0, 23), st.integers(0, 59)), st.integers(1, 28)
    ),
)
instants = st.datetimes(datetime(2022, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zone drawn apart


@given(schedules, instants, st.sampled_from(ZONES).map(ZoneInfo))
@settings(max_examples=150)
@example(ScheduleExpression(("sun",), time(1, 30)), utc("2026-10-25T01:10"), LONDON)
@example(ScheduleExpression(DAYS, time(0, 30)), utc("2026-04-05T02:30"), ZoneInfo("America/Santiago"))
@example(ScheduleExpression(DAYS, time(0, 15)), utc("2026-09-06T04:30"), ZoneInfo("America/Santiago"))
@example(ScheduleExpression(DAYS, time(2, 15)), utc("2026-10-03T15:40"), ZoneInfo("Australia/Lord_Howe"))
@example(ScheduleExpression(DAYS, time(23, 30)), utc("2026-10-25T01:10"), ZoneInfo("America/Nuuk"))
def test_the_latest_is_on_the_schedule_and_none_is_newer(
    schedule: ScheduleExpression, now: datetime, zone: ZoneInfo
) -> None:
    latest = schedule.previous_occurrence(now, zone)
    assert latest is not None
    latest = latest.astimezone(UTC)
    assert timedelta(0) <= now - latest < timedelta(days=8)
    local = latest.astimezone(zone)
    assert DAYS[local.weekday()] in schedule.days
    assert local.time() == schedule.at or is_skipped(local, schedule, zone)
    assert local.fold == 0
    # Every minute in between, by the clock on the wall: none is the schedule's, but for a second coming.
    minute = latest + MINUTE
    while minute <= now:
        wall = minute.astimezone(zone)
        assert wall.fold or wall.time() != schedule.at or DAYS[wall.weekday()] not in schedule.days
        minute += MINUTE


def is_skipped(local: datetime, schedule: ScheduleExpression, zone: ZoneInfo) -> bool:
    """Tell whether the clock of that day never shows the schedule's time."""
    midnight = local.astimezone(UTC) - timedelta(days=1)
    walls = ((midnight + MINUTE * passed).astimezone(zone) for passed in range(2 * 24 * 60))
    return all(wall.time() != schedule.at for wall in walls if wall.date() == local.date())


@given(schedules, instants, st.integers(0, 10 * 24 * 60), st.sampled_from(ZONES).map(ZoneInfo))
@settings(max_examples=150)
def test_the_latest_never_moves_back_as_time_goes_on(
    schedule: ScheduleExpression, now: datetime, minutes: int, zone: ZoneInfo
) -> None:
    earlier, later = schedule.previous_occurrence(now, zone), schedule.previous_occurrence(now + MINUTE * minutes, zone)
    assert earlier is not None
    assert later is not None
    assert earlier.timestamp() <= later.timestamp()


@given(st.text(max_size=20))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    try:
        schedule = schedule_expressions.parse(text)
    except ValueError:
        return
    assert schedule.after_crawl or set(schedule.days) <= set(DAYS)


@given(any_schedules, instants, st.sampled_from(ZONES).map(ZoneInfo))
@settings(max_examples=150)
def test_next_and_latest_are_one_chain(schedule: ScheduleExpression, now: datetime, zone: ZoneInfo) -> None:
    """Nothing is between the latest and the next: asked at any moment in between, both are the same."""
    latest = schedule.previous_occurrence(now, zone)
    (following, after) = schedule.next_occurrences(now, zone, 2)
    assert latest is not None
    assert latest.timestamp() <= now.timestamp() < following.timestamp() < after.timestamp()
    assert schedule.previous_occurrence(following.astimezone(UTC) - timedelta.resolution, zone) == latest
    assert schedule.previous_occurrence(following.astimezone(UTC), zone) == following
    assert schedule.next_occurrences(latest.astimezone(UTC), zone) == (following,)
