"""The identities that every page keeps: what its figures must be to each other.

Each was checked on 73 saved pages, 2013 to 2026, unless it names fewer. A page that breaks one was misread, or is not
what it seems. Printed figures are rounded, so each stands for an interval, and two of them agree if their intervals
meet.
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
# Changes come from unrounded medians, and until 2016 the site cut their digits off instead of rounding.
_CHANGE: Final = Decimal("0.01")
_OF_ALL_ADS: Final = ("rank", "share_of_all", "share_of_category")
_NEEDS: Final = {
    **dict.fromkeys(_OF_ALL_ADS, "vacancies"),
    **dict.fromkeys(PERCENTILES, "quotes"),
}
"""What a figure is counted from: it is stated only where that is not 0."""
_ALWAYS_OF: Final = {**dict.fromkeys(_OF_ALL_ADS, "vacancies"), "median": "quotes"}
"""What of it is stated wherever that is not 0; any other percentile may be a dash."""
_FULL_CATEGORY: Final = 20  # the longest list that a category shows: what is not in it may be below its end


def audit(page: RolePage) -> tuple[AuditFinding, ...]:
    """Return every identity that fails on a page; all but a hint refuse it."""
    return tuple(finding for identity in IDENTITIES for finding in identity(page))


def rank_change(page: RolePage) -> Iterator[AuditFinding]:
    """Expect the rank a year earlier less the rank as the rank change."""
    ranks, changes = page.content.term.row("rank"), page.content.term.row("rank_change")
    if ranks is None or changes is None:
        return
    for column, (rank, earlier, change) in enumerate(zip(ranks, ranks[1:], changes, strict=False)):
        if rank is None or earlier is None:
            if change:  # until 2013 it said 0 there
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
    """Expect both tables to imply the same number of all ads, each by its ads and their share."""
    if page.content.category is None:
        return
    totals = [_totals(figures) for figures in (page.content.term, page.content.category.figures)]
    for column, (one, two) in enumerate(zip(*totals, strict=True)):
        if one and two and not one.overlaps(two):
            yield AuditFinding("same_total", f"{two} ads in all {_COLUMNS[column]}, by table 2", f"{one} by table 1")


def share_of_category(page: RolePage) -> Iterator[AuditFinding]:
    """Expect the term's ads in percent of its category's as the printed share."""
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
    """Expect p10 <= p25 <= median <= p75 <= p90 in each block and column."""
    for table, figures in _tables(page):
        for basis in figures.bases:
            rows = [figures.row(key, basis) for key in PERCENTILES]
            for column, values in enumerate(_columns(rows)):
                stated = [value for value in values if value is not None]
                if stated != sorted(stated):
                    where = f"{basis} percentiles of {table} {_COLUMNS[column]}"
                    yield AuditFinding("percentile_order", f"rising {where}", ", ".join(map(str, stated)))


def quotes_within_vacancies(page: RolePage) -> Iterator[AuditFinding]:
    """Expect no more pay quotes than ads: a hint only, for one page in 73 had 133 salaries in 122 ads."""
    for table, figures in _tables(page):
        for basis in figures.bases:
            rows = (figures.row("quotes", basis), figures.row("vacancies"))
            for column, (quotes, ads) in enumerate(_columns(rows)):
                if quotes is not None and ads is not None and quotes > ads:
                    expected = f"at most {ads} {basis} quotes in {table} {_COLUMNS[column]}"
                    yield AuditFinding("quotes_within_vacancies", expected, str(quotes), rejects_page=False)


def quotes_within_category(page: RolePage) -> Iterator[AuditFinding]:
    """Expect no more pay quotes of the term than of its category, which counts them too.

    Beyond the identities of the first 73 pages; checked on 102 columns of 38 of them.
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
    """Expect no rank and no share where there are no ads, and no pay where there are no quotes.

    Beyond the identities of the first 73 pages; checked on 39 of them.
    """
    for table, figures in _tables(page):
        for (basis, key), row in figures.rows.items():
            counted = _NEEDS.get(key)
            counts = figures.row(counted, basis) if counted else None
            if counts is None or 0 not in counts:
                continue
            for column, (count, figure) in enumerate(zip(counts, row, strict=True)):
                if count == 0 and figure is not None:
                    expected = f"no {key} of 0 {counted} in {table} {_COLUMNS[column]}"
                    yield AuditFinding("nothing_of_none", expected, str(figure))


def value_with_count(page: RolePage) -> Iterator[AuditFinding]:
    """Expect a rank and a share wherever there are ads, a median wherever there are quotes: a dash there means 0.

    Beyond the identities of the first 73 pages; checked on 39 of them.
    """
    for table, figures in _tables(page):
        for (basis, key), row in figures.rows.items():
            counted = _ALWAYS_OF.get(key)
            counts = figures.row(counted, basis) if counted else None
            if counts is None or None not in row:
                continue
            for column, (count, figure) in enumerate(zip(counts, row, strict=True)):
                if count and figure is None:
                    expected = f"a {key} of {count} {counted} in {table} {_COLUMNS[column]}"
                    yield AuditFinding("something_of_some", expected, "-")


