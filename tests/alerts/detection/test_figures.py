from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detection.figures import (
    Comparison,
    has_independent_dates,
    independent_dates,
    main_basis,
    pay_context,
    topics_of,
)
from alerts.model.changes import Change, ChangeKind, Figure, PayContext
from alerts.model.topics import Topic
from jobspider.model import Basis, CategoryFigures, Content, Figures, JobType
from tests.support import strategies
from tests.support.digest_scenarios import (
    AS_OF,
    EVERY_TOPIC,
    MORNING,
    PAY,
    comparison,
    content,
    differences,
    pay,
    place,
)

OPPOSITE = {
    ChangeKind.MOVED: ChangeKind.MOVED,
    ChangeKind.APPEARED: ChangeKind.DISAPPEARED,
    ChangeKind.DISAPPEARED: ChangeKind.APPEARED,
    ChangeKind.ENTERED: ChangeKind.LEFT,
    ChangeKind.LEFT: ChangeKind.ENTERED,
}


def between(old: Content, new: Content, topic: str, top: int = 10) -> list[Change]:
    return differences(comparison(old, new), Topic(topic), top)


def sides(found: Iterable[Change]) -> list[tuple[str, Figure | None, Figure | None]]:
    return [(change.item or change.statistic, change.old, change.new) for change in found]


@settings(max_examples=60)
@given(strategies.contents, st.sampled_from(EVERY_TOPIC), st.integers(0, 30))
def test_a_page_does_not_differ_from_itself(figures: Content, topic: Topic, top: int) -> None:
    assert differences(comparison(figures, figures, days=0), topic, top) == []


@settings(max_examples=60)
@given(strategies.contents, strategies.contents, st.integers(0, 10))
def test_the_way_back_is_the_way_there_with_old_and_new_exchanged(old: Content, new: Content, top: int) -> None:
    for topic in EVERY_TOPIC:
        there, back = between(old, new, topic, top), between(new, old, topic, top)
        assert {(each.basis, each.statistic, each.item, each.kind, each.old, each.new) for each in there} == {
            (each.basis, each.statistic, each.item, OPPOSITE[each.kind], each.new, each.old) for each in back
        }


@settings(max_examples=60)
@given(strategies.contents, strategies.contents, st.integers(0, 10))
def test_every_change_is_between_two_different_figures_or_crosses_the_top(old: Content, new: Content, top: int) -> None:
    for topic in EVERY_TOPIC:
        for change in between(old, new, topic, top):
            assert change.old != change.new or change.kind in (ChangeKind.ENTERED, ChangeKind.LEFT)
            if change.kind not in (ChangeKind.ENTERED, ChangeKind.LEFT):
                assert (change.kind is ChangeKind.APPEARED) == (change.old is None)
                assert (change.kind is ChangeKind.DISAPPEARED) == (change.new is None)


def test_a_median_that_rose_is_a_change_of_its_own_basis() -> None:
    old = content({**pay(Basis.DAILY, median=500), **pay(Basis.HOURLY, median=60)})
    new = content({**pay(Basis.DAILY, median=525), **pay(Basis.HOURLY, median=60)})
    (change,) = between(old, new, "pay/daily")
    assert (change.basis, change.statistic, change.old, change.new) == (Basis.DAILY, "median", 500, 525)
    assert [change.difference, change.percent] == [25, 5]
    assert between(old, new, "pay/hourly") == []
    assert between(old, new, "pay/annual") == []


def test_every_percentile_that_moved_is_told_apart() -> None:
    found = between(content(), content(p10=42_500, median=57_500, p90=90_000), "pay/annual")
    assert sides(found) == [("p10", 40_000, 42_500), ("median", 60_000, 57_500), ("p90", 85_000, 90_000)]


def test_quotes_are_no_topic() -> None:
    assert between(content(), content(quotes=300), "pay/annual") == []


@pytest.mark.parametrize(
    ("old", "new", "kind"), [(None, 60_000, ChangeKind.APPEARED), (60_000, None, ChangeKind.DISAPPEARED)]
)
def test_a_dash_is_not_a_zero(old: int | None, new: int | None, kind: ChangeKind) -> None:
    (change,) = between(content(median=old), content(median=new), "pay/annual")
    assert (change.kind, change.old, change.new) == (kind, old, new)
    assert change.difference is None
    assert change.percent is None


def test_a_row_that_is_missing_is_as_unstated_as_a_dash() -> None:
    assert between(content({}), content(pay(**dict.fromkeys(PAY))), "pay/annual") == []


def test_no_ads_is_a_figure() -> None:
    (change,) = between(content(vacancies=5), content(vacancies=0, skills={}), "vacancies")
    assert [change.kind, change.old, change.new, change.percent] == [ChangeKind.MOVED, 5, 0, -100]
    (change,) = between(content(vacancies=0, skills={}), content(vacancies=5), "vacancies")
    assert (change.kind, change.difference, change.percent) == (ChangeKind.MOVED, 5, None)


def test_a_rank_is_counted_in_places_and_a_fall_is_negative() -> None:
    (change,) = between(content(rank=154), content(rank=120), "rank")
    assert change.difference == -34


def test_a_change_says_when_it_was_told_and_of_which_date() -> None:
    (change,) = between(content(rank=154), content(rank=120), "rank")
    assert (change.old_as_of, change.baseline_notified_at) == (AS_OF, MORNING)


