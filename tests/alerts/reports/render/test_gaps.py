from datetime import date, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.reports.render.gaps import gap_positions

FIRST = date(2024, 1, 1)
HALF_A_YEAR = 183


def dates(*days_apart: int) -> list[date]:
    return [FIRST + timedelta(days=days) for days in accumulate(days_apart, initial=0)]


@given(st.integers(1, HALF_A_YEAR - 1), st.integers(0, 40))
def test_what_is_read_regularly_has_no_gap(days: int, readings: int) -> None:
    assert gap_positions(dates(*[days] * readings), 6) == frozenset()


@given(st.lists(st.integers(1, 400), max_size=40))
def test_windows_that_share_no_ad_lie_on_either_side_of_a_gap(days: list[int]) -> None:
    found = gap_positions(dates(*days), 6)
    assert {at for at, apart in enumerate(days) if apart >= HALF_A_YEAR} <= found
    assert not {at for at, apart in enumerate(days) if apart <= 8} & found


@given(st.integers(1, 31), st.integers(0, 12), st.integers(0, 12), st.data())
def test_one_long_pause_among_regular_readings_is_the_gap(
    days: int, before: int, after: int, data: st.DataObject
) -> None:
    pause = data.draw(st.integers(max(9, 2 * days + 1), 400))
    found = gap_positions(dates(*[days] * before, pause, *[days] * after), 6)
    assert found == ({before} if before + after or pause >= HALF_A_YEAR else frozenset())


@pytest.mark.parametrize(
    ("days_apart", "found"),
    [
        ([], set()),
        ([60], set()),  # nobody knows how often it is read
        ([7, 7, 14, 7, 7], set()),  # one week was missed
        ([7, 7, 15, 7, 7], {2}),
        ([1, 1, 1, 8, 1, 1], set()),
        ([7, 7, 21, 21, 7, 7], {2, 3}),
        ([30, 31, 30, 7, 7, 7, 1, 1, 1, 1, 1, 1], set()),  # as thinned: monthly, then weekly, then daily
        ([92, 92], set()),
    ],
)
def test_a_gap_is_more_than_twice_what_is_usual_around_it(days_apart: list[int], found: set[int]) -> None:
    assert gap_positions(dates(*days_apart), 6) == found


def test_a_shorter_window_makes_gaps_sooner() -> None:
    assert gap_positions(dates(92, 92), 3) == {0, 1}
