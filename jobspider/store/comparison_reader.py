"""Read what is needed to compare figures with older ones, many subjects at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any, Final, TypeVar

from jobspider.errors import StoreError
from jobspider.model import TOP_SKILLS_LIST, Content
from jobspider.store.content_rows import rows_to_content
from jobspider.store.database import Database

Portioned = TypeVar("Portioned")

_MOST_AT_ONCE: Final = 500
_FIGURES: Final = """
SELECT content_id, scope, basis, statistic, now, year_ago, two_years_ago FROM figures
WHERE scope = 'term' AND content_id IN
"""
_LOCATIONS: Final = """
SELECT content_id, name, position, rank_change, vacancies, median, median_change FROM locations WHERE content_id IN
"""
# CROSS JOIN fixes the order: first the contents, then their skills.
_SKILLS: Final = """
SELECT content_id, list, name, position, rank, count, share
FROM skill_shares CROSS JOIN skill_names ON skill_names.id = skill_id
"""
_FIRST_LINES: Final = f"{_SKILLS} WHERE position = 1 AND list = 'top' AND content_id IN"
_LISTS: Final = f"""
WITH wanted (content_id, list) AS (VALUES {{}})
{_SKILLS} WHERE content_id IN (SELECT content_id FROM wanted) AND (content_id, list) IN wanted
"""  # noqa: S608 - only constants
# The lists that may hold news: a share has changed by at least :least points, or a skill was among the first :top and
# is not, or the reverse. The last column is the content that lacks the skill. Without printed shares every list may
# hold news.
_LISTS_WITH_NEWS: Final = """
WITH pair (old, new) AS (VALUES {})
SELECT pair.old, pair.new, list, name, iif(before.skill_id IS NULL, pair.old, NULL)
FROM pair
CROSS JOIN skill_shares AS after ON after.content_id = pair.new
LEFT JOIN skill_shares AS before ON before.content_id = pair.old AND before.skill_id = after.skill_id
CROSS JOIN skill_names ON skill_names.id = after.skill_id
WHERE iif(before.skill_id IS NULL, after.position <= :top OR coalesce(after.share >= :least, 1),
    coalesce(abs(after.share - before.share) >= :least, 1) OR (after.position <= :top) <> (before.position <= :top))
UNION ALL
SELECT pair.old, pair.new, list, name, pair.new
FROM pair
CROSS JOIN skill_shares AS before ON before.content_id = pair.old
LEFT JOIN skill_shares AS after ON after.content_id = pair.new AND after.skill_id = before.skill_id
CROSS JOIN skill_names ON skill_names.id = before.skill_id
WHERE after.skill_id IS NULL AND (before.position <= :top OR coalesce(before.share >= :least, 1))
"""
_FLOAT_ERROR: Final = 1e-9
"""Tolerance, in points, for the difference of two shares that are stored as doubles."""
_HOLDING: Final = "SELECT DISTINCT list FROM skills WHERE content_id = ? AND list <> 'top' AND name IN"
_LENGTHS: Final = """
SELECT content_id, sum(skill_id IN (SELECT id FROM skill_names WHERE list = 'top')), count(*)
FROM skill_shares WHERE content_id IN
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

_Rows = Mapping[int, list[tuple[Any, ...]]]
Ids = tuple[int, int]
"""The contents of a pair, the old and the new one."""

Dated = tuple[date, int]
"""A date and the content that a subject had as of it."""


