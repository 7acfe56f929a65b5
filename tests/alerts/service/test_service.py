import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from alerts import config
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.errors import CycleError
from alerts.model.delivery import DeliveryState
from alerts.service.context import ServiceContext
from alerts.service.crawl_process import Spider
from alerts.service.heartbeat import send_heartbeat
from alerts.service.publish import build_digest, queue_digest
from alerts.service.service import RETRY_DELAYS, Service
from jobspider.errors import StoreError
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus
from jobspider.store.database import Database
from jobspider.store.process_lock import process_lock
from jobspider.store.reader import Reader
from tests.support.fake_service import WATCHES, FakeService

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CONFIG = """
[site]
base_url = "http://127.0.0.1:9"
[store]
path = "jobspider.db"
{watches}
[schedule]
timezone = "Europe/London"
crawl = "{crawl}"
[[digest]]
name = "weekly"
when = "{when}"
channels = ["team"]
[[channel]]
name = "team"
type = "file"
path = "team"
formats = ["txt"]
[[channel]]
name = "operator"
type = "file"
path = "operator"
formats = ["txt"]
[operator]
channel = "operator"
heartbeat_url = "{heartbeat}"
"""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Kept:
    """A service, and the world that it is in."""

    world: FakeService
    service: Service
    begun: list[datetime] = field(default_factory=list)
    fails_with: BaseException | None = None

    def tend_at(self, *moments: str | datetime) -> None:
        for moment in moments:
            self.world.now = utc(moment) if isinstance(moment, str) else moment
            self.service.run_pending()

    @property
    def database(self) -> Path:
        return self.world.folder / "jobspider.db"

    def told(self) -> str:
        """Return the headline of what the operator was told last."""
        file = self.world.folder / "operator" / "digest.txt"
        return file.read_text(encoding="utf-8").splitlines()[0] if file.exists() else ""

    def crawl(self, context: ServiceContext, spider: Spider) -> CrawlRecord:
        self.begun.append(self.world.now)
        if self.fails_with is not None:
            raise self.fails_with
        return self.world.crawl(context, spider)


def keep(folder: Path, crawl: str = "daily 06:30", when: str = "mon 07:30", heartbeat: str = "") -> Kept:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(watches=WATCHES, crawl=crawl, when=when, heartbeat=heartbeat), encoding="utf-8")
    world = FakeService(folder, utc("2025-07-01"))
    context = ServiceContext(config.load(path), path, {}, world.clock, world.chance, free_bytes=world.free_bytes)
    kept = Kept(world, Service(context))
    kept.service.context = replace(context, crawl=kept.crawl)
    return kept


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return keep(tmp_path)


def test_a_crawl_is_made_when_its_hour_has_passed_and_not_again(kept: Kept) -> None:
    kept.tend_at("2025-07-01T05:30", "2025-07-01T05:31", "2025-07-01T23:00", "2025-07-02T05:29", "2025-07-02T05:30")
    assert kept.begun == [utc("2025-07-01T05:30"), utc("2025-07-02T05:30")]


def test_what_came_due_while_nobody_was_awake_is_done_once(kept: Kept) -> None:
    kept.tend_at("2025-07-01T05:30", "2025-07-15T12:00", "2025-07-15T12:01")
    assert len(kept.begun) == 2
    with Database.open(kept.database) as database:
        assert len(database.rows("SELECT 1 FROM digests WHERE name = 'weekly'")) == 2


@pytest.mark.parametrize("day", ["2025-10-26", "2025-03-30"], ids=["comes twice", "is skipped"])
def test_a_local_time_that_comes_twice_or_never_is_one_crawl(tmp_path: Path, day: str) -> None:
    kept = keep(tmp_path, crawl="daily 01:30")
    begin = utc(f"{day}T02:00") - DAY
    kept.tend_at(*(begin + 30 * MINUTE * turn for turn in range(2 * 24 * 2)))
    assert [moment.date() for moment in kept.begun] == [(begin + DAY * days).date() for days in range(3)]


def test_one_who_starts_anew_knows_what_was_done(kept: Kept) -> None:
    kept.tend_at("2025-07-01T05:30")
    kept.service = Service(kept.service.context)
    kept.tend_at("2025-07-01T05:31")
    assert len(kept.begun) == 1


def test_pages_that_are_watched_anew_are_fetched_at_once(kept: Kept) -> None:
    kept.tend_at("2025-07-01T05:30")
    context = kept.service.context
    assert context.config.subjects()
    first = context.config.model_copy(update={"watch": context.config.watch[:1]})
    kept.service.context = replace(context, config=first)
    kept.tend_at("2025-07-02T05:30")
    kept.service.context = context
    kept.tend_at("2025-07-02T09:00")
    assert [moment.hour for moment in kept.begun] == [5, 5, 9]


