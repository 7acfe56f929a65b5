"""Parsed pages: the results of :mod:`jobspider.pages`.

Frozen values without I/O. Units and ``None`` are as in :mod:`jobspider.model.content`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple, Self

from jobspider.model.content import Content
from jobspider.model.subjects import Market, Subject


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart image on the page. Its figures are not parsed."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """A failed audit check of a page.

    ``identity`` is the name of the check (``docs/READING.md``). A finding with ``rejects_page`` puts the page into
    quarantine; any other finding is only recorded.
    """

    identity: str
    expected: str
    found: str
    rejects_page: bool = True

    def to_json(self) -> dict[str, str | bool]:
        """Return the finding as JSON data. The JSON key of ``rejects_page`` is ``refuses``."""
        return {
            "identity": self.identity,
            "expected": self.expected,
            "found": self.found,
            "refuses": self.rejects_page,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the finding that :meth:`to_json` serialised."""
        return cls(data["identity"], data["expected"], data["found"], data["refuses"])


@dataclass(frozen=True, slots=True)
class SubjectNames:
    """The names that the page prints for its subject."""

    term_name: str
    term_kind: Literal["role", "skill"]
    category: str
    region_name: str
    parent_region: str | None


@dataclass(frozen=True, slots=True)
class RolePage:
    """A role or skill page. ``as_of`` is the end date of the window, as printed."""

    url: str
    subject: Subject
    names: SubjectNames
    as_of: date
    years: tuple[int, int, int]
    content: Content
    charts: tuple[Chart, ...] = ()
    unknown_labels: tuple[str, ...] = ()
    findings: tuple[AuditFinding, ...] = ()


class MarketRow(NamedTuple):
    """One row of a market index page."""

    name: str
    url: str
    rank: int
    rank_change: int | None
    median: Decimal | None
    median_change: Decimal | None
    vacancies: int
    share: Decimal | None
    live_jobs: int | None


@dataclass(frozen=True, slots=True)
class MarketPage:
    """One page of the market index. ``as_of`` is the end date of the window, as printed.

    ``pages`` is the number of pages of the index and ``total`` its number of rows, ``None`` if not printed.
    """

    url: str
    market: Market
    region_name: str
    as_of: date
    pages: int | None
    rows: tuple[MarketRow, ...]
    findings: tuple[AuditFinding, ...] = ()
    total: int | None = None
