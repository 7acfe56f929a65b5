"""Convert a report to its view model of sanitised strings; the template escapes them."""

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


def present_report(report: Report, *, has_charts: bool) -> ReportView:
    """Return the view model of a report.

    Args:
        report: The report. Times are shown in the time zone of its ``created_at``.
        has_charts: Whether charts can be drawn.
    """
    anchors = [f"subject-{number}" for number, _ in enumerate(report.subjects, start=1)]
    numbered = [*zip(report.subjects, anchors, strict=True)]
    scope = f"the digest {clean_text(report.name)}" if report.name else "the tech job market"
    return ReportView(
        headline=f"Pay, demand and skills on {wording.format_date(report.created_at)}",
        title=f"{wording.pluralize(len(report.subjects), 'subject')} of {scope}",
        made=_format_time(report.created_at, report),
        coverage=tuple(_coverage(report)),
        overview_columns=_OVERVIEW,
        overview=tuple(_overview(*pair) for pair in numbered),
        unknown=tuple((_name(subject), _no_data_reason(row)) for subject, row in report.without_data),
        subjects=tuple(_subject(*pair, report, has_charts=has_charts) for pair in numbered),
    )


def _coverage(report: Report) -> Iterator[str]:
    """Yield sentences on the coverage, the last crawl and stale figures."""
    yield coverage.coverage_sentence(report.coverage, "page", "pages")
    crawl = report.crawl
    if crawl is not None:
        ended = f"ended {crawl.verdict}" if crawl.verdict else "has not ended"
        yield f"The last crawl began on {_format_time(crawl.started_at, report)} and {ended}."
    stale = sum(subject_report.is_stale for subject_report in report.subjects)
    if stale:
        yield f"{wording.pluralize(stale, 'subject')} {'has' if stale == 1 else 'have'} stale figures, marked below."


def _subject(subject_report: SubjectReport, anchor: str, report: Report, *, has_charts: bool) -> SubjectView:
    term, place, url = subject_titles(subject_report.newest.head)
    return SubjectView(
        anchor=anchor,
        term=term,
        place=place,
        url=url,
        facts=tuple(_facts(subject_report, report)),
        warnings=tuple(_warnings(subject_report)),
        leads=tuple(figure_tables.headline_figures(subject_report)),
        columns=figure_tables.columns(subject_report),
        blocks=tuple(figure_tables.blocks(subject_report)),
        charts=tuple(history_tables.charts(subject_report, anchor)) if has_charts else (),
        skill_columns=figure_tables.skill_columns(subject_report),
        skills=tuple(figure_tables.skills(subject_report)),
        no_skills="" if subject_report.newest.content.top_skills else "The page lists no top skills.",
        kept_columns=history_tables.snapshot_columns(subject_report),
        kept=tuple(history_tables.snapshot_rows(subject_report)),
    )


def _facts(subject_report: SubjectReport, report: Report) -> Iterator[str]:
    head, first = subject_report.newest.head, subject_report.history[0].as_of
    yield f"as of {wording.format_date(head.as_of)}"
    yield f"read on {_format_time(head.fetched_at, report)}"
    if len(subject_report.history) == 1:
        yield "one snapshot is kept: nothing to compare it with yet"
        return
    yield f"{wording.pluralize(len(subject_report.history), 'snapshot')} since {wording.format_date(first)}"
    if subject_report.first is None:
        yield "the earlier ones were read by an older version of the parser, and are not compared"
    elif subject_report.since is None:
        since = wording.format_date(report.since)
        if first <= report.since < head.as_of:
            yield f"what was known on {since} was read by an older version of the parser, and is not compared"
        else:
            yield f"no snapshot {'later than' if head.as_of <= report.since else 'as early as'} {since}"


def _warnings(subject_report: SubjectReport) -> Iterator[str]:
    """Yield sentences on stale, restated and older-parser figures."""
    if subject_report.is_stale:
        yield f"Stale: these figures are {wording.pluralize(subject_report.age_days, 'day')} old."
    row = subject_report.last_fetch
    if row is not None and not row.status.is_success:
        yield f"The last try brought nothing: {_failure_text(row)}. These are the figures read before it."
    restated = subject_report.restated
    if restated is not None:
        title = wording.statistic_title(restated.statistic, restated.basis).lower()
        original, new = (
            wording.format_value_with_period(restated.statistic, value, restated.basis)
            for value in (restated.original, restated.restated)
        )
        yield (
            f"The source has restated its history: the {title} of {wording.format_date(restated.as_of)}"
            f" was {original} and is now given"
            f" as {new}. What moved since then may be its reckoning and not the market."
        )
    version = subject_report.newest.head.parser_version
    others = [point.as_of for point in subject_report.history if point.parser_version != version]
    if others:
        count, newest = wording.pluralize(len(others), "snapshot"), wording.format_date(max(others))
        yield (
            f"Read by an older version of the parser: {count}, the newest as of {newest}. What steps from there to"
            " the next may be the reading and not the market."
        )


def _failure_text(row: LedgerRow) -> str:
    return clean_text(wording.fetch_failure_text(row), SENTENCE_LIMIT)


def _no_data_reason(row: LedgerRow | None) -> str:
    if row is None:
        return "never asked for"
    return "read, and not kept any more" if row.status.is_success else _failure_text(row)


def _name(subject: Subject) -> str:
    return clean_text(wording.subject_name(subject, None), SENTENCE_LIMIT)


def _overview(subject_report: SubjectReport, anchor: str) -> OverviewView:
    term, place, _ = subject_titles(subject_report.newest.head)
    basis, now = figure_tables.headline_basis(subject_report), subject_report.newest.content.term.now
    median, vacancies, rank = now("median", basis), now("vacancies"), now("rank")
    cells = (
        figure_tables.empty_cell("not stated")
        if median is None
        else Cell(wording.format_value_with_period("median", median, basis)),
        figure_tables.latest_change(subject_report, (basis, "median")),
        figure_tables.empty_cell("not stated")
        if vacancies is None
        else Cell(wording.format_value("vacancies", vacancies)),
        figure_tables.empty_cell("not stated") if rank is None else Cell(wording.format_value("rank", rank)),
        Cell(wording.format_date(subject_report.newest.head.as_of), ("stale",) if subject_report.is_stale else ()),
    )
    return OverviewView(anchor, term, place, cells, subject_report.is_stale)


def _format_time(at: datetime, report: Report) -> str:
    """Return date and time in the time zone of the report."""
    local = at.astimezone(report.created_at.tzinfo)
    return f"{wording.format_date(local)}, {local:%H:%M %Z}"
