"""Skills of a content: written once, read back unchanged, removed with their content."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings

from jobspider.model import Content, Figures, SkillShare
from jobspider.store.content_rows import content_to_rows
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.retention import thin_snapshots
from jobspider.store.reader import Reader
from tests.support.sample_pages import BACKEND, DAY, JAVA, MONDAY, begin, content, crawl, page, store
from tests.support.strategies import contents

VIEW_ROWS = "SELECT list, name, position, rank, count, share FROM {} WHERE content_id = ? ORDER BY list, position"


def with_skill(name: str) -> Content:
    return replace(content(), top_skills=(SkillShare(1, name, 7, Decimal(100)),), skills={})


@settings(max_examples=30)
@given(contents)
def test_skills_read_back_equal_those_written(expected: Content) -> None:
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder) / "jobs.db") as database:
        crawl(Writer(database), page(figures=expected), "first")
        stored = Reader(database).content(1)
        assert (stored.top_skills, stored.skills) == (expected.top_skills, expected.skills)
        for view in ("skills", "skill_history"):
            assert database.rows(VIEW_ROWS.format(view), (1,)) == content_to_rows(expected).skills


def test_skill_id_of_rolled_back_name_is_not_reused(database_path: Path, writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    rolled_back = page(MONDAY + DAY, with_skill("Lost"))
    with pytest.raises(ValueError, match="has ended before"):
        # The figures are inserted before the ledger reports that the page has ended.
        store(writer, 1, rolled_back)
    with Database.open(database_path) as other:
        crawl(Writer(other), page(figures=with_skill("Rust"), of=JAVA), "other")
    store(writer, begin(writer, "second"), rolled_back)
    snapshot = reader.latest(BACKEND)
    assert snapshot is not None
    assert [skill.name for skill in snapshot.content.top_skills] == ["Lost"]


def test_thinning_removes_skills_of_removed_contents(database: Database, writer: Writer) -> None:
    for day in range(2):
        term = Figures({**content().term.rows, (None, "rank"): (day, None, None)})
        crawl(writer, page(MONDAY + DAY * day, replace(content(), term=term)), f"day {day}")
    assert thin_snapshots(database, MONDAY + timedelta(days=800)).contents == 1
    assert database.rows("SELECT content_id, count(*) FROM skill_shares GROUP BY 1") == [(2, 4)]
