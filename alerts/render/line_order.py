"""How the skills of one subject stand beside each other, and the places that moved on too few ads."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from alerts import wording
from alerts.model.changes import Change, Digest, Line, Verdict
from alerts.model.topics import LOCATIONS_TOPIC, SKILLS_TOPIC
from alerts.render.sanitize import clean
from jobspider.model import TOP_LIST

NAMELESS: Final = "(no name)"

_PLACES: Final = 6


def by_list(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a subject in their order, but skills of one list beside each other, the top list's first."""
    lists = dict.fromkeys([TOP_LIST, *(_list_of(line) for line in lines)])
    skills = [line for name in lists for line in lines if line.change.topic == SKILLS_TOPIC and _list_of(line) == name]
    first = next((at for at, line in enumerate(lines) if line.change.topic == SKILLS_TOPIC), len(lines))
    return [*lines[:first], *skills, *(line for line in lines[first:] if line.change.topic != SKILLS_TOPIC)]


def title_of(change: Change) -> str:
    """Return the title of a change; that of a skill in the list of its category names the category."""
    item = None if change.item is None else clean(change.item) or NAMELESS
    said = wording.statistic(change.statistic, change.basis, item)
    if change.skill_list in (None, TOP_LIST):
        return said
    return f"{said} ({clean(change.skill_list or '') or NAMELESS})"


def few_ads(digest: Digest) -> Mapping[int, tuple[Line, ...]]:
    """Return the places that moved on too few ads to be judged, of each subject that has something to tell, by its id.

    They are no news, and stand in grey below it.
    """
    found: dict[int, tuple[Line, ...]] = {group.head.subject_id: () for group in digest.groups if group.pair is None}
    for line in digest.held_back:
        subject_id = line.change.head.subject_id
        if is_thin(line) and line.change.topic == LOCATIONS_TOPIC and subject_id in found:
            found[subject_id] += (line,)
    return found


def is_thin(line: Line) -> bool:
    """Whether too few ads stand behind a figure to judge its move."""
    return line.evidence.verdict is Verdict.TOO_FEW


def places(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return such places, a few by name and the others counted: ``Cheshire £65,000 → £70,000, +£5,000 (+7.7 %)``."""
    named = tuple(_figures(line.change) for line in lines[:_PLACES])
    more = len(lines) - len(named)
    return (*named, f"{more} more") if more else named


def shares(changes: Iterable[Change]) -> str:
    """Return shares of skills in one sentence: ``Azure 8.40 % → 12.10 %, Go 3.00 % → 9.00 %``."""
    return ", ".join(
        f"{clean(change.item or '') or NAMELESS} {wording.amount('share', change.old)} →"
        f" {wording.amount('share', change.new)}"
        for change in changes
    )


def _list_of(line: Line) -> str:
    return line.change.skill_list or TOP_LIST


def _figures(change: Change) -> str:
    old, new = (wording.amount(change.statistic, value, change.basis) for value in (change.old, change.new))
    return f"{clean(change.item or '') or NAMELESS} {old} → {new}, {wording.moved(change)}"
