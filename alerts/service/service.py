"""Do what is due, whenever asked: the database says what that is, so it does not matter how long nobody asked.

A crawl is due when none has come to its end since the newest hour of ``schedule.crawl``, or some watched page was not
asked for since; a digest when it was not queued for its newest occasion; a delivery when its moment has come. Sleep, a
power cut, a long stop and a local time that comes twice are all the same to that.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from alerts.errors import CycleError, DeliveryError
from alerts.service import problems
from alerts.service.context import ServiceContext
from alerts.service.cycle import CycleConclusion, crawl_all, run_due_work
from alerts.service.event_log import log_event
from alerts.service.heartbeat import send_heartbeat
from alerts.service.notices import notice
from alerts.service.publish import delivery_exit_code, render_digest
from jobspider.errors import StoreError, StoreLockedError, UsageError
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus
from jobspider.store.database import Database
from jobspider.store.process_lock import process_lock
from jobspider.store.reader import Reader

RETRY_DELAYS: Final = (timedelta(0), timedelta(minutes=10), timedelta(hours=1))
"""How long to wait before each attempt at a crawl that did not come to its end; after the last, until its next hour."""
_UNUSABLE: Final = "The database cannot be used"
_FAULT: Final = "A fault of this program"
_DID_NOT_FINISH: Final = (None, CrawlResult.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class CycleReport:
    """How a cycle went: the crawl of the pages, that of the markets (``None`` where there was none), what followed."""

    crawl: CrawlRecord
    market: CrawlRecord | None
    conclusion: CycleConclusion

    @property
    def exit_code(self) -> int:
        """The crawl's exit code, else that of the market's, and at least 3 if something could not be delivered."""
        outcomes = (self.crawl, self.market) if self.market else (self.crawl,)
        codes = [(each.verdict or CrawlResult.INTERRUPTED).exit_code for each in outcomes]
        return next(filter(None, codes), 0) or delivery_exit_code(self.conclusion.deliveries)


@dataclass
class Service:
    """One database's keeper. ``context`` may be replaced between two calls, by one with another configuration."""

    context: ServiceContext
    _occasion: datetime | None = field(default=None, init=False)
    _tried: list[datetime] = field(default_factory=list, init=False)
    _failure: str = field(default="", init=False)
    _trouble: str = field(default="", init=False)

    def cycle(self) -> CycleReport:
        """Crawl, whether or not that is due, and do what is due then.

        Raises:
            ConfigError: The live site would be asked in nobody's name.
            StoreError: The database cannot be used, or another cycle is running on it.
            CycleError: The crawl left no trace.
        """
        self.context.config.require_contact()
        with self._reporting_failures(), self._lock():
            crawls = self._crawl()
            conclusion = self._conclude(self._failure, crawls[0] if crawls else None)
        if crawls is None:
            raise CycleError(self._failure)
        return CycleReport(*crawls, conclusion)

    def run_pending(self) -> None:
        """Do what is due, if anything is; what goes wrong is told, and tried again at the next call."""
        try:
            with self._reporting_failures(), self._lock():
                crawls = self._crawl() if (is_due := self._is_crawl_due()) else None
                if self.context.stop_event.is_set():
                    return
                is_too_early = self._failure and len(self._tried) < len(RETRY_DELAYS)
                outcome = crawls[0] if crawls else None
                self._conclude(None if is_too_early else self._failure, outcome, is_cycle=is_due)
        except StoreLockedError as error:
            log_event("waiting", reason=str(error))
        except StoreError:
            return  # that was told

    def _is_crawl_due(self) -> bool:
        """Whether a crawl is to be begun now: its hour has passed, and something of it is still to be asked for."""
        config, now = self.context.config, self.context.clock()
        due = config.schedule.due.previous_occurrence(now, config.schedule.zone)
        if due is None or not (config.watch or config.market):
            return False
        if due != self._occasion:
            self._occasion, self._tried = due, []
        attempts = len(self._tried)
        if attempts == len(RETRY_DELAYS) or (attempts and now - self._tried[-1] < RETRY_DELAYS[attempts]):
            return False
        if not config.database_path.exists():
            return True
        with Database.open(config.database_path) as database:
            return not self._was_crawled(Reader(database), due)

    def _was_crawled(self, reader: Reader, due: datetime) -> bool:
        """Whether a crawl has ended since its hour, and every watched page was asked for, were it in several crawls.

        Without a crawl of all there is no verdict and no occasion for a digest, even if somebody has asked for each
        page by its name.
        """
        if not self.context.config.watch:
            last = reader.last_full_crawl()
            return last is not None and last.started_at >= due and last.verdict not in _DID_NOT_FINISH
        asked = {row.subject for row in reader.latest_fetches_since(due) if row.status is not FetchStatus.PLANNED}
        return reader.has_crawled_since(due) and asked.issuperset(self.context.config.subjects())

    def _crawl(self) -> tuple[CrawlRecord, CrawlRecord | None] | None:
        """Crawl; return ``None`` where the crawl did not get as far as its ledger, and remember why."""
        self._tried.append(self.context.clock())
        log_event("crawl begins", attempt=len(self._tried))
        try:
            crawls = crawl_all(self.context)
        except CycleError as error:
            self._failure = str(error)
            log_event("crawl failed", reason=self._failure)
            return None
        for outcome in filter(None, crawls):
            verdict = outcome.verdict or CrawlResult.INTERRUPTED
            pages = {status.value: count for status, count in outcome.counts.items()}
            log_event("crawl ended", crawl=outcome.crawl_id, spider=outcome.spider, outcome=verdict.value, **pages)
        is_finished = crawls[0].verdict not in _DID_NOT_FINISH
        self._failure = "" if is_finished else "Each time it was begun it was interrupted."
        return crawls

    def _conclude(self, failure: str | None, crawl: CrawlRecord | None, *, is_cycle: bool = True) -> CycleConclusion:
        """Do what follows from what is known, and after a cycle give the sign of life."""
        with Database.open(self.context.config.database_path) as database:
            conclusion = run_due_work(self.context, database, failure)
        self._tell_trouble_is_over()
        if is_cycle:
            failing = [problem.headline for problem in conclusion.found.problems if problem.is_failing]
            counts = ", ".join(f"{count} {status}" for status, count in crawl.counts.items()) if crawl else ""
            said = f"crawl {crawl.crawl_id} {crawl.verdict}: {counts}" if crawl else self._failure
            self._beat([said, *failing], is_good=not failing and not self._failure)
        return conclusion

    def _beat(self, said: list[str], *, is_good: bool) -> None:
        url = self.context.config.operator.heartbeat_url
        if url:
            log_event("heartbeat", good=is_good, reason=send_heartbeat(url, "\n".join(said), is_good=is_good))

    def _lock(self) -> AbstractContextManager[None]:
        since = f"jobspider since {self.context.clock():%Y-%m-%d %H:%M} UTC"
        return process_lock(self.context.config.database_path, "run", since)

    # What keeps the database from being used, or this program from working, cannot be kept in the database: it is told
    # at once, and a file beside the database says that it was.

    @property
    def _trouble_file(self) -> Path:
        path = self.context.config.database_path
        return path.with_name(f"{path.name}.trouble")

    @contextmanager
    def _reporting_failures(self) -> Iterator[None]:
        try:
            yield
        except StoreLockedError:
            raise
        except StoreError as error:
            self._report_failure(_UNUSABLE, str(error))
            raise
        except Exception as error:
            # Its text may hold a secret, its type does not; whoever is above writes all of it.
            self._report_failure(_FAULT, type(error).__name__)
            raise

    def _report_failure(self, headline: str, reason: str) -> None:
        log_event("trouble", headline=headline, reason=reason)
        if not (self._trouble or self._trouble_file.exists()):
            self._trouble = headline if self._send_to_operator(headline, reason, "See docs/RUNBOOK.md.") else ""
            with suppress(OSError):  # a full disk may be the trouble: it often has room for the name alone
                if self._trouble:
                    self._trouble_file.write_text(headline, encoding="utf-8")
        self._beat([headline, reason], is_good=False)

    def _tell_trouble_is_over(self) -> None:
        file = self._trouble_file
        headline = self._trouble or (file.read_text(encoding="utf-8") or _UNUSABLE if file.exists() else "")
        if headline and self._send_to_operator(f"Over: {headline}", "Nothing need be done."):
            self._trouble = ""
            file.unlink(missing_ok=True)

    def _send_to_operator(self, headline: str, *sentences: str) -> bool:
        """Tell the operator past the outbox; return whether that can be left at it."""
        name, now = problems.channel_for(problems.INTERNAL_FAILURE, self.context.config), self.context.clock()
        if not name:
            return True
        channel = self.context.channels({name: None})[name]
        digest = notice(problems.INTERNAL_FAILURE, now, headline, *sentences)
        try:
            channel.send(render_digest(self.context, digest, name, now), now=now, possible_repeat=False)
        except (DeliveryError, UsageError) as error:
            log_event("operator not reached", channel=name, reason=str(error))
            return False
        return True