def median_change(page: RolePage) -> Iterator[AuditFinding]:
    """Expect the change between a median and the median a year earlier as the change printed under it.

    A dash there means "unchanged" or "not computable"; where both medians are stated it can only mean the first. Of
    the oldest column the year before is not on the page, but a change needs a median, and none falls by all of it.
    """
    for table, figures in _tables(page):
        for basis in figures.bases:
            slack = _PENCE if basis is Basis.HOURLY else _WHOLE_POUNDS
            for key in ("median", "parent_median"):
                medians, changes = figures.row(key, basis), figures.row(f"{key}_change", basis)
                if medians is None or changes is None:
                    continue
                for column, (now, before, change) in enumerate(zip(medians, medians[1:], changes, strict=False)):
                    implied = _change(now, before, slack)
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
    """Expect no more ads in a place than in the region around it."""
    vacancies = page.content.term.now("vacancies")
    for place in page.content.locations:
        if vacancies is not None and place.vacancies > vacancies:
            yield AuditFinding(
                "places_within_vacancies", f"at most {vacancies} ads in {place.name!r}", str(place.vacancies)
            )


def location_order(page: RolePage) -> Iterator[AuditFinding]:
    """Expect the places with the most ads first; checked on the four pages whose places are known."""
    for above, place in pairwise(page.content.locations):
        if place.vacancies > above.vacancies:
            expected = f"at most {above.vacancies} ads in {place.name!r}, below {above.name!r}"
            yield AuditFinding("places_order", expected, str(place.vacancies))


def skill_shares(page: RolePage) -> Iterator[AuditFinding]:
    """Expect a skill in at most all of the page's ads, and its share of them as printed."""
    vacancies = page.content.term.now("vacancies")
    if vacancies is None:
        return
    whole = int(vacancies)
    checked: dict[int, Decimal | None] = {}  # many skills are equally frequent
    for title, skills in _lists(page):
        for _, name, count, share in skills:
            if share is not None and checked.get(count) is share:  # which is remembered, so equal ones are one
                continue
            checked[count] = share
            if count > whole or (share is not None and not matches_share(count, whole, share)):
                found = f"{count} ({share}%)"
                yield AuditFinding("skill_shares", f"a part of {vacancies} ads for {name!r} in {title!r}", found)


def skill_in_both_lists(page: RolePage) -> Iterator[AuditFinding]:
    """Expect a top skill in its category with the same count, unless a category's list may end before it."""
    counts: dict[str, set[int]] = {}
    for skills in page.content.skills.values():
        for _, name, count, _ in skills:
            counts.setdefault(name, set()).add(count)
    may_be_cut = any(len(skills) >= _FULL_CATEGORY for skills in page.content.skills.values())
    for _, name, count, _ in page.content.top_skills if counts else ():
        found = counts.get(name)
        if (found is None and not may_be_cut) or (found is not None and found != {count}):
            said = "none" if found is None else ", ".join(map(str, sorted(found)))
            yield AuditFinding("skill_in_both_lists", f"{count} ads for {name!r} in its category", said)


def skill_ranks(page: RolePage) -> Iterator[AuditFinding]:
    """Expect the ranks of a list to number its groups of equal counts: 1, 1, 2, 3, 3."""
    for title, skills in _lists(page):
        expected, above = 0, None
        for rank, name, count, _ in skills:
            if count != above:
                expected += 1
            if rank != expected or (above is not None and count > above):
                found = f"rank {rank} with {count} ads after {above}"
                yield AuditFinding("skill_ranks", f"rank {expected} for {name!r} in {title!r}", found)
                break
            above = count


IDENTITIES: Final[tuple[Callable[[RolePage], Iterator[AuditFinding]], ...]] = (
    rank_change,
    same_total,
    share_of_category,
    percentile_order,
    quotes_within_vacancies,
    quotes_within_category,
    no_value_without_count,
    value_with_count,
    median_change,
    places_within_vacancies,
    location_order,
    skill_shares,
    skill_in_both_lists,
    skill_ranks,
)


def _tables(page: RolePage) -> Iterator[tuple[str, Figures]]:
    yield "table 1", page.content.term
    if page.content.category is not None:
        yield "table 2", page.content.category.figures


def _lists(page: RolePage) -> Iterator[tuple[str, Sequence[SkillShare]]]:
    yield TOP_SKILLS_LIST, page.content.top_skills
    yield from page.content.skills.items()


def _columns(rows: Sequence[ThreeYears | None]) -> Iterator[tuple[int | Decimal | None, ...]]:
    """Give the three columns of some rows; a row that the page does not have states nothing."""
    return zip(*(row or _NOT_STATED for row in rows), strict=True)


def _totals(figures: Figures) -> list[Interval | None]:
    """Return for each column how many ads a table says there are in all."""
    rows = (figures.row("vacancies"), figures.row("share_of_all"))
    return [
        None if ads is None or share is None else implied_total(int(ads), Decimal(share))
        for ads, share in _columns(rows)
    ]


def _change(now: int | Decimal | None, before: int | Decimal | None, slack: Decimal) -> Interval | None:
    """Return the change in percent between two medians that were rounded for print."""
    if now is None or before is None or before <= slack:
        return None
    least = ((now - slack) / (before + slack) - 1) * _HUNDRED
    most = ((now + slack) / (before - slack) - 1) * _HUNDRED
    return Interval(least, most)


def _around(printed: int | Decimal, slack: Decimal) -> Interval:
    return Interval(printed - slack, printed + slack)


def _format_change(change: int | Decimal | None) -> str:
    return "-" if change is None else f"{change:+}"
