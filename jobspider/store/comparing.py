"""Read what is needed to compare figures with older ones, many subjects at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any, Final

from jobspider.errors import StoreError
from jobspider.model import Content
from jobspider.store.database import Database
from jobspider.store.rows import content_of

_MOST_AT_ONCE: Final = 500
_FIGURES: Final = """
SELECT content_id, scope, basis, statistic, now, year_ago, two_years_ago FROM figures
WHERE scope = 'term' AND content_id IN
"""
_LOCATIONS: Final = """
SELECT content_id, name, position, rank_change, vacancies, median, median_change FROM locations WHERE content_id IN
"""
_TOP: Final = """
SELECT content_id, list, name, position, rank, count, share FROM skills WHERE list = 'top' AND content_id IN
"""
_OTHER_LISTS: Final = """
SELECT list, name, position, rank, count, share FROM skills WHERE content_id = ? AND list <> 'top' AND name IN
"""
_YEARLY: Final = """
SELECT content_id, scope, basis, statistic, now, NULL, NULL FROM figures
WHERE statistic IN ('median_change', 'parent_median_change') AND content_id IN
"""
_CATEGORIES: Final = "SELECT id, category_name FROM contents WHERE category_name IS NOT NULL AND id IN"
_DATES: Final = """
SELECT as_of, content_id FROM snapshots
WHERE subject_id = ? AND as_of > ? AND as_of < ? AND parser_version = ? ORDER BY as_of
"""
_NEAR: Final = """
SELECT as_of, content_id FROM snapshots
WHERE subject_id = :subject AND parser_version = :parser
    AND as_of BETWEEN date(:day, printf('-%d days', :days)) AND date(:day, printf('+%d days', :days))
ORDER BY abs(julianday(as_of) - julianday(:day)) LIMIT 1
"""
# How the page that a content was read from reads by another parser; a snapshot's present reading before former ones.
_READ_BY: Final = """
WITH readings AS (
    SELECT content_id, sha256, parser_version, 0 AS is_former FROM snapshots WHERE id = :snapshot
    UNION ALL
    SELECT content_id, sha256, parser_version, 1 FROM former_readings WHERE snapshot_id = :snapshot)
