"""What is to be lived through: from when, for how long, and what goes wrong meanwhile."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True)
class Span:
    """From one moment until before another, in UTC."""

    begin: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end


_NEVER = Span(datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Faults:
    """What goes wrong, and when.

    ``mail_down``, ``login_refused`` and ``certificate_wrong`` are the readers' mail server's; ``source_still`` is when
    pages keep their date and figures. ``disk_low`` leaves less than the operator wants, ``disk_full`` within it next to
    nothing. ``kills`` are days on which processes are killed as they do their work.
    """

    site_down: Span = _NEVER
    layout: Span = _NEVER
    source_still: Span = _NEVER
    mail_down: Span = _NEVER
    login_refused: Span = _NEVER
    certificate_wrong: Span = _NEVER
    asleep: Span = _NEVER
    disk_low: Span = _NEVER
    disk_full: Span = _NEVER
    database_gone: Span = _NEVER
    kills: tuple[date, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A time to live through.

    ``begin`` is a midnight in UTC. The service looks for what is due every minute; every ``turn`` is enough to see that
    it does, in less time. ``command_every`` is how many days lie between two whose crawl is started as a command.
    """

    begin: datetime
    days: int
    faults: Faults
    turn: timedelta
    seed: int
    command_every: int

    @property
    def end(self) -> datetime:
        """The moment at which it is over."""
        return self.begin + timedelta(days=self.days)

    def starts_a_command(self, day: date) -> bool:
        """Whether a day's crawl is started as a command."""
        return day.toordinal() % self.command_every == self.seed % self.command_every

    def as_of(self, day: date) -> date:
        """Return the date that pages bear which are read on a day."""
        still = self.faults.source_still
        is_still = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) in still
        return still.begin.date() if is_still else day
