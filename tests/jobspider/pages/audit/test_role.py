"""Each identity sees the page that breaks it, and leaves the true ones alone."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from jobspider.errors import AuditFailedError
from jobspider.model import (
    AuditFinding,
    Basis,
    CategoryFigures,
    Content,
    FigureKey,
    Figures,
    LocationRow,
    RolePage,
    SkillShare,
    ThreeYears,
)
from jobspider.pages import accept, read_page
from jobspider.pages.audit.role import IDENTITIES, audit
from tests.support.saved_pages import CONTRACT, PERMANENT, SAVED, SavedPage

Cell = int | str | None


def triple(*cells: Cell) -> ThreeYears:
    one, two, three = (Decimal(cell) if isinstance(cell, str) else cell for cell in cells)
    return one, two, three


def page(
    term: Mapping[FigureKey, ThreeYears],
    category: Mapping[FigureKey, ThreeYears] | None = None,
    top: tuple[SkillShare, ...] = (),
    skills: Mapping[str, tuple[SkillShare, ...]] | None = None,
) -> RolePage:
    """Return a page with nothing but these figures."""
    content = Content(
        Figures(term),
        None if category is None else CategoryFigures("All Permanent IT Job Vacancies", Figures(category)),
        top_skills=top,
        skills=skills or {},
    )
    return replace(read_page(PERMANENT.body, PERMANENT.url), content=content, findings=())


def skill(rank: int, count: int, share: str | None, name: str = "SQL") -> SkillShare:
    return SkillShare(rank, name, count, Decimal(share) if share else None)


def broken(found: tuple[AuditFinding, ...]) -> set[str]:
    return {finding.identity for finding in found}


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.name)
def test_audit_valid_page_has_no_findings(saved: SavedPage) -> None:
    assert audit(read_page(saved.body, saved.url)) == ()


def test_audit_findings_reject_page_except_hint() -> None:
    hint = AuditFinding("quotes_within_vacancies", "at most 122", "133", rejects_page=False)
    true = read_page(CONTRACT.body, CONTRACT.url)
    assert accept(replace(true, findings=(hint,))).findings == (hint,)
    with pytest.raises(AuditFailedError, match="rank_change: expected \\+1, found 2") as refused:
        accept(replace(true, findings=(hint, AuditFinding("rank_change", "+1", "2"))))
    assert len(refused.value.findings) == 2


def test_audit_checks_are_registered_once() -> None:
    assert len({identity.__name__ for identity in IDENTITIES}) == len(IDENTITIES)


RANKS = [
    ((161, 195, 182), (34, -13, 107), False),
    ((161, 195, 182), (-34, -13, 107), True),
    ((161, 195, 182), (34, -12, 107), True),
    ((161, 195, 182), (None, -13, 107), True),
    ((120, None, 120), (None, None, 61), False),
    ((120, None, 120), (None, 5, 61), True),
    ((22, None, 24), (None, 0, None), False),  # the site's 0 of 2013
    ((5, 5, 5), (0, 0, 12_345), False),  # the oldest column has no partner,
    ((5, 5, 5), (0, 0, -4), False),  # but no rank is better than 1
    ((5, 5, 5), (0, 0, -5), True),
    ((5, 5, None), (0, None, 7), True),  # nor has a term changed its rank that has none
]


@pytest.mark.parametrize(("ranks", "changes", "is_broken"), RANKS)
def test_rank_change_must_be_difference_of_ranks(
    ranks: tuple[Cell, ...], changes: tuple[Cell, ...], *, is_broken: bool
) -> None:
    found = audit(page({(None, "rank"): triple(*ranks), (None, "rank_change"): triple(*changes)}))
    assert broken(found) == ({"rank_change"} if is_broken else set())


@pytest.mark.parametrize(
    ("vacancies", "share", "all_vacancies", "all_share", "is_broken"),
    [
        (25, "0.50", 4_392, "87.98", False),
        (25, "0.49", 4_392, "87.98", True),
        (26, "0.50", 4_392, "87.98", True),
        (25, "0.50", 4_492, "87.98", True),
        (2, "0.029", 6_353, "91.62", False),
        (2, "0.030", 6_353, "91.62", True),
        (1, "0.00", 1_000_000, "90.00", False),  # a share below what is printed bounds nothing from above
        (0, None, 4_392, "87.98", False),
    ],
)
def test_same_total_tables_must_imply_same_total(
    vacancies: int, share: str | None, all_vacancies: int, all_share: str, *, is_broken: bool
) -> None:
    found = audit(
        page(
            {(None, "vacancies"): triple(vacancies, 0, 0), (None, "share_of_all"): triple(share, None, None)},
            {(None, "vacancies"): triple(all_vacancies, 0, 0), (None, "share_of_all"): triple(all_share, None, None)},
        )
    )
    assert broken(found) == ({"same_total"} if is_broken else set())


@pytest.mark.parametrize(
    ("part", "whole", "share", "is_broken"),
    [
        (25, 4_392, "0.57", False),
        (25, 4_392, "0.58", True),
        (7, 1_675, "0.42", False),
        (2, 6_353, "0.031", False),
        (2, 6_353, "0.032", True),
        (1, 1, "100.00", False),
    ],
)
def test_share_of_category_must_match_vacancies(part: int, whole: int, share: str, *, is_broken: bool) -> None:
    found = audit(
        page(
            {(None, "vacancies"): triple(part, 0, 0), (None, "share_of_category"): triple(share, None, None)},
            {(None, "vacancies"): triple(whole, 0, 0)},
        )
    )
    assert broken(found) == ({"share_of_category"} if is_broken else set())


@pytest.mark.parametrize(
    ("percentiles", "is_broken"),
    [
        ((100, 200, 300, 400, 500), False),
        ((300, 300, 300, 300, 300), False),
        ((None, None, 300, None, None), False),
        ((100, None, 300, None, 500), False),
        ((200, 100, 300, 400, 500), True),
        ((400, None, 300, None, 500), True),
        ((None, None, 300, 400, 350), True),
    ],
)
def test_percentile_order_must_be_ascending(percentiles: tuple[int | None, ...], *, is_broken: bool) -> None:
    rows: dict[FigureKey, ThreeYears] = {
        (Basis.DAILY, key): triple(None, value, None)
        for key, value in zip(("p10", "p25", "median", "p75", "p90"), percentiles, strict=True)
    }
    assert broken(audit(page(rows))) == ({"percentile_order"} if is_broken else set())


def test_percentile_order_compares_within_block_only() -> None:
    rows: dict[FigureKey, ThreeYears] = {
        (Basis.DAILY, "median"): triple(500, None, None),
        (Basis.HOURLY, "p90"): triple("50.00", None, None),
    }
    assert audit(page(rows)) == ()


def test_quotes_within_vacancies_is_only_a_hint() -> None:
    rows = {(None, "vacancies"): triple(25, 38, 122), (Basis.ANNUAL, "quotes"): triple(25, 38, 133)}
    (found,) = audit(page(rows))
    assert (found.identity, found.found, found.rejects_page) == ("quotes_within_vacancies", "133", False)


@pytest.mark.parametrize(
    ("rows", "is_broken"),
    [
        ({(None, "vacancies"): triple(0, 4, 0), (None, "rank"): triple(None, 64, None)}, False),
        ({(None, "vacancies"): triple(0, 4, 0), (None, "rank"): triple(64, 64, None)}, True),
        ({(None, "vacancies"): triple(0, 4, 0), (None, "share_of_all"): triple(None, "0.94", "0.94")}, True),
        ({(Basis.DAILY, "quotes"): triple(0, 3, 0), (Basis.DAILY, "median"): triple(None, 400, None)}, False),
        ({(Basis.DAILY, "quotes"): triple(0, 3, 0), (Basis.DAILY, "p10"): triple(None, None, 400)}, True),
        ({(Basis.DAILY, "quotes"): triple(0, 3, 0), (Basis.DAILY, "parent_median"): triple(9, 9, 9)}, False),
    ],
)
def test_no_value_without_count_rejects_values(rows: Mapping[FigureKey, ThreeYears], *, is_broken: bool) -> None:
    assert broken(audit(page(rows))) == ({"no_value_without_count"} if is_broken else set())


@pytest.mark.parametrize("key", ["rank", "share_of_all", "share_of_category"])
def test_value_with_count_requires_values_of_ads(key: str) -> None:
    rows: dict[FigureKey, ThreeYears] = {(None, "vacancies"): triple(3, 4, 0), (None, key): triple(5, None, None)}
    (found,) = audit(page(rows))
    assert (found.identity, found.expected) == ("value_with_count", f"a {key} of 4 vacancies in table 1 a year ago")
    assert audit(page({(None, "vacancies"): triple(3, 4, 0)})) == ()


@pytest.mark.parametrize(
    ("key", "row", "is_broken"),
    [
        ("median", (400, None, None), False),
        ("median", (None, None, None), True),
        ("median", (400, None, 380), True),
        ("p10", (None, None, None), False),  # a dash with 117 quotes was seen
        ("parent_median", (None, None, None), False),
    ],
)
def test_value_with_count_requires_median_of_quotes(key: str, row: tuple[Cell, ...], *, is_broken: bool) -> None:
    rows: dict[FigureKey, ThreeYears] = {(Basis.DAILY, "quotes"): triple(3, 0, 0), (Basis.DAILY, key): triple(*row)}
    found = broken(audit(page(rows)))
    expected = {"value_with_count"} if row[0] is None else {"no_value_without_count"}
    assert found == (expected if is_broken else set())


def test_quotes_within_category_rejects_larger_count() -> None:
    whole: dict[FigureKey, ThreeYears] = {
        (Basis.DAILY, "quotes"): triple(9, 7, 9),
        (Basis.HOURLY, "quotes"): triple(0, 0, 0),
    }
    assert audit(page({(Basis.DAILY, "quotes"): triple(9, 7, 8)}, whole)) == ()
    (found,) = audit(page({(Basis.DAILY, "quotes"): triple(9, 8, 8)}, whole))
    expected = "at most the category's 7 daily quotes a year ago"
    assert (found.identity, found.expected, found.found) == ("quotes_within_category", expected, "8")


def test_places_within_vacancies_rejects_larger_location() -> None:
    whole = page({(None, "vacancies"): triple(7, 0, 2)})
    places = (LocationRow("York", None, 8, None, None, None), LocationRow("Leeds", None, 7, None, None, None))
    (found,) = audit(replace(whole, content=replace(whole.content, locations=places)))
    assert (found.identity, found.expected, found.found) == ("places_within_vacancies", "at most 7 ads in 'York'", "8")


def test_location_order_must_be_descending() -> None:
    whole = page({(None, "vacancies"): triple(9, 0, 2)})
    places = (LocationRow("Leeds", None, 7, None, None, None), LocationRow("York", None, 8, None, None, None))
    (found,) = audit(replace(whole, content=replace(whole.content, locations=places)))
    assert (found.identity, found.expected) == ("location_order", "at most 7 ads in 'York', below 'Leeds'")


@pytest.mark.parametrize("key", ["median", "parent_median"])
@pytest.mark.parametrize(
    ("basis", "medians", "changes", "is_broken"),
    [
        (Basis.ANNUAL, (60_000, 52_500, 62_500), ("14.29", "-16.00", "-7.41"), False),
        (Basis.ANNUAL, (60_000, 52_500, 62_500), ("14.39", "-16.00", "-7.41"), True),
        (Basis.ANNUAL, (60_000, 52_500, 62_500), ("-14.29", "-16.00", "-7.41"), True),
        (Basis.ANNUAL, (60_000, 52_500, 62_500), (None, "-16.00", "-7.41"), True),
        (Basis.DAILY, (618, 690, 613), ("-10.51", "12.65", "-15.52"), False),  # from unrounded medians
        (Basis.DAILY, (618, 690, 613), ("-10.81", "12.65", "-15.52"), True),
        (Basis.HOURLY, ("25.15", "21.80", "22.65"), ("15.39", "-3.75", "26.79"), False),  # 15.367 from those printed
        (Basis.HOURLY, ("25.15", "21.80", "22.65"), ("15.45", "-3.75", "26.79"), True),
        (Basis.ANNUAL, (50_000, 35_000, None), ("42.85", None, None), False),  # cut off, as until 2016
        (Basis.ANNUAL, (50_000, 50_000, None), (None, None, None), False),  # a dash for unchanged
        (Basis.ANNUAL, (50_000, None, 40_000), (None, None, "5.00"), False),  # a dash for not computable
        (Basis.ANNUAL, (50_000, None, 40_000), ("25.00", None, None), True),
        (Basis.ANNUAL, (50_000, None, None), (None, None, "5.00"), True),  # a change to nothing
        (Basis.ANNUAL, (50_000, None, 40_000), (None, None, "-99.99"), False),
        (Basis.ANNUAL, (50_000, None, 40_000), (None, None, "-100.00"), True),
    ],
)
def test_median_change_must_match_medians(
    key: str, basis: Basis, medians: tuple[Cell, ...], changes: tuple[Cell, ...], *, is_broken: bool
) -> None:
    rows: dict[FigureKey, ThreeYears] = {(basis, key): triple(*medians), (basis, f"{key}_change"): triple(*changes)}
    assert broken(audit(page(rows))) == ({"median_change"} if is_broken else set())


@pytest.mark.parametrize(
    ("count", "share", "is_broken"),
    [
        (18, "72.00", False),
        (18, "72.01", True),
        (25, "100.00", False),
        (26, None, True),
        (18, None, False),  # old pages print no shares
        (1, "4.00", False),
        (1, "5.00", True),
    ],
)
def test_skill_shares_must_match_counts(count: int, share: str | None, *, is_broken: bool) -> None:
    found = audit(page({(None, "vacancies"): triple(25, 41, 16)}, top=(skill(1, count, share),)))
    assert broken(found) == ({"skill_shares"} if is_broken else set())


@pytest.mark.parametrize(
    ("in_category", "is_broken"),
    [
        ((skill(1, 7, None),), False),
        ((skill(1, 6, None),), True),
        ((skill(1, 7, None, "Java"),), True),
        (tuple(skill(1, 7, None, f"Skill {place}") for place in range(20)), False),
        (tuple(skill(1, 7, None, f"Skill {place}") for place in range(19)), True),
    ],
)
def test_skill_in_both_lists_requires_same_count(in_category: tuple[SkillShare, ...], *, is_broken: bool) -> None:
    found = audit(page({}, top=(skill(1, 7, None),), skills={"Programming Languages": in_category}))
    assert broken(found) == ({"skill_in_both_lists"} if is_broken else set())


def test_skill_in_both_lists_skips_page_without_categories() -> None:
    assert audit(page({}, top=(skill(1, 7, None),))) == ()


@pytest.mark.parametrize(
    ("ranks_and_counts", "is_broken"),
    [
        (((1, 7), (1, 7), (2, 6), (3, 1)), False),
        (((1, 7), (2, 7)), True),
        (((1, 7), (1, 6)), True),
        (((1, 7), (3, 6)), True),
        (((2, 7), (3, 6)), True),
        (((1, 6), (2, 7)), True),
        ((), False),
    ],
)
def test_skill_ranks_must_number_equal_counts(
    ranks_and_counts: tuple[tuple[int, int], ...], *, is_broken: bool
) -> None:
    skills = tuple(skill(rank, count, None, f"Skill {place}") for place, (rank, count) in enumerate(ranks_and_counts))
    found = audit(page({}, skills={"Vendors": skills}))
    assert broken(found) == ({"skill_ranks"} if is_broken else set())
