"""A report as plain strings, prepared once; each is clean (:mod:`alerts.render.sanitize`), and the template escapes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from alerts import wording
from alerts.model.report import Report, SubjectReport
from alerts.render import coverage
from alerts.render.presenter import subject_titles
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text
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
    anchors = [f"subject-{number}" for number, _ in enumerate(report.subjects, start=1)]
    numbered = [*zip(report.subjects, anchors, strict=True)]
    about = f"the digest {clean_text(report.name)}" if report.name else "the tech job market"
    return ReportView(
        headline=f"Pay, demand and skills on {wording.format_date(report.created_at)}",
        title=f"{wording.pluralize(len(report.subjects), 'subject')} of {about}",
        made=_moment(report.created_at, report),
        coverage=tuple(_coverage(report)),
        overview_columns=_OVERVIEW,
        overview=tuple(_overview(*each) for each in numbered),
        unknown=tuple((_name(subject), _never(row)) for subject, row in report.without_data),
        subjects=tuple(_subject(*each, report, has_charts=has_charts) for each in numbered),
    )


def _coverage(report: Report) -> Iterator[str]:
    """Yield what was looked at, and when, and what is too old."""
    yield coverage.coverage_sentence(report.coverage, "page", "pages")
    crawl = report.crawl
    if crawl is not None:
        ended = f"ended {crawl.verdict}" if crawl.verdict else "has not ended"
        yield f"The last crawl began on {_moment(crawl.started_at, report)} and {ended}."
    stale = sum(portrait.is_stale for portrait in report.subjects)
    if stale:
        yield f"{wording.pluralize(stale, 'subject')} {'has' if stale == 1 else 'have'} stale figures, marked below."


def _subject(portrait: SubjectReport, anchor: str, report: Report, *, has_charts: bool) -> SubjectView:
    term, place, url = subject_titles(portrait.newest.head)
    return SubjectView(
        anchor=anchor,
        term=term,
        place=place,
        url=url,
        facts=tuple(_facts(portrait, report)),
        warnings=tuple(_warnings(portrait)),
        leads=tuple(figure_tables.headline_figures(portrait)),
        columns=figure_tables.columns(portrait),
        blocks=tuple(figure_tables.blocks(portrait)),
        charts=tuple(history_tables.charts(portrait, anchor)) if has_charts else (),
        skill_columns=figure_tables.skill_columns(portrait),
        skills=tuple(figure_tables.skills(portrait)),
        no_skills="" if portrait.newest.content.top_skills else "The page lists no top skills.",
        kept_columns=history_tables.kept_columns(portrait),
        kept=tuple(history_tables.kept_rows(portrait)),
    )


def _facts(portrait: SubjectReport, report: Report) -> Iterator[str]:
    head, first = portrait.newest.head, portrait.history[0].as_of
    yield f"as of {wording.format_date(head.as_of)}"
    yield f"read on {_moment(head.fetched_at, report)}"
    if len(portrait.history) == 1:
        yield "one snapshot is kept: nothing to compare it with yet"
        return
    yield f"{wording.pluralize(len(portrait.history), 'snapshot')} since {wording.format_date(first)}"
    if portrait.first is None:
        yield "the earlier ones were read by an older version of the parser, and are not compared"
    elif portrait.since is None:
        since = wording.format_date(report.since)
        if first <= report.since < head.as_of:
            yield f"what was known on {since} was read by an older version of the parser, and is not compared"
        else:
            yield f"no snapshot {'later than' if head.as_of <= report.since else 'as early as'} {since}"


def _warnings(portrait: SubjectReport) -> Iterator[str]:
    """Yield why the figures are not what they could be."""
    if portrait.is_stale:
        yield f"Stale: these figures are {wording.pluralize(portrait.age_days, 'day')} old."
    row = portrait.last_fetch
    if row is not None and not row.status.is_success:
        yield f"The last try brought nothing: {_why(row)}. These are the figures read before it."
    each = portrait.restated
    if each is not None:
        title = wording.statistic_title(each.statistic, each.basis).lower()
        was, states = (
            wording.format_value_with_period(each.statistic, value, each.basis)
            for value in (each.original, each.restated)
        )
        yield (
            f"The source has restated its history: the {title} of {wording.format_date(each.as_of)}"
            f" was {was} and is now given"
            f" as {states}. What moved since then may be its reckoning and not the market."
        )
    version = portrait.newest.head.parser_version
    others = [each.as_of for each in portrait.history if each.parser_version != version]
    if others:
        counted, newest = wording.pluralize(len(others), "snapshot"), wording.format_date(max(others))
        yield (
            f"Read by an older version of the parser: {counted}, the newest as of {newest}. What steps from there to"
            " the next may be the reading and not the market."
        )


def _why(row: LedgerRow) -> str:
    return clean_text(wording.fetch_failure_text(row), SENTENCE_LIMIT)


def _never(row: LedgerRow | None) -> str:
    if row is None:
        return "never asked for"
    return "read, and not kept any more" if row.status.is_success else _why(row)


def _name(subject: Subject) -> str:
    return clean_text(wording.subject_name(subject, None), SENTENCE_LIMIT)


def _overview(portrait: SubjectReport, anchor: str) -> OverviewView:
    term, place, _ = subject_titles(portrait.newest.head)
    basis, now = figure_tables.headline_basis(portrait), portrait.newest.content.term.now
    median, vacancies, rank = now("median", basis), now("vacancies"), now("rank")
    cells = (
        figure_tables.empty_cell("not stated")
        if median is None
        else Cell(wording.format_value_with_period("median", median, basis)),
        figure_tables.move(portrait, (basis, "median")),
        figure_tables.empty_cell("not stated")
        if vacancies is None
        else Cell(wording.format_value("vacancies", vacancies)),
        figure_tables.empty_cell("not stated") if rank is None else Cell(wording.format_value("rank", rank)),
        Cell(wording.format_date(portrait.newest.head.as_of), ("stale",) if portrait.is_stale else ()),
    )
    return OverviewView(anchor, term, place, cells, portrait.is_stale)


def _moment(at: datetime, report: Report) -> str:
    """Return a moment by the clocks of the zone that the report was made in."""
    here = at.astimezone(report.created_at.tzinfo)
    return f"{wording.format_date(here)}, {here:%H:%M %Z}"
