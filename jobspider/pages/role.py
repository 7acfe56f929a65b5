"""A role or skill page to a :class:`~jobspider.model.RolePage`.

Everything is found by what it says: table 1 by its dated header row, table 2 by its labels, the locations by their
column headers, the lists of skills by the headings above them. See ``docs/READING.md`` for the wordings of each year.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from jobspider.errors import LayoutChangedError, WrongPageError
from jobspider.model import CategoryFigures, Chart, Content, LocationRow, RolePage, Scope, Subject
from jobspider.pages._locations import heads_places, read_places
from jobspider.pages._parse_errors import OtherPageError, PageContentError, quote
from jobspider.pages._periods import Period, find_period, is_header
from jobspider.pages._skill_lists import read_skills
from jobspider.pages._statistics_tables import StatisticsTable, match_label_cached, read_table, same_region
from jobspider.pages._subject_names import check_subject, read_names
from jobspider.pages.audit.prose import check_prose
from jobspider.pages.html.outline import Block, Heading, Outline, Row, SingleCellRow, TextLine
from jobspider.site import urls

# "All Permanent IT Job Vacancies", "All Permanent IT Job Roles" (from December 2025), "Contract IT Job Roles" (2017),
# "General Category" (2016), "All Programming Languages".
_CATEGORY_TITLE: Final = re.compile(
    r"all\b.+|.+ category|(?:permanent|contract) it job (?:roles|vacancies)", re.IGNORECASE
)
_FIGURE: Final = re.compile(r"-|(?:£|[+-])?[0-9][0-9,.]*%?")
_LOCATIONS: Final = re.compile(r"\bjob locations\b", re.IGNORECASE)


def shows_statistics(page: Outline) -> bool:
    """Tell whether a page holds a table of figures for dated windows, whatever else is in it."""
    return any(map(is_header, page.rows))


def parse_role_page(page: Outline, url: str) -> RolePage:
    """Read a role or skill page.

    Args:
        page: The page as its reader sees it.
        url: The address it was asked for under; it names the subject.

    Returns:
        The page. Its ``findings`` hold only where its sentences contradict its tables; the audit adds the rest.

    Raises:
        UsageError: The address is not that of a role or skill page.
        WrongPageError: The page is about something else.
        LayoutChangedError: The page holds something that is not understood.
    """
    subject = urls.parse_subject_url(url)
    try:
        return _read(page, subject)
    except OtherPageError as error:
        raise WrongPageError(url, str(error)) from error
    except PageContentError as error:
        raise LayoutChangedError(url, str(error)) from error


def _read(page: Outline, subject: Subject) -> RolePage:
    period = find_period(page)
    if period is None:
        raise PageContentError("a table with a header like '6 months to 13 Oct 2025'", "none")
    is_known = check_subject(page, period, subject)
    term = _term_table(page, period, subject)
    called = read_names(page, period, term, subject, is_known=is_known)
    category, unknown = _category_table(page, period, subject)
    skills = read_skills(page)
    content = Content(
        term.figures, category, _locations(page, subject, called.parent_region), skills.top, skills.by_category
    )
    address = urls.subject_url(subject)
    return RolePage(
        url=address,
        subject=subject,
        names=called,
        as_of=period.window.ends,
        years=period.years,
        content=content,
        charts=tuple(_charts(page, address, called.term_name, called.region_name)),
        unknown_labels=(*term.unknown, *unknown),
        findings=check_prose(page, period, subject, content, skills),
    )


def _term_table(page: Outline, period: Period, subject: Subject) -> StatisticsTable:
    """Read table 1, and make sure of the rows that no page lacks."""
    term = read_table(page.rows_after(period.row), Scope.TERM, subject)
    missing = [key for key in ("rank", "vacancies") if term.figures.row(key) is None]
    if not any(key == "quotes" for _, key in term.figures.rows):
        missing.append("quotes")
    if missing:
        raise PageContentError("the rows rank, vacancies and quotes in table 1", f"none for {' and '.join(missing)}")
    return term


def _category_table(page: Outline, period: Period, subject: Subject) -> tuple[CategoryFigures | None, tuple[str, ...]]:
    """Return table 2, ``None`` where the page has none, and the labels in it that nobody claims."""
    first = _find_category_table(page, period)
    if first is None:
        return None, ()
    table = read_table([first, *page.rows_after(first)], Scope.CATEGORY, subject)
    for piece in page.blocks_before(first)[len(period.above) :]:
        for line in _words(piece):
            name = _without_region(line, subject.region)
            if _CATEGORY_TITLE.fullmatch(name):
                return CategoryFigures(name, table.figures), table.unknown
    raise PageContentError("a title like 'All Permanent IT Job Vacancies' above table 2", "none")


def _find_category_table(page: Outline, period: Period) -> Row | None:
    """Find the one table beside table 1 whose rows bear the labels of statistics; return the first of its rows."""
    found: list[Row] = []
    for table, rows_and_titles in page.tables.items():
        if table == period.row.table:
            continue
        rows = [row for row in rows_and_titles if isinstance(row, Row)]
        if any(match_label_cached(row.cells[0], Scope.CATEGORY) for row in rows):
            found.append(rows[0])
            continue
        figures = next((row for row in rows if _holds_figures(row, len(period.row.cells))), None)
        if figures:
            raise PageContentError("figures under labels that are known", quote(figures.cells))
    if len(found) > 1:
        raise PageContentError("one table of figures beside table 1", f"{len(found)} of them")
    return found[0] if found else None


def _holds_figures(row: Row, columns: int) -> bool:
    return len(row.cells) == columns and all(map(_FIGURE.fullmatch, row.cells[1:]))


def _locations(page: Outline, subject: Subject, parent_region: str | None) -> tuple[LocationRow, ...]:
    headers = [row for row in page.rows if heads_places(row)]
    if len(headers) > 1:
        raise PageContentError("one table of locations", f"{len(headers)} of them")
    for header in headers:
        return read_places(header, page.rows_after(header), subject, parent_region)
    if any(_LOCATIONS.search(heading.text) for heading in page.headings):
        raise PageContentError("a table headed Location, Rank Change, ... under 'Job Locations'", "none")
    return ()


def _charts(page: Outline, url: str, term_name: str, region_name: str) -> Iterator[Chart]:
    """Give each chart, titled with the last line of the heading above it, without term and region."""
    for chart in page.charts:
        title = _without_region(chart.heading, region_name).removeprefix(f"{term_name} ")
        try:
            address = urljoin(url, chart.src)
        except ValueError as error:  # urllib's word for an address like http://[
            raise PageContentError("the address of a chart", quote(chart.src)) from error
        yield Chart(title or chart.alt, address)


def _words(piece: Block) -> tuple[str, ...]:
    if isinstance(piece, TextLine):
        return (piece.text,)
    return piece.lines if isinstance(piece, (Heading, SingleCellRow)) else ()


def _without_region(line: str, region: str) -> str:
    """Take " in the North West" off the end of a title."""
    title, between, place = line.rpartition(" in ")
    return title if between and same_region(place, region) else line
