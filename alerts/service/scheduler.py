"""The service's clock: APScheduler wakes it, signals end or renew it, and one lock keeps a second one away.

What is to be done is not decided here: :class:`~alerts.service.service.Service` finds it in the database. So a job that
was missed, or that comes twice, does no harm; and every job has one and the same task.
"""

import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from alerts.config import Config
from alerts.config.schedule_expressions import ScheduleExpression
from alerts.service.context import ServiceContext
from alerts.service.event_log import log_event
from alerts.service.service import Service
from jobspider.errors import ConfigError
from jobspider.model import CrawlResult
from jobspider.store.process_lock import process_lock

_TURN_SECONDS: Final = 60
"""How often it is looked for what is due: retries are, and whatever came due while the machine slept."""
_TIME_TO_END_SECONDS: Final = 25.0
"""How long what is under way may take to end; what a mail server still chews on after that will be sent again."""
_RELOAD: Final = getattr(signal, "SIGHUP", None)  # Windows has none


class ScheduleTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler carries no types
    """The hours of a schedule. In UTC, where no hour is skipped and none comes twice."""

    def __init__(self, when: ScheduleExpression, zone: ZoneInfo) -> None:
        self._when = when
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the next one after ``now``."""
        del previous_fire_time
        return next((due.astimezone(UTC) for due in self._when.next_occurrences(now, self._zone)), None)


@dataclass
class _Scheduler:
    service: Service
    load: Callable[[], Config]
    scheduler: BlockingScheduler
    asked: SimpleQueue[int] = field(default_factory=SimpleQueue)
    running_lock: Lock = field(default_factory=Lock)

    def run_pending(self) -> None:
        """Do what is due: the task of every job."""
        with self.running_lock:
            if not self.service.context.stop_event.is_set():
                self.service.run_pending()

    def schedule_jobs(self) -> None:
        """Set up the jobs that the configuration asks for, in place of those there are."""
        config = self.service.context.config
        self.scheduler.remove_all_jobs()
        hours = {"crawl": config.schedule.due} | {f"digest {each.name}": each.schedule for each in config.digest}
        for name, when in hours.items():
            if not when.after_crawl:
                self.scheduler.add_job(self.run_pending, ScheduleTrigger(when, config.schedule.zone), id=name)
        turns = IntervalTrigger(seconds=_TURN_SECONDS, timezone=UTC)
        self.scheduler.add_job(self.run_pending, turns, id="turn", next_run_time=datetime.now(UTC))

    def handle_signals(self) -> None:
        """Obey signals, outside of their handlers: little may be done in those."""
        while (number := self.asked.get()) == _RELOAD:
            self.reload()
        log_event("stopping", signal=signal.Signals(number).name)
        self.service.context.stop_event.set()
        self.scheduler.shutdown(wait=False)

    def reload(self) -> None:
        """Read the configuration anew; what is under way ends as it began."""
        context = self.service.context
        try:
            config = self.load()
            config.require_contact()
        except ConfigError as error:
            log_event("configuration kept", mistakes=list(error.mistakes))
            return
        if config.database_path != context.config.database_path:
            log_event("configuration kept", mistakes=["store.path: another database takes a restart"])
            return
        self.service.context = replace(context, config=config)
        self.schedule_jobs()
        log_event("configuration read anew", jobs=self.jobs)

    @property
    def jobs(self) -> list[str]:
        return [job.id for job in self.scheduler.get_jobs()]


def serve(context: ServiceContext, load: Callable[[], Config]) -> int:
    """Do what is due when it is due, until a signal ends it.

    Args:
        context: What to work with.
        load: Reads the configuration anew.

    Returns:
        The exit code: 0 when it ended as it was asked to, 5 when what was under way had to be cut off.

    Raises:
        ConfigError: The live site would be asked in nobody's name.
        StoreLockedError: Another service keeps this database.
    """
    context.config.require_contact()
    scheduler = BlockingScheduler(
        timezone=UTC,
        # One at a time: a digest that comes due during a crawl is to hold what that brings.
        executors={"default": ThreadPoolExecutor(1)},
        # No misfire is too old: the database says whether it is still to be done.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    serving = _Scheduler(Service(context), load, scheduler)
    since = f"jobspider schedule since {context.clock():%Y-%m-%d %H:%M} UTC"
    with process_lock(context.config.database_path, "schedule", since):
        serving.schedule_jobs()
        for number in filter(None, (signal.SIGTERM, signal.SIGINT, _RELOAD)):
            signal.signal(number, lambda number, _frame: serving.asked.put(number))
        # Not earlier: what is not running cannot be shut down.
        obedience = Thread(target=serving.handle_signals, name="signals", daemon=True)
        scheduler.add_listener(lambda _: obedience.start(), EVENT_SCHEDULER_STARTED)
        log_event("serving", database=context.config.database_path, jobs=serving.jobs)
        scheduler.start()
        if serving.running_lock.acquire(timeout=_TIME_TO_END_SECONDS):
            log_event("stopped")
            return 0
    log_event("cut off")
    logging.shutdown()
    # Not sys.exit: that would wait for the thread that is to be cut off.
    os._exit(CrawlResult.INTERRUPTED.exit_code)