def with_year_ago(rows: dict[tuple[Basis | None, str], tuple[Figure | None, Figure | None]]) -> Content:
    usual = content()
    stated = {key: (now, year_ago, None) for key, (now, year_ago) in rows.items()}
    return replace(usual, term=Figures({**usual.term.rows, **stated}))


def test_year_on_year_is_as_the_page_prints_it() -> None:
    new = with_year_ago(
        {
            (Basis.ANNUAL, "median"): (Decimal(65_000), Decimal(60_000)),
            (Basis.ANNUAL, "median_change"): (Decimal("8.33"), None),
            (None, "rank"): (120, 154),
            (None, "rank_change"): (34, None),
        }
    )
    assert [change.year_on_year for change in between(content(), new, "pay/annual")] == [Decimal("8.33")]
    assert [change.year_on_year for change in between(content(), new, "rank")] == [34]


@pytest.mark.parametrize(
    ("now", "year_ago", "expected"), [(180, 240, -25), (180, 0, None), (180, None, None), (0, 4, -100)]
)
def test_year_on_year_of_vacancies_is_that_of_the_two_columns(
    now: int, year_ago: int | None, expected: int | None
) -> None:
    new = with_year_ago({(None, "vacancies"): (now, year_ago)})
    assert [change.year_on_year for change in between(content(), new, "vacancies")] == [expected]


def test_a_percentile_has_no_year_on_year_though_its_column_has_one() -> None:
    new = with_year_ago({(Basis.ANNUAL, "p75"): (Decimal(75_000), Decimal(70_000))})
    assert [change.year_on_year for change in between(content(), new, "pay/annual")] == [None]


def test_a_change_of_pay_rests_on_its_quotes_and_every_other_on_the_ads() -> None:
    new = content(rank=1, median=70_000, quotes=190, vacancies=200, skills={"Python": 120, "SQL": 90, "Java": 90})
    for topic, ads in (("pay/annual", 190), ("rank", 200), ("vacancies", 200), ("skills", 200)):
        found = between(content(), new, topic)
        assert {change.sample_size for change in found} == {ads}, topic


def test_topics_are_those_that_the_page_says_anything_about() -> None:
    assert topics_of(content(locations=[place()])) == ("pay/annual", "rank", "vacancies", "skills", "locations")
    assert topics_of(content({**pay(Basis.HOURLY), **pay(Basis.DAILY)}, rank=None, skills={})) == (
        "pay/daily",
        "pay/hourly",
        "vacancies",
    )
    assert topics_of(content(median=None, rank=None, vacancies=0, skills={})) == ("vacancies",)


def test_pay_is_annual_for_a_job_and_daily_for_a_contract() -> None:
    assert [main_basis(job_type) for job_type in (JobType.PERMANENT, JobType.CONTRACT)] == [Basis.ANNUAL, Basis.DAILY]


# Which pages between two readings help

WEEKLY = [AS_OF + timedelta(weeks=week) for week in range(120)]


def chosen(told: int, now: int, window: int = 6) -> list[int]:
    """Return the weeks that are chosen between two."""
    days = independent_dates(WEEKLY, WEEKLY[told], WEEKLY[now], window)
    return [WEEKLY.index(day) for day in days]


def test_windows_that_share_no_ad_are_chosen() -> None:
    assert chosen(0, 100) == [73, 46, 19]
    assert chosen(0, 119) == [92, 65, 38, 11]
    assert chosen(0, 60, window=3) == [46, 32, 18, 4]


def test_what_was_told_lately_needs_no_pages_between() -> None:
    assert chosen(80, 107) == []
    assert chosen(80, 108) == [81]
    assert has_independent_dates(WEEKLY[80], WEEKLY[108], 6)
    assert not has_independent_dates(WEEKLY[80], WEEKLY[106], 6)


@settings(max_examples=100)
@given(st.sets(st.integers(0, 1500), max_size=60), st.integers(0, 1000), st.integers(1, 800), st.sampled_from([3, 6]))
def test_chosen_pages_lie_between_and_their_windows_share_no_ad(
    days: set[int], told: int, gap: int, window: int
) -> None:
    dates = [AS_OF + timedelta(days=day) for day in sorted(days)]
    old, now = AS_OF + timedelta(days=told), AS_OF + timedelta(days=told + gap)
    found = independent_dates(dates, old, now, window)
    assert list(found) == sorted(set(found), reverse=True)
    assert len(found) <= 4
    assert all(old < day < now and day in dates for day in found)
    length = timedelta(days=182 * window // 6)
    assert all(later - earlier >= length for later, earlier in pairwise((now, *found)))


def test_two_readings_are_as_far_apart_as_their_dates() -> None:
    two: Comparison = comparison(content(), content(), days=14)
    assert two.current.as_of - two.baseline.as_of == timedelta(days=14)


# What a change is to be seen against


def test_a_median_is_seen_beside_its_category_and_the_region_above() -> None:
    usual = content(median=62_500)
    term = Figures({**usual.term.rows, (Basis.ANNUAL, "parent_median_change"): (Decimal("2.10"), None, None)})
    category = CategoryFigures("Job Titles", Figures({(Basis.ANNUAL, "median_change"): (Decimal("-9.00"), None, None)}))
    (change,) = between(content(), usual, "pay/annual")
    assert pay_context(change, replace(usual, term=term, category=category)) == PayContext(
        "Job Titles", Decimal("-9.00"), "England", Decimal("2.10")
    )
    assert pay_context(change, usual) is None
