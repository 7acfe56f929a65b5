"""The skill lists: the top list and the lists by category."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from jobspider.model import SkillShare
from jobspider.pages._parse_errors import PageContentError, is_name, quote
from jobspider.pages.html.outline import Heading, Outline, Row, SingleCellRow, SkillRows

# Sought in lower case, which takes less time than disregarding the case.
_TOP: Final = re.compile(r"\btop ([0-9]{1,4}) (?:co-occurring|related)\b.*\bskills\b")
_BY_CATEGORY: Final = re.compile(r"\b(?:co-occurring|related)\b.*\bskills\b.* by category$")
_ABOUT_SKILLS: Final = re.compile(r"skill set\b|co-occurring\b|related .*\bskills\b")


class SkillLists(NamedTuple):
    """All lists of a page. ``announced`` is the N of "Top N", ``None`` where there is no such heading."""

    top: tuple[SkillShare, ...]
    by_category: dict[str, tuple[SkillShare, ...]]
    announced: int | None


def read_skills(outline: Outline) -> SkillLists:
    """Read the skill lists of a page.

    Raises:
        UnexpectedError: A row is not understood, stands under no heading or comes twice.
    """
    reader = _Reader()
    for piece in outline.pieces:
        if isinstance(piece, Row):
            reader.row(piece)
        elif isinstance(piece, SingleCellRow):
            reader.name(piece.text)
        elif isinstance(piece, SkillRows):
            reader.entries(piece)
        elif isinstance(piece, Heading):
            reader.heading(piece.text)
    return SkillLists(
        tuple(reader.top.values()),
        {name: tuple(entries.values()) for name, entries in reader.categories.items()},
        reader.announced,
    )


@lru_cache(maxsize=4_096)
def _percent(text: str) -> Decimal | None:
    return Decimal(text) if text else None


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
        self.title = self._table = None
        lower = text.lower()
        if not _ABOUT_SKILLS.search(lower):
            if self._section == "categories":
                self.title = _Name(text)
            else:
                self._section = None
        elif top := _TOP.search(lower):
            if self.announced is not None:
                raise PageContentError("one list of top skills", f"another one: {quote(text)}")
            self.announced = int(top[1])
            self._section = "top"
        elif _BY_CATEGORY.search(lower):
            self._section = "categories"
        else:
            raise PageContentError("'Top N Co-Occurring Skills' or '... by Category'", quote(text))

    def name(self, text: str) -> None:
        """Take a row of one cell: in a list by category, the next category's name."""
        self.title = _Name(text)
        self._table = None

    def row(self, row: Row) -> None:
        """Pass over a row that is no entry: a header of words may stand in a list, and other tables below it."""
        if self._section and any(cell[:1].isdecimal() or cell.startswith("(") for cell in row.cells):
            raise PageContentError("a skill like '1 | 7 (100.00%) | SQL'", quote(row.cells))

    def entries(self, entries: SkillRows) -> None:
        """Take entries like ``1 | 7 (100.00%) | SQL``."""
        if entries.table != self._table:
            self._list = self._open(entries)
            self._table = entries.table
        skills = self._list
        for rank, count, share, name in entries.entries:
            if name in skills:
                raise PageContentError("each skill once in a list", f"{quote(name)} again")
            skills[name] = SkillShare(_whole(rank), name, _whole(count), _percent(share))

    def _open(self, entries: SkillRows) -> dict[str, SkillShare]:
        """Return the list that a table's entries belong to."""
        *_, first = entries.entries[0]
        if self._section is None:
            raise PageContentError("a heading of top skills or skills by category above a list", quote(first))
        if self._section == "top":
            return self.top
        title = self.title
        if title is None or not is_name(title.text) or title.table not in (None, entries.table):
            raise PageContentError("the name of a category above its list", quote(first))
        if title.text in self.categories:
            raise PageContentError("each category once", f"{quote(title.text)} again")
        title.table = entries.table
        self.categories[title.text] = {}
        return self.categories[title.text]
