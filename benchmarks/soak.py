"""A year of the service with a simulated clock and every fault: ``python benchmarks/soak.py [SEED]``.

Daily crawls and a weekly digest; the site down for three days, the mail server for a week, its login and its
certificate wrong for days, the source without anything new, the machine asleep for ten days, another layout for a week,
a full disk, a database that is none, kills each month, both clock changes. Exits with 1 if anything is missing, there
twice, not told, told twice, or if memory or file descriptors grow.
"""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.soak.checks import Verdict
from tests.support.soak.fault_plan import Faults, Plan, Span
from tests.support.soak.namespace_run import soak

DAYS = 364
COMMAND_EVERY = 6
MOST_GROWTH = 1.05  # of a process's memory, from its eighth day to its end
MOST_NEW_FILES = 0


def on(month: int, day: int, hour: int = 0) -> datetime:
    """Return a moment of the year."""
    return datetime(2025, month, day, hour, tzinfo=UTC)


FAULTS = Faults(
    site_down=Span(on(2, 11), on(2, 14)),
    mail_down=Span(on(4, 6), on(4, 13)),
    login_refused=Span(on(5, 4), on(5, 8)),
    asleep=Span(on(6, 3, 12), on(6, 13, 12)),
    certificate_wrong=Span(on(7, 20), on(7, 24)),
    layout=Span(on(8, 4), on(8, 11)),
    disk_low=Span(on(9, 8, 12), on(9, 9, 6)),
    disk_full=Span(on(9, 9), on(9, 9, 2)),
    source_still=Span(on(10, 1), on(10, 13)),
    database_gone=Span(on(11, 12, 10), on(11, 12, 14)),
    # A Monday each month, when a digest is made and sent, and the two days on which London changes its clocks.
    kills=tuple(
        date(2025, month, day) for month, day in enumerate((13, 17, 30, 14, 12, 16, 14, 18, 15, 26, 17, 15), start=1)
    ),
)


def report(verdict: Verdict, seconds: float) -> bool:
    """Print what the year came to; return whether memory and file descriptors were flat."""
    print(f"{verdict.days} days in {seconds:.0f} s")
    print(f"crawls begun                     {verdict.crawls}, of them as a command {verdict.commands}")
    print(f"snapshots                        {verdict.snapshots}, missing {len(verdict.missing_snapshots)},"
          f" there twice {len(verdict.doubled_snapshots)}")  # fmt: skip
    print(f"weekly digests                   {verdict.digests}, missing {len(verdict.missing_digests)}")
    print(f"deliveries                       {verdict.deliveries}, neither sent nor superseded {verdict.unsent}")
    print(f"mails                            {verdict.mails}, of them repeats after a kill {verdict.repeats}")
    print(f"kills                            {sum(verdict.kills.values())}: {verdict.kills}")
    print(f"disk                             {verdict.disk or 'truly full'}; damage {verdict.damage or 'none'}")
    for story in verdict.stories:
        told, closed = (" ".join(f"{at:%d %b %H:%M}" for at in each) or "never" for each in (story.told, story.closed))
        print(f"  {story.fault:18} told {told}, closed {closed}")
    for letter in verdict.unexpected:
        print(f"  told: {letter}")
    return held(verdict)


def held(verdict: Verdict) -> bool:
    """Print how the process grew that grew most; return whether that is little."""
    worst = max(verdict.growths, key=lambda each: each.late.memory_kib / each.early.memory_kib)
    early, late = worst.early, worst.late
    new_files = max(each.late.files - each.early.files for each in verdict.growths)
    print(f"processes older than ten days    {len(verdict.growths)}; the one whose memory grew most:"
          f" {early.memory_kib} KiB on {early.at:%d %b}, {late.memory_kib} KiB on {late.at:%d %b}")  # fmt: skip
    print(f"file descriptors                 {late.files}; most that were added in a process's life: {new_files}")
    return late.memory_kib <= early.memory_kib * MOST_GROWTH and new_files <= MOST_NEW_FILES


def main(arguments: list[str]) -> int:
    """Live through the year and judge it."""
    seed, began = int(arguments[0]) if arguments else 1, perf_counter()
    with TemporaryDirectory() as folder:
        verdict = soak(Plan(on(1, 1), DAYS, FAULTS, timedelta(hours=1), seed, COMMAND_EVERY), Path(folder))
    is_flat = report(verdict, perf_counter() - began)
    return int(not (verdict.is_good and is_flat))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
