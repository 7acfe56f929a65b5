"""A role or skill page to a :class:`~jobspider.model.RolePage`.

Everything is found by what it says: table 1 by its dated header row, table 2 by its labels, the locations by their
column headers, the lists of skills by the headings above them. See ``docs/READING.md`` for the wordings of each year.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from jobspider import addresses
from jobspider.errors import LayoutChangedError, WrongPageError
from jobspider.model import CategoryFigures, Chart, Content, LocationRow, RolePage, Scope, Subject
from jobspider.pages._expect import AnotherPageError, UnexpectedError, quoted
from jobspider.pages._names import check_asked, names
from jobspider.pages._outline import Heading, Image, Line, Outline, Piece, Row, Title
from jobspider.pages._period import Period, find_period, is_header
from jobspider.pages._places import heads_places, read_places
from jobspider.pages._skills import read_skills
from jobspider.pages._stated import stated
from jobspider.pages._tables import StatisticsTable, known_label, read_table, same_place

# "All Permanent IT Job Vacancies", "All Permanent IT Job Roles" (from December 2025), "Contract IT Job Roles" (2017),
# "General Category" (2016), "All Programming Languages".
_CATEGORY_TITLE: Final = re.compile(
    r"all\b.+|.+ category|(?:permanent|contract) it job (?:roles|vacancies)", re.IGNORECASE
)
_FIGURE: Final = re.compile(r"-|(?:£|[+-])?[0-9][0-9,.]*%?")
# A plain path, as all charts seen have, which needs no parsing.
_PATH: Final = re.compile(r"(?:/[a-z0-9_%+-][a-z0-9_%+.-]*)+(?:\?[a-z0-9_%+.=&-]+)?", re.ASCII | re.IGNORECASE)
_LOCATIONS: Final = re.compile(r"\bjob locations\b", re.IGNORECASE)


def shows_statistics(page: Outline) -> bool:
    """Tell whether a page holds a table of figures for dated windows, whatever else is in it."""
    return any(isinstance(piece, Row) and is_header(piece) for piece in page.pieces)


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
    subject = addresses.subject_of(url)
    try:
        return _read(page, subject)
    except AnotherPageError as error:
        raise WrongPageError(url, str(error)) from error
    except UnexpectedError as error:
        raise LayoutChangedError(url, str(error)) from error


def _read(page: Outline, subject: Subject) -> RolePage:
    period = find_period(page)
    if period is None:
        raise UnexpectedError("a table with a header like '6 months to 13 Oct 2025'", "none")
    check_asked(page, period, subject)
    term = _term_table(page, period, subject)
    called = names(page, period, term, subject)
    category, unknown = _category_table(page, period, subject)
    skills = read_skills(page)
    content = Content(
        term.figures, category, _locations(page, subject, called.parent_region), skills.top, skills.by_category
    )
    address = addresses.page_url(subject)
    return RolePage(
        url=address,
        subject=subject,
        names=called,
        as_of=period.window.ends,
        years=period.years,
        content=content,
        charts=tuple(_charts(page, address, called.term_name, called.region_name)),
        unknown_labels=(*term.unknown, *unknown),
        findings=stated(page, period, subject, content, skills),
    )


def _term_table(page: Outline, period: Period, subject: Subject) -> StatisticsTable:
    """Read table 1, and make sure of the rows that no page lacks."""
    table = period.row.table
    term = read_table(page.rows(table, period.at + 1), Scope.TERM, subject)
    missing = [key for key in ("rank", "vacancies") if term.figures.row(key) is None]
    if not any(key == "quotes" for _, key in term.figures.rows):
        missing.append("quotes")
    if missing:
        raise UnexpectedError("the rows rank, vacancies and quotes in table 1", f"none for {' and '.join(missing)}")
    return term


def _category_table(page: Outline, period: Period, subject: Subject) -> tuple[CategoryFigures | None, tuple[str, ...]]:
    """Return table 2, ``None`` where the page has none, and the labels in it that nobody claims."""
    number = _find_category_table(page, period)
    if number is None:
        return None, ()
    first = next(at for at, piece in enumerate(page.pieces) if isinstance(piece, Row) and piece.table == number)
    table = read_table(page.rows(number, first), Scope.CATEGORY, subject)
    for piece in page.pieces[period.at : first]:
        for line in _words(piece):
            name = _without_region(line, subject.region)
            if _CATEGORY_TITLE.fullmatch(name):
                return CategoryFigures(name, table.figures), table.unknown
    raise UnexpectedError("a title like 'All Permanent IT Job Vacancies' above table 2", "none")


def _find_category_table(page: Outline, period: Period) -> int | None:
    """Find the one table beside table 1 whose rows bear the labels of statistics."""
    found: set[int] = set()
    figures: dict[int, Row] = {}
    for piece in page.pieces:
        if not isinstance(piece, Row) or piece.table == period.row.table or piece.table in found:
            continue
        if known_label(piece.cells[0], Scope.CATEGORY):
            found.add(piece.table)
        elif len(piece.cells) == len(period.row.cells) and all(map(_FIGURE.fullmatch, piece.cells[1:])):
            figures[piece.table] = piece
    unclaimed = [row for table, row in figures.items() if table not in found]
    if unclaimed:
        raise UnexpectedError("figures under labels that are known", quoted(unclaimed[0].cells))
    if len(found) > 1:
        raise UnexpectedError("one table of figures beside table 1", f"{len(found)} of them")
    return next(iter(found), None)


def _locations(page: Outline, subject: Subject, parent_region: str | None) -> tuple[LocationRow, ...]:
    headers = [(at, row) for at, row in enumerate(page.pieces) if isinstance(row, Row) and heads_places(row)]
    if len(headers) > 1:
        raise UnexpectedError("one table of locations", f"{len(headers)} of them")
    for at, header in headers:
        return read_places(header, page.rows(header.table, at + 1), subject, parent_region)
    if any(isinstance(piece, Heading) and _LOCATIONS.search(piece.text) for piece in page.pieces):
        raise UnexpectedError("a table headed Location, Rank Change, ... under 'Job Locations'", "none")
    return ()


def _charts(page: Outline, url: str, term_name: str, region_name: str) -> Iterator[Chart]:
    """Give each chart, titled with the last line of the heading above it, without term and region."""
    heading = None
    for piece in page.pieces:
        if isinstance(piece, Heading):
            heading = piece.lines[-1]
        elif isinstance(piece, Image):
            title = _without_region(heading or "", region_name).removeprefix(f"{term_name} ")
            try:
                address = addresses.SITE + piece.src if _PATH.fullmatch(piece.src) else urljoin(url, piece.src)
            except ValueError as error:  # urllib's word for an address like http://[
                raise UnexpectedError("the address of a chart", quoted(piece.src)) from error
            yield Chart(title or piece.alt, address)


def _words(piece: Piece) -> tuple[str, ...]:
    if isinstance(piece, Line):
        return (piece.text,)
    return piece.lines if isinstance(piece, (Heading, Title)) else ()


def _without_region(line: str, region: str) -> str:
    """Take " in the North West" off the end of a title."""
    title, between, place = line.rpartition(" in ")
    return title if between and same_place(place, region) else line
