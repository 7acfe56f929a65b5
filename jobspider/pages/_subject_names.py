"""Whom a page is about: what it calls its subject, and whether that is the subject that was asked for."""

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
_SPELT: Final = {"#": "sharp", "+": "plus"}
"""Signs that a slug spells out (csharp is C#); all others fall away (cicd is CI/CD)."""
_ROLES: Final = "Job Titles"
"""The category of every role: the site matches roles in job titles and skills in the ads' text."""


class _PrintedName(NamedTuple):
    """A name and where the page says it."""

    text: str
    where: str


def check_subject(outline: Outline, period: Period, subject: Subject) -> bool:
    """Refuse a page of another job type, region, term or window than asked for, as far as its head tells.

    Returns:
        Whether the page states its own address, and so that it is the one asked for.

    Raises:
        AnotherPageError: It is such a page.
    """
    if period.window.months != subject.window_months:
        raise OtherPageError(f"{subject.window_months} months", quote(period.row.cells[1]))
    canonical = _canonical(outline, subject)
    if canonical and (canonical.job_type, canonical.region, canonical.term) != (
        subject.job_type,
        subject.region,
        subject.term,
    ):
        raise OtherPageError(f"the page of {subject.key}", f"one whose own address is that of {canonical.key}")
    return canonical is not None


def read_names(
    outline: Outline, period: Period, term: StatisticsTable, subject: Subject, *, is_known: bool
) -> SubjectNames:
    """Return what the page calls its subject, having made sure that it is the one asked for.

    ``is_known`` tells whether the term is known to be the one asked for (see :func:`check_subject`).

    Raises:
        AnotherPageError: A name on the page is not that of the subject.
        UnexpectedError: The page does not say a name that it must.
    """
    label = term.labels[None, "vacancies"]
    term_name = label.name or ""
    headline = _headline(outline)
    parent, breadcrumb = _breadcrumb(period, subject)
    places = [said for said in (_headline_place(headline), _label_place(term)) if said]
    for said in places:
        if not same_region(said.text, subject.region):
            raise OtherPageError(f"the region {subject.region!r}", f"{quote(said.text)} in {said.where}")
    printed = breadcrumb or _printed_region(period, subject) or (places[0].text if places else None)
    if printed is None:
        raise PageContentError(f"the region's name {subject.region!r} on the page", "none")
    if not is_known:
        _check_term(term_name, headline, period, subject)
    kind: Literal["role", "skill"] = "role" if " requiring a" in term.printed[None, "vacancies"].lower() else "skill"
    return SubjectNames(term_name, kind, _category(term, kind), printed, parent)


def _canonical(outline: Outline, asked: Subject) -> Subject | None:
    """Return the subject of the page's own address, if it states one; an archive's address is none."""
    if outline.canonical is None:
        return None
    if outline.canonical == urls.subject_url(asked):
        return asked
    try:
        return urls.parse_subject_url(outline.canonical) if urls.is_role_page(outline.canonical) else None
    except UsageError as error:
        raise PageContentError("the page's own address", quote(outline.canonical)) from error


def _headline(outline: Outline) -> re.Match[str] | None:
    """Return the first heading that reads like a role page's headline."""
    found = (_HEADLINE.fullmatch(heading.text) for heading in outline.headings)
    return next((match for match in found if match), None)


def _headline_place(headline: re.Match[str] | None) -> _PrintedName | None:
    place = headline["place"] if headline else None
    return _PrintedName(place, "the headline") if place else None


def _label_place(term: StatisticsTable) -> _PrintedName | None:
    label = term.labels.get((None, "share_of_all"))
    return _PrintedName(label.place, "a row's label") if label and label.place else None


def _lines(period: Period) -> Iterator[str]:
    """Give the lines of text above the figures."""
    for piece in period.above:
        if isinstance(piece, TextLine):
            yield piece.text
        elif isinstance(piece, (Heading, SingleCellRow)):
            yield from piece.lines


def _breadcrumb(period: Period, subject: Subject) -> tuple[str | None, str | None]:
    """Return parent region and region of a line like "England > North West", or of a list that ends in the region."""
    region = subject.region.casefold()
    trails = [_TRAIL.split(line) for line in _lines(period) if region in line.casefold()]
    trails += [list(piece.texts) for piece in period.above if isinstance(piece, ListItems)]
    for trail in trails:
        regions = [collapse_whitespace(region) for region in trail if region.strip()]
        if len(regions) > 1 and same_region(regions[-1], subject.region):
            return regions[-2], regions[-1]
    return None, None


def _printed_region(period: Period, subject: Subject) -> str | None:
    """Return the line above the figures that is the region's name and nothing else."""
    return next((line for line in _lines(period) if same_region(line, subject.region)), None)


def _check_term(term_name: str, headline: re.Match[str] | None, period: Period, subject: Subject) -> None:
    """Compare names where the page states no address: rows may use a short name and headings a long one."""
    said = {term_name, headline["name"] if headline else term_name}
    said |= {
        piece.lines[0] for piece in period.above if isinstance(piece, SingleCellRow) and piece.table == period.row.table
    }
    if _normalise(subject.term) not in {_normalise(name) for name in said}:
        raise OtherPageError(f"the term {subject.term!r}", " and ".join(map(quote, sorted(said))))


def _normalise(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(_SPELT.get(sign, sign if sign.isalnum() else "") for sign in plain)


def _category(term: StatisticsTable, kind: Literal["role", "skill"]) -> str:
    label = term.labels.get((None, "share_of_category"))
    if label and label.name:
        return label.name
    if kind == "role":
        return _ROLES
    raise PageContentError("a row like 'As % of the General category'", "none")
