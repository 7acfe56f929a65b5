"""Audit a role page: check that its figures are consistent with each other.

Each check was verified on 73 saved pages, 2013 to 2026, unless its docstring names fewer. A page that fails a check was
parsed wrongly or is invalid. Printed figures are rounded, so each represents an interval. Two figures are consistent if
their intervals overlap.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from jobspider.model import TOP_SKILLS_LIST, AuditFinding, Basis, Figures, RolePage, SkillShare, ThreeYears
from jobspider.pages.audit.rounding import Interval, implied_total, matches_share
from jobspider.site.statistics import PERCENTILES

_COLUMNS: Final = ("now", "a year ago", "two years ago")
_NOT_STATED: Final[ThreeYears] = (None, None, None)
_HUNDRED: Final = Decimal(100)
_WHOLE_POUNDS: Final = Decimal("0.5")
_PENCE: Final = Decimal("0.005")
# The site calculates changes from unrounded medians. Until 2016 it truncated them instead of rounding.
_CHANGE: Final = Decimal("0.01")
_OF_ALL_ADS: Final = ("rank", "share_of_all", "share_of_category")
_COUNT_OF: Final = {
    **dict.fromkeys(_OF_ALL_ADS, "vacancies"),
    **dict.fromkeys(PERCENTILES, "quotes"),
}
"""The count behind each statistic. The statistic is printed only if the count is not 0."""
_COUNT_OF_MANDATORY: Final = {**dict.fromkeys(_OF_ALL_ADS, "vacancies"), "median": "quotes"}
"""The statistics that are printed whenever their count is not 0. Any other percentile may be a dash."""
_FULL_CATEGORY: Final = 20  # maximum length of a category's list: a missing skill may be below its end


def audit(page: RolePage) -> tuple[AuditFinding, ...]:
    """Return the failed checks of a page. All except hints reject the page."""
    return tuple(finding for check in IDENTITIES for finding in check(page))


def rank_change(page: RolePage) -> Iterator[AuditFinding]:
    """Check that the rank change is the rank a year earlier minus the rank."""
    ranks, changes = page.content.term.row("rank"), page.content.term.row("rank_change")
    if ranks is None or changes is None:
        return
    for column, (rank, earlier, change) in enumerate(zip(ranks, ranks[1:], changes, strict=False)):
        if rank is None or earlier is None:
            if change:  # until 2013 the site printed 0 here
                yield AuditFinding(
                    "rank_change", f"no change {_COLUMNS[column]} without both ranks", _format_change(change)
                )
        elif change != earlier - rank:
            yield AuditFinding(
                "rank_change", f"{earlier - rank:+} {_COLUMNS[column]} ({earlier} - {rank})", _format_change(change)
            )
    rank, change = ranks[-1], changes[-1]
    if change and (rank is None or rank + change < 1):
        expected = f"a change {_COLUMNS[-1]} from a rank of 1 or more to {'none' if rank is None else rank}"
        yield AuditFinding("rank_change", expected, _format_change(change))


def same_total(page: RolePage) -> Iterator[AuditFinding]:
    """Check that both tables imply the same total number of ads, each by its vacancies and their share."""
    if page.content.category is None:
        return
    totals = [_totals(figures) for figures in (page.content.term, page.content.category.figures)]
    for column, (term, category) in enumerate(zip(*totals, strict=True)):
        if term and category and not term.overlaps(category):
            expected = f"{category} ads in all {_COLUMNS[column]}, by table 2"
            yield AuditFinding("same_total", expected, f"{term} by table 1")


def share_of_category(page: RolePage) -> Iterator[AuditFinding]:
    """Check that the share of the category is the term's vacancies in percent of the category's."""
    if page.content.category is None:
        return
    rows = (
        page.content.term.row("vacancies"),
        page.content.category.figures.row("vacancies"),
        page.content.term.row("share_of_category"),
    )
    for column, (part, whole, share) in enumerate(_columns(rows)):
        if part is None or whole is None or share is None:
            continue
        if not matches_share(int(part), int(whole), Decimal(share)):
            yield AuditFinding("share_of_category", f"{part} of {whole} {_COLUMNS[column]}", f"{share}%")


def percentile_order(page: RolePage) -> Iterator[AuditFinding]:
    """Check p10 <= p25 <= median <= p75 <= p90 in each block and column."""
    for table, figures in _tables(page):
        for basis in figures.bases:
            rows = [figures.row(key, basis) for key in PERCENTILES]
            for column, values in enumerate(_columns(rows)):
                printed = [value for value in values if value is not None]
                if printed != sorted(printed):
                    where = f"{basis} percentiles of {table} {_COLUMNS[column]}"
                    yield AuditFinding("percentile_order", f"rising {where}", ", ".join(map(str, printed)))


def quotes_within_vacancies(page: RolePage) -> Iterator[AuditFinding]:
    """Check that there are no more pay quotes than ads. Only a hint: one page of 73 had 133 salaries in 122 ads."""
    for table, figures in _tables(page):
        for basis in figures.bases:
            rows = (figures.row("quotes", basis), figures.row("vacancies"))
            for column, (quotes, ads) in enumerate(_columns(rows)):
                if quotes is not None and ads is not None and quotes > ads:
                    expected = f"at most {ads} {basis} quotes in {table} {_COLUMNS[column]}"
                    yield AuditFinding("quotes_within_vacancies", expected, str(quotes), rejects_page=False)


def quotes_within_category(page: RolePage) -> Iterator[AuditFinding]:
    """Check that the term has no more pay quotes than its category, which includes them.

    Verified on 102 columns of 38 pages.
    """
    if page.content.category is None:
        return
    for basis in page.content.term.bases:
        rows = (page.content.term.row("quotes", basis), page.content.category.figures.row("quotes", basis))
        for column, (part, whole) in enumerate(_columns(rows)):
            if part is not None and whole is not None and part > whole:
                expected = f"at most the category's {whole} {basis} quotes {_COLUMNS[column]}"
                yield AuditFinding("quotes_within_category", expected, str(part))


def no_value_without_count(page: RolePage) -> Iterator[AuditFinding]:
    """Check that there is no rank or share without ads, and no pay without quotes.

    Verified on 39 pages.
    """
    for table, figures in _tables(page):
        for (basis, key), row in figures.rows.items():
            count_key = _COUNT_OF.get(key)
            counts = figures.row(count_key, basis) if count_key else None
            if counts is None or 0 not in counts:
                continue
            for column, (count, figure) in enumerate(zip(counts, row, strict=True)):
                if count == 0 and figure is not None:
                    expected = f"no {key} of 0 {count_key} in {table} {_COLUMNS[column]}"
                    yield AuditFinding("no_value_without_count", expected, str(figure))


def value_with_count(page: RolePage) -> Iterator[AuditFinding]:
    """Check that there is a rank and a share if there are ads, and a median if there are quotes.

    Verified on 39 pages.
    """
    for table, figures in _tables(page):
        for (basis, key), row in figures.rows.items():
            count_key = _COUNT_OF_MANDATORY.get(key)
            counts = figures.row(count_key, basis) if count_key else None
            if counts is None or None not in row:
                continue
            for column, (count, figure) in enumerate(zip(counts, row, strict=True)):
                if count and figure is None:
                    expected = f"a {key} of {count} {count_key} in {table} {_COLUMNS[column]}"
                    yield AuditFinding("value_with_count", expected, "-")


def median_change(page: RolePage) -> Iterator[AuditFinding]:
    """Check that the printed change is the change between a median and the median a year earlier.

    A dash means "unchanged" or "not computable"; if both medians are printed, it means "unchanged". For the oldest
    column the earlier median is not on the page, but a change requires a median and is above -100 %.
    """
    for table, figures in _tables(page):
        for basis in figures.bases:
            tolerance = _PENCE if basis is Basis.HOURLY else _WHOLE_POUNDS
            for key in ("median", "parent_median"):
                medians, changes = figures.row(key, basis), figures.row(f"{key}_change", basis)
                if medians is None or changes is None:
                    continue
                for column, (now, before, change) in enumerate(zip(medians, medians[1:], changes, strict=False)):
                    implied = _change(now, before, tolerance)
                    if change if implied is None else not implied.overlaps(_around(change or 0, _CHANGE)):
                        expected = f"{implied or 'no'} % from {before} to {now}"
                        where = f"{basis} {key}, {table}, {_COLUMNS[column]}"
                        yield AuditFinding("median_change", f"{expected} ({where})", _format_change(change))
                oldest = changes[-1]
                if oldest is not None and (medians[-1] is None or oldest <= -_HUNDRED):
                    where = f"{basis} {key}, {table}, {_COLUMNS[-1]}"
                    yield AuditFinding(
                        "median_change", f"a change to {medians[-1] or 'nothing'} ({where})", _format_change(oldest)
                    )


def places_within_vacancies(page: RolePage) -> Iterator[AuditFinding]:
    """Check that no location has more ads than the region that contains it."""
    vacancies = page.content.term.now("vacancies")
    for location in page.content.locations:
        if vacancies is not None and location.vacancies > vacancies:
            yield AuditFinding(
                "places_within_vacancies", f"at most {vacancies} ads in {location.name!r}", str(location.vacancies)
            )


def location_order(page: RolePage) -> Iterator[AuditFinding]:
    """Check that locations are sorted by ads, most first. Verified on the four pages with known locations."""
    for above, location in pairwise(page.content.locations):
        if location.vacancies > above.vacancies:
            expected = f"at most {above.vacancies} ads in {location.name!r}, below {above.name!r}"
            yield AuditFinding("location_order", expected, str(location.vacancies))


def skill_shares(page: RolePage) -> Iterator[AuditFinding]:
    """Check that a skill occurs in at most all ads of the page, and that its share is the printed one."""
    vacancies = page.content.term.now("vacancies")
    if vacancies is None:
        return
    whole = int(vacancies)
    checked: dict[int, Decimal | None] = {}  # many skills are equally frequent
    for title, skills in _lists(page):
        for _, name, count, share in skills:
            if share is not None and checked.get(count) is share:  # shares are cached: equal means identical
                continue
            checked[count] = share
            if count > whole or (share is not None and not matches_share(count, whole, share)):
                actual = f"{count} ({share}%)"
                yield AuditFinding("skill_shares", f"a part of {vacancies} ads for {name!r} in {title!r}", actual)


def skill_in_both_lists(page: RolePage) -> Iterator[AuditFinding]:
    """Check that a top skill has the same count in its category, unless a category's list may be truncated."""
    counts: dict[str, set[int]] = {}
    for skills in page.content.skills.values():
        for _, name, count, _ in skills:
            counts.setdefault(name, set()).add(count)
    may_be_truncated = any(len(skills) >= _FULL_CATEGORY for skills in page.content.skills.values())
    for _, name, count, _ in page.content.top_skills if counts else ():
        listed = counts.get(name)
        if (listed is None and not may_be_truncated) or (listed is not None and listed != {count}):
            actual = "none" if listed is None else ", ".join(map(str, sorted(listed)))
            yield AuditFinding("skill_in_both_lists", f"{count} ads for {name!r} in its category", actual)


