"""A page of the market index to a :class:`~jobspider.model.MarketPage`.

The table is found by its header "Rank 6 Months to 30 Jul 2025", its columns by their headers, a term's address by the
link behind its name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import urljoin

from jobspider.errors import LayoutChangedError, UsageError, WrongPageError
from jobspider.model import Market, MarketPage, MarketRow, Subject
from jobspider.pages._parse_errors import OtherPageError, PageContentError, is_name, quote
from jobspider.pages._periods import find_window
from jobspider.pages._statistics_tables import BASES, read_cell, read_cells, same_region
from jobspider.pages.html.outline import Outline, Row, SingleCellRow, SkillRows, TextLine
from jobspider.site import urls as addresses
from jobspider.site.statistics import BY_KEY, parse_basis

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    _Values = tuple[int, int | None, Decimal | None, Decimal | None, int, Decimal | None, int | None]

ROWS_A_PAGE: Final = 50
"""As the site pages its index (2019 to 2026)."""

_RANK: Final = re.compile(r"rank ?[0-9]+ months to\b.*", re.IGNORECASE)
_PAY: Final = r"(?:median|average) (?P<basis>annual salary|salary|daily rate|hourly rate)"
# The headers of July 2025, and their words in other years as far as other pages of the site have used them.
_COLUMNS: Final = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "name": r"description",
        "rank": _RANK.pattern,
        "rank_change": r"rank (?:yoy |year-on-year )?change\b.*",
        "median": _PAY,
        "median_change": rf"{_PAY} (?:yoy |year-on-year )?(?:% )?change\b.*",
        "vacancies": r"(?!live\b).*\b(?:vacancies|ads)",
        "live_jobs": r"live (?:jobs|job vacancies|vacancies)",
    }.items()
}
_NEEDED: Final = ("name", "rank", "vacancies")
_STATISTICS: Final = {
    **{name: BY_KEY[name] for name in ("rank", "rank_change", "median", "median_change", "vacancies")},
    "share": BY_KEY["share_of_all"],
    "live_jobs": BY_KEY["vacancies"],
}
"""What each figure of a row is, in the order of :class:`~jobspider.model.MarketRow`; the first is always stated."""
_RESULTS: Final = re.compile(r"results ([0-9,]+) ?- ?([0-9,]+) of ([0-9,]+)", re.IGNORECASE)
_OF_PAGES: Final = re.compile(r"page ([0-9,]+) of ([0-9,]+)", re.IGNORECASE)
# "4,526 34.83%" (2025), "43,032 (30.33%)" (2019).
_VACANCIES: Final = re.compile(r"([0-9,]+)(?: ?\(?([0-9.]+%|-)\)?)?")
_SPELT: Final = re.compile(r"[a-z0-9.+()-]*[a-z0-9+)](?:%20[a-z0-9+()-][a-z0-9.+()-]*)*\.do")
_HEADLINE: Final = re.compile(r".+? in (?:the )?(?P<place>.+)", re.IGNORECASE)


class Extent(NamedTuple):
    """What "Results 51 - 100 of 5,261" says: the first row's place, the last's, and how many there are in all."""

    first: int
    last: int
    total: int


def shows_index(page: Outline) -> bool:
    """Tell whether a page shows a market index, whole or not."""
    return any(map(_is_header, page.rows)) or any(
        _RESULTS.search(text)
        for piece in page.pieces
        for text in (piece.cells if isinstance(piece, Row) else [piece.text] if isinstance(piece, TextLine) else [])
    )


def parse_market_page(page: Outline, url: str) -> MarketPage:
    """Read a page of the market index.

    Args:
        page: The page as its reader sees it, with its links.
        url: The address it was asked for under; it names the region, the job type, the window and the page.

    Returns:
        The page, with no findings: the audit adds them.

    Raises:
        UsageError: The address is not one of the market index.
        WrongPageError: The page lists something else.
        LayoutChangedError: The page holds something that is not understood.
    """
    market = addresses.parse_market_url(url)
    try:
        return _read(page, market)
    except OtherPageError as error:
        raise WrongPageError(url, str(error)) from error
    except PageContentError as error:
        raise LayoutChangedError(url, str(error)) from error


def _read(page: Outline, market: Market) -> MarketPage:
    heads: dict[int, Row] = {}
    for row in page.rows:
        if row.table not in heads and _is_header(row):  # another one in the same table is no term, and is refused below
            heads[row.table] = row
    if len(heads) != 1:
        raise PageContentError("one table with a header like 'Rank 6 Months to 30 Jul 2025'", f"{len(heads) or 'none'}")
    if any(isinstance(piece, SkillRows) for piece in page.pieces):
        raise PageContentError("an index without a list of skills", "one")
    (header,) = heads.values()
    columns, as_of = _columns(header, market)
    base = addresses.market_url(market)
    below = page.rows_after(header)
    if not 0 < len(below) <= ROWS_A_PAGE:
        raise PageContentError(f"1 to {ROWS_A_PAGE} rows below the header", f"{len(below) or 'none'}")
    rows = _rows(below, columns, _Terms(page.links, base, market))
    if len({row.name for row in rows}) != len(rows):
        (twice, _), *_ = Counter(row.name for row in rows).most_common()
        raise PageContentError("each term once", f"{quote(twice)} again")
    return MarketPage(
        base, market, _region_name(page, market), as_of, _pages(page, market, len(rows)), rows, total=_total(page)
    )


def _is_header(row: Row) -> bool:
    return any(map(_RANK.fullmatch, row.cells))


def _columns(header: Row, market: Market) -> tuple[list[str], "date"]:
    """Return the columns' names in their order, and the date in the header of the rank."""
    names: list[str] = []
    as_of = None
    for cell in header.cells:
        name, said = _column(cell)
        if name in names:
            raise PageContentError("each column of the market index once", f"{quote(cell)} again")
        names.append(name)
        window = find_window(cell) if name == "rank" else None
        if window and window.months != market.window_months:
            raise OtherPageError(f"the {market.window_months} months' index", quote(cell))
        as_of = window.ends if window else as_of
        if said.get("basis") and parse_basis(said["basis"]) is not BASES[market.job_type][0]:
            raise OtherPageError(f"an index of {market.job_type} jobs", quote(cell))
    missing = [name for name in _NEEDED if name not in names]
    if missing or as_of is None:
        raise PageContentError(f"a dated column for {' and '.join(missing) or 'rank'}", quote(header.cells))
    return names, as_of


