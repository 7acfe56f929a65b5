"""Raw pages come back byte for byte, however they are kept, and one that resembles its predecessor costs little."""

import random
import re
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobspider.errors import StoreError
from jobspider.model import Capture, FetchStatus
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.retention import prune_captures
from jobspider.store.reader import Reader
from tests.support.sample_pages import DAY, MORNING, begin, page

PAGES = Path(__file__).parents[3] / "fixtures" / "sites" / "backend-developer"
MOST_BYTES = 4096


def keep(database: Database, number: int, body: bytes) -> Capture:
    """Keep a body as what came on a day; return it as a capture."""
    at = MORNING + DAY * number
    captured = Capture(page().url, body, sha256(body).hexdigest(), at)
    writer = Writer(database)
    crawl_id = begin(writer, f"{number} {random.random()}", at)  # noqa: S311 - a token, not a secret
    writer.record_failure(crawl_id, page().url, FetchStatus.BLOCKED, "challenge", 403, at, captured)
    return captured


def kept_bytes(database: Database) -> list[int]:
    return [size for (size,) in database.rows("SELECT length(body) FROM captures ORDER BY id")]


@settings(max_examples=30)
@given(bodies=st.lists(st.binary(max_size=200) | st.binary(max_size=3).map(lambda part: part * 500), max_size=8))
def test_every_page_comes_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]) -> None:
    with Database.open(tmp_path_factory.mktemp("captures") / "jobs.db") as database:
        database.connection.execute("PRAGMA synchronous = OFF")
        for number, body in enumerate(bodies):
            keep(database, number, body)
        reader = Reader(database)
        for body in bodies:
            found = reader.capture(sha256(body).hexdigest())
            assert found is not None
            assert found.body == body


def test_a_page_that_is_not_kept_is_none(reader: Reader) -> None:
    assert reader.capture("0" * 64) is None


@pytest.mark.parametrize("name", sorted(path.name for path in (PAGES / "2025-11-23").glob("*.html")))
def test_a_real_page_that_resembles_its_predecessor_costs_at_most_4_kb(database: Database, name: str) -> None:
    for number, folder in enumerate(("2025-11-16", "2025-11-23")):
        keep(database, number, (PAGES / folder / name).read_bytes())
    older, _ = kept_bytes(database)
    assert older <= MOST_BYTES


def test_a_page_of_which_every_third_figure_has_changed_costs_at_most_4_kb(database: Database) -> None:
    chance = random.Random(1)  # noqa: S311 - a page, not a secret
    body = (PAGES / "2025-11-23" / "permanent-uk.html").read_bytes()
    for number in range(10):
        keep(database, number, body)
        body = re.sub(
            rb"\d+", lambda found: b"%d" % chance.randrange(1, 2000) if chance.random() < 1 / 3 else found[0], body
        )
    *older, _ = kept_bytes(database)
    assert max(older) <= MOST_BYTES


def test_only_the_newest_page_of_an_address_is_kept_whole(database: Database) -> None:
    body = (PAGES / "2025-11-23" / "permanent-uk.html").read_bytes()
    for number in range(4):
        keep(database, number, body + b"%d" % number)
    assert database.rows("SELECT base FROM captures ORDER BY id") == [(2,), (3,), (4,), (None,)]


def test_a_page_unlike_its_predecessor_leaves_that_one_whole(database: Database) -> None:
    chance = random.Random(2)  # noqa: S311 - likewise
    for number in range(2):
        keep(database, number, chance.randbytes(5000))
    assert database.rows("SELECT base FROM captures") == [(None,), (None,)]


def test_the_oldest_pages_can_be_dropped_and_the_others_are_still_whole(database: Database) -> None:
    body = (PAGES / "2025-11-23" / "permanent-uk.html").read_bytes()
    kept = [keep(database, number, body + b"%d" % number) for number in range(5)]
    assert prune_captures(database, MORNING + DAY * 3) == 3
    assert [Reader(database).capture(capture.sha256) for capture in kept] == [None, None, None, *kept[3:]]


def test_a_page_that_another_is_told_by_stays_as_long_as_that_one(database: Database) -> None:
    body = (PAGES / "2025-11-23" / "permanent-uk.html").read_bytes()
    for number in range(3):
        keep(database, number, body + b"%d" % number)
    # The first one's bytes come once more: it is now the newest, but is still told by the others.
    again = keep(database, 9, body + b"0")
    assert prune_captures(database, MORNING + DAY * 5) == 0
    assert Reader(database).capture(again.sha256) == again
    assert prune_captures(database, MORNING + DAY * 10) == 3


def test_a_kept_page_that_is_damaged_is_told_in_one_line(database: Database) -> None:
    captured = keep(database, 0, b"<html>a page</html>")
    with database.immediate() as connection:
        connection.execute("UPDATE captures SET body = x'00'")
    with pytest.raises(
        StoreError, match=rf"the stored page {captured.sha256} cannot be decompressed .*: restore a backup"
    ):
        Reader(database).capture(captured.sha256)
