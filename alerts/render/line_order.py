"""How the skills of one subject stand beside each other, and the places that moved on too few ads."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from alerts import wording
from alerts.model.changes import AssessedChange, Change, Digest, Significance
from alerts.model.topics import LOCATIONS_TOPIC, SKILLS_TOPIC
from alerts.render.sanitize import clean_text
from jobspider.model import TOP_SKILLS_LIST

NAMELESS: Final = "(no name)"

_PLACES: Final = 6


def group_skills(lines: Sequence[AssessedChange]) -> list[AssessedChange]:
    """Return the lines of a subject in their order, but skills of one list beside each other, the top list's first."""
    lists = dict.fromkeys([TOP_SKILLS_LIST, *(_list_of(line) for line in lines)])
    skills = [line for name in lists for line in lines if line.change.topic == SKILLS_TOPIC and _list_of(line) == name]
    first = next((at for at, line in enumerate(lines) if line.change.topic == SKILLS_TOPIC), len(lines))
    return [*lines[:first], *skills, *(line for line in lines[first:] if line.change.topic != SKILLS_TOPIC)]


def title_of(change: Change) -> str:
    """Return the title of a change; that of a skill in the list of its category names the category."""
    item = None if change.item is None else clean_text(change.item) or NAMELESS
    said = wording.statistic_title(change.statistic, change.basis, item)
    if change.skill is None or change.skill.list_name == TOP_SKILLS_LIST:
        return said
    return f"{said} ({clean_text(change.skill.list_name) or NAMELESS})"


def insufficient_locations(digest: Digest) -> Mapping[int, tuple[AssessedChange, ...]]:
    """Return the places that moved on too few ads to be judged, of each subject that has something to tell, by its id.

    They are no news, and stand in grey below it.
    """
    found: dict[int, tuple[AssessedChange, ...]] = {
        group.snapshot.subject_id: () for group in digest.groups if group.derived is None
    }
    for line in digest.suppressed:
        subject_id = line.change.snapshot.subject_id
        if has_insufficient_data(line) and line.change.topic == LOCATIONS_TOPIC and subject_id in found:
            found[subject_id] += (line,)
    return found


def has_insufficient_data(line: AssessedChange) -> bool:
    """Whether too few ads stand behind a figure to judge its move."""
    return line.evidence.verdict is Significance.INSUFFICIENT_DATA


def format_locations(lines: Sequence[AssessedChange]) -> tuple[str, ...]:
    """Return such places, a few by name and the others counted: ``Cheshire £65,000 → £70,000, +£5,000 (+7.7 %)``."""
    named = tuple(_figures(line.change) for line in lines[:_PLACES])
    more = len(lines) - len(named)
    return (*named, f"{more} more") if more else named


def shares(changes: Iterable[Change]) -> str:
    """Return shares of skills in one sentence: ``Azure 8.40 % → 12.10 %, Go 3.00 % → 9.00 %``."""
    return ", ".join(
        f"{clean_text(change.item or '') or NAMELESS} {wording.format_value('share', change.old)} →"
        f" {wording.format_value('share', change.new)}"
        for change in changes
    )


def _list_of(line: AssessedChange) -> str:
    return line.change.skill.list_name if line.change.skill else TOP_SKILLS_LIST


def _figures(change: Change) -> str:
    old, new = (wording.format_value(change.statistic, value, change.basis) for value in (change.old, change.new))
    return f"{clean_text(change.item or '') or NAMELESS} {old} → {new}, {wording.change_text(change)}"