def test_a_crawl_that_does_not_start_is_tried_three_times_and_told_once(kept: Kept) -> None:
    kept.tend_at("2025-06-30T05:30")
    kept.begun.clear()
    kept.fails_with = CycleError("the crawl did not start (exit code 1): boom")
    begin = utc("2025-07-01T05:30")
    kept.tend_at(*(begin + MINUTE * turn for turn in range(0, 600, 5)))
    assert len(kept.begun) == len(RETRY_DELAYS) == 3
    assert kept.told() == "The crawl does not come to its end"
    kept.tend_at("2025-07-02T05:30", "2025-07-02T05:40", "2025-07-02T06:40")
    kept.fails_with = None
    kept.tend_at("2025-07-03T05:30")
    assert kept.told() == "Over: The crawl does not come to its end"
    with Database.open(kept.database) as database:
        assert len(database.rows("SELECT 1 FROM digests WHERE name = 'operator.crawl'")) == 2


def test_after_each_crawl_means_once_after_each(tmp_path: Path) -> None:
    kept = keep(tmp_path, when="after crawl")
    kept.tend_at("2025-07-01T05:30", "2025-07-01T05:31", "2025-07-02T05:30", "2025-07-02T05:31")
    with Database.open(kept.database) as database:
        assert database.rows("SELECT due FROM digests ORDER BY id") == [("after crawl 1",), ("after crawl 2",)]


def test_a_digest_that_a_crash_kept_from_being_made_is_made_at_the_next_look(tmp_path: Path) -> None:
    kept = keep(tmp_path, when="after crawl")
    kept.world.now = utc("2025-07-01T05:30")
    kept.world.crawl(kept.service.context, "roles")
    kept.tend_at("2025-07-01T05:31")
    assert not kept.begun
    with Database.open(kept.database) as database:
        assert database.rows("SELECT due FROM digests") == [("after crawl 1",)]


def test_news_that_could_not_be_sent_and_is_over_is_not_sent_any_more(kept: Kept) -> None:
    kept.tend_at("2025-07-01T05:30")
    context = kept.service.context
    skips = context.config.digest[0].model_copy(update={"when_quiet": "skip"})
    with Database.open(kept.database) as database:
        outbox = Outbox(database)
        digest = build_digest(context, database, skips, "team", kept.world.now)
        outbox.queue("weekly", "its channel was away", kept.world.now, [OutboxEntry("team", digest, b"old news")])
        assert queue_digest(context, database, skips, "the next time") == {}
        states = [delivery.state for delivery in outbox.deliveries() if delivery.digest_name == "weekly"]
    assert states == [DeliveryState.SUPERSEDED, DeliveryState.SENT]


def test_nothing_is_done_while_another_process_does_it(kept: Kept) -> None:
    with process_lock(kept.database, "run", "somebody"):
        kept.tend_at("2025-07-01T05:30")
    assert not kept.begun
    kept.tend_at("2025-07-01T05:31")
    assert len(kept.begun) == 1


def test_what_is_stopping_makes_no_digest_of_a_crawl_that_it_has_cut_off(kept: Kept) -> None:
    kept.service.context.stop_event.set()
    kept.tend_at("2025-07-01T05:30")
    assert not kept.told()
    with Database.open(kept.database) as database:
        assert not Outbox(database).deliveries()


def test_a_fault_of_this_program_is_told_once_and_closed_once(kept: Kept) -> None:
    kept.fails_with = ZeroDivisionError("hunter2")
    for moment in ("2025-07-01T05:30", "2025-07-01T06:30"):
        with pytest.raises(ZeroDivisionError):
            kept.tend_at(moment)
    written = kept.world.folder / "operator" / "digest.txt"
    said = written.read_text(encoding="utf-8")
    assert "A fault of this program" in said
    assert "ZeroDivisionError" in said
    assert "hunter2" not in said, "a fault's text may hold anything"
    written.unlink()
    with pytest.raises(ZeroDivisionError):
        kept.tend_at("2025-07-02T05:30")
    assert not written.exists()
    kept.fails_with = None
    kept.tend_at("2025-07-03T05:30")
    assert kept.told() == "Over: A fault of this program"


