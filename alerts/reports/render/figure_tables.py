"""The figures of a subject, how they moved, and its skills, as cells."""

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

_SKILLS_SHOWN: Final = 10
_DASH: Final = "\N{EM DASH}"
_DEMAND: Final = ("vacancies", "rank", "share_of_all", "share_of_category")
_PAY: Final = ("median", "p10", "p25", "p75", "p90", "quotes")
_TONES: Final[dict[bool | None, Tone]] = {True: "good", False: "bad", None: "plain"}
_NOT_STATED: Final = {
    (False, True): "not stated then",
    (True, False): "not stated now",
    (False, False): "not stated then nor now",
}
"""Why there is no move, by whether a figure is stated then and now."""
_ARROWS: Final = {"up": "▲", "down": "▼", "level": "="}


def empty_cell(*reasons: str) -> Cell:
    """Return a dash and why there is no figure."""
    return Cell(_DASH, reasons, "none")


def headline_figures(portrait: SubjectReport) -> Iterator[RowView]:
    """Yield the figures that one asks for first."""
    figures = portrait.newest.content.term
    basis = headline_basis(portrait)
    low, high = (figures.now(key, basis) for key in ("p25", "p75"))
    spread = () if low is None or high is None else (f"half of them {between(low, high, basis)}",)
    share = figures.now("share_of_all")
    of_all = () if share is None else (f"{wording.format_value('share_of_all', share)} of all",)
    yield _lead(portrait, (basis, "median"), *spread)
    stating = "ad that states its pay" if figures.now("quotes", basis) == 1 else "ads that state their pay"
    yield _lead(portrait, (basis, "quotes"), stating)
    yield _lead(portrait, (None, "vacancies"), *of_all)
    yield _lead(portrait, (None, "rank"), "1 is the most sought")


def headline_basis(portrait: SubjectReport) -> Basis:
    """Return the basis of the median that is shown first: the main one, if it is stated or no other is."""
    figures = portrait.newest.content.term
    stated = [basis for basis in portrait.bases if figures.now("median", basis) is not None]
    return (stated or portrait.bases)[0]


def columns(portrait: SubjectReport) -> tuple[str, ...]:
    """Return the headings of the figures: now, a year ago as the page has it, and since when they moved."""
    return ("Now", "A year ago", *map(_heading, _sides(portrait)))


def blocks(portrait: SubjectReport) -> Iterator[BlockView]:
    """Yield the figures of the first table with how they moved: pay on each basis by itself, then demand."""
    for basis in portrait.bases:
        yield BlockView(wording.pay_title(basis), tuple(_row(portrait, (basis, key)) for key in _PAY))
    yield BlockView("Demand", tuple(_row(portrait, (None, key)) for key in _DEMAND))


def skill_columns(portrait: SubjectReport) -> tuple[str, ...]:
    """Return the headings of the skills."""
    return ("Share of the ads", *map(_heading, _sides(portrait)))


def skills(portrait: SubjectReport) -> Iterator[RowView]:
    """Yield the skills that are asked for most, with how their shares moved."""
    for skill in portrait.newest.content.top_skills[:_SKILLS_SHOWN]:
        now = empty_cell("not stated") if skill.share is None else Cell(wording.format_value("share", skill.share))
        moves = (_skill_move(skill, compared) for compared in _sides(portrait))
        yield RowView(clean_text(skill.name) or NAMELESS, (now, *moves))


def move(portrait: SubjectReport, key: FigureKey) -> Cell:
    """Return how a figure moved since the day asked for, or else since the first date, and since when."""
    for compared in _sides(portrait):
        cell = _move(key, compared)
        return replace(cell, facts=(*cell.facts, _since(compared)))
    return empty_cell("nothing to compare with")


def _sides(portrait: SubjectReport) -> tuple[SnapshotComparison, ...]:
    """Return what the newest figures are compared with, each date once: the day asked for, then the first."""
    found = {each.as_of: each for each in (portrait.since, portrait.first) if each is not None}
    return tuple(found.values())


def _heading(compared: SnapshotComparison) -> str:
    return f"Since {wording.format_date(compared.as_of)}"


def _since(compared: SnapshotComparison) -> str:
    return f"since {wording.format_date(compared.as_of)}"


def _row(portrait: SubjectReport, key: FigureKey) -> RowView:
    basis, statistic = key
    row = portrait.newest.content.term.row(statistic, basis) or (None, None, None)
    moves = (_move(key, compared) for compared in _sides(portrait))
    # The block says what is paid for.
    title = BY_KEY[statistic].title if basis else wording.statistic_title(statistic)
    return RowView(title, (amount(key, row[0]), amount(key, row[1]), *moves))


def amount(key: FigureKey, figure: Figure | None) -> Cell:
    """Return a figure as it stands in a table that says what pay is paid for."""
    basis, statistic = key
    return empty_cell("not stated") if figure is None else Cell(wording.format_value(statistic, figure, basis))


def _move(key: FigureKey, compared: SnapshotComparison) -> Cell:
    basis, statistic = key
    moved = compared.moved.get(key)
    if moved is not None:
        return _moved(moved)
    if compared.then.now(statistic, basis) is None:
        return empty_cell(_NOT_STATED[False, False])
    return Cell("= unchanged")


def _moved(moved: JudgedChange) -> Cell:
    change = moved.change
    if change.kind is ChangeKind.APPEARED:
        return empty_cell(_NOT_STATED[False, True], *_judged(moved))
    old = wording.format_value(change.statistic, change.old, change.basis)
    if change.kind is ChangeKind.DISAPPEARED:
        return empty_cell(_NOT_STATED[True, False], f"then {old}", *_judged(moved))
    is_sure = moved.verdict in (Significance.CLEAR, Significance.LIKELY)
    good = wording.is_good_news(change) if is_sure else None
    said = f"{_ARROWS[wording.direction(change)]} {wording.change_text(change)}"
    return Cell(said, (f"from {old}", *_judged(moved)), _TONES[good])


def _judged(moved: JudgedChange) -> tuple[str, ...]:
    return (wording.significance_text(moved.verdict),) if moved.verdict else ()


def _skill_move(skill: SkillShare, compared: SnapshotComparison) -> Cell:
    if not compared.shares:
        return empty_cell("no skills were listed then")
    moved = compared.skills.get(skill.name)
    min_change = moved.change.skill.min_share_change if moved is not None and moved.change.skill else None
    if moved is not None and min_change is None:
        return _moved(moved)
    if moved is not None and min_change is not None:
        said = wording.format_difference("share", min_change)
        return Cell(f"{_ARROWS['up']} at least {said}", ("from below the cut", *_judged(moved)))
    if skill.name not in compared.shares:
        return empty_cell("below the cut then")
    # What is stated on one side alone did not move as far as is known, and did not stay the same either.
    stated = compared.shares[skill.name] is not None, skill.share is not None
    return Cell("= unchanged") if all(stated) else empty_cell(_NOT_STATED[stated])


def _lead(portrait: SubjectReport, key: FigureKey, *facts: str) -> RowView:
    basis, statistic = key
    value = portrait.newest.content.term.now(statistic, basis)
    cell = (
        empty_cell("not stated")
        if value is None
        else Cell(wording.format_value_with_period(statistic, value, basis), facts)
    )
    return RowView(wording.statistic_title(statistic, basis), (cell,))


def between(low: Figure, high: Figure, basis: Basis) -> str:
    """Return where the middle half of pay lies: ``£50,000 to £72,500``."""
    return f"{wording.format_value('p25', low, basis)} to {wording.format_value('p75', high, basis)}"
