from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.store import timestamps

moments = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(moments)
def test_a_moment_comes_back_to_the_millisecond(moment: datetime) -> None:
    cut = timedelta(microseconds=moment.microsecond % 1000)
    assert timestamps.from_text(timestamps.to_text(moment)) == moment - cut


@given(moments, moments)
def test_texts_sort_as_their_moments_do(one: datetime, other: datetime) -> None:
    assert (timestamps.to_text(one) <= timestamps.to_text(other)) or one > other


def test_a_moment_is_written_in_utc() -> None:
    summer = timezone(timedelta(hours=1))
    assert timestamps.to_text(datetime(2025, 7, 1, 7, 30, tzinfo=summer)) == "2025-07-01T06:30:00.000Z"


def test_a_moment_read_back_is_in_utc() -> None:
    assert timestamps.from_text("2025-07-01T06:30:00.000Z").utcoffset() == timedelta(0)


def test_a_moment_without_a_time_zone_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        timestamps.to_text(datetime(2025, 7, 1, 7, 30))  # noqa: DTZ001 - what is refused