def test_a_mistake_in_the_operator_s_own_template_hides_no_trouble(kept: Kept) -> None:
    templates = kept.world.folder / "mine"
    templates.mkdir()
    (templates / "digest.txt.j2").write_text("{{ no.such.thing }}", encoding="utf-8")
    path = kept.world.folder / "config.toml"
    own = 'path = "operator"\ntemplates = "mine"'
    path.write_text(path.read_text(encoding="utf-8").replace('path = "operator"', own), encoding="utf-8")
    kept.service.context = replace(kept.service.context, config=config.load(path))
    kept.database.write_bytes(b"no database" * 500)
    kept.tend_at("2025-07-01T05:30")
    assert "The database cannot be used" in kept.told()


def test_a_fault_of_this_program_is_told_by_each_cycle_of_cron_but_once(kept: Kept) -> None:
    written = kept.world.folder / "operator" / "digest.txt"
    kept.fails_with = ZeroDivisionError("hunter2")
    for is_first in (True, False):
        with pytest.raises(ZeroDivisionError):
            Service(kept.service.context).cycle()
        assert written.exists() is is_first
        written.unlink(missing_ok=True)
    kept.fails_with = None
    for headline in ("Over: A fault of this program", ""):
        Service(kept.service.context).cycle()
        assert kept.told() == headline
        written.unlink(missing_ok=True)


def test_trouble_of_which_a_full_disk_kept_but_a_file_s_name_is_closed_too(kept: Kept) -> None:
    kept.database.with_name("jobspider.db.trouble").touch()
    kept.tend_at("2025-07-01T05:30")
    assert kept.told() == "Over: The database cannot be used"
    assert not list(kept.world.folder.glob("*.trouble"))


def test_a_database_that_cannot_be_used_is_told_by_each_cycle_of_cron_but_once(kept: Kept) -> None:
    kept.database.write_bytes(b"no database" * 1000)
    written = kept.world.folder / "operator" / "digest.txt"
    for is_first in (True, False):
        with pytest.raises(StoreError):
            Service(kept.service.context).cycle()
        assert written.exists() is is_first
        written.unlink(missing_ok=True)
    kept.database.unlink()
    Service(kept.service.context).cycle()
    assert kept.told() == "Over: The database cannot be used"
    assert not list(kept.world.folder.glob("*.trouble"))


def test_a_cycle_crawls_whether_or_not_it_is_due(kept: Kept) -> None:
    for moment in ("2025-07-01T05:30", "2025-07-01T05:45"):
        kept.world.now = utc(moment)
        report = kept.service.cycle()
    assert len(kept.begun) == 2
    assert report.exit_code == 0
    assert report.crawl.counts == {FetchStatus.UNCHANGED: 4}


# The sign of life.


@contextmanager
def watchman(status: int = 200) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Take signs of life on loopback; gives the address, and what comes in: method, path and body."""
    came: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            came.append((self.command, self.path, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/ping/uuid", came
    finally:
        server.shutdown()
        server.server_close()


def test_a_sign_of_life_is_given_after_each_good_cycle_and_another_after_a_bad_one(tmp_path: Path) -> None:
    with watchman() as (url, came):
        kept = keep(tmp_path, heartbeat=url)
        kept.tend_at("2025-07-01T05:30", "2025-07-01T05:31")
        kept.world.is_site_down = True
        kept.tend_at("2025-07-02T05:30")
        kept.world.is_site_down = False
        kept.tend_at("2025-07-03T05:30")
        kept.fails_with = CycleError("it did not start")
        kept.tend_at("2025-07-04T05:30")
    assert [(method, path) for method, path, _ in came] == [
        ("POST", "/ping/uuid"), ("POST", "/ping/uuid/fail"), ("POST", "/ping/uuid"), ("POST", "/ping/uuid/fail"),
    ]  # fmt: skip
    assert came[0][2] == "crawl 1 complete: 4 stored"
    assert came[1][2].splitlines() == ["crawl 2 failed: 4 fetch_failed", "The crawl failed"]
    assert came[3][2] == "it did not start"


def test_a_watchman_who_is_away_is_no_reason_not_to_work(tmp_path: Path) -> None:
    kept = keep(tmp_path, heartbeat="http://127.0.0.1:9/secret-uuid")
    kept.tend_at("2025-07-01T05:30")
    with Database.open(kept.database) as database:
        last = Reader(database).last_full_crawl()
    assert last is not None
    assert last.verdict is CrawlResult.COMPLETE


def test_why_a_sign_of_life_could_not_be_given_does_not_show_the_address() -> None:
    assert send_heartbeat("http://127.0.0.1:9/secret-uuid", "", is_good=True) == (
        "no answer to the heartbeat: ConnectionRefusedError"
    )
    with watchman(status=404) as (url, _):
        assert send_heartbeat(url, "", is_good=False) == "the heartbeat was answered 404"
