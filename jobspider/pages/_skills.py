"""The skill lists: the top list and the lists by category."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from jobspider.model import SkillShare
from jobspider.pages._expect import UnexpectedError, is_name, quoted
from jobspider.pages._outline import BETWEEN, Heading, Outline, Row, Title

_TOP: Final = re.compile(r"\btop ([0-9]{1,4}) (?:co-occurring|related)\b.*\bskills\b", re.IGNORECASE)
_BY_CATEGORY: Final = re.compile(r"\b(?:co-occurring|related)\b.*\bskills\b.* by category$", re.IGNORECASE)
_ABOUT_SKILLS: Final = re.compile(r"\bskill set\b|\bco-occurring\b|\brelated .*\bskills\b", re.IGNORECASE)
_COUNT: Final = r"0|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}|[1-9][0-9]{0,11}"
_SHARE: Final = r"(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,6})?"
# A whole entry at once, rank, count, share and name: these are nine tenths of a page's figures, and reading them cell
# by cell costs more than parsing the page. A name may hold anything.
_ENTRY: Final = re.compile(
    rf"([1-9][0-9]{{0,2}}){BETWEEN}({_COUNT})"
    rf"(?:[ {BETWEEN}]?\(({_SHARE})%\))?{BETWEEN}([^{BETWEEN}]*\w[^{BETWEEN}]*)"
)
_percent: Final = lru_cache(maxsize=4_096)(Decimal)
"""A share's digits to its value: rare skills share a handful of them."""


class SkillLists(NamedTuple):
    """All lists of a page. ``announced`` is the N of "Top N", ``None`` where there is no such heading."""

    top: tuple[SkillShare, ...]
    by_category: dict[str, tuple[SkillShare, ...]]
    announced: int | None


Entries = dict[int, SkillShare]
"""The skills of a page by the place of their rows among its pieces."""


def find_entries(outline: Outline) -> Entries:
    """Find the skills of all lists: nine tenths of a page's rows, which no one else then need look at."""
    entries: Entries = {}
    for at, piece in enumerate(outline.pieces):
        if isinstance(piece, Row):
            found = _ENTRY.fullmatch(piece.text)
            if found:
                rank, count, share, name = found.groups()
                entries[at] = SkillShare(_whole(rank), name, _whole(count), None if share is None else _percent(share))
    return entries


def read_skills(outline: Outline, entries: Entries) -> SkillLists:
    """Read the skill lists of a page.

    Raises:
        UnexpectedError: A row is not understood, stands under no heading or comes twice.
    """
    reader = _Reader()
    for at, piece in enumerate(outline.pieces):
        if isinstance(piece, Row):
            skill = entries.get(at)
            if skill is None:
                reader.row(piece)
            else:
                reader.entry(piece, skill)
        elif isinstance(piece, Heading):
            reader.heading(piece.text)
        elif isinstance(piece, Title):
            reader.name(piece.text)
    return SkillLists(
        tuple(reader.top.values()),
        {name: tuple(entries.values()) for name, entries in reader.categories.items()},
        reader.announced,
    )


@lru_cache(maxsize=4_096)
def _whole(text: str) -> int:
    return int(text.replace(",", ""))


class _Name:
    """A possible category name; the first table of skills after it makes it its own."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.table: int | None = None


class _Reader:
    def __init__(self) -> None:
        self.top: dict[str, SkillShare] = {}
        self.categories: dict[str, dict[str, SkillShare]] = {}
        self.announced: int | None = None
        self.title: _Name | None = None
        self._section: str | None = None
        self._table: int | None = None
        self._list: dict[str, SkillShare] = {}

    def heading(self, text: str) -> None:
        top = _TOP.search(text)
        self.title = None
        if top:
            if self.announced is not None:
                raise UnexpectedError("one list of top skills", f"another one: {quoted(text)}")
            self.announced = int(top[1])
            self._section = "top"
        elif _BY_CATEGORY.search(text):
            self._section = "categories"
        elif self._section == "categories" and not _ABOUT_SKILLS.search(text):
            self.title = _Name(text)
        elif _ABOUT_SKILLS.search(text):
            raise UnexpectedError("'Top N Co-Occurring Skills' or '... by Category'", quoted(text))
        else:
            self._section = None
        self._table = None

    def name(self, text: str) -> None:
        """Take a row of one cell: in a list by category, the next category's name."""
        self.title = _Name(text)
        self._table = None

    def row(self, row: Row) -> None:
        """Pass over a row that is no entry: a header of words may stand in a list, and other tables below it."""
        if self._section and any(cell[:1].isdecimal() or cell.startswith("(") for cell in row.cells):
            raise UnexpectedError("a skill like '1 | 7 (100.00%) | SQL'", quoted(row.cells))

    def entry(self, row: Row, skill: SkillShare) -> None:
        """Take an entry like ``1 | 7 (100.00%) | SQL``."""
        if row.table != self._table:
            self._list = self._open(row)
            self._table = row.table
        if skill.name in self._list:
            raise UnexpectedError("each skill once in a list", f"{quoted(skill.name)} again")
        self._list[skill.name] = skill

    def _open(self, row: Row) -> dict[str, SkillShare]:
        """Return the list that a table's rows belong to."""
        if self._section is None:
            raise UnexpectedError("a heading of top skills or skills by category above a list", quoted(row.cells))
        if self._section == "top":
            return self.top
        title = self.title
        if title is None or not is_name(title.text) or title.table not in (None, row.table):
            raise UnexpectedError("the name of a category above its list", quoted(row.cells))
        if title.text in self.categories:
            raise UnexpectedError("each category once", f"{quoted(title.text)} again")
        title.table = row.table
        self.categories[title.text] = {}
        return self.categories[title.text]
