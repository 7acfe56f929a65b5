"""Build the table cells of one subject: its figures, their changes and its skills."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from alerts import wording
from alerts.model.changes import ChangeKind, Figure, Significance
from alerts.model.report import JudgedChange, SnapshotComparison, SubjectReport
from alerts.render.line_order import NAMELESS
from alerts.render.sanitize import clean_text
from alerts.reports.render.view_models import BlockView, Cell, RowView, Tone
from jobspider.model import Basis, FigureKey, SkillShare
from jobspider.site.statistics import BY_KEY

_MAX_SKILLS: Final = 10
_DASH: Final = "\N{EM DASH}"
_DEMAND: Final = ("vacancies", "rank", "share_of_all", "share_of_category")
_PAY: Final = ("median", "p10", "p25", "p75", "p90", "quotes")
_TONES: Final[dict[bool | None, Tone]] = {True: "good", False: "bad", None: "plain"}
_NOT_STATED: Final = {
    (False, True): "not stated then",
    (True, False): "not stated now",
    (False, False): "not stated then nor now",
}
"""The reason why there is no change, by whether the figure is stated then and now."""
_ARROWS: Final = {"up": "▲", "down": "▼", "level": "="}


def empty_cell(*reasons: str) -> Cell:
    """Return a cell with a dash and the reasons why there is no figure."""
    return Cell(_DASH, reasons, "none")


def headline_figures(subject_report: SubjectReport) -> Iterator[RowView]:
    """Yield the headline figures: median, quotes, vacancies, rank."""
    figures = subject_report.newest.content.term
    basis = headline_basis(subject_report)
    low, high = (figures.now(key, basis) for key in ("p25", "p75"))
    range_facts = () if low is None or high is None else (f"half of them {format_quartiles(low, high, basis)}",)
    share = figures.now("share_of_all")
    share_facts = () if share is None else (f"{wording.format_value('share_of_all', share)} of all",)
    yield _headline_row(subject_report, (basis, "median"), *range_facts)
    quotes_fact = "ad that states its pay" if figures.now("quotes", basis) == 1 else "ads that state their pay"
    yield _headline_row(subject_report, (basis, "quotes"), quotes_fact)
    yield _headline_row(subject_report, (None, "vacancies"), *share_facts)
    yield _headline_row(subject_report, (None, "rank"), "1 is the most sought")


def headline_basis(subject_report: SubjectReport) -> Basis:
    """Return the basis of the headline median: the first basis with a stated median, or else the main basis."""
    figures = subject_report.newest.content.term
    stated = [basis for basis in subject_report.bases if figures.now("median", basis) is not None]
    return (stated or subject_report.bases)[0]


def columns(subject_report: SubjectReport) -> tuple[str, ...]:
    """Return the column headings: now, a year ago as printed on the page, and the compared dates."""
    return ("Now", "A year ago", *map(_heading, _comparisons(subject_report)))


def blocks(subject_report: SubjectReport) -> Iterator[BlockView]:
    """Yield the figures of table 1 with their changes: pay by basis, then demand."""
    for basis in subject_report.bases:
        yield BlockView(wording.pay_title(basis), tuple(_row(subject_report, (basis, key)) for key in _PAY))
    yield BlockView("Demand", tuple(_row(subject_report, (None, key)) for key in _DEMAND))


def skill_columns(subject_report: SubjectReport) -> tuple[str, ...]:
    """Return the column headings of the skills table."""
    return ("Share of the ads", *map(_heading, _comparisons(subject_report)))


def skills(subject_report: SubjectReport) -> Iterator[RowView]:
    """Yield the most frequent skills with the changes of their shares."""
    for skill in subject_report.newest.content.top_skills[:_MAX_SKILLS]:
        now = empty_cell("not stated") if skill.share is None else Cell(wording.format_value("share", skill.share))
        changes = (_skill_change(skill, comparison) for comparison in _comparisons(subject_report))
        yield RowView(clean_text(skill.name) or NAMELESS, (now, *changes))


def latest_change(subject_report: SubjectReport, key: FigureKey) -> Cell:
    """Return the change of a figure since the requested date, or else since the first snapshot, with the date."""
    for comparison in _comparisons(subject_report):
        cell = _change_since(key, comparison)
        return replace(cell, facts=(*cell.facts, f"since {wording.format_date(comparison.as_of)}"))
    return empty_cell("nothing to compare with")


def _comparisons(subject_report: SubjectReport) -> tuple[SnapshotComparison, ...]:
    """Return the comparisons by distinct date: the requested date, then the first snapshot."""
    comparisons = (subject_report.since, subject_report.first)
    return tuple({comparison.as_of: comparison for comparison in comparisons if comparison is not None}.values())


def _heading(comparison: SnapshotComparison) -> str:
    return f"Since {wording.format_date(comparison.as_of)}"


def _row(subject_report: SubjectReport, key: FigureKey) -> RowView:
    basis, statistic = key
    row = subject_report.newest.content.term.row(statistic, basis) or (None, None, None)
    changes = (_change_since(key, comparison) for comparison in _comparisons(subject_report))
    # The heading of the block names the basis.
    title = BY_KEY[statistic].title if basis else wording.statistic_title(statistic)
    return RowView(title, (figure_cell(key, row[0]), figure_cell(key, row[1]), *changes))


def figure_cell(key: FigureKey, figure: Figure | None) -> Cell:
    """Return the cell of a figure, without the pay period, which the table names."""
    basis, statistic = key
    return empty_cell("not stated") if figure is None else Cell(wording.format_value(statistic, figure, basis))


def _change_since(key: FigureKey, comparison: SnapshotComparison) -> Cell:
    basis, statistic = key
    judged = comparison.moved.get(key)
    if judged is not None:
        return _change_cell(judged)
    if comparison.then.now(statistic, basis) is None:
        return empty_cell(_NOT_STATED[False, False])
    return Cell("= unchanged")


def _change_cell(judged: JudgedChange) -> Cell:
    change = judged.change
    if change.kind is ChangeKind.APPEARED:
        return empty_cell(_NOT_STATED[False, True], *_verdict_facts(judged))
    old = wording.format_value(change.statistic, change.old, change.basis)
    if change.kind is ChangeKind.DISAPPEARED:
        return empty_cell(_NOT_STATED[True, False], f"then {old}", *_verdict_facts(judged))
    is_significant = judged.verdict in (Significance.CLEAR, Significance.LIKELY)
    is_good = wording.is_good_news(change) if is_significant else None
    text = f"{_ARROWS[wording.direction(change)]} {wording.change_text(change)}"
    return Cell(text, (f"from {old}", *_verdict_facts(judged)), _TONES[is_good])


def _verdict_facts(judged: JudgedChange) -> tuple[str, ...]:
    return (wording.significance_text(judged.verdict),) if judged.verdict else ()


def _skill_change(skill: SkillShare, comparison: SnapshotComparison) -> Cell:
    if not comparison.shares:
        return empty_cell("no skills were listed then")
    judged = comparison.skills.get(skill.name)
    min_change = judged.change.skill.min_share_change if judged is not None and judged.change.skill else None
    if judged is not None and min_change is None:
        return _change_cell(judged)
    if judged is not None and min_change is not None:
        text = wording.format_difference("share", min_change)
        return Cell(f"{_ARROWS['up']} at least {text}", ("from below the cut", *_verdict_facts(judged)))
    if skill.name not in comparison.shares:
        return empty_cell("below the cut then")
    # A share that only one side states is neither changed nor unchanged.
    stated = comparison.shares[skill.name] is not None, skill.share is not None
    return Cell("= unchanged") if all(stated) else empty_cell(_NOT_STATED[stated])


def _headline_row(subject_report: SubjectReport, key: FigureKey, *facts: str) -> RowView:
    basis, statistic = key
    value = subject_report.newest.content.term.now(statistic, basis)
    cell = (
        empty_cell("not stated")
        if value is None
        else Cell(wording.format_value_with_period(statistic, value, basis), facts)
    )
    return RowView(wording.statistic_title(statistic, basis), (cell,))


def format_quartiles(low: Figure, high: Figure, basis: Basis) -> str:
    """Return the range of the middle half of pay: ``£50,000 to £72,500``."""
    return f"{wording.format_value('p25', low, basis)} to {wording.format_value('p75', high, basis)}"
