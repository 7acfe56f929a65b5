"""One subject through time: which snapshots are kept of it, and how one of its skills stood on each."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Final

from jobspider.model import SkillShare
from jobspider.store.comparison_reader import Dated
from jobspider.store.content_rows import to_decimal
from jobspider.store.database import Database

_DATES: Final = (
    "SELECT as_of, content_id FROM snapshots WHERE subject_id = ? AND as_of >= ? ORDER BY as_of DESC LIMIT ?"
)
_SKILL: Final = "SELECT as_of, list, rank, count, share FROM skill_history WHERE subject_id = ? AND name = ?"
_SKILLS: Final = "SELECT DISTINCT name FROM skill_history WHERE subject_id = ? ORDER BY name"
_ALL: Final = 2**63 - 1
"""The most rows that SQLite can be asked for."""


class SubjectHistory:
    """The histories of subjects in an open database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dates(self, subject_id: int, since: date | None = None, last: int | None = None) -> tuple[Dated, ...]:
        """Return the dates as of which a subject is kept, each with its content, the oldest first.

        Args:
            subject_id: The subject.
            since: None earlier than this day; ``None``: from the first.
            last: Only so many of the newest; ``None``: all.
        """
        asked = (subject_id, (since or date.min).isoformat(), _ALL if last is None else min(last, _ALL))
        found = self._database.rows(_DATES, asked)
        return tuple((date.fromisoformat(as_of), int(content_id)) for as_of, content_id in reversed(found))

    def skill(self, subject_id: int, name: str) -> Mapping[date, Mapping[str, SkillShare]]:
        """Return how a skill, spelt exactly so, stood on the lists of a subject.

        Returns:
            For each date as of which some list has it, that list's name (``top``, or the category) with its line. On a
            date that is missing it was below the cut of every list: that is not zero.
        """
        found: dict[date, dict[str, SkillShare]] = defaultdict(dict)
        for as_of, list_name, rank, count, share in self._database.rows(_SKILL, (subject_id, name)):
            found[date.fromisoformat(as_of)][list_name] = SkillShare(rank, name, count, to_decimal(share))
        return found

    def skills(self, subject_id: int) -> tuple[str, ...]:
        """Return every skill that any snapshot of a subject lists, by name."""
        return tuple(name for (name,) in self._database.rows(_SKILLS, (subject_id,)))