@lru_cache(maxsize=256)
def _column(cell: str) -> tuple[str, Mapping[str, str]]:
    """Return a column's name and what else its header says; the same few stand on every page."""
    for name, pattern in _COLUMNS.items():
        found = pattern.fullmatch(cell)
        if found:
            return name, found.groupdict()
    raise PageContentError("a known column of the market index", quote(cell))


def _rows(below: Sequence[Row | SingleCellRow], columns: list[str], terms: "_Terms") -> tuple[MarketRow, ...]:
    """Read the rows column by column: all figures of a column are read alike."""
    cells = [row.lines if isinstance(row, SingleCellRow) else row.cells for row in below]
    for row in cells:
        if len(row) != len(columns):
            raise PageContentError(f"a term with {len(columns) - 1} figures", quote(row))
    texts: dict[str, Sequence[str]] = dict(zip(columns, zip(*cells, strict=True), strict=True))
    names = texts["name"]
    texts["vacancies"], texts["share"] = zip(*_ads(names, texts["vacancies"]), strict=True)
    blanks = [""] * len(names)
    values = [
        read_cells(statistic, texts.get(column, blanks), names, terms.basis)
        for column, statistic in _STATISTICS.items()
    ]
    if None in values[0]:
        raise PageContentError(f"a rank of {quote(names[values[0].index(None)])}", "none")
    figures = cast("Iterable[_Values]", zip(*values, strict=True))
    return tuple([MarketRow(name, url, *row) for name, url, row in zip(names, terms.urls(names), figures, strict=True)])


