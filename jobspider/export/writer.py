"""Write what is stored as files for other tools: CSV, JSON Lines or Parquet, with a data dictionary and the licence.

Each table becomes one file, or as Parquet one folder, split by job type and as-of month as Hive does it, so that
DuckDB, Spark or ClickHouse read years of many markets and skip what they are not asked for. A thousand pages are in
memory at a time, and the folder gets its name when all of it is written.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, get_args

from jobspider.errors import StoreError, UsageError
from jobspider.export.tables import MARKET, PAGE_TABLES, TABLES, ColumnType, ExportTable, Row
from jobspider.model import JobType
from jobspider.store import timestamps
from jobspider.store.database import Database
from jobspider.store.market_indexes import MarketIndexStore
from jobspider.store.reader import Reader

Format = Literal["csv", "jsonl", "parquet"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

ATTRIBUTION: Final = """\
Source: IT Jobs Watch (www.itjobswatch.co.uk), licensed CC BY-NC-SA 4.0
https://creativecommons.org/licenses/by-nc-sa/4.0/

Whoever passes these figures on names the source, does so for non-commercial ends, and shares under the same licence;
any other use needs the written consent of IT Jobs Watch. jobspider read the figures from its pages; datapackage.json
says what each column means.
"""
_PACKAGE: Final = {
    "name": "jobspider-export",
    "title": "The UK tech job market, as IT Jobs Watch reports it",
    "licenses": [
        {
            "name": "CC-BY-NC-SA-4.0",
            "title": "Creative Commons Attribution-NonCommercial-ShareAlike 4.0",
            "path": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
        }
    ],
    "sources": [{"title": "IT Jobs Watch", "path": "https://www.itjobswatch.co.uk"}],
}
_AT_ONCE: Final = 1000
"""So many pages are in memory at a time, and make one file of a month as Parquet."""
_IN_THE_PATH: Final = "job_type"
"""The column that, as Parquet, stands in a file's path and not in the file."""

Write = Callable[[ExportTable[Any], JobType, str, Sequence[Row]], None]
"""Writes some of the rows that a table has for a job type and month."""


def export(database: Database, format_: Format, folder: Path) -> Mapping[str, int]:
    """Write all figures of a database, as of one moment, into a new folder; return how many rows each table has.

    Raises:
        UsageError: The folder is there already, or Parquet is asked for where pyarrow is not installed.
        StoreError: The database cannot be read, or the folder cannot be written; then there is none.
    """
    if format_ == "parquet" and find_spec("pyarrow") is None:
        raise UsageError("Parquet needs pyarrow: pip install 'jobspider[parquet]', or choose csv or jsonl")
    try:
        if folder.exists():
            raise UsageError(f"{folder} is there already: name a new folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
            written = Path(scratch) / folder.name
            written.mkdir()
            with database.read_transaction(), _WRITERS[format_](written) as write:
                counted = _write_all(Reader(database), MarketIndexStore(database), write)
            (written / "datapackage.json").write_text(_data_package(written, format_), encoding="utf-8")
            (written / "ATTRIBUTION.txt").write_text(ATTRIBUTION, encoding="utf-8")
            written.rename(folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}; name another folder") from error
    return counted


def _write_all(reader: Reader, markets: MarketIndexStore, write: Write) -> dict[str, int]:
    counted = dict.fromkeys((table.name for table in TABLES), 0)
    for job_type, month in reader.months():
        snapshots = reader.snapshots(job_type, month)
        while some := tuple(islice(snapshots, _AT_ONCE)):
            for table in PAGE_TABLES:
                rows = [row for snapshot in some for row in table.rows(snapshot)]
                counted[table.name] += len(rows)
                write(table, job_type, month, rows)
    for market, as_of in markets.stored_dates():
        listed = markets.rows(market, as_of).values()
        rows = [row for each in listed for row in MARKET.rows((market, as_of, each))]
        counted[MARKET.name] += len(rows)
        write(MARKET, market.job_type, f"{as_of:%Y-%m}", rows)
    return counted


@contextmanager
def _csv(folder: Path) -> Iterator[Write]:
    with ExitStack() as files:
        opened = {
            table.name: csv.writer(
                files.enter_context(_file(folder, table, "csv").open("w", encoding="utf-8", newline=""))
            )
            for table in TABLES
        }
        for table in TABLES:
            opened[table.name].writerow([column.name for column in table.columns])

        def write(table: ExportTable[Any], _job_type: JobType, _month: str, rows: Sequence[Row]) -> None:
            opened[table.name].writerows([_serialise(value) for value in row] for row in rows)

        yield write


@contextmanager
def _jsonl(folder: Path) -> Iterator[Write]:
    with ExitStack() as files:
        opened = {
            table.name: files.enter_context(_file(folder, table, "jsonl").open("w", encoding="utf-8"))
            for table in TABLES
        }

        def write(table: ExportTable[Any], _job_type: JobType, _month: str, rows: Sequence[Row]) -> None:
            names = [column.name for column in table.columns]
            for row in rows:
                line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_json_value)
                opened[table.name].write(line + "\n")

        yield write


@contextmanager
def _parquet(folder: Path) -> Iterator[Write]:
    # An extra, and half a second that only this format needs; it has no type hints.
    import pyarrow as pa  # type: ignore[import-untyped] # noqa: PLC0415 - see above
    from pyarrow import parquet  # noqa: PLC0415 - see above

    types: dict[ColumnType, Any] = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "date": pa.date32(),
        "datetime": pa.timestamp("ms", tz="UTC"),
    }

    def write(table: ExportTable[Any], job_type: JobType, month: str, rows: Sequence[Row]) -> None:
        to = folder / table.name / f"{_IN_THE_PATH}={job_type.value}" / f"month={month}"
        to.mkdir(parents=True, exist_ok=True)
        arrays = {
            column.name: pa.array([_as_float(row[place]) for row in rows], types[column.kind])
            for place, column in enumerate(table.columns)
            if column.name != _IN_THE_PATH
        }
        parts = sum(1 for _ in to.iterdir())
        parquet.write_table(pa.table(arrays), to / f"part-{parts}.parquet", compression="zstd")

    yield write


_WRITERS: Final[Mapping[Format, Callable[[Path], AbstractContextManager[Write]]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}


def _file(folder: Path, table: ExportTable[Any], suffix: str) -> Path:
    return folder / f"{table.name}.{suffix}"


def _serialise(value: object) -> object:
    """Spell moments and dates as the database does."""
    if isinstance(value, datetime):
        return timestamps.to_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _json_value(value: object) -> object:
    """Return what JSON can hold of a value that it does not know."""
    if isinstance(value, Decimal):
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    return _serialise(value)


def _as_float(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def _data_package(folder: Path, format_: Format) -> str:
    """Return the data dictionary, a Data Package (https://datapackage.org, read in 2026)."""
    resources = []
    for table in TABLES:
        files = sorted(folder.glob(f"{table.name}.*")) + sorted((folder / table.name).rglob("*.parquet"))
        fields = [
            {"name": column.name, "type": column.kind, "description": column.description}
            | ({"unit": column.unit} if column.unit else {})
            for column in table.columns
        ]
        resources.append(
            {
                "name": table.name,
                "description": table.meaning,
                "path": [str(file.relative_to(folder).as_posix()) for file in files],
                "format": format_,
                "schema": {"fields": fields, "primaryKey": list(table.key)},
            }
        )
    return json.dumps({**_PACKAGE, "resources": resources}, ensure_ascii=False, indent=1) + "\n"
