"""The figures as files: every one of them, exactly, with what each column means and whose they are."""

import csv
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jobspider.commands.export import command
from jobspider.errors import StoreError, UsageError
from jobspider.export.tables import TABLES
from jobspider.export.writer import FORMATS, Format, export
from jobspider.model import Capture, FetchStatus, PlannedPage
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.market_indexes import MarketIndexStore
from tests.support.demo_database import FIRST_MORNING, fill
from tests.support.market_site import page as market_page
from tests.support.market_site import row as market_row

NAMES = [table.name for table in TABLES]
MARKET_COLUMNS = ("name", "rank", "rank_change", "median", "median_change", "vacancies", "share", "live_jobs", "url")
KEY = ("job_type", "region", "term", "window_months", "as_of")


INDEX = [market_row(1, median=Decimal(60_000), share=Decimal("12.70")), market_row(2, median_change=Decimal("-3.44"))]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database.open(tmp_path_factory.mktemp("exported") / "jobs.db") as opened:
        fill(opened)
        index = market_page(INDEX)
        capture = Capture(
            index.url, b"<html>an index</html>", sha256(b"<html>an index</html>").hexdigest(), FIRST_MORNING
        )
        crawl_id = Writer(opened).begin_crawl("index", "market", FIRST_MORNING, "0.1.0", [PlannedPage(index.url, None)])
        assert MarketIndexStore(opened).store_page(crawl_id, index.url, index, capture, 200) is FetchStatus.STORED
        yield opened


