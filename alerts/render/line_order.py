"""Order the changes of one subject, and select the locations with too few ads."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from alerts import wording
from alerts.model.changes import AssessedChange, Change, Digest, Significance
from alerts.model.topics import LOCATIONS_TOPIC, SKILLS_TOPIC
from alerts.render.sanitize import clean_text
from jobspider.model import TOP_SKILLS_LIST

NAMELESS: Final = "(no name)"

_MAX_LOCATIONS: Final = 6


def group_skills(lines: Sequence[AssessedChange]) -> list[AssessedChange]:
    """Return the changes in their order, with the skills of one list together and the top list first."""
    lists = dict.fromkeys([TOP_SKILLS_LIST, *(_list_name(line) for line in lines)])
    skills = [
        line for name in lists for line in lines if line.change.topic == SKILLS_TOPIC and _list_name(line) == name
    ]
    first = next((index for index, line in enumerate(lines) if line.change.topic == SKILLS_TOPIC), len(lines))
    return [*lines[:first], *skills, *(line for line in lines[first:] if line.change.topic != SKILLS_TOPIC)]


def change_title(change: Change) -> str:
    """Return the title of a change. For a skill in the list of a category it names the category."""
    item = None if change.item is None else clean_text(change.item) or NAMELESS
    title = wording.statistic_title(change.statistic, change.basis, item)
    if change.skill is None or change.skill.list_name == TOP_SKILLS_LIST:
        return title
    return f"{title} ({clean_text(change.skill.list_name) or NAMELESS})"


def insufficient_locations(digest: Digest) -> Mapping[int, tuple[AssessedChange, ...]]:
    """Return, by subject id, the changed locations with too few ads to be tested.

    Only subjects with reported changes are included. The locations are shown in grey below them.
    """
    locations: dict[int, tuple[AssessedChange, ...]] = {
        group.snapshot.subject_id: () for group in digest.groups if group.derived is None
    }
    for line in digest.suppressed:
        subject_id = line.change.snapshot.subject_id
        if has_insufficient_data(line) and line.change.topic == LOCATIONS_TOPIC and subject_id in locations:
            locations[subject_id] += (line,)
    return locations


def has_insufficient_data(line: AssessedChange) -> bool:
    """Whether there are too few ads to test a change."""
    return line.evidence.verdict is Significance.INSUFFICIENT_DATA


def format_locations(lines: Sequence[AssessedChange]) -> tuple[str, ...]:
    """Return locations as text, the others counted: ``Cheshire £65,000 → £70,000, +£5,000 (+7.7 %)``."""
    texts = tuple(_format_location(line.change) for line in lines[:_MAX_LOCATIONS])
    omitted = len(lines) - len(texts)
    return (*texts, f"{omitted} more") if omitted else texts


def format_shares(changes: Iterable[Change]) -> str:
    """Return changes of skill shares in one line: ``Azure 8.40 % → 12.10 %, Go 3.00 % → 9.00 %``."""
    return ", ".join(
        f"{clean_text(change.item or '') or NAMELESS} {wording.format_value('share', change.old)} →"
        f" {wording.format_value('share', change.new)}"
        for change in changes
    )


def _list_name(line: AssessedChange) -> str:
    return line.change.skill.list_name if line.change.skill else TOP_SKILLS_LIST


def _format_location(change: Change) -> str:
    old, new = (wording.format_value(change.statistic, value, change.basis) for value in (change.old, change.new))
    return f"{clean_text(change.item or '') or NAMELESS} {old} → {new}, {wording.change_text(change)}"
