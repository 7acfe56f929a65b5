"""Read kept pages anew with today's parser: those that are stored, and those that were quarantined.

What a stored page says today takes the place of what it was read to say; its former reading is remembered, so that
what a recipient was told can be compared like with like (``docs/adr/0004``). One transaction a page.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Final

from jobspider import pages
from jobspider.errors import JobspiderError, PageError
from jobspider.model import (
    TOP_SKILLS_LIST,
    Content,
    FetchStatus,
    Figures,
    LocationRow,
    RolePage,
    Scope,
    SkillShare,
    Snapshot,
    SubjectNames,
)
from jobspider.site import urls
from jobspider.store.database import Database
from jobspider.store.quarantine import Quarantine, QuarantineCase
from jobspider.store.reader import Reader
from jobspider.store.reparsing import ReparseCandidate, ReparseStore

_log = logging.getLogger(__name__)

_WINDOWS: Final = ("now", "a year ago", "two years ago")

Figure = int | Decimal | str | None
_FigureKey = tuple[str, str]
"""A figure and, in a list, the line that it stands in; else an empty text."""


class ReparseStatus(StrEnum):
    """How a stored page reads today."""

    SAME = "same"
    CHANGED = "changed"
    REFUSED = "refused"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that reads differently. ``item`` is the line of a list that it stands in, else empty.

    A side is ``None`` where there is no such row or line, and ``-`` where the page does not state it.
    """

    figure: str
    item: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ReparseResult:
    """How a stored page reads today. ``reason`` says why it is refused."""

    page: ReparseCandidate
    outcome: ReparseStatus
    differences: tuple[Difference, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RetryResult:
    """How a quarantined page reads today: where it ended in the store, or ``None`` and why it is still not accepted."""

    case: QuarantineCase
    status: FetchStatus | None
    reason: str


def preview_reparse(database: Database, stored: Iterable[ReparseCandidate]) -> Iterator[ReparseResult]:
    """Yield how each page reads today; nothing is written."""
    for page in stored:
        yield _read(database, page)[0]


def reparse(database: Database, stored: Iterable[ReparseCandidate]) -> Iterator[ReparseResult]:
    """Write how each page reads today, and yield it; one that is not accepted any more is left as it is."""
    rereads = ReparseStore(database)
    for page in stored:
        reread, read = _read(database, page)
        if read is not None:
            rereads.replace_content(page, read, pages.PARSER_VERSION)
        yield reread


def reparse_outdated(database: Database) -> None:
    """Read anew whatever is kept of an older parser's, before a crawl brings figures that it is compared with."""
    outdated = [page for page in ReparseStore(database).pages(before=pages.PARSER_VERSION) if page.is_kept]
    outcomes = [reread.outcome for reread in reparse(database, outdated)]
    if outcomes:
        said = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ReparseStatus if outcome in outcomes)
        _log.warning("Pages of an older parser were read anew (see jobspider reparse --help): %s", said)


def retry(database: Database, case: QuarantineCase) -> RetryResult:
    """Read a quarantined page anew; if it is accepted, keep it as of its own date and mark the case resolved."""
    if not urls.is_role_page(case.url):
        return RetryResult(case, None, "a page of the market index is not kept as of its date: the next crawl reads it")
    capture = Reader(database).capture(case.sha256) if case.sha256 else None
    if capture is None:
        return RetryResult(case, None, "its page is not kept any more")
    try:
        page = pages.accept(pages.read_page(capture.body, case.url))
    except JobspiderError as error:
        return RetryResult(case, None, error.reason if isinstance(error, PageError) else str(error))
    return RetryResult(case, Quarantine(database).resolve(case, page, capture, pages.PARSER_VERSION), "")


def differences(old: Content, new: Content) -> tuple[Difference, ...]:
    """Return every figure that one content states otherwise than another, live jobs included."""
    return _differing(dict(_flatten(old)), dict(_flatten(new)))


def _read(database: Database, page: ReparseCandidate) -> tuple[ReparseResult, RolePage | None]:
    """Return how a page reads today and, if it is accepted, the page."""
    reader = Reader(database)
    capture = reader.capture(page.sha256)
    if capture is None:
        return ReparseResult(page, ReparseStatus.NOT_KEPT), None
    try:
        read = pages.accept(pages.read_page(capture.body, urls.subject_url(page.subject)))
    except PageError as error:
        return ReparseResult(page, ReparseStatus.REFUSED, reason=error.reason), None
    if read.as_of != page.as_of:
        return ReparseResult(
            page, ReparseStatus.REFUSED, reason=f"expected a page to {page.as_of}, found one to {read.as_of}"
        ), None
    found = _differences(reader.snapshot(page.snapshot_id), read, page)
    return ReparseResult(page, ReparseStatus.CHANGED if found else ReparseStatus.SAME, found), read


def _differences(known: Snapshot, read: RolePage, page: ReparseCandidate) -> tuple[Difference, ...]:
    found = differences(known.content, read.content)
    # A subject is called what its newest page calls it.
    return found + _differing(_name_fields(known.head.names), _name_fields(read.names)) if page.is_newest else found


def _differing(old: dict[_FigureKey, Figure], new: dict[_FigureKey, Figure]) -> tuple[Difference, ...]:
    return tuple(
        Difference(*leaf, _said(old, leaf), _said(new, leaf))
        for leaf in {**old, **new}
        if (leaf in old, old.get(leaf)) != (leaf in new, new.get(leaf))
    )


def _said(leaves: dict[_FigureKey, Figure], leaf: _FigureKey) -> str | None:
    if leaf not in leaves:
        return None
    figure = leaves[leaf]
    return "-" if figure is None else f"{figure:f}" if isinstance(figure, Decimal) else str(figure)


def _name_fields(names: SubjectNames) -> dict[_FigureKey, Figure]:
    return {(field.name.replace("_", " "), ""): getattr(names, field.name) for field in fields(names)}


def _flatten(content: Content) -> Iterator[tuple[_FigureKey, Figure]]:
    """Give everything that the store keeps of a content; equal leaves are an equal content."""
    yield from _table(Scope.TERM, content.term)
    if content.category is not None:
        yield (("category name", ""), content.category.name)
        yield from _table(Scope.CATEGORY, content.category.figures)
    yield from _lines("locations", content.locations)
    for name, skills in {TOP_SKILLS_LIST: content.top_skills, **content.skills}.items():
        yield from _lines(f"skills, {name}", skills)


def _table(scope: Scope, figures: Figures) -> Iterator[tuple[_FigureKey, Figure]]:
    for (basis, statistic), row in figures.rows.items():
        for window, figure in zip(_WINDOWS, row, strict=True):
            name = " ".join(filter(None, (scope, basis, statistic.replace("_", " "))))
            yield ((f"{name} {window}", ""), figure)


def _lines(name: str, rows: Iterable[LocationRow | SkillShare]) -> Iterator[tuple[_FigureKey, Figure]]:
    for position, row in enumerate(rows, start=1):
        yield ((f"{name}: position", row.name), position)
        for field, figure in row._asdict().items():
            if field != "name":
                yield ((f"{name}: {field.replace('_', ' ')}", row.name), figure)
