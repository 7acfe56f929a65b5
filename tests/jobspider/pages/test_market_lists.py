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


def test_market_list_audit_consistent_pages_give_no_findings() -> None:
    assert not found(pages_of(rows(120), 3))
    assert not found(pages_of(rows(120), 2))
    assert not found(pages_of(rows(1), 1))


@given(st.integers(0, 49), st.integers(50, 119))
def test_market_list_audit_moved_row_is_reported(up: int, down: int) -> None:
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
def test_market_list_audit_reports_inconsistency(change: Callable[[MarketPage], MarketPage], expected: str) -> None:
    first, second, _ = pages_of(rows(120), 3)
    listing = MarketListAudit()
    assert not listing.add(first)
    (finding,) = listing.add(change(second))
    assert finding.rejects_page
    assert finding.expected == expected


def test_market_list_audit_missing_rows_are_reported_on_last_page() -> None:
    first, second, third = pages_of(rows(120), 3)
    assert found([first, second, replace(third, rows=third.rows[:-1])]) == [3]


def test_market_list_audit_ignores_total_after_missing_page() -> None:
    first, _, third = pages_of(rows(120), 3)
    assert not found([first, third])


@pytest.mark.parametrize(
    ("total", "wanted", "numbers"),
    [(120, 1, []), (120, 2, [2]), (120, 3, [2, 3]), (120, 9, [2, 3]), (12, 9, []), (100, 9, [2])],
)
def test_next_page_numbers_of_first_page_returns_all_others(total: int, wanted: int, numbers: list[int]) -> None:
    first, *others = pages_of(rows(total), -(-total // 50))
    assert list(next_page_numbers(first, wanted)) == numbers
    assert not any(next_page_numbers(each, wanted) for each in others)


def test_next_page_numbers_without_page_count_follows_full_pages() -> None:
    unknown = [replace(each, pages=None) for each in pages_of(rows(120), 3)]
    assert [list(next_page_numbers(each, 9)) for each in unknown] == [[2], [3], []]
    assert [list(next_page_numbers(each, 2)) for each in unknown] == [[2], [], []]


def test_is_last_page_uses_page_count_or_row_count() -> None:
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
def test_contains_rows_requires_equal_rows_without_gaps(
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
def test_find_movers_sorts_by_size_and_skips_single_terms(by: MoverMetric, sizes: list[tuple[str, Decimal]]) -> None:
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