@pytest.fixture
def exported(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    export(database, request.param, tmp_path / "out")
    return tmp_path / "out"


as_csv = pytest.mark.parametrize("exported", ["csv"], indirect=True)
as_jsonl = pytest.mark.parametrize("exported", ["jsonl"], indirect=True)
as_parquet = pytest.mark.parametrize("exported", ["parquet"], indirect=True)
in_every_format = pytest.mark.parametrize("exported", FORMATS, indirect=True)


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def lines_of(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{table}.jsonl").read_text(encoding="utf-8").splitlines()]


DUCKDB_QUERY = """
import pickle, sys, duckdb
with duckdb.connect() as connection:
    sys.stdout.buffer.write(pickle.dumps(connection.execute(sys.argv[1]).fetchall()))
"""


def query_duckdb(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a DuckDB query; ``@table`` stands for a table of a Parquet export.

    It runs in a child process, because DuckDB's bindings print "leaked instance" lines when a test process ends.
    """
    for name in NAMES:
        sql = sql.replace(f"@{name}", f"read_parquet('{folder}/{name}/*/*/*.parquet', hive_partitioning = true)")
    process = subprocess.run([sys.executable, "-c", DUCKDB_QUERY, sql], capture_output=True, check=True)
    rows: list[tuple[Any, ...]] = pickle.loads(process.stdout)  # noqa: S301 - written by the program above
    return rows


@pytest.mark.parametrize("format_", FORMATS)
def test_the_rows_are_counted_by_table(database: Database, tmp_path: Path, format_: Format) -> None:
    counted = export(database, format_, tmp_path / "deep" / "out")
    ((snapshots,),) = database.rows("SELECT count(*) FROM snapshots")
    by_content = {
        name: database.rows(f"SELECT count(*) FROM snapshots JOIN {name} USING (content_id)")[0][0]  # noqa: S608 - from above
        for name in NAMES
        if name not in {"snapshots", "market"}
    }
    assert counted == {"snapshots": snapshots, **by_content, "market": len(INDEX)}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


@as_csv
def test_a_csv_holds_what_the_view_of_the_history_says(database: Database, exported: Path) -> None:
    with (exported / "snapshots.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [*KEY, "median", "p10", "quotes", "rank", "share_of_all", "fetched_at", "url"]
    found = database.rows(
        f"SELECT {', '.join(columns)} FROM history ORDER BY job_type, substr(as_of, 1, 7), region, term, as_of"  # noqa: S608 - from above
    )
    assert len(rows) == len(found)
    for row, expected in zip(rows, found, strict=True):
        for name, value in zip(columns, expected, strict=True):
            written = row[name]
            if value is None:
                assert written == ""
            elif isinstance(value, int | float):
                assert Decimal(written) == Decimal(repr(value))
            else:
                assert written == value


@as_jsonl
def test_the_lines_hold_every_figure_of_every_page(database: Database, exported: Path) -> None:
    columns = f"{', '.join(KEY)}, scope, nullif(basis, ''), statistic, now, year_ago, two_years_ago"
    expected = database.rows(
        f"SELECT {columns} FROM subjects JOIN snapshots ON subject_id = subjects.id JOIN figures USING (content_id)"  # noqa: S608 - from above
    )
    assert {tuple(line.values()) for line in lines_of(exported, "figures")} == set(expected)


@as_jsonl
def test_the_lines_hold_every_skill_and_every_place_with_its_live_jobs(database: Database, exported: Path) -> None:
    skills = database.rows(f"SELECT {', '.join(KEY)}, list, name, position, rank, count, share FROM skill_history")  # noqa: S608 - from above
    assert {tuple(line.values()) for line in lines_of(exported, "skills")} == set(skills)
    live = sum(line["live_jobs"] or 0 for line in lines_of(exported, "locations"))
    assert [(live,)] == database.rows(
        "SELECT sum(count) FROM snapshots JOIN live_jobs ON snapshot_id = coalesce(live_jobs_of, id)"
    )


@as_jsonl
def test_what_is_not_stated_is_null_and_what_is_whole_has_no_point(exported: Path) -> None:
    (thin,) = [
        line
        for line in lines_of(exported, "snapshots")
        if (line["region"], line["as_of"]) == ("midlands", "2025-05-02")
    ]
    assert (thin["median"], thin["quotes"], thin["share_of_all"], thin["parent_region"]) == (25438, 2, 0.029, "England")
    (gone,) = [
        line
        for line in lines_of(exported, "snapshots")
        if (line["term"], line["as_of"]) == ("junior backend developer", "2025-11-23")
    ]
    assert gone["p25"] is None


@as_jsonl
def test_the_lines_hold_every_row_of_a_market_index(exported: Path) -> None:
    key = {"job_type": "permanent", "region": "london", "window_months": 6, "as_of": "2025-07-30"}
    assert lines_of(exported, "market") == [
        {**key, **{column: getattr(row, column) and plain(getattr(row, column)) for column in MARKET_COLUMNS}}
        for row in INDEX
    ]


@as_parquet
def test_parquet_is_split_by_job_type_and_month(exported: Path) -> None:
    found = {str(path.relative_to(exported / "skills")) for path in (exported / "skills").rglob("*.parquet")}
    assert found == {
        "job_type=contract/month=2025-10/part-0.parquet",
        "job_type=contract/month=2025-11/part-0.parquet",
        "job_type=permanent/month=2025-05/part-0.parquet",
        "job_type=permanent/month=2025-11/part-0.parquet",
    }


@pytest.mark.parametrize("format_", FORMATS)
def test_more_pages_than_fit_into_memory_are_written_in_parts(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: Format
) -> None:
    whole = export(database, format_, tmp_path / "whole")
    monkeypatch.setattr("jobspider.export.writer._AT_ONCE", 3)
    assert export(database, format_, tmp_path / "parts") == whole
    if format_ == "parquet":
        assert len(list((tmp_path / "parts" / "skills").rglob("*.parquet"))) > 4
        same = "SELECT * FROM @skills ORDER BY ALL"
        assert query_duckdb(tmp_path / "parts", same) == query_duckdb(tmp_path / "whole", same)
    else:
        written = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
        assert {path.name: path.read_bytes() for path in (tmp_path / "parts").iterdir()} == written


@as_parquet
def test_duckdb_answers_over_all_markets_from_the_export_alone(exported: Path) -> None:
    rose = """
        SELECT region_name, first(median ORDER BY as_of) AS was, last(median ORDER BY as_of) AS now
        FROM @snapshots WHERE job_type = 'permanent' AND month >= '2025-10' AND term = 'backend developer'
        GROUP BY region_name HAVING now > was ORDER BY now / was DESC"""
    assert query_duckdb(exported, rose) == [
        ("West Midlands", 47500.0, 52500.0),
        ("North West", 57500.0, 60000.0),
        ("UK", 65000.0, 67500.0),
    ]
    python = """
        SELECT job_type, region, share FROM @skills
        WHERE name = 'Python' AND list = 'top' AND as_of = DATE '2025-11-23' AND region = 'uk' ORDER BY job_type"""
    assert query_duckdb(exported, python) == [("contract", "uk", 36.7), ("permanent", "uk", 31.66)]


@as_parquet
def test_parquet_keeps_whole_numbers_dates_and_moments_as_such(exported: Path) -> None:
    types = dict(row[:2] for row in query_duckdb(exported, "DESCRIBE SELECT * FROM @snapshots"))
    assert {name: types[name] for name in ("quotes", "median", "as_of", "fetched_at", "region")} == {
        "quotes": "BIGINT",
        "median": "DOUBLE",
        "as_of": "DATE",
        "fetched_at": "TIMESTAMP WITH TIME ZONE",
        "region": "VARCHAR",
    }


@in_every_format
def test_the_dictionary_names_every_file_and_says_what_each_column_means(exported: Path) -> None:
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["name"] for resource in package["resources"]] == NAMES
    named = {path for resource in package["resources"] for path in resource["path"]}
    there = {str(path.relative_to(exported)) for path in exported.rglob("*.*") if path.is_file()}
    assert named == there - {"datapackage.json", "ATTRIBUTION.txt"}
    for resource in package["resources"]:
        fields = resource["schema"]["fields"]
        assert all(field["description"] for field in fields)
        assert set(resource["schema"]["primaryKey"]) <= {field["name"] for field in fields}
        units = {field["name"]: field.get("unit") for field in fields}
        assert units.get("median", "pounds") == "pounds"
        assert units.get("share", "percent") == "percent"


@as_csv
def test_the_dictionary_names_the_columns_of_a_csv_in_order(exported: Path) -> None:
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        (path,) = resource["path"]
        header = (exported / path).read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == [field["name"] for field in resource["schema"]["fields"]]


@in_every_format
def test_an_export_says_whose_figures_they_are(exported: Path) -> None:
    text = (exported / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    assert "Source: IT Jobs Watch (www.itjobswatch.co.uk)" in text
    assert "CC BY-NC-SA 4.0" in text
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    assert [license_["name"] for license_ in package["licenses"]] == ["CC-BY-NC-SA-4.0"]


def test_a_name_that_no_folder_can_have_is_told_in_a_line(database: Database, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="File name too long; name another folder"):
        export(database, "csv", tmp_path / ("x" * 300))


def test_a_folder_that_is_there_is_left_alone(database: Database, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is there already: name a new folder"):
        export(database, "csv", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_export_that_cannot_be_written_leaves_nothing(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        export(database, "csv", tmp_path / "file" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_pyarrow_parquet_says_what_to_install(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'jobspider\[parquet\]'"):
        export(database, "parquet", tmp_path / "out")


def test_an_empty_database_exports_empty_tables(tmp_path: Path) -> None:
    with Database.open(tmp_path / "empty.db") as empty:
        assert export(empty, "csv", tmp_path / "out") == dict.fromkeys(NAMES, 0)
    assert len((tmp_path / "out" / "skills.csv").read_text().splitlines()) == 1


def test_the_command_exports_the_configured_database(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[store]\npath = "jobs.db"\n[[watch]]\nurl = "https://www.itjobswatch.co.uk/jobs/uk/java.do"\n',
        encoding="utf-8",
    )
    with Database.open(tmp_path / "jobs.db") as database:
        fill(database)
    arguments = [
        "--format",
        "jsonl",
        "--to",
        str(tmp_path / "out"),
        "--config",
        str(tmp_path / "config.toml"),
    ]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.stdout.startswith(f"{tmp_path / 'out'}: 19 snapshots, ")
