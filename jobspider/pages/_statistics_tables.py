"""Parse the rows of a statistics table. The label and the pay block of a row identify its statistic."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

from jobspider.errors import UnreadableFigureError
from jobspider.model import Basis, FigureKey, Figures, JobType, Scope, Subject, ThreeYears
from jobspider.pages._parse_errors import OtherPageError, PageContentError, quote
from jobspider.pages.html.outline import MAX_LABEL_LENGTH, Row, SingleCellRow
from jobspider.site.cell_values import parse_pounds_and_pence, parse_whole_pounds
from jobspider.site.statistics import BY_KEY, Label, Statistic, Unit, match_label

BASES: Final = {JobType.PERMANENT: (Basis.ANNUAL,), JobType.CONTRACT: (Basis.DAILY, Basis.HOURLY)}
"""The pay bases of each job type, in the order of the blocks on the page (2013 to 2026)."""

_VALUES: Final = 3
_MAY_BE_BLANK: Final = (Unit.PLACES, Unit.CHANGE)
"""Units whose cells could be blank until 2017. For any other unit a missing figure is a dash (38 pages, 2013 to 2026),
so a blank means that the cells of the row have moved."""


@lru_cache(maxsize=4_096)
def match_label_cached(text: str, scope: Scope) -> Label | None:
    """Return the meaning of a label. Cached: pages share about 100 labels, each tried against 30 patterns."""
    return match_label(text, scope) if len(text) <= MAX_LABEL_LENGTH else None


class StatisticsTable(NamedTuple):
    """A parsed table. ``labels`` has the meaning of each row label and ``printed`` its text."""

    figures: Figures
    labels: dict[FigureKey, Label]
    printed: dict[FigureKey, str]
    unknown: tuple[str, ...]


def same_region(first: str, second: str) -> bool:
    """Return whether two names mean the same region: "the North West" is "north west"."""
    return _normalise_region(first) == _normalise_region(second)


def read_cell(statistic: Statistic, text: str, label: str, basis: Basis | None) -> int | Decimal | None:
    """Parse one cell; see :func:`read_cells`."""
    (value,) = read_cells(statistic, (text,), (label,), basis)
    return value


def read_cells(
    statistic: Statistic, texts: Sequence[str], labels: Sequence[str], basis: Basis | None
) -> list[int | Decimal | None]:
    """Parse cells of the same statistic: a row of a table or a column of a list.

    Args:
        statistic: The statistic of the cells.
        texts: The texts of the cells, with white space collapsed.
        labels: The label of each cell, for the error message.
        basis: The pay basis. Hourly rates are printed with pence, all other pay in whole pounds (35 pages, 2013 to
            2026), so this detects a figure from another block.

    Raises:
        PageContentError: A cell has an unknown format.
    """
    read = statistic.read
    if statistic.unit is Unit.POUNDS:
        read = parse_pounds_and_pence if basis is Basis.HOURLY else parse_whole_pounds
    remaining = iter(texts)
    try:
        return list(map(read, remaining))
    except UnreadableFigureError as error:
        label = labels[-1 - len(list(remaining))]
        raise PageContentError(f"{error.expected} at {quote(label)}", quote(error.text)) from error


def read_table(rows: Iterable[Row | SingleCellRow], scope: Scope, subject: Subject) -> StatisticsTable:
    """Parse the rows of a table, from the first row with figures to the end.

    Raises:
        PageContentError: A row has an unknown format, is repeated, or has no pay block.
        OtherPageError: A label names the other job type.
    """
    parser = _TableParser(scope, subject)
    for row in rows:
        parser.add_row(row)
    figures = Figures({key: parser.values[key] for key in sorted(parser.values, key=_KEY_ORDER.__getitem__)})
    return StatisticsTable(figures, parser.labels, parser.printed, tuple(parser.unknown))


class _TableParser:
    """Parses row by row. The meaning of a label depends on the current pay block and the previous row."""

    def __init__(self, scope: Scope, subject: Subject) -> None:
        self.values: dict[FigureKey, ThreeYears] = {}
        self.labels: dict[FigureKey, Label] = {}
        self.printed: dict[FigureKey, str] = {}
        self.unknown: list[str] = []
        self._scope = scope
        self._subject = subject
        self._bases = BASES[subject.job_type]
        # A permanent page has one block. On a contract page a row with the number of quotes begins each block.
        self._block = self._bases[0] if len(self._bases) == 1 else None
        self._previous: FigureKey | None = None

    def add_row(self, row: Row | SingleCellRow) -> None:
        if isinstance(row, SingleCellRow) or len(row.cells) != 1 + _VALUES:
            cells = row.lines if isinstance(row, SingleCellRow) else row.cells
            raise PageContentError("a row of a label and three figures", quote(cells))
        text, *values = row.cells
        label = match_label_cached(text, self._scope)
        if label is None:
            self._skip(text)
            return
        key = self._key(label, text)
        if key in self.values:
            raise PageContentError("each row once in its block", f"{quote(text)} again")
        statistic, basis = BY_KEY[key[1]], key[0]
        if "" in values and statistic.unit not in _MAY_BE_BLANK:
            raise PageContentError(f"three figures or dashes at {quote(text)}", quote(values))
        first, second, third = read_cells(statistic, values, [text] * _VALUES, basis)
        if label.statistic.unit is Unit.ADS and None in (first, second, third):
            raise PageContentError(f"three numbers of ads at {quote(text)}", quote(values))
        self.values[key] = (first, second, third)
        self.labels[key] = label
        self.printed[key] = text
        self._previous = key

    def _skip(self, text: str) -> None:
        if not text:
            raise PageContentError("a label before three figures", "none")
        self.unknown.append(text)
        self._previous = None

    def _key(self, label: Label, text: str) -> FigureKey:
        """Return the key of the figure for a label, and update the current pay block."""
        if label.job_type not in (None, self._subject.job_type):
            raise OtherPageError(f"figures of {self._subject.job_type} jobs", quote(text))
        if not label.statistic.is_pay:
            return None, label.statistic.key
        if label.statistic.key == "quotes":
            self._open_block(label.basis, text)
        if self._block is None:
            raise PageContentError("a row like 'Number of daily rates quoted' before all pay", quote(text))
        if label.basis not in (None, self._block):
            raise PageContentError(f"a row of the {self._block} block", quote(text))
        key = label.statistic.key
        if key == "parent_median" and self._is_own(label):
            key = "median"
        if key == "parent_median_change" and self._previous != (self._block, "parent_median"):
            raise PageContentError("the parent region's median in the row before its change", quote(text))
        return self._block, key

    def _open_block(self, basis: Basis | None, text: str) -> None:
        if basis not in self._bases:
            raise PageContentError(f"a pay basis of {self._subject.job_type} jobs", quote(text))
        self._block = basis

    def _is_own(self, label: Label) -> bool:
        """Return whether "R median annual salary" belongs to the page: R is its region, the block has none."""
        return (
            label.place is not None
            and same_region(label.place, self._subject.region)
            and (self._block, "median") not in self.values
        )


_KEY_ORDER: Final[dict[FigureKey, int]] = {key: index for index, key in enumerate(product((None, *Basis), BY_KEY))}
"""The position of every possible figure, in the order of the registry."""


def _normalise_region(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("the ")
