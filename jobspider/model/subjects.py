"""Subjects and markets: what a page is about.

Frozen values without I/O, created by :mod:`jobspider.site.urls`, which normalises them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WINDOWS: Final = (3, 6)
"""The window lengths of the site, in months."""
DEFAULT_WINDOW: Final = 6


class JobType(StrEnum):
    """The type of the advertised jobs."""

    PERMANENT = "permanent"
    CONTRACT = "contract"


class Basis(StrEnum):
    """The pay basis: salary per year, rate per day or rate per hour."""

    ANNUAL = "annual"
    DAILY = "daily"
    HOURLY = "hourly"


class Scope(StrEnum):
    """The table of a figure: about the term (table 1) or about its category (table 2)."""

    TERM = "term"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """The subject of one role page. The text fields are slugs: names in lower case, as in the site's URLs.

    Create it with :func:`jobspider.site.urls.make_subject`, which normalises the names.
    """

    job_type: JobType
    region: str
    term: str
    window_months: int = DEFAULT_WINDOW

    @property
    def key(self) -> str:
        """The key that configuration patterns match: ``permanent/north west/backend developer/6``."""
        return f"{self.job_type}/{self.region}/{self.term}/{self.window_months}"


@dataclass(frozen=True, slots=True, order=True)
class Market:
    """One page of the market index. The index lists all terms of a region by vacancies, 50 per page.

    Create it with :func:`jobspider.site.urls.make_market`, which normalises the region to lower case.
    """

    job_type: JobType
    region: str
    window_months: int = DEFAULT_WINDOW
    page: int = 1

    @property
    def key(self) -> str:
        """The key of the page: ``permanent/london/6/page 1``."""
        return f"{self.job_type}/{self.region}/{self.window_months}/page {self.page}"