def _ads(names: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give the digits of each term's ads, and of their share if it is stated."""
    for name, text in zip(names, texts, strict=True):
        found = _VACANCIES.fullmatch(text)
        if not found or not is_name(name):
            raise PageContentError("a term with its ads like '4,526 34.83%'", quote((name, text)))
        count, share = found.groups("")
        yield count, share


class _Terms:
    """The terms of an index: how their pay is told, and the addresses of their own pages over the index's window."""

    def __init__(self, links: Mapping[str, str | None], base: str, market: Market) -> None:
        self.basis = BASES[market.job_type][0]
        self._links = links
        self._base = base
        self._market = market
        before, self._after = self._page("x").split("x.do")
        self._before = before.removeprefix(addresses.SITE)

    def urls(self, names: Iterable[str]) -> list[str]:
        """Return the URL of each term's page.

        Links in the canonical form are not parsed. Without this, an index page takes 2.6 instead of 1.7 ms
        (4.4 instead of 2.8 times lxml's parse, December 2026).
        """
        links, before, after = self._links, self._before, self._after
        return [
            f"{addresses.SITE}{link}{after}"
            if (link := links.get(name)) and link.startswith(before) and _SPELT.fullmatch(link, len(before))
            else self._parsed(name, link)
            for name in names
        ]

    def _parsed(self, name: str, link: str | None) -> str:
        market = self._market
        try:
            subject = addresses.parse_subject_url(urljoin(self._base, link or ""))
        except (UsageError, ValueError) as error:  # ValueError: urllib's word for an address like http://[
            raise PageContentError(f"one link to the page of {quote(name)}", quote(link or "none")) from error
        if (subject.job_type, subject.region) != (market.job_type, market.region):
            raise OtherPageError(f"terms of {market.job_type} jobs in {market.region!r}", quote(link or ""))
        return self._page(subject.term)

    def _page(self, term: str) -> str:
        market = self._market
        return addresses.subject_url(Subject(market.job_type, market.region, term, market.window_months))


def _region_name(page: Outline, market: Market) -> str:
    """Return the region as a headline prints it, or as addresses spell it; the links of all rows have confirmed it."""
    headlines = (_HEADLINE.fullmatch(heading.text) for heading in page.headings)
    places = [found["place"] for found in headlines if found and same_region(found["place"], market.region)]
    return places[0] if places else addresses.region_display_name(market.region)


def _pages(page: Outline, market: Market, rows: int) -> int | None:
    """Return how many pages the index has, having held the page's words on it to the page asked for and to its rows."""
    stated = {pages for line in _counts(page) for pages in _stated_pages(line, market, rows)}
    if page.pages_total is not None:
        stated.add(_count(page.pages_total, "pagination-total"))
    if len(stated) > 1:
        raise PageContentError("one number of pages", " and ".join(map(str, sorted(stated))))
    return next(iter(stated), None)


def _total(page: Outline) -> int | None:
    """Return how many rows the index says it has."""
    found = map(_RESULTS.fullmatch, _counts(page))
    return next((_count(results[3], results[0]) for results in found if results), None)


def _counts(page: Outline) -> list[str]:
    """Return the lines that may count pages or rows: each says "of"."""
    return [piece.text for piece in page.pieces if isinstance(piece, TextLine) and " of " in piece.text.lower()]


def _stated_pages(line: str, market: Market, rows: int) -> list[int]:
    results, of_pages = _RESULTS.fullmatch(line), _OF_PAGES.fullmatch(line)
    if of_pages:
        number, pages = (_count(text, line) for text in of_pages.groups())
        if number != market.page:
            raise OtherPageError(f"page {market.page} of the index", quote(line))
        return [pages]
    if not results:
        return []
    extent = Extent(*(_count(text, line) for text in results.groups()))
    if extent.first != (market.page - 1) * ROWS_A_PAGE + 1:
        raise OtherPageError(f"page {market.page} of the index", quote(line))
    if extent.last - extent.first + 1 != rows or extent.last != min(extent.first + ROWS_A_PAGE - 1, extent.total):
        raise PageContentError(f"as many rows as {quote(line)} says", f"{rows} rows")
    return [-(-extent.total // ROWS_A_PAGE)]


def _count(text: str, where: str) -> int:
    count = read_cell(BY_KEY["vacancies"], text, where, None)
    return int(count or 0)
