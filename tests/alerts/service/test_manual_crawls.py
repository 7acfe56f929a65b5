"""Who asks for a page by its name gets its figures; digests and alarms wait for a crawl of all pages."""

from pathlib import Path

from jobspider.store.database import Database
from tests.alerts.service.test_service import Kept, keep, utc


def ask(kept: Kept, at: str, region: str = "uk", job_type: str = "permanent") -> None:
    """Crawl one page by hand."""
    kept.world.now = utc(at)
    kept.world.crawl(kept.service.context, "roles", term="backend developer", region=region, job_type=job_type)


def occasions(kept: Kept) -> list[str]:
    """Return for what the digest was made."""
    with Database.open(kept.database) as database:
        return [due for (due,) in database.rows("SELECT due FROM digests WHERE name = 'weekly' ORDER BY id")]


def test_a_page_asked_for_by_name_makes_no_digest_and_raises_no_alarm(tmp_path: Path) -> None:
    kept = keep(tmp_path, when="after crawl")
    kept.tend_at("2025-07-01T05:30")
    kept.world.is_site_down = True
    ask(kept, "2025-07-01T12:00")
    kept.tend_at("2025-07-01T12:01")
    assert occasions(kept) == ["after crawl 1"]
    assert not kept.told()


def test_a_page_asked_for_by_name_ends_no_alarm(tmp_path: Path) -> None:
    kept = keep(tmp_path)
    kept.world.is_site_down = True
    kept.tend_at("2025-07-01T05:30")
    kept.world.is_site_down = False
    ask(kept, "2025-07-01T12:00")
    kept.tend_at("2025-07-01T12:01")
    assert kept.told() == "The crawl failed"
    kept.tend_at("2025-07-02T05:30")
    assert kept.told() == "Over: The crawl failed"


def test_a_page_asked_for_by_name_is_told_by_the_next_digest(tmp_path: Path) -> None:
    """The crawl of Monday, the 14th, reads nothing; a person reads one page on Tuesday; the digest is Wednesday's."""
    kept = keep(tmp_path, crawl="mon 06:30", when="wed 07:30")
    kept.tend_at("2025-07-07T05:30", "2025-07-09T06:30")
    kept.world.is_site_down = True
    kept.tend_at("2025-07-14T05:30")
    kept.world.is_site_down = False
    ask(kept, "2025-07-15T12:00")
    kept.tend_at("2025-07-16T06:30")
    said = (kept.world.folder / "team" / "digest.txt").read_text(encoding="utf-8")
    assert "£67,500" in said.splitlines()[0], "the UK page, as it was read on Tuesday"
    assert "4 pages watched: 1 with new figures, 3 could not be read" in said


def test_pages_asked_for_by_name_one_by_one_do_not_stand_for_the_crawl(tmp_path: Path) -> None:
    kept = keep(tmp_path, when="after crawl")
    for job_type, region in (("permanent", "uk"), ("permanent", "north west"), ("permanent", "west midlands")):
        ask(kept, "2025-07-01T05:40", region, job_type)
    ask(kept, "2025-07-01T05:40", job_type="contract")
    kept.tend_at("2025-07-01T06:00", "2025-07-01T06:01")
    assert len(kept.begun) == 1
    assert occasions(kept) == ["after crawl 5"]
