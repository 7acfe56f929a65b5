"""Fixtures and settings that all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.fork_server import Forker, forking

# The machine of a test run may be busy, so an example has no deadline; the database of examples is a file beside the
# tests, which parallel runs would share.
settings.register_profile("jobspider", deadline=None, database=None)
settings.load_profile("jobspider")


@pytest.fixture(scope="session")
def forker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forker]:
    """Start crawls without the second that their imports take."""
    with forking(tmp_path_factory.mktemp("forker") / "stderr.txt") as started:
        yield started


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
