import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.scraping.backoff import backoff_seconds, format_pause, parse_retry_after, remaining_seconds

NOW = datetime(2025, 11, 24, 6, 30, tzinfo=UTC)


@given(st.integers(0, 10**9))
def test_retry_after_in_seconds(seconds: int) -> None:
    assert parse_retry_after(f" {seconds} ", NOW) == seconds


@given(st.integers(-(10**6), 10**6))
def test_retry_after_as_a_date_is_the_time_until_then_and_none_once_it_has_passed(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(date, NOW) == max(0, seconds)


def test_a_date_without_a_zone_is_in_gmt() -> None:
    assert parse_retry_after("Mon, 24 Nov 2025 06:31:00 -0000", NOW) == 60


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-5", "1.5", "\u0663", "Mon, 99 Nov 2025 06:31:00 GMT", "Mon, 24 Nov 99999999999 06:31:00 GMT"],
)
def test_parse_retry_after_invalid_text_is_none(text: str) -> None:
    assert parse_retry_after(text, NOW) is None


@pytest.mark.parametrize(
    ("retry_after", "said"),
    [
        ("7200", "7200 seconds"),
        ("604800", "604800 seconds"),
        ("604801", "more than 7 days"),
        ("9" * 400, "more than 7 days"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "more than 7 days"),
    ],
)
def test_a_pause_is_told_as_long_as_it_is_kept(retry_after: str, said: str) -> None:
    asked = parse_retry_after(retry_after, NOW)
    assert asked is not None
    assert format_pause(asked) == said


def test_each_failure_doubles_the_wait() -> None:
    without_chance = [backoff_seconds(failures, 2.0, Least()) for failures in (1, 2, 3)]
    assert without_chance == [4.0, 8.0, 16.0]


@given(st.integers(1, 30), st.floats(0, 600), st.integers())
def test_back_off_is_at_least_the_polite_delay_and_bounded(failures: int, delay: float, seed: int) -> None:
    pause = backoff_seconds(failures, delay, chance(seed))
    assert delay <= pause <= max(300, delay)


def test_chance_spreads_those_who_failed_together() -> None:
    pauses = {backoff_seconds(1, 2.0, chance(seed)) for seed in range(20)}
    assert len(pauses) == 20
    assert all(4.0 <= pause < 8.0 for pause in pauses)


def test_nobody_waits_for_a_site_on_this_machine() -> None:
    assert backoff_seconds(5, 0.0, chance(1)) == 0


def test_the_time_to_go_is_that_of_the_polite_pace_unless_the_crawl_is_slower() -> None:
    assert remaining_seconds(10, 2.0, 0, 0.0) == 20
    assert remaining_seconds(10, 2.0, 5, 1.0) == 20
    assert remaining_seconds(10, 2.0, 5, 25.0) == 50
    assert remaining_seconds(0, 2.0, 5, 25.0) == 0


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - nothing secret hangs on it


class Least(random.Random):
    """Chance that adds nothing."""

    def random(self) -> float:
        return 0.0
