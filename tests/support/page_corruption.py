"""Corrupt saved role pages with a seeded generator and count the results: rejected, harmless or undetected.

Used by ``benchmarks/damage.py`` with 10,000 cases and by the tests with fewer.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Final

from jobspider.errors import PageError
from tests.support.saved_pages import CONTRACT, FIXTURES, PERMANENT, THIN, SavedPage, leaves

_ROW: Final = re.compile(r"<tr[^>]*>(?:(?!<tr|<table|</tr>).)*</tr>", re.DOTALL)
_CELL: Final = re.compile(r"(<t[dh][^>]*>)(.*?)(</t[dh]>)", re.DOTALL)
_TABLE: Final = re.compile(r"<table[^>]*>(?:(?!<table).)*?</table>", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_SECTION: Final = re.compile(
    r"<h2 (?P<kind>id=\"job_locations\"|id=\"skill-set\"|class=\"skillSet\").*?(?=<h2 |</body>)", re.DOTALL
)
_STATISTICS, _LOCATIONS, _SKILLS = 4, 6, 3
"""The number of cells per row of each table."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The offsets of a cell's content in the HTML, and its visible text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of figures: its offsets in the HTML, the index of its table and its cells."""

    start: int
    end: int
    table: int
    cells: tuple[Cell, ...]

    @property
    def label(self) -> str:
        """The label of the row, or the type of the row for a location or a skill."""
        return {_LOCATIONS: "a location", _SKILLS: "a skill"}.get(len(self.cells), self.cells[0].text)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A saved page as HTML text with its rows of figures."""

    saved: SavedPage
    html: str
    lines: tuple[Line, ...]

    @property
    def region(self) -> str:
        """The end of the headline, which no page of another region contains."""
        return f" in the {self.saved.expected()['region_name']}</h1>"


@dataclass(frozen=True, slots=True)
class Case:
    """One corrupted page: the type of damage, its position, the original page and the HTML."""

    damage: str
    where: str
    sheet: Sheet
    html: str


@dataclass(slots=True)
class Count:
    """The results of one type of damage. ``unnoticed`` contains the accepted wrong figures."""

    cases: int = 0
    refused: int = 0
    unnoticed: list[tuple[Case, str]] = field(default_factory=list)


@cache
def sheet(saved: SavedPage) -> Sheet:
    html = saved.body.decode()
    tables = [found.span() for found in _TABLE.finditer(html)]
    lines = []
    for row in _ROW.finditer(html):
        cells = tuple(
            Cell(cell.start(2), cell.end(2), " ".join(_TAG.sub("", cell[2]).split()))
            for cell in _CELL.finditer(html, row.start(), row.end())
        )
        is_figures = len(cells) in (_STATISTICS, _LOCATIONS, _SKILLS) and any(c.isdigit() for c in cells[1].text + "0")
        if is_figures and "months to" not in cells[1].text and cells[0].text != "Location":
            table = next(at for at, (start, end) in enumerate(tables) if start < row.start() < end)
            lines.append(Line(row.start(), row.end(), table, cells))
    return Sheet(saved, html, tuple(lines))


def _edited(html: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """Apply non-overlapping replacements to a text."""
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html


def _content(page: Sheet, cell: Cell) -> str:
    return page.html[cell.start : cell.end]


def _swap(page: Sheet, one: Cell, two: Cell) -> str:
    return _edited(page.html, [(one.start, one.end, _content(page, two)), (two.start, two.end, _content(page, one))])


def _figures(line: Line) -> list[Cell]:
    return list(line.cells[:2] if len(line.cells) == _SKILLS else line.cells[1:])


def changed_digit(page: Sheet, chance: Random) -> tuple[str, str]:
    line = chance.choice(page.lines)
    cell = chance.choice([cell for cell in _figures(line) if re.search(r"\d", cell.text)] or [line.cells[1]])
    # Only visible text: the title of an arrow image is not part of it.
    at = [found.start() for found in re.finditer(r"\d(?![^<]*>)(?!\d*;)", _content(page, cell))]
    if not at:
        return line.label, page.html
    place = cell.start + chance.choice(at)
    digit = chance.choice([digit for digit in "0123456789" if digit != page.html[place]])
    return line.label, page.html[:place] + digit + page.html[place + 1 :]


def swapped_in_row(page: Sheet, chance: Random) -> tuple[str, str]:
    line = chance.choice(page.lines)
    return line.label, _swap(page, *chance.sample(_figures(line), 2))


def swapped_in_column(page: Sheet, chance: Random) -> tuple[str, str]:
    line = chance.choice(page.lines)
    other = chance.choice([other for other in page.lines if len(other.cells) == len(line.cells)])
    column = chance.randrange(1, len(line.cells)) if len(line.cells) != _SKILLS else chance.randrange(2)
    if other == line:
        return line.label, page.html
    return f"{line.label} / {other.label}", _swap(page, line.cells[column], other.cells[column])


def dropped_row(page: Sheet, chance: Random) -> tuple[str, str]:
    line = chance.choice(page.lines)
    return line.label, page.html[: line.start] + page.html[line.end :]


def doubled_row(page: Sheet, chance: Random) -> tuple[str, str]:
    line = chance.choice(page.lines)
    return line.label, page.html[: line.end] + page.html[line.start : line.end] + page.html[line.end :]


def shifted_row(page: Sheet, chance: Random) -> tuple[str, str]:
    line = chance.choice(page.lines)
    return line.label, _edited(page.html, list(_rotated(page, line, chance.choice((1, -1)))))


def pushed_row(page: Sheet, chance: Random) -> tuple[str, str]:
    """Move the figures of a row by one column, as an added or missing cell does, and leave a blank."""
    line = chance.choice([line for line in page.lines if len(line.cells) == _STATISTICS])
    cells = _figures(line)
    moved = ["", *(_content(page, cell) for cell in cells), ""]
    by = chance.choice((0, 2))
    edits = [(cell.start, cell.end, moved[at + by]) for at, cell in enumerate(cells)]
    return line.label, _edited(page.html, edits)


def _rotated(page: Sheet, line: Line, by: int) -> Iterator[tuple[int, int, str]]:
    cells = _figures(line)
    for at, cell in enumerate(cells):
        yield cell.start, cell.end, _content(page, cells[(at + by) % len(cells)])


def _table(page: Sheet, chance: Random) -> list[Line]:
    table = chance.choice(page.lines).table
    return [line for line in page.lines if line.table == table]


def shifted_columns(page: Sheet, chance: Random) -> tuple[str, str]:
    lines, by = _table(page, chance), chance.choice((1, -1))
    return f"table of {lines[0].label}", _edited(
        page.html, [edit for line in lines for edit in _rotated(page, line, by)]
    )


def swapped_columns(page: Sheet, chance: Random) -> tuple[str, str]:
    lines = _table(page, chance)
    one, two = chance.sample(range(len(_figures(lines[0]))), 2)
    edits = []
    for line in lines:
        cells = _figures(line)
        edits += [(cells[one].start, cells[one].end, _content(page, cells[two]))]
        edits += [(cells[two].start, cells[two].end, _content(page, cells[one]))]
    return f"table of {lines[0].label}", _edited(page.html, edits)


def spliced_table(page: Sheet, chance: Random) -> tuple[str, str]:
    """Replace a statistics table by that of another page of the same job type."""
    donor = _donor(page, chance)
    kind = chance.choice(("Rank", "vacancies"))
    here, there = (_statistics(text, kind) for text in (page.html, donor))
    return f"table {'1' if kind == 'Rank' else '2'}", _edited(page.html, [(*here.span(), there[0])])


def _statistics(html: str, kind: str) -> re.Match[str]:
    return next(
        found
        for found in _TABLE.finditer(html)
        if 'class="summary"' in found[0] and (">Rank<" in found[0]) is (kind == "Rank")
    )


def spliced_section(page: Sheet, chance: Random) -> tuple[str, str]:
    """Replace the section of locations or skills by that of another page."""
    donor = _donor(page, chance)
    one = chance.choice(list(_SECTION.finditer(page.html)))
    like = [two[0] for two in _SECTION.finditer(donor) if two["kind"] == one["kind"]]
    return one["kind"], _edited(page.html, [(*one.span(), like[0])]) if like else page.html


def _donor(page: Sheet, chance: Random) -> str:
    """Return a page of the same job type and another region."""
    job_type = page.saved.folder.name.split("-")[0]
    others = [html for name, html in _donors() if name.startswith(job_type) and page.region not in html]
    return chance.choice(others)


@cache
def _donors() -> list[tuple[str, str]]:
    sites = FIXTURES.glob("sites/*/*/*-*.html")
    return [(file.name, file.read_text(encoding="utf-8")) for file in sorted(sites)]


PAGES: Final = (CONTRACT, THIN, PERMANENT)
UNCOVERED: Final = {
    name: re.compile(path)
    for name, path in {
        "quotes": r"figures\.\w+\.pay\.\w+\.quotes\[\d\]",
        "percentiles": r"figures\.\w+\.pay\.\w+\.p(?:10|25|75|90)\[\d\]",
        "oldest changes": r"figures\..*(?:rank|median)_change\[2\]",
        "last digits of a change": r"figures\..*median_change\[[01]\]",
        "last digits of a share": r"figures\.\w+\.share_of_(?:all|category)\[\d\]",
        "ads of the category": r"figures\.category\.vacancies\[\d\]",
        "figures without a neighbour": r"figures\..*\.?(?:rank|median)\[\d\]",
        "skills below the top": r"skills\.[^.]*\[.*\]\.\w+",
        "places": r"locations\[.*\]\.\w+",
    }.items()
}
"""The figures that no check covers, by their names in docs/READING.md, which gives the reasons."""

DAMAGES: Final[dict[str, Callable[[Sheet, Random], tuple[str, str]]]] = {
    damage.__name__: damage
    for damage in (
        *(changed_digit, swapped_in_row, swapped_in_column, dropped_row, doubled_row, shifted_row, pushed_row),
        *(shifted_columns, swapped_columns, spliced_table, spliced_section),
    )
}


def cases(number: int, seed: int) -> Iterator[Case]:
    """Yield corrupted pages; the same seed yields the same pages."""
    chance = Random(seed)  # noqa: S311 - not used for cryptography
    for _ in range(number):
        page = sheet(chance.choice(PAGES))
        name = chance.choice(list(DAMAGES))
        where, html = DAMAGES[name](page, chance)
        yield Case(name, where, page, html)


@cache
def _truth(saved: SavedPage) -> dict[str, object]:
    return dict(leaves(saved.truth()))


def wrong_figures(case: Case) -> list[str] | None:
    """Return the accepted figures that differ from the original page, or ``None`` if the page is rejected.

    A missing figure is not wrong.
    """
    try:
        document = case.sheet.saved.accepted(case.html)
    except PageError:
        return None
    known = _truth(case.sheet.saved)
    return [
        path
        for path, value in leaves(document)
        if value is not None and known.get(path) != value and not path.startswith(("unknown_labels", "findings"))
    ]


def uncovered(path: str) -> str | None:
    """Return the documented name of an uncovered figure, or ``None`` if a check covers it."""
    return next((name for name, known in UNCOVERED.items() if known.fullmatch(path)), None)


def count(number: int, seed: int) -> dict[str, Count]:
    """Return the results of a number of cases by type of damage."""
    counts = {name: Count() for name in DAMAGES}
    for case in cases(number, seed):
        counted = counts[case.damage]
        counted.cases += 1
        wrong = wrong_figures(case)
        if wrong is None:
            counted.refused += 1
        elif wrong:
            counted.unnoticed += [(case, path) for path in wrong]
    return counts
