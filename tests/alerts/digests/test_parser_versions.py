"""A better parser is never told as a market that moved: real pages, the store, the editor and the outbox."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.config import DigestConfig, NoiseSettings
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.digests.builder import DigestBuilder
from alerts.model.changes import Digest
from jobspider import pages
from jobspider.model import Subject
from jobspider.reparse import reparse, reparse_outdated
from jobspider.store.database import Database
from jobspider.store.maintenance.retention import prune_captures
from jobspider.store.reader import Reader
from jobspider.store.reparsing import ReparseStore
from tests.support.cli import run
from tests.support.fake_site import FIRST, SECOND, LiveSite
from tests.support.stored_pages import MORNING, WEEK, as_it_is, bodies, fetch, use_parser, with_more_pay, without_skills

HOUR = timedelta(hours=1)
DEFINITION = DigestConfig(name="weekly", channels=["folder"], noise=NoiseSettings(false_alarm_budget=1.0))

DIGEST = """
[[digest]]
name = "watch"
when = "after crawl"
channels = ["folder"]
when_quiet = "skip"
[[channel]]
name = "folder"
type = "file"
path = "out"
"""


@dataclass
class Desk:
    """A database whose every page is watched by one recipient."""

    database: Database

    def edition(self, at: datetime) -> Digest:
        outbox = Outbox(self.database)
        since = outbox.informed_until("weekly", "folder")
        editor = DigestBuilder(Reader(self.database), DEFINITION, tuple(bodies(FIRST)), since)
        return editor.build(outbox.baselines("weekly", "folder"), at)

    def queue(self, at: datetime) -> tuple[Digest, int]:
        digest, outbox = self.edition(at), Outbox(self.database)
        outbox.queue("weekly", at.isoformat(), at, [OutboxEntry("folder", digest, b"")])
        return digest, outbox.deliveries()[0].delivery_id

    def tell(self, at: datetime) -> Digest:
        digest, delivery_id = self.queue(at)
        Outbox(self.database).mark_sent(delivery_id, at, "")
        return digest

    def read_anew(self) -> None:
        for _ in reparse(self.database, ReparseStore(self.database).pages(pages.PARSER_VERSION)):
            pass


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield Desk(database)


def changes(digest: Digest) -> dict[tuple[Subject, str, str | None], object]:
    lines = [line for group in digest.groups for line in group.lines] + [*digest.below_threshold, *digest.suppressed]
    return {(line.change.snapshot.subject, line.change.statistic, line.change.item): line.change.old for line in lines}


def other_bytes(folder: Path) -> dict[Subject, bytes]:
    """Return a site's pages as they come at another hour: the same figures, but not the same page."""
    return {subject: body + b"<!-- another hour -->" for subject, body in bodies(folder).items()}


def says_nothing(digest: Digest) -> bool:
    return not (digest.groups or digest.below_threshold or digest.suppressed or digest.watching)


