from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.compare import Comparison, anchors, beside, changes, main_basis, may_help, share_of, topics_of
from alerts.model import Beside, Change, Figure, Kind
from jobspider.model import Basis, CategoryFigures, Content, Figures, JobType
from tests import strategies
from tests.alerts.stages import AS_OF, EVERY_TOPIC, MORNING, PAY, comparison, content, pay, place

OPPOSITE = {
    Kind.MOVED: Kind.MOVED,
    Kind.STATED: Kind.UNSTATED,
    Kind.UNSTATED: Kind.STATED,
    Kind.ENTERED: Kind.LEFT,
    Kind.LEFT: Kind.ENTERED,
}


def between(old: Content, new: Content, topic: str, top: int = 10) -> list[Change]:
    return list(changes(comparison(old, new), topic, top))


def sides(found: Iterable[Change]) -> list[tuple[str, Figure | None, Figure | None]]:
    return [(change.item or change.statistic, change.old, change.new) for change in found]


def top_of(names: str, count: int = 50) -> dict[str, int]:
    """Return a list in which each letter is asked for once less than the one before."""
    return {name: count - place for place, name in enumerate(names)}


@settings(max_examples=60)
@given(strategies.contents, st.sampled_from(EVERY_TOPIC), st.integers(0, 30))
def test_a_page_does_not_differ_from_itself(figures: Content, topic: str, top: int) -> None:
    assert changes(comparison(figures, figures, days=0), topic, top) == ()


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
            assert change.old != change.new or change.kind in (Kind.ENTERED, Kind.LEFT)
            if change.kind not in (Kind.ENTERED, Kind.LEFT):
                assert (change.kind is Kind.STATED) == (change.old is None)
                assert (change.kind is Kind.UNSTATED) == (change.new is None)


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


@pytest.mark.parametrize(("old", "new", "kind"), [(None, 60_000, Kind.STATED), (60_000, None, Kind.UNSTATED)])
def test_a_dash_is_not_a_zero(old: int | None, new: int | None, kind: Kind) -> None:
    (change,) = between(content(median=old), content(median=new), "pay/annual")
    assert (change.kind, change.old, change.new) == (kind, old, new)
    assert change.difference is None
    assert change.percent is None


def test_a_row_that_is_missing_is_as_unstated_as_a_dash() -> None:
    assert between(content({}), content(pay(**dict.fromkeys(PAY))), "pay/annual") == []


def test_no_ads_is_a_figure() -> None:
    (change,) = between(content(vacancies=5), content(vacancies=0, skills={}), "vacancies")
    assert [change.kind, change.old, change.new, change.percent] == [Kind.MOVED, 5, 0, -100]
    (change,) = between(content(vacancies=0, skills={}), content(vacancies=5), "vacancies")
    assert (change.kind, change.difference, change.percent) == (Kind.MOVED, 5, None)


def test_a_rank_is_counted_in_places_and_a_fall_is_negative() -> None:
    (change,) = between(content(rank=154), content(rank=120), "rank")
    assert change.difference == -34


def test_a_change_says_when_it_was_told_and_of_which_date() -> None:
    (change,) = between(content(rank=154), content(rank=120), "rank")
    assert (change.old_as_of, change.told_at) == (AS_OF, MORNING)


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
        assert {change.quotes for change in found} == {ads}, topic


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
SIX_MONTHS = timedelta(days=183)


def chosen(told: int, now: int, window: int = 6) -> list[int]:
    """Return the weeks that are chosen between two."""
    days = anchors(WEEKLY, WEEKLY[told], WEEKLY[now], window)
    return [WEEKLY.index(day) for day in days]


def test_half_a_window_ago_and_windows_that_share_no_ad_are_chosen() -> None:
    assert chosen(0, 100) == [87, 73, 46, 19]
    assert chosen(0, 119) == [106, 92, 65, 38, 11]
    assert chosen(0, 60, window=3) == [53, 46, 32, 18, 4]


def test_what_was_told_lately_needs_no_pages_between() -> None:
    assert chosen(100, 113) == []
    assert chosen(100, 114) == [101]
    assert may_help(WEEKLY[100], WEEKLY[114], 6)
    assert not may_help(WEEKLY[100], WEEKLY[113], 6)