def skill_ranks(page: RolePage) -> Iterator[AuditFinding]:
    """Check that skills with equal counts share a rank: 1, 1, 2, 3, 3."""
    for title, skills in _lists(page):
        expected, above = 0, None
        for rank, name, count, _ in skills:
            if count != above:
                expected += 1
            if rank != expected or (above is not None and count > above):
                actual = f"rank {rank} with {count} ads after {above}"
                yield AuditFinding("skill_ranks", f"rank {expected} for {name!r} in {title!r}", actual)
                break
            above = count


IDENTITIES: Final[tuple[Callable[[RolePage], Iterator[AuditFinding]], ...]] = (
    *(rank_change, same_total, share_of_category, percentile_order, quotes_within_vacancies, quotes_within_category),
    *(no_value_without_count, value_with_count, median_change, places_within_vacancies, location_order),
    *(skill_shares, skill_in_both_lists, skill_ranks),
)
"""All checks, in the order of their findings."""


def _tables(page: RolePage) -> Iterator[tuple[str, Figures]]:
    yield "table 1", page.content.term
    if page.content.category is not None:
        yield "table 2", page.content.category.figures


def _lists(page: RolePage) -> Iterator[tuple[str, Sequence[SkillShare]]]:
    yield TOP_SKILLS_LIST, page.content.top_skills
    yield from page.content.skills.items()


def _columns(rows: Sequence[ThreeYears | None]) -> Iterator[tuple[int | Decimal | None, ...]]:
    """Yield the three columns of rows. A missing row has no values."""
    return zip(*(row or _NOT_STATED for row in rows), strict=True)


def _totals(figures: Figures) -> list[Interval | None]:
    """Return the total number of ads that a table implies, per column."""
    rows = (figures.row("vacancies"), figures.row("share_of_all"))
    return [
        None if ads is None or share is None else implied_total(int(ads), Decimal(share))
        for ads, share in _columns(rows)
    ]


def _change(now: int | Decimal | None, before: int | Decimal | None, tolerance: Decimal) -> Interval | None:
    """Return the interval of the change in percent between two rounded medians."""
    if now is None or before is None or before <= tolerance:
        return None
    least = ((now - tolerance) / (before + tolerance) - 1) * _HUNDRED
    most = ((now + tolerance) / (before - tolerance) - 1) * _HUNDRED
    return Interval(least, most)


def _around(printed: int | Decimal, tolerance: Decimal) -> Interval:
    return Interval(printed - tolerance, printed + tolerance)


def _format_change(change: int | Decimal | None) -> str:
    return "-" if change is None else f"{change:+}"
