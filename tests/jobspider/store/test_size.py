"""What an unchanged page and a changed one cost, measured in the file's own bytes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from jobspider.model import Capture, FetchStatus, Figures, LocationRow, PlannedPage, RolePage, SkillShare
from jobspider.pages import PARSER_VERSION, read_page
from jobspider.replay import load_site
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.inspection import database_info
from tests.support.demo_database import BUNDLED, SITE
from tests.support.sample_pages import DAY, MONDAY, MORNING, crawl, page

DAYS = 500
MOST_BYTES = 200
OF_A_PAGE = {"snapshots", "contents", "figures", "locations", "skill_shares", "live_jobs"}


def size_after(path: Path, days: int, newest_step: int) -> int:
    """Return the size of a database after so many crawls of one page whose as-of date moves on by so many days."""
    with Database.open(path) as database:
        # The measure is bytes, not safety: the many small syncs are left out.
        database.connection.execute("PRAGMA synchronous = OFF")
        writer = Writer(database)
        for day in range(days):
            status = crawl(writer, page(MONDAY + DAY * day * newest_step), f"day {day}", MORNING + DAY * day)
            assert status is (FetchStatus.UNCHANGED if day else FetchStatus.STORED)
        ((pages,),) = database.rows("PRAGMA page_count")
        ((page_size,),) = database.rows("PRAGMA page_size")
    return int(pages * page_size)


def test_an_unchanged_page_costs_at_most_200_bytes_beside_its_ledger(tmp_path: Path) -> None:
    # Read again with the same as-of date, a page costs its crawl and its ledger row; with a newer one, a snapshot too.
    ledger_only = size_after(tmp_path / "ledger.db", DAYS, newest_step=0)
    with_snapshots = size_after(tmp_path / "snapshots.db", DAYS, newest_step=1)
    assert 0 < (with_snapshots - ledger_only) / DAYS <= MOST_BYTES


def printed(count: int, vacancies: int) -> Decimal:
    """Return a share as the site prints it: two decimals, three below 0.1 %."""
    exact = 100 * Decimal(count) / Decimal(vacancies)
    share = exact.quantize(Decimal("0.001"), ROUND_HALF_UP)
    return share if share < Decimal("0.1") else exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def bundled(address: str) -> RolePage:
    saved = load_site(BUNDLED / "2025-11-23").find(address)
    assert saved is not None
    return read_page(saved.body, SITE + address)


def fullest() -> RolePage:
    """Return a page as full as Developer, UK, was in March 2020, the fullest known: 390 skills and 18 places."""
    uk = bundled("/jobs/uk/backend%20developer.do")
    vacancies = 34_634

    def listed(name: str, length: int) -> tuple[SkillShare, ...]:
        counts = [15_607 * 10 // (10 + 7 * place) for place in range(length)]
        shares = [printed(count, vacancies) for count in counts]
        return tuple(
            SkillShare(place + 1, f"{name} {place}", count, share)
            for place, (count, share) in enumerate(zip(counts, shares, strict=True))
        )

    rows = {**uk.content.term.rows, (None, "vacancies"): (vacancies, 40_000, 45_000)}
    places = tuple(
        LocationRow(f"Some place {n}", 12, 9_000 - n, Decimal(52_500), Decimal("2.94"), None) for n in range(18)
    )
    skills = {f"Category {number}": listed(f"Skill {number}", 20) for number in range(18)}
    whole = replace(uk.content, term=Figures(rows), locations=places, top_skills=listed("Skill 0", 30), skills=skills)
    return replace(uk, content=whole)


PAGES: dict[str, tuple[Callable[[], RolePage], int]] = {
    "North West": (lambda: bundled("/jobs/north%20west/backend%20developer.do"), 9 * 1024),
    "UK": (lambda: bundled("/jobs/uk/backend%20developer.do"), 9 * 1024),
    "fullest": (fullest, 15 * 1024),
}


@pytest.mark.parametrize("name", PAGES)
def test_changed_page_size_without_raw_page_is_within_budget(tmp_path: Path, name: str) -> None:
    days = 60
    load, max_bytes = PAGES[name]
    read = load()
    url = read.url
    with Database.open(tmp_path / "jobs.db") as database:
        database.connection.execute("PRAGMA synchronous = OFF")
        writer = Writer(database)
        sizes = []
        for day in range(days):
            (key, *_) = [key for key in read.content.term.rows if key[1] == "median"]
            figures = Figures({**read.content.term.rows, key: (Decimal(60_000 + day), None, None)})
            what = replace(read, as_of=read.as_of + timedelta(days=day), content=replace(read.content, term=figures))
            crawl_id = writer.begin_crawl(f"{day}", "roles", MORNING, "0.1.0", [PlannedPage(url, read.subject)])
            capture = Capture(url, b"%d" % day, sha256(b"%d" % day).hexdigest(), MORNING)
            assert writer.store_page(crawl_id, url, what, capture, PARSER_VERSION, 200) is FetchStatus.STORED
            if not day:
                # As in a file of many years, where the numbers of contents are large and take their space.
                database.rows("INSERT INTO contents (id, subject_id, hash) VALUES (1000000, 1, '')")
            sizes.append(sum(table.bytes or 0 for table in database_info(database).tables if table.name in OF_A_PAGE))
    assert 0 < (sizes[-1] - sizes[9]) / (days - 10) <= max_bytes