def test_reading_the_told_page_anew_is_no_news(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    use_parser(monkeypatch, 2, with_more_pay)
    desk.read_anew()
    fetch(desk.database, bodies(FIRST), MORNING + 2 * HOUR)
    assert says_nothing(desk.edition(MORNING + 3 * HOUR))


def test_a_better_parser_tells_the_same_moves_from_what_it_would_have_told(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    with Database.open(tmp_path / "always.db") as database:
        always = Desk(database)
        fetch(database, bodies(FIRST), MORNING)
        always.tell(MORNING + HOUR)
        fetch(database, bodies(SECOND), MORNING + WEEK)
        expected = changes(always.edition(MORNING + WEEK + HOUR))
    use_parser(monkeypatch, 1, as_it_is)
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    use_parser(monkeypatch, 2, with_more_pay)
    desk.read_anew()
    fetch(desk.database, bodies(SECOND), MORNING + WEEK)
    assert len(expected) > 5
    assert changes(desk.edition(MORNING + WEEK + HOUR)) == expected


def test_a_crawl_by_a_better_parser_reads_what_was_told_anew_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    use_parser(monkeypatch, 2, with_more_pay)
    reparse_outdated(desk.database)
    fetch(desk.database, bodies(FIRST), MORNING + WEEK)
    assert says_nothing(desk.edition(MORNING + WEEK + HOUR))


def test_what_cannot_be_read_anew_is_no_news_and_later_moves_are(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    prune_captures(desk.database, MORNING + WEEK)
    use_parser(monkeypatch, 2, with_more_pay)
    desk.read_anew()
    fetch(desk.database, other_bytes(FIRST), MORNING + 2 * HOUR)
    assert says_nothing(desk.tell(MORNING + 3 * HOUR))
    fetch(desk.database, bodies(SECOND), MORNING + WEEK)
    assert changes(desk.edition(MORNING + WEEK + HOUR))


def test_a_better_parser_does_not_make_old_topics_new(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    use_parser(monkeypatch, 1, without_skills)
    fetch(desk.database, bodies(FIRST), MORNING)
    assert "skills" not in {topic for watching in desk.tell(MORNING + HOUR).watching for topic in watching.topics}
    use_parser(monkeypatch, 2, as_it_is)
    desk.read_anew()
    fetch(desk.database, bodies(SECOND), MORNING + WEEK)
    digest = desk.tell(MORNING + WEEK + HOUR)
    assert not digest.watching
    assert {statistic for _, statistic, item in changes(digest) if item} >= {"share"}


def test_news_that_was_under_way_while_pages_were_read_anew_is_told_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    fetch(desk.database, bodies(SECOND), MORNING + WEEK)
    digest, delivery_id = desk.queue(MORNING + WEEK + HOUR)
    assert changes(digest)
    use_parser(monkeypatch, 2, with_more_pay)
    desk.read_anew()
    Outbox(desk.database).mark_sent(delivery_id, MORNING + WEEK + 2 * HOUR, "")
    fetch(desk.database, bodies(SECOND), MORNING + WEEK + 3 * HOUR)
    assert not desk.edition(MORNING + WEEK + 4 * HOUR).groups


def test_a_newest_page_that_a_better_parser_refuses_is_compared_as_the_older_one_read_both(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    fetch(desk.database, bodies(SECOND), MORNING + WEEK)
    expected = changes(desk.edition(MORNING + WEEK + HOUR))
    use_parser(monkeypatch, 2, with_more_pay)
    told = [page for page in ReparseStore(desk.database).pages(2) if page.as_of <= MORNING.date()]
    assert len(list(reparse(desk.database, told))) == len(bodies(FIRST))
    assert changes(desk.edition(MORNING + WEEK + HOUR)) == expected


def test_pages_read_anew_many_times_are_still_no_news(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    for version, parser in [(2, with_more_pay), (3, without_skills), (4, as_it_is), (5, with_more_pay)]:
        use_parser(monkeypatch, version, parser)
        desk.read_anew()
    fetch(desk.database, bodies(FIRST), MORNING + WEEK)
    assert says_nothing(desk.edition(MORNING + WEEK + HOUR))


def test_a_parser_that_was_changed_without_a_new_version_is_no_news_either(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 1, as_it_is)
    fetch(desk.database, bodies(FIRST), MORNING)
    desk.tell(MORNING + HOUR)
    use_parser(monkeypatch, 1, with_more_pay)
    assert len(list(reparse(desk.database, ReparseStore(desk.database).pages()))) == len(bodies(FIRST))
    fetch(desk.database, bodies(FIRST), MORNING + WEEK)
    assert says_nothing(desk.edition(MORNING + WEEK + HOUR))


def test_what_was_told_is_never_compared_as_if_an_older_page_had_been_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(desk.database, bodies(FIRST), MORNING)
    fetch(desk.database, bodies(SECOND), MORNING + WEEK)
    desk.tell(MORNING + WEEK + HOUR)
    use_parser(monkeypatch, 2, with_more_pay)
    older = [page for page in ReparseStore(desk.database).pages(2) if page.as_of <= MORNING.date()]
    assert len(list(reparse(desk.database, older))) == len(bodies(FIRST))
    fetch(desk.database, other_bytes(SECOND), MORNING + 2 * WEEK)
    assert says_nothing(desk.edition(MORNING + 2 * WEEK + HOUR))


def test_a_whole_cycle_after_an_upgrade_sends_nothing_about_the_parser(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        config.write_text(config.read_text(encoding="utf-8") + DIGEST, encoding="utf-8")
        assert run("run", config=config).returncode == 0
        (tmp_path / "out" / "digest.txt").unlink()
        with Database.open(tmp_path / "jobspider.db") as database:
            # As a parser that took every median for less would have left it.
            database.connection.execute(
                "UPDATE figures SET now = now * 0.8 WHERE statistic IN ('median', 'p25', 'p75')"
            )
            database.connection.execute("UPDATE contents SET hash = 'misread ' || hash")
            database.connection.execute("UPDATE snapshots SET parser_version = 0")
        again = run("run", config=config)
    assert (again.returncode, (tmp_path / "out" / "digest.txt").exists()) == (0, False), again.stderr
    with Database.open(tmp_path / "jobspider.db") as database:
        assert database.rows("SELECT DISTINCT parser_version FROM snapshots") == [(pages.PARSER_VERSION,)]
        assert database.rows("SELECT count(*) FROM former_readings") == [(len(bodies(FIRST)),)]