SELECT again.content_id, as_of FROM readings AS known
JOIN readings AS again ON again.sha256 = known.sha256 AND again.parser_version = :parser
JOIN snapshots ON id = :snapshot
WHERE known.content_id = :content ORDER BY again.is_former, again.content_id <> :content LIMIT 1
"""
_FIRST_READ_BY: Final = """
SELECT later.content_id, later.as_of FROM snapshots AS earlier
JOIN snapshots AS later ON later.subject_id = earlier.subject_id AND later.as_of >= earlier.as_of
WHERE earlier.id = :snapshot AND later.parser_version = :parser ORDER BY later.as_of LIMIT 1
"""

Dated = tuple[date, int]
"""A date and the content that a subject had as of it."""


class ComparingReader:
    """Reads from an open database what a comparison needs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pairs(self, wanted: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], tuple[Content, Content]]:
        """Return pairs of contents, each as far as it is compared with the other.

        Of a content there is its first table, its locations and its top list; of the lists by category, most of a page,
        only what the other's top list has and its own lacks. Its live jobs are ``None``: they belong to a snapshot.

        Raises:
            StoreError: There is none with one of these ids.
        """
        known = self.contents({content_id for pair in wanted for content_id in pair})
        return {
            (old, new): (
                self._with_lacking(old, known[old], known[new]),
                self._with_lacking(new, known[new], known[old]),
            )
            for old, new in wanted
        }

    def contents(self, wanted: Collection[int], *, whole: bool = True) -> Mapping[int, Content]:
        """Return contents without their lists by category and their second table.

        Args:
            wanted: Their ids.
            whole: ``False``: only the first table.

        Raises:
            StoreError: There is none with one of these ids.
        """
        figures = self._grouped(_FIGURES, wanted)
        locations = self._grouped(_LOCATIONS, wanted) if whole else {}
        top = self._grouped(_TOP, wanted) if whole else {}
        for content_id in set(wanted).difference(figures):
            if not self._database.rows("SELECT 1 FROM contents WHERE id = ?", (content_id,)):
                raise StoreError(f"{self._database.path} has no content {content_id}")
        return {
            content_id: content_of(
                None,
                figures.get(content_id, ()),
                sorted(locations.get(content_id, ()), key=lambda row: int(row[1])),
                sorted(top.get(content_id, ()), key=lambda row: int(row[2])),
                {},
            )
            for content_id in wanted
        }

    def yearly(self, wanted: Collection[int]) -> Mapping[int, Content]:
        """Return contents of which there is only how medians changed within a year.

        Those of the page's own subject, of its category and of the region above, where stated.
        """
        figures, names = self._grouped(_YEARLY, wanted), self._grouped(_CATEGORIES, wanted)
        return {
            content_id: content_of(names[content_id][0][0] if content_id in names else None, rows, (), (), {})
            for content_id, rows in figures.items()
        }

    def between(self, subject_id: int, after: date, before: date, parser_version: int) -> tuple[Dated, ...]:
        """Return what is known of a subject as of the dates between two, as one parser reads it, the oldest first."""
        rows = self._database.rows(_DATES, (subject_id, after.isoformat(), before.isoformat(), parser_version))
        return tuple(map(_dated, rows))

    def near(self, subject_id: int, day: date, days: int, parser_version: int) -> Dated | None:
        """Return what is known of a subject as of a day, or of the next that is at most so many days from it."""
        asked = {"subject": subject_id, "day": day.isoformat(), "days": days, "parser": parser_version}
        return next(map(_dated, self._database.rows(_NEAR, asked)), None)

    def as_read_by(self, parser_version: int, snapshot_id: int, content_id: int) -> tuple[int, date]:
        """Return what a parser of a version reads where a content was read: like can then be compared with like.

        Args:
            parser_version: The one that has read what it is to be compared with.
            snapshot_id: The snapshot that had the content.
            content_id: The content as it was read then, by whichever parser.

        Returns:
            The content of the same page as that parser reads it, with the date it holds for. Where the page is gone,
            or was not accepted by that parser, it is that of the subject's oldest snapshot since then that was.

        Raises:
            StoreError: That parser has read nothing of the subject since.
        """
        asked = {"parser": parser_version, "snapshot": snapshot_id, "content": content_id}
        found = self._database.rows(_READ_BY, asked) or self._database.rows(_FIRST_READ_BY, asked)
        if not found:
            raise StoreError(f"{self._database.path} has nothing that parser {parser_version} read in its stead")
        return int(found[0][0]), date.fromisoformat(found[0][1])

    def _grouped(self, sql: str, wanted: Collection[int]) -> dict[int, list[tuple[Any, ...]]]:
        """Return the rows of a query, less their first column, by that column."""
        found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for some in _portions(wanted):
            for content_id, *row in self._database.rows(f"{sql} ({', '.join('?' * len(some))})", some):
                found[content_id].append(tuple(row))
        return found

    def _with_lacking(self, content_id: int, content: Content, beside: Content) -> Content:
        """Add from its lists by category what the other's top list has and its own lacks."""
        own = {skill.name for skill in content.top_skills}
        lacking = [skill.name for skill in beside.top_skills if skill.name not in own]
        if not lacking:
            return content
        sql = f"{_OTHER_LISTS} ({', '.join('?' * len(lacking))}) ORDER BY list, position"
        rows = self._database.rows(sql, (content_id, *lacking))
        return replace(content, skills=content_of(None, (), (), rows, {}).skills)


def _portions(wanted: Collection[int]) -> Iterator[list[int]]:
    left = iter(wanted)
    while some := list(islice(left, _MOST_AT_ONCE)):
        yield some


def _dated(row: tuple[Any, ...]) -> Dated:
    as_of, content_id = row
    return date.fromisoformat(as_of), int(content_id)