class ComparingReader:
    """Reads from an open database what a comparison needs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def content_pairs(self, wanted: Collection[Ids], top: int, least: Decimal) -> Mapping[Ids, tuple[Content, Content]]:
        """Return pairs of contents, each as far as it is compared with the other.

        Of a content there is its first table, its locations, and those lists of skills, most of a page, that can hold
        news; of a top list that cannot, the first line. Its live jobs are ``None``: they belong to a snapshot.

        Args:
            wanted: The ids of the old and the new one of each pair.
            top: A list holds news if a skill came among so many first of it, or went.
            least: Or if a share moved by so many points.

        Raises:
            StoreError: There is none with one of these ids.
        """
        lists, lacking = self._lists_with_news(wanted, top, least)
        ids = {content_id for pair in wanted for content_id in pair}
        whole = {(content_id, name) for pair in wanted for content_id in pair for name in lists[pair]}
        skills = self._lists(whole)
        for content_id, line in self._grouped(_FIRST_LINES, ids).items():
            if (content_id, TOP_SKILLS_LIST) not in whole:
                skills[content_id] += line
        known = self._contents(ids, skills, self._grouped(_LOCATIONS, ids))
        found = {}
        for pair in wanted:
            old, new = (known[content_id] for content_id in pair)
            more = self._lists_that_hold(pair, old, new, lacking[pair]) - lists[pair]
            found[pair] = (
                self._with_lists(pair[0], old, lists[pair], more),
                self._with_lists(pair[1], new, lists[pair], more),
            )
        return found

    def skill_counts(self, wanted: Collection[int]) -> Mapping[int, tuple[int, int]]:
        """Return how many lines the top list of each of some contents has, and how many all its lists have."""
        found = dict.fromkeys(wanted, (0, 0))
        for some in _portions(wanted):
            sql = f"{_LENGTHS} ({', '.join('?' * len(some))}) GROUP BY content_id"
            found |= {content_id: (in_top, lines) for content_id, in_top, lines in self._database.rows(sql, some)}
        return found

    def contents(self, wanted: Collection[int], *, whole: bool = True) -> Mapping[int, Content]:
        """Return contents without their lists by category and their second table.

        Args:
            wanted: Their ids.
            whole: ``False``: only the first table.

        Raises:
            StoreError: There is none with one of these ids.
        """
        if not whole:
            return self._contents(wanted, {}, {})
        skills = self._lists({(content_id, TOP_SKILLS_LIST) for content_id in wanted})
        return self._contents(wanted, skills, self._grouped(_LOCATIONS, wanted))

    def _contents(self, wanted: Collection[int], skills: _Rows, locations: _Rows) -> Mapping[int, Content]:
        figures = self._grouped(_FIGURES, wanted)
        for content_id in set(wanted).difference(figures):
            if not self._database.rows("SELECT 1 FROM contents WHERE id = ?", (content_id,)):
                raise StoreError(f"{self._database.path} has no content {content_id}")
        return {
            content_id: rows_to_content(
                None,
                figures.get(content_id, ()),
                sorted(locations.get(content_id, ()), key=itemgetter(1)),
                sorted(skills.get(content_id, ()), key=itemgetter(2)),
                {},
            )
            for content_id in wanted
        }

    def yearly_changes(self, wanted: Collection[int]) -> Mapping[int, Content]:
        """Return contents of which there is only how medians changed within a year.

        Those of the page's own subject, of its category and of the region above, where stated.
        """
        figures, names = self._grouped(_YEARLY, wanted), self._grouped(_CATEGORIES, wanted)
        return {
            content_id: rows_to_content(names[content_id][0][0] if content_id in names else None, rows, (), (), {})
            for content_id, rows in figures.items()
        }

    def between(self, subject_id: int, after: date, before: date, parser_version: int) -> tuple[Dated, ...]:
        """Return what is known of a subject as of the dates between two, as one parser reads it, the oldest first."""
        rows = self._database.rows(_DATES, (subject_id, after.isoformat(), before.isoformat(), parser_version))
        return tuple(map(_dated, rows))

    def nearest_content(self, subject_id: int, day: date, days: int, parser_version: int) -> Dated | None:
        """Return what is known of a subject as of a day, or of the next that is at most so many days from it."""
        asked = {"subject": subject_id, "day": day.isoformat(), "days": days, "parser": parser_version}
        return next(map(_dated, self._database.rows(_NEAR, asked)), None)

    def content_by_parser(self, parser_version: int, snapshot_id: int, content_id: int) -> tuple[int, date]:
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
            for row in self._database.rows(f"{sql} ({', '.join('?' * len(some))})", some):
                found[row[0]].append(row[1:])
        return found

    def _lists(self, wanted: Collection[tuple[int, str]]) -> dict[int, list[tuple[Any, ...]]]:
        """Return the rows of lists of skills, by their content."""
        found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for some in _portions(wanted):
            values = ", ".join(["(?, ?)"] * len(some))
            for row in self._database.rows(_LISTS.format(values), [value for each in some for value in each]):
                found[row[0]].append(row[1:])
        return found

    def _lists_with_news(
        self, wanted: Collection[Ids], top: int, least: Decimal
    ) -> tuple[defaultdict[Ids, set[str]], defaultdict[Ids, dict[int, set[str]]]]:
        """Return which lists of each pair can hold news, and what they name that the other side's lack."""
        lists: defaultdict[Ids, set[str]] = defaultdict(set)
        lacking: defaultdict[Ids, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        asked = {"top": top, "least": float(least) - _FLOAT_ERROR}
        for some in _portions(wanted):
            values = ", ".join(f"({old:d}, {new:d})" for old, new in some)
            for old, new, list_name, name, lacks in self._database.rows(_LISTS_WITH_NEWS.format(values), asked):
                lists[old, new].add(list_name)
                if lacks is not None:
                    lacking[old, new][lacks].add(name)
        return lists, lacking

    def _lists_that_hold(self, pair: Ids, old: Content, new: Content, lacking: Mapping[int, set[str]]) -> set[str]:
        """Return which lists by category hold what another list of the same page lacks, and the other page's has.

        A skill below the top list's cut, or one that the site has put elsewhere.
        """
        tops = [{skill.name for skill in content.top_skills} for content in (old, new)]
        found: set[str] = set()
        for content_id, own, other in zip(pair, tops, tops[::-1], strict=True):
            names = lacking.get(content_id, set()) | (other - own)
            if names:
                sql = f"{_HOLDING} ({', '.join('?' * len(names))})"
                found.update(name for (name,) in self._database.rows(sql, (content_id, *names)))
        return found

    def _with_lists(self, content_id: int, content: Content, lists: set[str], more: set[str]) -> Content:
        """Return a content with these lists alone, of which it lacks some."""
        categories = {name: each for name, each in content.skills.items() if name in lists}
        if more:
            rows = self._lists([(content_id, name) for name in more])[content_id]
            categories |= rows_to_content(None, (), (), sorted(rows, key=itemgetter(2)), {}).skills
        top = content.top_skills if TOP_SKILLS_LIST in lists else content.top_skills[:1]
        if len(top) == len(content.top_skills) and categories.keys() == content.skills.keys():
            return content
        return replace(content, top_skills=top, skills=categories)


def _portions(wanted: Collection[Portioned]) -> Iterator[list[Portioned]]:
    left = iter(wanted)
    while some := list(islice(left, _MOST_AT_ONCE)):
        yield some


def _dated(row: tuple[Any, ...]) -> Dated:
    as_of, content_id = row
    return date.fromisoformat(as_of), int(content_id)
