"""Skills are kept in a few bytes, and come back as they were printed."""

import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobspider.errors import StoreError
from jobspider.model import Content, Figures, SkillShare
from jobspider.store.content_rows import content_to_rows, share_as_counted
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.retention import thin_snapshots
from jobspider.store.reader import Reader
from jobspider.store.skill_schema import AS_COUNTED, SKILL_BITS
from tests.support.sample_pages import BACKEND, DAY, JAVA, MONDAY, begin, content, crawl, page, store
from tests.support.strategies import contents

IN_THE_VIEW = "SELECT list, name, position, rank, count, share FROM skills WHERE content_id = ? ORDER BY list, position"


def printed(count: int, whole: int) -> Decimal:
    """Return a share as the site prints it: two decimals, three below 0.1 %."""
    exact = 100 * Decimal(count) / Decimal(whole)
    in_thousandths = exact.quantize(Decimal("0.001"), ROUND_HALF_UP)
    return in_thousandths if in_thousandths < Decimal("0.1") else exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def with_shares(kept: Content, share: Callable[[SkillShare], Decimal | None]) -> Content:
    def lists(skills: Mapping[str, tuple[SkillShare, ...]]) -> dict[str, tuple[SkillShare, ...]]:
        return {name: tuple(each._replace(share=share(each)) for each in some) for name, some in skills.items()}

    return replace(kept, top_skills=lists({"": kept.top_skills})[""], skills=lists(kept.skills))


@st.composite
def pages_that_add_up(draw: st.DrawFn) -> Content:
    """Any content of which each share is its count of the vacancies, but for one of them sometimes."""
    kept = draw(contents)
    counts = [skill.count for some in (kept.top_skills, *kept.skills.values()) for skill in some]
    vacancies = draw(st.integers(max(1, *counts, 1), 3_000_000))
    rows = {**kept.term.rows, (None, "vacancies"): (vacancies, None, None)}
    odd = draw(st.none() | st.sampled_from(counts)) if counts else None
    return with_shares(
        replace(kept, term=Figures(rows)),
        lambda skill: Decimal("0.5") if skill.count == odd else printed(skill.count, vacancies),
    )


@settings(max_examples=30)
@given(pages_that_add_up() | contents)
def test_skills_come_back_from_the_file_and_from_its_view_as_they_were_printed(kept: Content) -> None:
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder) / "jobs.db") as database:
        crawl(Writer(database), page(figures=kept), "first")
        found = Reader(database).content(1)
        assert (found.top_skills, found.skills) == (kept.top_skills, kept.skills)
        assert database.rows(IN_THE_VIEW, (1,)) == content_to_rows(kept).skills
        shown = database.rows(f"{IN_THE_VIEW.replace('skills', 'skill_history')}", (1,))
        assert shown == content_to_rows(kept).skills


@given(whole=st.integers(1, 10**12), part=st.floats(0, 1) | st.floats(0, 0.002))
@example(whole=800, part=1 / 800)  # 0.125 %: half a unit of the last place
@example(whole=1_000_000, part=995e-6)  # 0.0995 %: a third decimal would stand before it is rounded
@example(whole=1_000_000, part=999.6e-6)
def test_a_share_is_reckoned_alike_in_sql_and_in_python_and_as_the_site_rounds_it(whole: int, part: float) -> None:
    count = min(whole, round(whole * part))
    asked = f"SELECT {AS_COUNTED} FROM (SELECT ? AS count, ? AS shares_of)"  # noqa: S608 - a constant
    with closing(sqlite3.connect(":memory:")) as connection:
        ((in_sql,),) = connection.execute(asked, (count, whole))
    assert in_sql == share_as_counted(count, whole) == float(printed(count, whole))


def shares_kept(database: Database) -> list[float]:
    return [share for (share,) in database.rows("SELECT share FROM printed_shares ORDER BY content_id, skill_id")]


def test_of_a_page_that_adds_up_no_share_is_kept(database: Database, writer: Writer) -> None:
    crawl(writer, page(), "first")
    assert database.rows("SELECT shares_of FROM contents") == [(7,)]
    assert shares_kept(database) == []


def test_of_a_page_with_one_odd_share_all_are_kept(database: Database, writer: Writer) -> None:
    odd = with_shares(content(), lambda skill: Decimal("99.9" if skill.name == "SQL" else 100))
    crawl(writer, page(figures=odd), "first")
    assert database.rows("SELECT shares_of FROM contents") == [(None,)]
    assert sorted(shares_kept(database)) == [99.9, 99.9, 100.0, 100.0]


@pytest.mark.parametrize("vacancies", [None, 0, 6, 10**12 + 1])
def test_a_share_of_vacancies_that_cannot_have_made_it_is_kept(
    database: Database, writer: Writer, reader: Reader, vacancies: int | None
) -> None:
    term = Figures({(None, "vacancies"): (vacancies, None, None)})
    crawl(writer, page(figures=replace(content(), term=term)), "first")
    assert shares_kept(database) == [100.0] * 4
    assert reader.content(1).top_skills == content().top_skills


def test_a_page_without_shares_keeps_none_and_shows_none(database: Database, writer: Writer) -> None:
    crawl(writer, page(figures=with_shares(content(), lambda _: None)), "first")
    assert shares_kept(database) == []
    assert database.rows("SELECT DISTINCT share FROM skills") == [(None,)]


def with_skill(name: str) -> Content:
    return replace(content(), top_skills=(SkillShare(1, name, 7, Decimal(100)),), skills={})


def test_the_number_of_a_name_that_was_rolled_back_is_never_used_for_another(
    database_path: Path, writer: Writer, reader: Reader
) -> None:
    crawl(writer, page(), "first")
    lost = page(MONDAY + DAY, with_skill("Lost"))
    with pytest.raises(ValueError, match="has ended before"):
        # Its figures are put in before the ledger says that the page has ended.
        store(writer, 1, lost)
    with Database.open(database_path) as other:
        crawl(Writer(other), page(figures=with_skill("Rust"), of=JAVA), "other")
    store(writer, begin(writer, "second"), lost)
    snapshot = reader.latest(BACKEND)
    assert snapshot is not None
    assert [skill.name for skill in snapshot.content.top_skills] == ["Lost"]


def test_figures_that_go_take_their_printed_shares_and_skills_with_them(database: Database, writer: Writer) -> None:
    odd = with_shares(content(), lambda _: Decimal("99.9"))
    for day in range(2):
        term = Figures({**odd.term.rows, (None, "rank"): (day, None, None)})
        crawl(writer, page(MONDAY + DAY * day, replace(odd, term=term)), f"day {day}")
    assert thin_snapshots(database, MONDAY + timedelta(days=800)).contents == 1
    for table in ("skill_counts", "printed_shares"):
        assert database.rows(f"SELECT content_id, count(*) FROM {table} GROUP BY 1") == [(2, 4)]  # noqa: S608 - from above


def test_more_names_than_a_key_has_room_for_are_refused(database: Database, writer: Writer, reader: Reader) -> None:
    database.rows("INSERT INTO skill_names VALUES (?, 'the last', 'top')", (2**SKILL_BITS - 1,))
    with pytest.raises(StoreError, match="CHECK constraint failed"):
        crawl(writer, page(), "first")
    assert reader.latest(BACKEND) is None
