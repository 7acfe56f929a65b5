"""Several pages of an index as one list: what was lost between them, which follow, what moved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.model import MarketPage, MarketRow
from jobspider.pages.market_lists import (
    MarketListAudit,
    MoverMetric,
    contains_rows,
    find_movers,
    is_last_page,
    next_page_numbers,
)
from tests.support.market_site import DAY, LONDON, page, row, rows


def pages_of(listed: list[MarketRow], count: int) -> list[MarketPage]:
    return [page(listed, replace(LONDON, page=number)) for number in range(1, count + 1)]


def found(pages: list[MarketPage]) -> list[int]:
    """Return which pages show that rows were lost."""
    listing = MarketListAudit()
    return [each.market.page for each in pages if listing.add(each)]


def test_pages_that_fit_together_have_lost_nothing() -> None:
    assert not found(pages_of(rows(120), 3))
    assert not found(pages_of(rows(120), 2))
    assert not found(pages_of(rows(1), 1))


@given(st.integers(0, 49), st.integers(50, 119))
def test_a_row_that_changed_places_while_it_was_paged_is_missed(up: int, down: int) -> None:
    """The row at place ``down`` rises to ``up`` after the first page was read, and all between move down."""
    before = rows(120)
    after = before.copy()
    after.insert(up, after.pop(down))
    assert 2 in found([page(before), *pages_of(after, 3)[1:]])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda second: replace(second, as_of=DAY + timedelta(days=1)), f"rows as of {DAY}, like the page before"),
        (lambda second: replace(second, total=119), "120 rows in all, like the page before"),
        (lambda second: replace(second, rows=(row(50), *second.rows[1:])), "no row of page 1"),
    ],
)
def test_what_does_not_fit_is_told(change: Callable[[MarketPage], MarketPage], expected: str) -> None:
    first, second, _ = pages_of(rows(120), 3)
    listing = MarketListAudit()
    assert not listing.add(first)
    (finding,) = listing.add(change(second))
    assert finding.rejects_page
    assert finding.expected == expected


def test_rows_fewer_than_the_printed_total_are_told_on_the_last_page() -> None:
    first, second, third = pages_of(rows(120), 3)
    assert found([first, second, replace(third, rows=third.rows[:-1])]) == [3]


def test_after_a_page_that_could_not_be_read_the_total_proves_nothing() -> None:
    first, _, third = pages_of(rows(120), 3)
    assert not found([first, third])


@pytest.mark.parametrize(
    ("total", "wanted", "numbers"),
    [(120, 1, []), (120, 2, [2]), (120, 3, [2, 3]), (120, 9, [2, 3]), (12, 9, []), (100, 9, [2])],
)
def test_the_first_page_says_which_follow(total: int, wanted: int, numbers: list[int]) -> None:
    first, *others = pages_of(rows(total), -(-total // 50))
    assert list(next_page_numbers(first, wanted)) == numbers
    assert not any(next_page_numbers(each, wanted) for each in others)


def test_where_no_number_of_pages_is_printed_each_full_page_is_followed_by_one() -> None:
    unknown = [replace(each, pages=None) for each in pages_of(rows(120), 3)]
    assert [list(next_page_numbers(each, 9)) for each in unknown] == [[2], [3], []]
    assert [list(next_page_numbers(each, 2)) for each in unknown] == [[2], [], []]


def test_the_last_page_is_that_of_the_printed_number_or_else_the_first_that_is_not_full() -> None:
    pages = pages_of(rows(120), 3)
    assert [is_last_page(each) for each in pages] == [False, False, True]
    assert [is_last_page(replace(each, pages=None)) for each in pages] == [False, False, True]
    assert is_last_page(page(rows(50)))
    assert not is_last_page(replace(page(rows(50)), pages=None))


TIED = [row(1), row(2), row(3, rank=2), row(4, rank=3)]


@pytest.mark.parametrize(
    ("read", "top", "end", "known"),
    [
        ([row(1), row(2)], False, False, True),
        ([row(1), row(2)], True, False, True),
        ([row(1), row(3, rank=2)], True, False, True),
        ([row(1), row(2)], True, True, False),
        ([row(2), row(3, rank=2)], False, False, True),
        ([row(2), row(3, rank=2)], True, False, False),
        ([row(1), row(2), row(4, rank=3)], True, False, False),
        (TIED, True, True, True),
        ([row(1, live_jobs=7)], True, False, True),
        ([row(1, vacancies=7)], True, False, False),
        ([row(5, rank=1)], False, False, False),
        ([row(1)], True, False, True),
    ],
)
def test_a_list_says_all_that_rows_say_which_are_in_it_and_pass_over_none(
    read: list[MarketRow], *, top: bool, end: bool, known: bool
) -> None:
    assert contains_rows(read, by_name(*TIED), from_the_top=top, to_the_end=end) is known


def by_name(*listed: MarketRow) -> dict[str, MarketRow]:
    return {each.name: each for each in listed}


@pytest.mark.parametrize(
    ("by", "sizes"),
    [
        ("rank", [("Term 003", 30), ("Term 001", -4)]),
        ("median", [("Term 002", Decimal(-10)), ("Term 003", Decimal(5))]),
        ("vacancies", [("Term 001", -100), ("Term 002", 7)]),
    ],
)
def test_the_largest_move_comes_first_and_a_term_on_one_list_alone_is_not_compared(
    by: MoverMetric, sizes: list[tuple[str, Decimal]]
) -> None:
    old = by_name(
        row(1, rank=1, vacancies=500),
        row(2, rank=2, vacancies=100, median=Decimal(50_000)),
        row(3, rank=40, vacancies=50, median=Decimal(40_000)),
        row(4),
    )
    new = by_name(
        row(1, rank=5, vacancies=400, median=Decimal(60_000)),
        row(2, rank=2, vacancies=107, median=Decimal(45_000)),
        row(3, rank=10, vacancies=50, median=Decimal(42_000)),
        row(5),
    )
    assert [(move.new.name, move.size) for move in find_movers(old, new, by)] == sizes
    assert not find_movers(new, new, by)
