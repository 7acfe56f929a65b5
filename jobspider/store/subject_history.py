"""Read one subject over time: its snapshots, one of its figures, and the ranks of its skills."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from jobspider.model import Basis, FigureKey, SkillShare
from jobspider.store import timestamps
from jobspider.store.comparison_reader import Dated
from jobspider.store.content_rows import stored_figure, to_decimal
from jobspider.store.database import Database

_DATES: Final = (
    "SELECT as_of, content_id FROM snapshots WHERE subject_id = ? AND as_of >= ? ORDER BY as_of DESC LIMIT ?"
)
_SNAPSHOTS: Final = """
SELECT id, content_id, as_of, fetched_at, parser_version FROM snapshots WHERE subject_id = ? ORDER BY as_of
"""
_FIGURES: Final = """
SELECT content_id, basis, statistic, now FROM figures
WHERE scope = 'term' AND statistic IN ({}) AND now IS NOT NULL
    AND content_id IN (SELECT content_id FROM snapshots WHERE subject_id = ?)
"""
_SERIES: Final = """
SELECT as_of, now FROM snapshots JOIN figures USING (content_id)
WHERE subject_id = ? AND scope = 'term' AND basis = ? AND statistic = ? AND now IS NOT NULL AND as_of BETWEEN ? AND ?
ORDER BY as_of
"""
_SKILL: Final = "SELECT as_of, list, rank, count, share FROM skill_history WHERE subject_id = ? AND name = ?"
_SKILLS: Final = "SELECT DISTINCT name FROM skill_history WHERE subject_id = ? ORDER BY name"
_NO_LIMIT: Final = 2**63 - 1
"""The largest LIMIT that SQLite accepts."""


@dataclass(frozen=True, slots=True)
class SnapshotFigures:
    """A snapshot and some of its current figures. A figure that the page does not state is absent."""

    snapshot_id: int
    content_id: int
    as_of: date
    fetched_at: datetime
    parser_version: int
    figures: Mapping[FigureKey, Decimal | int]


class SubjectHistory:
    """Histories of subjects in an open database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dates(self, subject_id: int, since: date | None = None, last: int | None = None) -> tuple[Dated, ...]:
        """Return the dates of a subject's snapshots with their content ids, oldest first.

        Args:
            subject_id: The subject.
            since: First date; ``None`` for all.
            last: Number of newest snapshots; ``None`` for all.
        """
        parameters = (subject_id, (since or date.min).isoformat(), _NO_LIMIT if last is None else min(last, _NO_LIMIT))
        rows = self._database.rows(_DATES, parameters)
        return tuple((date.fromisoformat(as_of), int(content_id)) for as_of, content_id in reversed(rows))

    def snapshots(self, subject_id: int, statistics: Collection[str]) -> tuple[SnapshotFigures, ...]:
        """Return all snapshots of a subject with their figures of the given statistics, oldest first."""
        figures: defaultdict[int, dict[FigureKey, Decimal | int]] = defaultdict(dict)
        sql = _FIGURES.format(", ".join("?" * len(statistics)))
        for content_id, basis, statistic, now in self._database.rows(sql, (*statistics, subject_id)):
            figures[content_id][Basis(basis) if basis else None, statistic] = stored_figure(statistic, now)
        return tuple(
            SnapshotFigures(
                snapshot_id,
                content_id,
                date.fromisoformat(as_of),
                timestamps.from_text(fetched_at),
                parser_version,
                figures[content_id],
            )
            for snapshot_id, content_id, as_of, fetched_at, parser_version in self._database.rows(
                _SNAPSHOTS, (subject_id,)
            )
        )

    def series(
        self, subject_id: int, statistic: str, basis: Basis | None, start: date, end: date
    ) -> tuple[tuple[date, Decimal], ...]:
        """Return one figure of table 1 over time, oldest first; snapshots that do not state it are left out."""
        parameters = (subject_id, basis or "", statistic, start.isoformat(), end.isoformat())
        return tuple(
            (date.fromisoformat(as_of), Decimal(str(now))) for as_of, now in self._database.rows(_SERIES, parameters)
        )

    def skill(self, subject_id: int, name: str) -> Mapping[date, Mapping[str, SkillShare]]:
        """Return the rows of one skill on the lists of a subject; the name must be spelt exactly.

        Returns:
            For each date on which a list names the skill: the list (``top`` or a category) with its row. On other
            dates the skill was below the cut of every list, which does not mean zero.
        """
        shares: dict[date, dict[str, SkillShare]] = defaultdict(dict)
        for as_of, list_name, rank, count, share in self._database.rows(_SKILL, (subject_id, name)):
            shares[date.fromisoformat(as_of)][list_name] = SkillShare(rank, name, count, to_decimal(share))
        return shares

    def skills(self, subject_id: int) -> tuple[str, ...]:
        """Return the names of all skills that any snapshot of a subject lists, in alphabetical order."""
        return tuple(name for (name,) in self._database.rows(_SKILLS, (subject_id,)))
