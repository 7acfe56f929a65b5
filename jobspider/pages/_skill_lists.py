"""Parse the skill lists: the top list and the lists by category. Called by :mod:`jobspider.pages.role`."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from jobspider.model import SkillShare
from jobspider.pages._parse_errors import PageContentError, is_name, quote
from jobspider.pages.html.outline import Heading, Outline, Row, SingleCellRow, SkillRows

# Matched against lower-case text, which is faster than re.IGNORECASE.
_TOP: Final = re.compile(r"\btop ([0-9]{1,4}) (?:co-occurring|related)\b.*\bskills\b")
_BY_CATEGORY: Final = re.compile(r"\b(?:co-occurring|related)\b.*\bskills\b.* by category$")
_ABOUT_SKILLS: Final = re.compile(r"skill set\b|co-occurring\b|related .*\bskills\b")


class SkillLists(NamedTuple):
    """All skill lists of a page. ``announced`` is the N of the heading "Top N", ``None`` without such a heading."""

    top: tuple[SkillShare, ...]
    by_category: dict[str, tuple[SkillShare, ...]]
    announced: int | None


def parse_skills(outline: Outline) -> SkillLists:
    """Parse the skill lists of a page.

    Raises:
        PageContentError: A row has an unknown format, is repeated, or has no heading above it.
    """
    parser = _SkillListParser()
    for piece in outline.pieces:
        if isinstance(piece, Row):
            parser.check_row(piece)
        elif isinstance(piece, SingleCellRow):
            parser.add_title(piece.text)
        elif isinstance(piece, SkillRows):
            parser.add_skills(piece)
        elif isinstance(piece, Heading):
            parser.add_heading(piece.text)
    return SkillLists(
        tuple(parser.top.values()),
        {name: tuple(skills.values()) for name, skills in parser.categories.items()},
        parser.announced,
    )


@lru_cache(maxsize=4_096)
def _percent(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@lru_cache(maxsize=4_096)
def _count(text: str) -> int:
    return int(text.replace(",", ""))


class _Title:
    """A possible category name. It belongs to the first table of skills after it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.table: int | None = None


class _SkillListParser:
    def __init__(self) -> None:
        self.top: dict[str, SkillShare] = {}
        self.categories: dict[str, dict[str, SkillShare]] = {}
        self.announced: int | None = None
        self.title: _Title | None = None
        self._section: str | None = None
        self._table: int | None = None
        self._list: dict[str, SkillShare] = {}

    def add_heading(self, text: str) -> None:
        self.title = self._table = None
        lower = text.lower()
        if not _ABOUT_SKILLS.search(lower):
            if self._section == "categories":
                self.title = _Title(text)
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

    def add_title(self, text: str) -> None:
        """Process a row of one cell: in the lists by category, it is the name of the next category."""
        self.title = _Title(text)
        self._table = None

    def check_row(self, row: Row) -> None:
        """Skip a row without figures, such as a header; raise an error for a malformed skill."""
        if self._section and any(cell[:1].isdecimal() or cell.startswith("(") for cell in row.cells):
            raise PageContentError("a skill like '1 | 7 (100.00%) | SQL'", quote(row.cells))

    def add_skills(self, rows: SkillRows) -> None:
        """Add skills like ``1 | 7 (100.00%) | SQL`` to their list."""
        if rows.table != self._table:
            self._list = self._open_list(rows)
            self._table = rows.table
        skills = self._list
        for rank, count, share, name in rows.entries:
            if name in skills:
                raise PageContentError("each skill once in a list", f"{quote(name)} again")
            skills[name] = SkillShare(_count(rank), name, _count(count), _percent(share))

    def _open_list(self, rows: SkillRows) -> dict[str, SkillShare]:
        """Return the list for the skills of a table."""
        *_, first = rows.entries[0]
        if self._section is None:
            raise PageContentError("a heading of top skills or skills by category above a list", quote(first))
        if self._section == "top":
            return self.top
        title = self.title
        if title is None or not is_name(title.text) or title.table not in (None, rows.table):
            raise PageContentError("the name of a category above its list", quote(first))
        if title.text in self.categories:
            raise PageContentError("each category once", f"{quote(title.text)} again")
        title.table = rows.table
        self.categories[title.text] = {}
        return self.categories[title.text]
