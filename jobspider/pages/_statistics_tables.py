"""The rows of a statistics table to figures, each looked up by its label within its pay block."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

from jobspider.errors import UnreadableFigureError
from jobspider.model import Basis, FigureKey, Figures, JobType, Scope, Subject, ThreeYears
from jobspider.pages._parse_errors import OtherPageError, PageContentError, quote
from jobspider.pages.html.outline import LONGEST_WORDING, Row, SingleCellRow
from jobspider.site.cell_values import parse_pounds_and_pence, parse_whole_pounds
from jobspider.site.statistics import BY_KEY, Label, Statistic, Unit, match_label

BASES: Final = {JobType.PERMANENT: (Basis.ANNUAL,), JobType.CONTRACT: (Basis.DAILY, Basis.HOURLY)}
"""How the ads of a job type are paid, in the order of the page's blocks (2013 to 2026)."""

_VALUES: Final = 3
_MAY_BE_BLANK: Final = (Unit.PLACES, Unit.CHANGE)
"""Of these a cell was left blank until 2017; for any other figure that is not stated there is a dash (38 pages, 2013 to
2026), so a blank is the trace of a row whose cells have moved."""


@lru_cache(maxsize=4_096)
def match_label_cached(text: str, scope: Scope) -> Label | None:
    """Say what a row's label means; the same hundred stand on every page, and each is tried against thirty patterns."""
    return match_label(text, scope) if len(text) <= LONGEST_WORDING else None


class StatisticsTable(NamedTuple):
    """A table read. ``labels`` holds what each row's label said, by figure; ``printed`` the labels themselves."""

    figures: Figures
    labels: dict[FigureKey, Label]
    printed: dict[FigureKey, str]
    unknown: tuple[str, ...]


def same_region(one: str, other: str) -> bool:
    """Tell whether two names are of one region: "the North West" is "north west"."""
    return _place(one) == _place(other)


def read_cell(statistic: Statistic, text: str, where: str, basis: Basis | None) -> int | Decimal | None:
    """Read one cell; see :func:`read_cells`."""
    (value,) = read_cells(statistic, (text,), (where,), basis)
    return value


def read_cells(
    statistic: Statistic, texts: Sequence[str], wheres: Sequence[str], basis: Basis | None
) -> list[int | Decimal | None]:
    """Read cells that hold one statistic: a row of a table or a column of a list.

    Args:
        statistic: What they hold.
        texts: Their texts, squashed.
        wheres: For each the row's or column's label, for the message.
        basis: The pay basis. Hourly rates are printed with pence, all other pay in whole pounds (35 pages, 2013 to
            2026), so a figure that strayed into another block shows.

    Raises:
        UnexpectedError: One is no such figure.
    """
    read = statistic.read
    if statistic.unit is Unit.POUNDS:
        read = parse_pounds_and_pence if basis is Basis.HOURLY else parse_whole_pounds
    unread = iter(texts)
    try:
        return list(map(read, unread))
    except UnreadableFigureError as error:
        where = wheres[-1 - len(list(unread))]
        raise PageContentError(f"{error.expected} at {quote(where)}", quote(error.text)) from error


def read_table(rows: Iterable[Row | SingleCellRow], scope: Scope, subject: Subject) -> StatisticsTable:
    """Read the rows of a table, from the first one with figures to its end.

    Raises:
        UnexpectedError: A row is not understood, is repeated, or stands in no pay block.
        AnotherPageError: A label names the other job type.
    """
    reader = _Reader(scope, subject)
    for row in rows:
        reader.add_row(row)
    figures = Figures({key: reader.values[key] for key in sorted(reader.values, key=_PLACES.__getitem__)})
    return StatisticsTable(figures, reader.labels, reader.printed, tuple(reader.unknown))


class _Reader:
    """Reads row after row; the current pay block and the row before decide what a label means."""

    def __init__(self, scope: Scope, subject: Subject) -> None:
        self.values: dict[FigureKey, ThreeYears] = {}
        self.labels: dict[FigureKey, Label] = {}
        self.printed: dict[FigureKey, str] = {}
        self.unknown: list[str] = []
        self._scope = scope
        self._subject = subject
        self._bases = BASES[subject.job_type]
        # A permanent page has one block; on a contract page the block must be named before its first row.
        self._block = self._bases[0] if len(self._bases) == 1 else None
        self._before: FigureKey | None = None

    def add_row(self, row: Row | SingleCellRow) -> None:
        if isinstance(row, SingleCellRow) or len(row.cells) != 1 + _VALUES:
            found = row.lines if isinstance(row, SingleCellRow) else row.cells
            raise PageContentError("a row of a label and three figures", quote(found))
        text, *cells = row.cells
        label = match_label_cached(text, self._scope)
        if label is None:
            self._skip(text)
            return
        key = self._key(label, text)
        if key in self.values:
            raise PageContentError("each row once in its block", f"{quote(text)} again")
        statistic, basis = BY_KEY[key[1]], key[0]
        if "" in cells and statistic.unit not in _MAY_BE_BLANK:
            raise PageContentError(f"three figures or dashes at {quote(text)}", quote(cells))
        first, second, third = read_cells(statistic, cells, [text] * _VALUES, basis)
        if label.statistic.unit is Unit.ADS and None in (first, second, third):
            raise PageContentError(f"three numbers of ads at {quote(text)}", quote(cells))
        self.values[key] = (first, second, third)
        self.labels[key] = label
        self.printed[key] = text
        self._before = key

    def _skip(self, text: str) -> None:
        if not text:
            raise PageContentError("a label before three figures", "none")
        self.unknown.append(text)
        self._before = None

    def _key(self, label: Label, text: str) -> FigureKey:
        """Return the figure that a label means here; settles the pay block."""
        if label.job_type not in (None, self._subject.job_type):
            raise OtherPageError(f"figures of {self._subject.job_type} jobs", quote(text))
        if not label.statistic.is_pay:
            return None, label.statistic.key
        if label.statistic.key == "quotes":
            self._open(label.basis, text)
        if self._block is None:
            raise PageContentError("a row like 'Number of daily rates quoted' before all pay", quote(text))
        if label.basis not in (None, self._block):
            raise PageContentError(f"a row of the {self._block} block", quote(text))
        key = label.statistic.key
        if key == "parent_median" and self._is_own(label):
            key = "median"
        if key == "parent_median_change" and self._before != (self._block, "parent_median"):
            raise PageContentError("the parent region's median in the row before its change", quote(text))
        return self._block, key

    def _open(self, basis: Basis | None, text: str) -> None:
        if basis not in self._bases:
            raise PageContentError(f"pay as it is quoted for {self._subject.job_type} jobs", quote(text))
        self._block = basis

    def _is_own(self, label: Label) -> bool:
        """Whether "R median annual salary" is the page's own median: R is its region and the block has none yet."""
        return (
            label.place is not None
            and same_region(label.place, self._subject.region)
            and (self._block, "median") not in self.values
        )


_PLACES: Final[dict[FigureKey, int]] = {key: at for at, key in enumerate(product((None, *Basis), BY_KEY))}
"""The place of every figure there can be, in the order of the registry."""


def _place(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("the ")
