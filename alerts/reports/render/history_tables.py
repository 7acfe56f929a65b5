"""How the figures of a subject came about: as points of a chart, in words, and as a table of snapshots."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from alerts import wording
from alerts.model.changes import Figure
from alerts.model.report import SnapshotPoint, SubjectReport
from alerts.model.topics import RANK_TOPIC, VACANCIES_TOPIC, pay_topic
from alerts.reports.render.figure_tables import amount, between, empty_cell
from alerts.reports.render.gaps import gap_positions
from alerts.reports.render.view_models import Cell, ChartView, SnapshotRowView
from jobspider.model import FigureKey

_ROWS_SHOWN: Final = 30
_GAPS_SAID: Final = 3
_LEAST_POINTS: Final = 3
"""Of two points every line is straight."""
_QUARTERS: Final = ("p25", "p75")

Point = tuple[str | float | None, ...]


def charts(portrait: SubjectReport, anchor: str) -> Iterator[ChartView]:
    """Yield a chart of the median with its quarters, on each basis by itself, one of the vacancies and one of the rank.

    Only of figures that enough dates are known for.
    """
    keys: list[tuple[str, FigureKey]] = [(pay_topic(basis), (basis, "median")) for basis in portrait.bases]
    keys += [(topic, (None, topic)) for topic in (VACANCIES_TOPIC, RANK_TOPIC)]
    broken = _gaps(portrait)
    for kind, (basis, statistic) in keys:
        known = [each for each in portrait.history if (basis, statistic) in each.figures]
        if len(known) < _LEAST_POINTS:
            continue
        shown = [(basis, statistic), *((basis, quarter) for quarter in _QUARTERS if basis)]
        said = (
            _describe_series([(each.as_of, each.figures[basis, statistic]) for each in known], (basis, statistic)),
            *_missing(portrait.history, len(known), broken),
        )
        key = f"{anchor}-{kind.replace('/', '-')}"
        title = wording.statistic_title(statistic, basis)
        yield ChartView(key, kind, title, tuple(_points(portrait.history, shown, broken)), " ".join(said))


def kept_columns(portrait: SubjectReport) -> tuple[str, ...]:
    """Return the headings of the snapshots."""
    pay = [
        f"{wording.topic_title(pay_topic(basis))}: {title}"
        for basis in portrait.bases
        for title in ("median", "25th to 75th percentile", "quotes")
    ]
    return ("As of", *pay, *map(wording.statistic_title, (VACANCIES_TOPIC, RANK_TOPIC)))


def kept_rows(portrait: SubjectReport) -> Iterator[SnapshotRowView]:
    """Yield what is kept as of when, the newest first, with the gaps; dates in a row with the same figures are one."""
    rows = [*_rows(portrait, _gaps(portrait))][::-1]
    yield from rows[:_ROWS_SHOWN]
    if len(rows) > _ROWS_SHOWN:
        left = sum(bool(row.cells) for row in rows[_ROWS_SHOWN:])
        yield SnapshotRowView(
            f"{wording.pluralize(left, 'earlier row')} back to"
            f" {wording.format_date(portrait.history[0].as_of)} left out"
        )


def _gaps(portrait: SubjectReport) -> frozenset[int]:
    return gap_positions([each.as_of for each in portrait.history], portrait.newest.head.subject.window_months)


def _not_kept(before: SnapshotPoint, after: SnapshotPoint) -> str:
    # Whether it was read is not known: what was not accepted, or is as old as what was kept before, is not kept.
    return f"No snapshot between {wording.format_date(before.as_of)} and {wording.format_date(after.as_of)}"


def _missing(kept: Sequence[SnapshotPoint], stated: int, broken: frozenset[int]) -> Iterator[str]:
    """Yield why a line is broken: snapshots that do not state its figure, and gaps, the newest with dates."""
    if stated < len(kept):
        yield f"Not stated in {len(kept) - stated:,} of {len(kept):,} snapshots."
    earlier, said = sorted(broken)[:-_GAPS_SAID], sorted(broken)[-_GAPS_SAID:]
    for at in said:
        yield f"{_not_kept(kept[at], kept[at + 1])}."
    if earlier:
        yield f"{wording.pluralize(len(earlier), 'earlier gap')}."


def _describe_series(known: Sequence[tuple[date, Figure]], key: FigureKey) -> str:
    """Return how a figure went in words: where it began and ended, and how far it went in between."""
    basis, statistic = key
    lowest, highest = (choose(known, key=lambda each: each[1]) for choose in (min, max))

    def said(at: date, figure: Figure) -> str:
        return f"{wording.format_value(statistic, figure, basis)} on {wording.format_date(at)}"

    if lowest[1] == highest[1]:
        (first, figure), (last, _) = known[0], known[-1]
        return (
            f"{wording.format_value(statistic, figure, basis)} from {wording.format_date(first)}"
            f" to {wording.format_date(last)}."
        )
    ends = f"From {said(*known[0])} to {said(*known[-1])}"
    # The first rank is the best, so the words for high and low would mislead.
    best, worst = ("best", "worst") if statistic == RANK_TOPIC else ("lowest", "highest")
    return f"{ends}; {best} {said(*lowest)}, {worst} {said(*highest)}."


def _rows(portrait: SubjectReport, broken: frozenset[int]) -> Iterator[SnapshotRowView]:
    before: SnapshotPoint | None = None
    for stretch in _segments(portrait.history, broken):
        if before is not None:
            yield SnapshotRowView(_not_kept(before, stretch[0]))
        for _, same in groupby(stretch, key=lambda each: each.figures):
            run = [*same]
            yield SnapshotRowView(_when(run), tuple(_cells(portrait, run[0])))
        before = stretch[-1]


def _segments(kept: Sequence[SnapshotPoint], broken: frozenset[int]) -> Iterator[Sequence[SnapshotPoint]]:
    """Yield what was read without a gap."""
    begin = 0
    for end in (*sorted(broken), len(kept) - 1):
        yield kept[begin : end + 1]
        begin = end + 1


def _when(run: Sequence[SnapshotPoint]) -> str:
    first, last = run[0].as_of, run[-1].as_of
    if len(run) == 1:
        return wording.format_date(first)
    return f"{wording.format_date(first)} to {wording.format_date(last)} ({len(run):,} snapshots)"


def _cells(portrait: SubjectReport, kept: SnapshotPoint) -> Iterator[Cell]:
    for basis in portrait.bases:
        yield _cell(kept, (basis, "median"))
        low, high = (kept.figures.get((basis, quarter)) for quarter in _QUARTERS)
        if low is None or high is None:
            yield empty_cell("not stated")
        else:
            yield Cell(between(low, high, basis))
        yield _cell(kept, (basis, "quotes"))
    yield _cell(kept, (None, VACANCIES_TOPIC))
    yield _cell(kept, (None, RANK_TOPIC))


def _cell(kept: SnapshotPoint, key: FigureKey) -> Cell:
    return amount(key, kept.figures.get(key))


def _points(kept: Sequence[SnapshotPoint], shown: Sequence[FigureKey], broken: frozenset[int]) -> Iterator[Point]:
    """Yield the points of a line: of figures that stay the same, the first and the last; none where there is a gap."""
    for stretch in _segments(kept, broken):
        figures = [tuple(_as_number(each.figures.get(key)) for key in shown) for each in stretch]
        for at, (each, here) in enumerate(zip(stretch, figures, strict=True)):
            is_inside = 0 < at < len(stretch) - 1 and figures[at - 1] == here == figures[at + 1]
            if not is_inside:
                yield (each.as_of.isoformat(), *here)
        if stretch[-1] is not kept[-1]:
            yield (stretch[-1].as_of.isoformat(),)


def _as_number(figure: Figure | None) -> float | None:
    if figure is None:
        return None
    return int(figure) if figure == int(figure) else float(figure)
