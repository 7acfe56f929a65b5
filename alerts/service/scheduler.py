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
from alerts.config.schedule_expressions import When
from alerts.service.context import House
from alerts.service.event_log import event
from alerts.service.service import Service
from jobspider.errors import ConfigError
from jobspider.model import CrawlVerdict
from jobspider.store.process_lock import process_lock

_TURN_SECONDS: Final = 60
"""How often it is looked for what is due: retries are, and whatever came due while the machine slept."""
_TIME_TO_END_SECONDS: Final = 25.0
"""How long what is under way may take to end; what a mail server still chews on after that will be sent again."""
_RELOAD: Final = getattr(signal, "SIGHUP", None)  # Windows has none


class Hours(BaseTrigger):  # type: ignore[misc]  # APScheduler carries no types
    """The hours of a schedule. In UTC, where no hour is skipped and none comes twice."""

    def __init__(self, when: When, zone: ZoneInfo) -> None:
        self._when = when
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the next one after ``now``."""
        del previous_fire_time
        return next((due.astimezone(UTC) for due in self._when.upcoming(now, self._zone)), None)


@dataclass
class _Serving:
    service: Service
    load: Callable[[], Config]
    scheduler: BlockingScheduler
    asked: SimpleQueue[int] = field(default_factory=SimpleQueue)
    busy: Lock = field(default_factory=Lock)

    def tend(self) -> None:
        """Do what is due: the task of every job."""
        with self.busy:
            if not self.service.house.stopping.is_set():
                self.service.tend()

    def arrange(self) -> None:
        """Set up the jobs that the configuration asks for, in place of those there are."""
        config = self.service.house.config
        self.scheduler.remove_all_jobs()
        hours = {"crawl": config.schedule.due} | {f"digest {each.name}": each.due for each in config.digest}
        for name, when in hours.items():
            if not when.after_crawl:
                self.scheduler.add_job(self.tend, Hours(when, config.schedule.zone), id=name)
        turns = IntervalTrigger(seconds=_TURN_SECONDS, timezone=UTC)
        self.scheduler.add_job(self.tend, turns, id="turn", next_run_time=datetime.now(UTC))

    def obey(self) -> None:
        """Obey signals, outside of their handlers: little may be done in those."""
        while (number := self.asked.get()) == _RELOAD:
            self.reload()
        event("stopping", signal=signal.Signals(number).name)
        self.service.house.stopping.set()
        self.scheduler.shutdown(wait=False)

    def reload(self) -> None:
        """Read the configuration anew; what is under way ends as it began."""
        house = self.service.house
        try:
            config = self.load()
            config.refuse_placeholder_contact()
        except ConfigError as error:
            event("configuration kept", mistakes=list(error.mistakes))
            return
        if config.database_path != house.config.database_path:
            event("configuration kept", mistakes=["store.path: another database takes a restart"])
            return
        self.service.house = replace(house, config=config)
        self.arrange()
        event("configuration read anew", jobs=self.jobs)

    @property
    def jobs(self) -> list[str]:
        return [job.id for job in self.scheduler.get_jobs()]


def serve(house: House, load: Callable[[], Config]) -> int:
    """Do what is due when it is due, until a signal ends it.

    Args:
        house: What to work with.
        load: Reads the configuration anew.

    Returns:
        The exit code: 0 when it ended as it was asked to, 5 when what was under way had to be cut off.

    Raises:
        ConfigError: The live site would be asked in nobody's name.
        StoreLockedError: Another service keeps this database.
    """
    house.config.refuse_placeholder_contact()
    scheduler = BlockingScheduler(
        timezone=UTC,
        # One at a time: a digest that comes due during a crawl is to hold what that brings.
        executors={"default": ThreadPoolExecutor(1)},
        # No misfire is too old: the database says whether it is still to be done.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    serving = _Serving(Service(house), load, scheduler)
    since = f"jobspider schedule since {house.clock():%Y-%m-%d %H:%M} UTC"
    with process_lock(house.config.database_path, "schedule", since):
        serving.arrange()
        for number in filter(None, (signal.SIGTERM, signal.SIGINT, _RELOAD)):
            signal.signal(number, lambda number, _frame: serving.asked.put(number))
        # Not earlier: what is not running cannot be shut down.
        obedience = Thread(target=serving.obey, name="signals", daemon=True)
        scheduler.add_listener(lambda _: obedience.start(), EVENT_SCHEDULER_STARTED)
        event("serving", database=house.config.database_path, jobs=serving.jobs)
        scheduler.start()
        if serving.busy.acquire(timeout=_TIME_TO_END_SECONDS):
            event("stopped")
            return 0
    event("cut off")
    logging.shutdown()
    # Not sys.exit: that would wait for the thread that is to be cut off.
    os._exit(CrawlVerdict.INTERRUPTED.exit_code)
