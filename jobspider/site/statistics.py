"""Define the registry of statistics: title, unit and the labels that the site has used since 2013.

To add a statistic of a known page, add one entry to ``STATISTICS``. The patterns match the whole label, with white
space collapsed and without regard to case. A pattern may contain these groups:

* ``basis``: the words for the pay basis (see :func:`parse_basis`);
* ``job_type``: ``permanent`` or ``contract``;
* ``place``: a region's name, with or without "the";
* ``name``: the name of the term or the category.

``docs/READING.md`` lists the years in which each label was used.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from jobspider.model import Basis, Scope
from jobspider.site import cell_values


class Unit(StrEnum):
    """The unit of a statistic."""

    RANK = "rank"
    PLACES = "places"
    ADS = "ads"
    PERCENT = "percent"
    CHANGE = "percent change"
    POUNDS = "pounds"


_PARSERS: Final[dict[Unit, Callable[[str], int | Decimal | None]]] = {
    Unit.RANK: cell_values.parse_count,
    Unit.PLACES: cell_values.parse_rank_change,
    Unit.ADS: cell_values.parse_count,
    Unit.PERCENT: cell_values.parse_share,
    Unit.CHANGE: cell_values.parse_percent_change,
    Unit.POUNDS: cell_values.parse_money,
}

Better = Literal["higher", "lower"] | None
"""The direction that is good for people who work in the role; ``None`` if neither is."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic of the page.

    ``labels`` contains the patterns for each table that can contain the statistic. ``read`` parses one cell and raises
    ``UnreadableFigureError`` for an unknown format.
    """

    key: str
    title: str
    unit: Unit
    better: Better
    is_pay: bool
    labels: dict[Scope, tuple[re.Pattern[str], ...]]
    read: Callable[[str], int | Decimal | None]


_PAY: Final = r"(?P<basis>annual salary|salary|daily rate|hourly rate)"
_PLACE: Final = r"(?:the )?(?P<place>.+?)"
_JOB: Final = r"(?P<job_type>permanent|contract)"


def _compile(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _statistic(
    key: str, title: str, unit: Unit, better: Better, *labels: str, category: tuple[str, ...] = ()
) -> Statistic:
    """Return a statistic without pay basis, with its labels in table 1 and in table 2."""
    by_scope = {Scope.TERM: _compile(labels)}
    if category:
        by_scope[Scope.CATEGORY] = _compile(category)
    return Statistic(key, title, unit, better, is_pay=False, labels=by_scope, read=_PARSERS[unit])


def _pay(key: str, title: str, unit: Unit, better: Better, *labels: str) -> Statistic:
    """Return a pay statistic. Both tables contain it under the same labels, once per pay basis."""
    patterns = _compile(labels)
    by_scope = {Scope.TERM: patterns, Scope.CATEGORY: patterns}
    return Statistic(key, title, unit, better, is_pay=True, labels=by_scope, read=_PARSERS[unit])


STATISTICS: Final = (
    _statistic("rank", "Rank", Unit.RANK, "lower", r"rank"),
    _statistic("rank_change", "Rank change", Unit.PLACES, "higher", r"rank change year-on-year"),
    _statistic(
        "vacancies",
        "Vacancies",
        Unit.ADS,
        "higher",
        rf"{_JOB} jobs (?:requiring|citing) (?:an? )?(?P<name>.+)",
        category=(rf"{_JOB} (?:it )?(?:job )?(?:vacancies|ads) (?:in {_PLACE} )?(?:with an?|requiring) .+",),
    ),
    _statistic(
        "share_of_all",
        "Share of all vacancies",
        Unit.PERCENT,
        "higher",
        rf"as % of all {_JOB} (?:it )?(?:jobs|job vacancies)(?: (?:(?:advertised|located) )?in {_PLACE})?",
        category=(
            rf"(?:as )?% of {_JOB} (?:it )?jobs with an? .+",
            rf"as % of all {_JOB} (?:it )?(?:jobs|job vacancies)(?: (?:(?:advertised|located) )?in {_PLACE})?",
        ),
    ),
    _statistic(
        "share_of_category", "Share of its category", Unit.PERCENT, "higher", r"as % of the (?P<name>.+) category"
    ),
    _pay("quotes", "Pay quotes", Unit.ADS, "higher", r"number of (?P<basis>salaries|daily rates|hourly rates) quoted"),
    _pay("p10", "10th percentile", Unit.POUNDS, "higher", r"10th percentile", rf"90% offered an? {_PAY} of more than"),
    _pay("p25", "25th percentile", Unit.POUNDS, "higher", r"25th percentile"),
    _pay(
        "median",
        "Median",
        Unit.POUNDS,
        "higher",
        rf"median {_PAY}(?: \(50th percentile\))?",
        # Until 2016 the site called the median "average".
        rf"average {_PAY}",
    ),
    _pay(
        "median_change",
        "Median, year on year",
        Unit.CHANGE,
        "higher",
        rf"(?:median|average)(?: {_PAY})? % change year-on-year",
    ),
    _pay("p75", "75th percentile", Unit.POUNDS, "higher", r"75th percentile"),
    _pay("p90", "90th percentile", Unit.POUNDS, "higher", r"90th percentile", rf"10% offered an? {_PAY} of more than"),
    # "R median ..." is the median of the page itself if R is its region and the block has no median yet (2017-2020).
    # pages/_statistics_tables.py decides that, because it knows the region. Otherwise R is the parent region; on the
    # page of the UK, which has no parent, it is "UK excluding London".
    _pay(
        "parent_median",
        "Median of the region beside it",
        Unit.POUNDS,
        "higher",
        rf"{_PLACE} (?:median|average) {_PAY}",
    ),
    _pay(
        "parent_median_change",
        "Median of the region beside it, year on year",
        Unit.CHANGE,
        "higher",
        r"% change year-on-year",
    ),
)

BY_KEY: Final = {statistic.key: statistic for statistic in STATISTICS}
PERCENTILES: Final = ("p10", "p25", "median", "p75", "p90")

_BASES: Final = {
    "annual salary": Basis.ANNUAL,
    "salary": Basis.ANNUAL,
    "salaries": Basis.ANNUAL,
    "daily rate": Basis.DAILY,
    "daily rates": Basis.DAILY,
    "hourly rate": Basis.HOURLY,
    "hourly rates": Basis.HOURLY,
}


@dataclass(frozen=True, slots=True)
class Label:
    """A known row label. Each of the last four fields is ``None`` if the label does not contain it."""

    statistic: Statistic
    basis: Basis | None
    job_type: str | None
    place: str | None
    name: str | None


def match_label(label: str, scope: Scope) -> Label | None:
    """Return the meaning of a row label, or ``None`` if it is unknown.

    Args:
        label: The text of the label, in any white space.
        scope: The table that contains the row.
    """
    text = cell_values.collapse_whitespace(label)
    for statistic in STATISTICS:
        for pattern in statistic.labels.get(scope, ()):
            match = pattern.fullmatch(text)
            if match:
                groups = match.groupdict()
                basis = groups.get("basis")
                job_type = groups.get("job_type")
                return Label(
                    statistic,
                    parse_basis(basis) if basis else None,
                    job_type.lower() if job_type else None,
                    groups.get("place"),
                    groups.get("name"),
                )
    return None


def parse_basis(words: str) -> Basis:
    """Return the pay basis of words like ``annual salary`` or ``daily rates``.

    Raises:
        KeyError: The words are unknown.
    """
    return _BASES[words.lower()]
