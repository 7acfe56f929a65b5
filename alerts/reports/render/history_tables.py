"""Show the history of one subject: chart points, a description in words, and the table of snapshots."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from alerts import wording
from alerts.model.changes import Figure
from alerts.model.report import SnapshotPoint, SubjectReport
from alerts.model.topics import RANK_TOPIC, VACANCIES_TOPIC, pay_topic
from alerts.reports.render.figure_tables import empty_cell, figure_cell, format_quartiles
from alerts.reports.render.gaps import gap_positions
from alerts.reports.render.view_models import Cell, ChartView, SnapshotRowView
from jobspider.model import FigureKey

_MAX_ROWS: Final = 30
_MAX_GAPS: Final = 3
_MIN_POINTS: Final = 3
"""With fewer points a chart shows nothing that the two figures do not."""
_QUARTILES: Final = ("p25", "p75")

Point = tuple[str | float | None, ...]


def charts(subject_report: SubjectReport, anchor: str) -> Iterator[ChartView]:
    """Yield one chart each for the median with its quartiles by basis, the vacancies and the rank.

    Figures with fewer than :data:`_MIN_POINTS` dates have no chart.
    """
    keys: list[tuple[str, FigureKey]] = [(pay_topic(basis), (basis, "median")) for basis in subject_report.bases]
    keys += [(topic, (None, topic)) for topic in (VACANCIES_TOPIC, RANK_TOPIC)]
    gaps = _gaps(subject_report)
    for topic, (basis, statistic) in keys:
        stated = [point for point in subject_report.history if (basis, statistic) in point.figures]
        if len(stated) < _MIN_POINTS:
            continue
        figure_keys = [(basis, statistic), *((basis, quartile) for quartile in _QUARTILES if basis)]
        texts = (
            _describe_series([(point.as_of, point.figures[basis, statistic]) for point in stated], (basis, statistic)),
            *_interruptions(subject_report.history, len(stated), gaps),
        )
        key = f"{anchor}-{topic.replace('/', '-')}"
        title = wording.statistic_title(statistic, basis)
        points = tuple(_points(subject_report.history, figure_keys, gaps))
        yield ChartView(key, topic, title, points, " ".join(texts))


def snapshot_columns(subject_report: SubjectReport) -> tuple[str, ...]:
    """Return the column headings of the snapshot table."""
    pay = [
        f"{wording.topic_title(pay_topic(basis))}: {title}"
        for basis in subject_report.bases
        for title in ("median", "25th to 75th percentile", "quotes")
    ]
    return ("As of", *pay, *map(wording.statistic_title, (VACANCIES_TOPIC, RANK_TOPIC)))


def snapshot_rows(subject_report: SubjectReport) -> Iterator[SnapshotRowView]:
    """Yield the snapshots and gaps, newest first. Consecutive snapshots with equal figures share a row."""
    rows = [*_rows(subject_report, _gaps(subject_report))][::-1]
    yield from rows[:_MAX_ROWS]
    if len(rows) > _MAX_ROWS:
        omitted = sum(bool(row.cells) for row in rows[_MAX_ROWS:])
        yield SnapshotRowView(
            f"{wording.pluralize(omitted, 'earlier row')} back to"
            f" {wording.format_date(subject_report.history[0].as_of)} left out"
        )


def _gaps(subject_report: SubjectReport) -> frozenset[int]:
    return gap_positions(
        [point.as_of for point in subject_report.history], subject_report.newest.head.subject.window_months
    )


def _gap_text(before: SnapshotPoint, after: SnapshotPoint) -> str:
    # The pages may have been fetched: rejected pages and pages without a newer date have no snapshot.
    return f"No snapshot between {wording.format_date(before.as_of)} and {wording.format_date(after.as_of)}"


def _interruptions(history: Sequence[SnapshotPoint], stated: int, gaps: frozenset[int]) -> Iterator[str]:
    """Yield why the line is interrupted: snapshots that do not state the figure, and gaps, the newest with dates."""
    if stated < len(history):
        yield f"Not stated in {len(history) - stated:,} of {len(history):,} snapshots."
    earlier, newest = sorted(gaps)[:-_MAX_GAPS], sorted(gaps)[-_MAX_GAPS:]
    for index in newest:
        yield f"{_gap_text(history[index], history[index + 1])}."
    if earlier:
        yield f"{wording.pluralize(len(earlier), 'earlier gap')}."


def _describe_series(series: Sequence[tuple[date, Figure]], key: FigureKey) -> str:
    """Return a figure over time in words: first, last, lowest and highest value."""
    basis, statistic = key
    lowest, highest = (choose(series, key=lambda point: point[1]) for choose in (min, max))

    def point_text(day: date, figure: Figure) -> str:
        return f"{wording.format_value(statistic, figure, basis)} on {wording.format_date(day)}"

    if lowest[1] == highest[1]:
        (first, figure), (last, _) = series[0], series[-1]
        return (
            f"{wording.format_value(statistic, figure, basis)} from {wording.format_date(first)}"
            f" to {wording.format_date(last)}."
        )
    ends = f"From {point_text(*series[0])} to {point_text(*series[-1])}"
    # The lowest rank is the best one, so "lowest" would mislead.
    best, worst = ("best", "worst") if statistic == RANK_TOPIC else ("lowest", "highest")
    return f"{ends}; {best} {point_text(*lowest)}, {worst} {point_text(*highest)}."


def _rows(subject_report: SubjectReport, gaps: frozenset[int]) -> Iterator[SnapshotRowView]:
    before: SnapshotPoint | None = None
    for segment in _segments(subject_report.history, gaps):
        if before is not None:
            yield SnapshotRowView(_gap_text(before, segment[0]))
        for _, equal in groupby(segment, key=lambda point: point.figures):
            run = [*equal]
            yield SnapshotRowView(_format_period(run), tuple(_cells(subject_report, run[0])))
        before = segment[-1]


def _segments(history: Sequence[SnapshotPoint], gaps: frozenset[int]) -> Iterator[Sequence[SnapshotPoint]]:
    """Yield the parts of a history between its gaps."""
    begin = 0
    for end in (*sorted(gaps), len(history) - 1):
        yield history[begin : end + 1]
        begin = end + 1


def _format_period(run: Sequence[SnapshotPoint]) -> str:
    first, last = run[0].as_of, run[-1].as_of
    if len(run) == 1:
        return wording.format_date(first)
    return f"{wording.format_date(first)} to {wording.format_date(last)} ({len(run):,} snapshots)"


def _cells(subject_report: SubjectReport, point: SnapshotPoint) -> Iterator[Cell]:
    for basis in subject_report.bases:
        yield _cell(point, (basis, "median"))
        low, high = (point.figures.get((basis, quartile)) for quartile in _QUARTILES)
        if low is None or high is None:
            yield empty_cell("not stated")
        else:
            yield Cell(format_quartiles(low, high, basis))
        yield _cell(point, (basis, "quotes"))
    yield _cell(point, (None, VACANCIES_TOPIC))
    yield _cell(point, (None, RANK_TOPIC))


def _cell(point: SnapshotPoint, key: FigureKey) -> Cell:
    return figure_cell(key, point.figures.get(key))


def _points(
    history: Sequence[SnapshotPoint], figure_keys: Sequence[FigureKey], gaps: frozenset[int]
) -> Iterator[Point]:
    """Yield the points of a line. Of equal figures in a row only the first and last are kept; a gap has no figures."""
    for segment in _segments(history, gaps):
        figures = [tuple(_as_number(point.figures.get(key)) for key in figure_keys) for point in segment]
        for index, (point, values) in enumerate(zip(segment, figures, strict=True)):
            is_inside = 0 < index < len(segment) - 1 and figures[index - 1] == values == figures[index + 1]
            if not is_inside:
                yield (point.as_of.isoformat(), *values)
        if segment[-1] is not history[-1]:
            yield (segment[-1].as_of.isoformat(),)


def _as_number(figure: Figure | None) -> float | None:
    if figure is None:
        return None
    return int(figure) if figure == int(figure) else float(figure)
