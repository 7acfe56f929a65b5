"""The one registry of figures: what each is called, measured in, and how the site has labelled it since 2013.

A new figure on a known page is one new entry here. The patterns are matched against the whole label with white space
squashed, without regard to case. A pattern may name groups:

* ``basis``: the words that say what pay is paid for (see :func:`parse_basis`);
* ``job_type``: ``permanent`` or ``contract``;
* ``place``: a region's name, with or without "the";
* ``name``: the term's or the category's name.

Which labels were seen when is told in ``docs/READING.md``.
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
    """What a figure is measured in."""

    RANK = "rank"
    PLACES = "places"
    ADS = "ads"
    PERCENT = "percent"
    CHANGE = "percent change"
    POUNDS = "pounds"


_READERS: Final[dict[Unit, Callable[[str], int | Decimal | None]]] = {
    Unit.RANK: cell_values.parse_count,
    Unit.PLACES: cell_values.parse_rank_change,
    Unit.ADS: cell_values.parse_count,
    Unit.PERCENT: cell_values.parse_share,
    Unit.CHANGE: cell_values.parse_percent_change,
    Unit.POUNDS: cell_values.parse_money,
}

Better = Literal["higher", "lower"] | None
"""Which direction is good news for those who do the work; ``None`` where neither is."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """A named figure.

    ``labels`` holds the patterns for each table in which the figure can stand. ``read`` reads one cell of it and raises
    ``UnreadableFigureError``.
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


def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _statistic(
    key: str, title: str, unit: Unit, better: Better, *labels: str, category: tuple[str, ...] = ()
) -> Statistic:
    """Describe a figure of the page as a whole, by its labels in table 1 and those in table 2."""
    by_scope = {Scope.TERM: _compiled(labels)}
    if category:
        by_scope[Scope.CATEGORY] = _compiled(category)
    return Statistic(key, title, unit, better, is_pay=False, labels=by_scope, read=_READERS[unit])


def _pay(key: str, title: str, unit: Unit, better: Better, *labels: str) -> Statistic:
    """Describe a pay figure; it stands in both tables under the same labels, once for each basis."""
    patterns = _compiled(labels)
    by_scope = {Scope.TERM: patterns, Scope.CATEGORY: patterns}
    return Statistic(key, title, unit, better, is_pay=True, labels=by_scope, read=_READERS[unit])


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
        # "Average" was the site's word for the median until 2016.
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
    # "R median ..." is the page's own median where R is the page's region and the block has none yet (2017-2020):
    # pages/role.py decides, for it alone knows the region.
    # The region beside it is the parent region; on the page of the UK, which has none, "UK excluding London".
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
    """A row label that was recognised. Each of the last four is ``None`` where the label does not say it."""

    statistic: Statistic
    basis: Basis | None
    job_type: str | None
    place: str | None
    name: str | None


def match_label(label: str, scope: Scope) -> Label | None:
    """Say what a row label means in a table, or return ``None`` if nobody claims it.

    Args:
        label: The label's text; white space need not be squashed.
        scope: Which table it stands in.
    """
    text = cell_values.collapse_whitespace(label)
    for statistic in STATISTICS:
        for pattern in statistic.labels.get(scope, ()):
            found = pattern.fullmatch(text)
            if found:
                said = found.groupdict()
                basis = said.get("basis")
                job_type = said.get("job_type")
                return Label(
                    statistic,
                    parse_basis(basis) if basis else None,
                    job_type.lower() if job_type else None,
                    said.get("place"),
                    said.get("name"),
                )
    return None


def parse_basis(words: str) -> Basis:
    """Return the basis that pay words name: ``annual salary``, ``daily rates``, ...

    Raises:
        KeyError: The words name none.
    """
    return _BASES[words.lower()]
