"""A report as plain strings, prepared once; each is clean (:mod:`alerts.render.sanitize`), and the template escapes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from alerts import wording
from alerts.model.report import Portrait, Report
from alerts.render import coverage
from alerts.render.presenter import subject_of
from alerts.render.sanitize import SENTENCE_LIMIT, clean
from alerts.reports.render import figure_tables, history_tables
from alerts.reports.render.view_models import Cell, OverviewView, ReportView, SubjectView
from jobspider.model import LedgerRow, Subject

_OVERVIEW: Final = ("Median pay", "Median moved", "Vacancies", "Rank", "As of")


def of(report: Report, *, has_charts: bool) -> ReportView:
    """Return a report as strings, whole.

    Args:
        report: What is kept; its moments are shown by the clocks of the zone that it was made in.
        has_charts: Whether its charts can be drawn.
    """
    anchors = [f"subject-{number}" for number, _ in enumerate(report.portraits, start=1)]
    numbered = [*zip(report.portraits, anchors, strict=True)]
    about = f"the digest {clean(report.name)}" if report.name else "the tech job market"
    return ReportView(
        headline=f"Pay, demand and skills on {wording.day(report.created_at)}",
        title=f"{wording.counted(len(report.portraits), 'subject')} of {about}",
        made=_moment(report.created_at, report),
        coverage=tuple(_coverage(report)),
        overview_columns=_OVERVIEW,
        overview=tuple(_overview(*each) for each in numbered),
        unknown=tuple((_name(subject), _never(row)) for subject, row in report.unknown),
        subjects=tuple(_subject(*each, report, has_charts=has_charts) for each in numbered),
    )


def _coverage(report: Report) -> Iterator[str]:
    """Yield what was looked at, and when, and what is too old."""
    yield coverage.counts(report.coverage, "page", "pages")
    crawl = report.crawl
    if crawl is not None:
        ended = f"ended {crawl.verdict}" if crawl.verdict else "has not ended"
        yield f"The last crawl began on {_moment(crawl.started_at, report)} and {ended}."
    stale = sum(portrait.is_stale for portrait in report.portraits)
    if stale:
        yield f"{wording.counted(stale, 'subject')} {'has' if stale == 1 else 'have'} stale figures, marked below."


def _subject(portrait: Portrait, anchor: str, report: Report, *, has_charts: bool) -> SubjectView:
    term, place, url = subject_of(portrait.newest.head)
    return SubjectView(
        anchor=anchor,
        term=term,
        place=place,
        url=url,
        facts=tuple(_facts(portrait, report)),
        warnings=tuple(_warnings(portrait)),
        leads=tuple(figure_tables.leads(portrait)),
        columns=figure_tables.columns(portrait),
        blocks=tuple(figure_tables.blocks(portrait)),
        charts=tuple(history_tables.charts(portrait, anchor)) if has_charts else (),
        skill_columns=figure_tables.skill_columns(portrait),
        skills=tuple(figure_tables.skills(portrait)),
        no_skills="" if portrait.newest.content.top_skills else "The page lists no top skills.",
        kept_columns=history_tables.kept_columns(portrait),
        kept=tuple(history_tables.kept_rows(portrait)),
    )


def _facts(portrait: Portrait, report: Report) -> Iterator[str]:
    head, first = portrait.newest.head, portrait.kept[0].as_of
    yield f"as of {wording.day(head.as_of)}"
    yield f"read on {_moment(head.fetched_at, report)}"
    if len(portrait.kept) == 1:
        yield "one snapshot is kept: nothing to compare it with yet"
        return
    yield f"{wording.counted(len(portrait.kept), 'snapshot')} since {wording.day(first)}"
    if portrait.first is None:
        yield "the earlier ones were read by an older version of the parser, and are not compared"
    elif portrait.since is None:
        since = wording.day(report.since)
        if first <= report.since < head.as_of:
            yield f"what was known on {since} was read by an older version of the parser, and is not compared"
        else:
            yield f"no snapshot {'later than' if head.as_of <= report.since else 'as early as'} {since}"


def _warnings(portrait: Portrait) -> Iterator[str]:
    """Yield why the figures are not what they could be."""
    if portrait.is_stale:
        yield f"Stale: these figures are {wording.counted(portrait.age_days, 'day')} old."
    row = portrait.last_try
    if row is not None and not row.status.was_read:
        yield f"The last try brought nothing: {_why(row)}. These are the figures read before it."
    each = portrait.restated
    if each is not None:
        title = wording.statistic(each.statistic, each.basis).lower()
        was, states = (wording.figure(each.statistic, value, each.basis) for value in (each.was, each.states))
        yield (
            f"The source has restated its history: the {title} of {wording.day(each.as_of)} was {was} and is now given"
            f" as {states}. What moved since then may be its reckoning and not the market."
        )
    version = portrait.newest.head.parser_version
    others = [each.as_of for each in portrait.kept if each.parser_version != version]
    if others:
        counted, newest = wording.counted(len(others), "snapshot"), wording.day(max(others))
        yield (
            f"Read by an older version of the parser: {counted}, the newest as of {newest}. What steps from there to"
            " the next may be the reading and not the market."
        )


def _why(row: LedgerRow) -> str:
    return clean(wording.reason(row), SENTENCE_LIMIT)


def _never(row: LedgerRow | None) -> str:
    if row is None:
        return "never asked for"
    return "read, and not kept any more" if row.status.was_read else _why(row)


def _name(subject: Subject) -> str:
    return clean(wording.subject_name(subject, None), SENTENCE_LIMIT)


def _overview(portrait: Portrait, anchor: str) -> OverviewView:
    term, place, _ = subject_of(portrait.newest.head)
    basis, now = figure_tables.lead_basis(portrait), portrait.newest.content.term.now
    median, vacancies, rank = now("median", basis), now("vacancies"), now("rank")
    cells = (
        figure_tables.none("not stated") if median is None else Cell(wording.figure("median", median, basis)),
        figure_tables.move(portrait, (basis, "median")),
        figure_tables.none("not stated") if vacancies is None else Cell(wording.amount("vacancies", vacancies)),
        figure_tables.none("not stated") if rank is None else Cell(wording.amount("rank", rank)),
        Cell(wording.day(portrait.newest.head.as_of), ("stale",) if portrait.is_stale else ()),
    )
    return OverviewView(anchor, term, place, cells, portrait.is_stale)


def _moment(at: datetime, report: Report) -> str:
    """Return a moment by the clocks of the zone that the report was made in."""
    here = at.astimezone(report.created_at.tzinfo)
    return f"{wording.day(here)}, {here:%H:%M %Z}"
