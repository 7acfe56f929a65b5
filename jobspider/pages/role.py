"""Parse the outline of a role or skill page into a :class:`~jobspider.model.RolePage`.

Every part is identified by its text: table 1 by its dated header, table 2 by its labels, the locations by their column
headers, the skill lists by the headings above them. ``docs/READING.md`` lists the labels of each year.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from jobspider.errors import LayoutChangedError, WrongPageError
from jobspider.model import CategoryFigures, Chart, Content, LocationRow, RolePage, Scope, Subject
from jobspider.pages._locations import is_location_header, parse_locations
from jobspider.pages._parse_errors import OtherPageError, PageContentError, quote
from jobspider.pages._periods import Period, find_period, is_header
from jobspider.pages._skill_lists import parse_skills
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


def has_statistics(page: Outline) -> bool:
    """Return whether a page contains a statistics table with a dated header."""
    return any(map(is_header, page.rows))


def parse_role_page(page: Outline, url: str) -> RolePage:
    """Parse a role or skill page.

    Args:
        page: The outline of the page.
        url: The requested URL, which names the subject.

    Returns:
        The page. Its ``findings`` contain only contradictions between text and tables; the audit adds the others.

    Raises:
        UsageError: The URL is not that of a role or skill page.
        WrongPageError: The page is about another subject.
        LayoutChangedError: The page contains something that the parser does not understand.
    """
    subject = urls.parse_subject_url(url)
    try:
        return _parse_outline(page, subject)
    except OtherPageError as error:
        raise WrongPageError(url, str(error)) from error
    except PageContentError as error:
        raise LayoutChangedError(url, str(error)) from error


def _parse_outline(page: Outline, subject: Subject) -> RolePage:
    period = find_period(page)
    if period is None:
        raise PageContentError("a table with a header like '6 months to 13 Oct 2025'", "none")
    is_known = check_subject(page, period, subject)
    term = _term_table(page, period, subject)
    names = read_names(page, period, term, subject, is_known=is_known)
    category, unknown = _category_table(page, period, subject)
    skills = parse_skills(page)
    content = Content(
        term.figures, category, _locations(page, subject, names.parent_region), skills.top, skills.by_category
    )
    page_url = urls.subject_url(subject)
    return RolePage(
        url=page_url,
        subject=subject,
        names=names,
        as_of=period.window.ends,
        years=period.years,
        content=content,
        charts=tuple(_charts(page, page_url, names.term_name, names.region_name)),
        unknown_labels=(*term.unknown, *unknown),
        findings=check_prose(page, period, subject, content, skills),
    )


def _term_table(page: Outline, period: Period, subject: Subject) -> StatisticsTable:
    """Parse table 1 and check that the mandatory rows are there."""
    term = read_table(page.rows_after(period.row), Scope.TERM, subject)
    missing = [key for key in ("rank", "vacancies") if term.figures.row(key) is None]
    if not any(key == "quotes" for _, key in term.figures.rows):
        missing.append("quotes")
    if missing:
        raise PageContentError("the rows rank, vacancies and quotes in table 1", f"none for {' and '.join(missing)}")
    return term


def _category_table(page: Outline, period: Period, subject: Subject) -> tuple[CategoryFigures | None, tuple[str, ...]]:
    """Return table 2 (``None`` if the page has none) and its unknown labels."""
    first = _find_category_table(page, period)
    if first is None:
        return None, ()
    table = read_table([first, *page.rows_after(first)], Scope.CATEGORY, subject)
    for piece in page.blocks_before(first)[len(period.above) :]:
        for line in _text_lines(piece):
            name = _without_region(line, subject.region)
            if _CATEGORY_TITLE.fullmatch(name):
                return CategoryFigures(name, table.figures), table.unknown
    raise PageContentError("a title like 'All Permanent IT Job Vacancies' above table 2", "none")


def _find_category_table(page: Outline, period: Period) -> Row | None:
    """Return the first row of the table, other than table 1, that has labels of statistics."""
    first_rows: list[Row] = []
    for table, rows_and_titles in page.tables.items():
        if table == period.row.table:
            continue
        rows = [row for row in rows_and_titles if isinstance(row, Row)]
        if any(match_label_cached(row.cells[0], Scope.CATEGORY) for row in rows):
            first_rows.append(rows[0])
            continue
        figures = next((row for row in rows if _has_figures(row, len(period.row.cells))), None)
        if figures:
            raise PageContentError("figures under labels that are known", quote(figures.cells))
    if len(first_rows) > 1:
        raise PageContentError("one table of figures beside table 1", f"{len(first_rows)} of them")
    return first_rows[0] if first_rows else None


def _has_figures(row: Row, columns: int) -> bool:
    return len(row.cells) == columns and all(map(_FIGURE.fullmatch, row.cells[1:]))


def _locations(page: Outline, subject: Subject, parent_region: str | None) -> tuple[LocationRow, ...]:
    headers = [row for row in page.rows if is_location_header(row)]
    if len(headers) > 1:
        raise PageContentError("one table of locations", f"{len(headers)} of them")
    for header in headers:
        return parse_locations(header, page.rows_after(header), subject, parent_region)
    if any(_LOCATIONS.search(heading.text) for heading in page.headings):
        raise PageContentError("a table headed Location, Rank Change, ... under 'Job Locations'", "none")
    return ()


def _charts(page: Outline, url: str, term_name: str, region_name: str) -> Iterator[Chart]:
    """Yield the charts. The title is the last line of the heading above, without term and region."""
    for chart in page.charts:
        title = _without_region(chart.heading, region_name).removeprefix(f"{term_name} ")
        try:
            page_url = urljoin(url, chart.src)
        except ValueError as error:  # urljoin raises ValueError for a URL like http://[
            raise PageContentError("the URL of a chart", quote(chart.src)) from error
        yield Chart(title or chart.alt, page_url)


def _text_lines(piece: Block) -> tuple[str, ...]:
    if isinstance(piece, TextLine):
        return (piece.text,)
    return piece.lines if isinstance(piece, (Heading, SingleCellRow)) else ()


def _without_region(line: str, region: str) -> str:
    """Remove a suffix like " in the North West" from a title."""
    title, separator, place = line.rpartition(" in ")
    return title if separator and same_region(place, region) else line
