"""Parse the printed names of a page's subject, and check that it is the requested subject."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from jobspider.errors import UsageError
from jobspider.model import Subject, SubjectNames
from jobspider.pages._parse_errors import OtherPageError, PageContentError, quote
from jobspider.pages._periods import Period
from jobspider.pages._statistics_tables import StatisticsTable, same_region
from jobspider.pages.html.outline import Heading, ListItems, Outline, SingleCellRow, TextLine
from jobspider.site import urls
from jobspider.site.cell_values import collapse_whitespace

# "Backend Developer Contract Job Trends in the North West" (2025), "Developer Jobs" (2020), "Public Sector Contracts".
_HEADLINE: Final = re.compile(
    r"(?P<name>.+?) (?:(?P<contract>contract job trends|contract jobs|contracts)|job trends|jobs)"
    r"(?: in (?:the )?(?P<place>.+))?",
    re.IGNORECASE,
)
_TRAIL: Final = re.compile(r" ?[>»\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}] ?| / ")
_SPELLED_OUT: Final = {"#": "sharp", "+": "plus"}
"""Characters that a slug spells out (csharp is C#). All others are removed (cicd is CI/CD)."""
_ROLE_CATEGORY: Final = "Job Titles"
"""The category of every role: the site searches job titles for roles and the text of ads for skills."""


class _PrintedName(NamedTuple):
    """A name and its position on the page."""

    text: str
    position: str


def check_subject(outline: Outline, period: Period, subject: Subject) -> bool:
    """Check the window and the canonical URL of a page against the requested subject.

    Returns:
        Whether the page has a canonical URL, which confirms the subject.

    Raises:
        OtherPageError: The page has another job type, region, term or window.
    """
    if period.window.months != subject.window_months:
        raise OtherPageError(f"{subject.window_months} months", quote(period.row.cells[1]))
    canonical = _canonical(outline, subject)
    if canonical and (canonical.job_type, canonical.region, canonical.term) != (
        subject.job_type,
        subject.region,
        subject.term,
    ):
        raise OtherPageError(f"the page of {subject.key}", f"the canonical URL of {canonical.key}")
    return canonical is not None


def read_names(
    outline: Outline, period: Period, term: StatisticsTable, subject: Subject, *, is_known: bool
) -> SubjectNames:
    """Return the printed names of the subject after a check against the requested subject.

    ``is_known`` says that the canonical URL has already confirmed the term (see :func:`check_subject`).

    Raises:
        OtherPageError: A name on the page belongs to another subject.
        PageContentError: A mandatory name is missing.
    """
    label = term.labels[None, "vacancies"]
    term_name = label.name or ""
    headline = _headline(outline)
    parent, breadcrumb = _breadcrumb(period, subject)
    regions = [name for name in (_headline_region(headline), _label_region(term)) if name]
    for name in regions:
        if not same_region(name.text, subject.region):
            raise OtherPageError(f"the region {subject.region!r}", f"{quote(name.text)} in {name.position}")
    printed = breadcrumb or _printed_region(period, subject) or (regions[0].text if regions else None)
    if printed is None:
        raise PageContentError(f"the region's name {subject.region!r} on the page", "none")
    if not is_known:
        _check_term(term_name, headline, period, subject)
    kind: Literal["role", "skill"] = "role" if " requiring a" in term.printed[None, "vacancies"].lower() else "skill"
    return SubjectNames(term_name, kind, _category(term, kind), printed, parent)


def _canonical(outline: Outline, requested: Subject) -> Subject | None:
    """Return the subject of the canonical URL, or ``None``, for example for the URL of an archive."""
    if outline.canonical is None:
        return None
    if outline.canonical == urls.subject_url(requested):
        return requested
    try:
        return urls.parse_subject_url(outline.canonical) if urls.is_role_page(outline.canonical) else None
    except UsageError as error:
        raise PageContentError("a canonical URL", quote(outline.canonical)) from error


def _headline(outline: Outline) -> re.Match[str] | None:
    """Return the first heading in the format of a headline."""
    matches = (_HEADLINE.fullmatch(heading.text) for heading in outline.headings)
    return next((match for match in matches if match), None)


def _headline_region(headline: re.Match[str] | None) -> _PrintedName | None:
    place = headline["place"] if headline else None
    return _PrintedName(place, "the headline") if place else None


def _label_region(term: StatisticsTable) -> _PrintedName | None:
    label = term.labels.get((None, "share_of_all"))
    return _PrintedName(label.place, "a row's label") if label and label.place else None


def _lines(period: Period) -> Iterator[str]:
    """Yield the lines of text above table 1."""
    for piece in period.above:
        if isinstance(piece, TextLine):
            yield piece.text
        elif isinstance(piece, (Heading, SingleCellRow)):
            yield from piece.lines


def _breadcrumb(period: Period, subject: Subject) -> tuple[str | None, str | None]:
    """Return parent region and region from a line like "England > North West" or a list that ends with the region."""
    region = subject.region.casefold()
    trails = [_TRAIL.split(line) for line in _lines(period) if region in line.casefold()]
    trails += [list(piece.texts) for piece in period.above if isinstance(piece, ListItems)]
    for trail in trails:
        regions = [collapse_whitespace(region) for region in trail if region.strip()]
        if len(regions) > 1 and same_region(regions[-1], subject.region):
            return regions[-2], regions[-1]
    return None, None


def _printed_region(period: Period, subject: Subject) -> str | None:
    """Return the line above table 1 that contains only the name of the region."""
    return next((line for line in _lines(period) if same_region(line, subject.region)), None)


def _check_term(term_name: str, headline: re.Match[str] | None, period: Period, subject: Subject) -> None:
    """Check the term of a page without canonical URL. Rows may use a short name and headings a long one."""
    names = {term_name, headline["name"] if headline else term_name}
    names |= {
        piece.lines[0] for piece in period.above if isinstance(piece, SingleCellRow) and piece.table == period.row.table
    }
    if _normalise(subject.term) not in {_normalise(name) for name in names}:
        raise OtherPageError(f"the term {subject.term!r}", " and ".join(map(quote, sorted(names))))


def _normalise(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(_SPELLED_OUT.get(char, char if char.isalnum() else "") for char in plain)


def _category(term: StatisticsTable, kind: Literal["role", "skill"]) -> str:
    label = term.labels.get((None, "share_of_category"))
    if label and label.name:
        return label.name
    if kind == "role":
        return _ROLE_CATEGORY
    raise PageContentError("a row like 'As % of the General category'", "none")
