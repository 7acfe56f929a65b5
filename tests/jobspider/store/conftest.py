from collections.abc import Iterator
from pathlib import Path

import pytest

from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


@pytest.fixture
def database(database_path: Path) -> Iterator[Database]:
    with Database.open(database_path) as opened:
        yield opened


@pytest.fixture
def writer(database: Database) -> Writer:
    return Writer(database)


@pytest.fixture
def reader(database: Database) -> Reader:
    return Reader(database)