@settings(max_examples=100)
@given(st.sets(st.integers(0, 1500), max_size=60), st.integers(0, 1000), st.integers(1, 800), st.sampled_from([3, 6]))
def test_chosen_pages_lie_between_and_their_windows_share_no_ad(
    days: set[int], told: int, gap: int, window: int
) -> None:
    dates = [AS_OF + timedelta(days=day) for day in sorted(days)]
    old, now = AS_OF + timedelta(days=told), AS_OF + timedelta(days=told + gap)
    found = anchors(dates, old, now, window)
    assert list(found) == sorted(set(found), reverse=True)
    assert len(found) <= 5
    assert all(old < day < now and day in dates for day in found)
    assert all(now - day >= timedelta(days=91 * window // 6) for day in found)
    apart = [day for day in found if now - day >= SIX_MONTHS * window / 6 + timedelta(days=1)]
    assert all(later - earlier >= timedelta(days=91 * window // 3) for later, earlier in pairwise(apart))


# Skills


def test_a_skill_that_passes_the_top_enters_and_the_one_it_displaces_leaves() -> None:
    old, new = content(skills=top_of("abcd")), content(skills={**top_of("ab"), "d": 49, "c": 40})
    found = {change.item: (change.kind, change.difference) for change in between(old, new, "skills", top=3)}
    assert found["d"] == (Kind.ENTERED, Decimal("0.84"))
    assert found["c"][0] is Kind.LEFT


def test_a_share_that_moved_inside_the_list_is_a_change_in_points() -> None:
    (change,) = between(
        content(skills={"Python": 120, "SQL": 100}), content(skills={"Python": 132, "SQL": 100}), "skills"
    )
    assert (change.item, change.kind, change.difference) == ("Python", Kind.MOVED, 5)


def test_only_the_counts_decide_about_positions_not_the_order_among_ties() -> None:
    old, new = content(skills={"a": 9, "b": 9, "c": 9}), content(skills={"c": 9, "b": 9, "a": 9})
    assert between(old, new, "skills", top=1) == []


def test_a_tie_stands_where_its_first_stands() -> None:
    old = content(skills={"a": 9, "b": 8, "c": 8, "d": 2})
    new = content(skills={"a": 9, "b": 8, "c": 2, "d": 8})
    found = {change.item: change.kind for change in between(old, new, "skills", top=2)}
    assert found == {"c": Kind.LEFT, "d": Kind.ENTERED}


def test_a_tie_that_falls_off_the_end_is_no_news() -> None:
    old, new = content(skills=top_of("abc") | {"d": 40, "e": 40}), content(skills=top_of("abc") | {"d": 40, "f": 40})
    for top in (3, 4, 5, 10):
        assert between(old, new, "skills", top) == [], top


def test_what_was_surely_among_the_top_and_is_below_the_cut_has_left() -> None:
    old = content(skills=top_of("abcde"))
    new = content(skills={skill.name: skill.count for skill in old.top_skills[1:]})
    found = {change.item: (change.kind, change.old, change.new) for change in between(old, new, "skills", top=3)}
    assert found == {
        "a": (Kind.LEFT, old.top_skills[0].share, None),
        "d": (Kind.ENTERED, old.top_skills[3].share, old.top_skills[3].share),
    }


def test_with_a_list_no_longer_than_the_top_nobody_can_say_who_entered() -> None:
    old, new = content(skills={"a": 9, "b": 8}), content(skills={"a": 9, "c": 8})
    assert between(old, new, "skills", top=2) == []


def test_absent_is_below_the_cut_and_that_is_no_news_below_the_top() -> None:
    old, new = content(skills=top_of("abcd")), content(skills=top_of("abc"))
    assert between(old, new, "skills", top=2) == []
    assert between(new, old, "skills", top=2) == []


def test_a_skill_that_rises_from_below_the_cut_has_moved_by_what_lies_beyond_it() -> None:
    usual = {f"skill {place}": 100 - place for place in range(12)}
    old, new = content(skills={**usual, "last": 24}), content(skills={**usual, "Go": 84, "last": 24})
    (change,) = between(old, new, "skills", top=10)
    assert (change.item, change.kind, change.old, change.new) == ("Go", Kind.STATED, None, 35)
    assert (change.at_least, change.difference) == (25, None)
    (back,) = between(new, old, "skills", top=10)
    assert (back.kind, back.at_least) == (Kind.UNSTATED, 25)


def test_the_share_of_a_skill_below_the_top_lists_cut_is_known_from_its_category() -> None:
    old = content(
        skills={"Python": 120, "Cobol": 96, "SQL": 72}, categories={"Languages": {"Python": 120, "Cobol": 96}}
    )
    new = content(skills={"Python": 120, "Java": 96, "SQL": 72}, categories={"Languages": {"Python": 120, "Cobol": 12}})
    found = {change.item: (change.kind, change.old, change.new) for change in between(old, new, "skills", top=2)}
    assert found == {
        "Cobol": (Kind.LEFT, Decimal("40.00"), Decimal("5.00")),
        "Java": (Kind.ENTERED, None, Decimal("40.00")),
    }


def test_a_skill_that_its_category_counts_as_often_as_the_last_is_tied_with_it() -> None:
    old = content(skills={"a": 9, "b": 5}, categories={"All": {"a": 9, "b": 5, "c": 5}})
    new = content(skills={"a": 9, "c": 5}, categories={"All": {"a": 9, "b": 5, "c": 5}})
    assert between(old, new, "skills", top=2) == []


def test_a_page_without_a_top_list_says_nothing_of_any_skill() -> None:
    assert between(content(), content(skills={}), "skills") == []
    assert between(content(skills={}), content(), "skills") == []


def test_with_the_rule_off_nobody_enters_or_leaves() -> None:
    found = between(content(skills=top_of("abc")), content(skills=top_of("cba")), "skills", top=0)
    assert {change.kind for change in found} == {Kind.MOVED}


def test_a_share_that_is_not_printed_does_not_move() -> None:
    new = content(skills={"Python": 100, "SQL": 100, "Java": 80})
    unprinted = replace(new, top_skills=tuple(replace(skill, share=None) for skill in new.top_skills))
    assert between(content(), unprinted, "skills", top=3) == []


def test_a_skill_is_looked_for_in_the_top_list_first() -> None:
    figures = content(skills={"SQL": 9}, categories={"Databases": {"SQL": 9, "Redis": 2}})
    assert share_of(figures, "SQL") is figures.top_skills[0]
    assert share_of(figures, "Redis") == figures.skills["Databases"][1]
    assert share_of(figures, "Perl") is None


# Locations


def test_a_place_that_comes_or_goes_is_no_change() -> None:
    old, new = content(locations=[place("Manchester"), place("Wigan")]), content(locations=[place("Manchester")])
    assert between(old, new, "locations") == []
    assert between(new, old, "locations") == []


def test_a_place_whose_median_is_a_dash_on_one_side_is_no_change() -> None:
    old, new = content(locations=[place(median=None)]), content(locations=[place()])
    assert between(old, new, "locations") == []
    assert between(new, old, "locations") == []


def test_a_places_median_is_compared_by_name_and_carries_its_own_ads() -> None:
    old = content(locations=[place("Manchester"), place("Cheshire", 60_000)])
    new = content(locations=[place("Cheshire", 57_000, 31, "-5.00"), place("Manchester", vacancies=80)])
    (change,) = between(old, new, "locations")
    assert [change.item, change.statistic, change.difference, change.percent] == ["Cheshire", "median", -3_000, -5]
    assert (change.quotes, change.year_on_year, change.basis) == (31, Decimal("-5.00"), Basis.ANNUAL)


def test_a_contracts_places_are_paid_by_the_day() -> None:
    old, new = content(locations=[place(median=500)]), content(locations=[place(median=550)])
    (change,) = changes(comparison(old, new, job_type=JobType.CONTRACT), "locations", 10)
    assert change.basis is Basis.DAILY


def test_two_readings_are_as_far_apart_as_their_dates() -> None:
    two: Comparison = comparison(content(), content(), days=14)
    assert two.new.as_of - two.old.as_of == timedelta(days=14)


# What a change is to be seen against


def test_a_median_is_seen_beside_its_category_and_the_region_above() -> None:
    usual = content(median=62_500)
    term = Figures({**usual.term.rows, (Basis.ANNUAL, "parent_median_change"): (Decimal("2.10"), None, None)})
    category = CategoryFigures("Job Titles", Figures({(Basis.ANNUAL, "median_change"): (Decimal("-9.00"), None, None)}))
    (change,) = between(content(), usual, "pay/annual")
    assert beside(change, replace(usual, term=term, category=category)) == Beside(
        "Job Titles", Decimal("-9.00"), "England", Decimal("2.10")
    )
    assert beside(change, usual) is None
