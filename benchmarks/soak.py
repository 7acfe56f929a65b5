"""A year of the service with a simulated clock and every fault: ``python benchmarks/soak.py [SEED]``.

Daily crawls and a weekly digest; the site down for three days, the mail server for a week, the machine asleep for ten
days, another layout for a week, a full disk, a database that is none, a kill each month, both clock changes. Exits with
1 if anything is missing, there twice, not told, told twice, or if memory or file descriptors grow.
"""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.soaking import TOLD_ONCE, Faults, Span, Verdict, soak

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 364
MOST_GROWTH = 1.05  # of memory, from the end of the first quarter to the end of the year
MOST_NEW_FILES = 2


def on(month: int, day: int, hour: int = 0) -> datetime:
    """Return a moment of the year."""
    return datetime(2025, month, day, hour, tzinfo=UTC)


FAULTS = Faults(
    site_down=Span(on(2, 11), on(2, 14)),
    mail_down=Span(on(4, 6), on(4, 13)),
    asleep=Span(on(6, 3, 12), on(6, 13, 12)),
    layout=Span(on(8, 4), on(8, 11)),
    disk_full=Span(on(9, 9, 0), on(9, 9, 2)),
    database_gone=Span(on(11, 12, 10), on(11, 12, 14)),
    # A Monday each month, when a digest is made and sent, and the two days on which London changes its clocks.
    kills=tuple(
        date(2025, month, day) for month, day in enumerate((13, 17, 30, 14, 12, 16, 14, 18, 15, 26, 17, 15), start=1)
    ),
)


def report(verdict: Verdict, seconds: float) -> None:
    """Print what the year came to."""
    print(f"{verdict.days} days in {seconds:.0f} s: {verdict.crawls} crawls, {verdict.snapshots} snapshots")
    print(f"missing snapshots                {len(verdict.missing_snapshots)}")
    print(f"snapshots that are there twice   {len(verdict.doubled_snapshots)}")
    print(f"weekly digests                   {verdict.digests}, missing {len(verdict.missing_digests)}")
    print(f"deliveries                       {dict(verdict.deliveries)}, neither sent nor superseded {verdict.unsent}")
    print(f"mails                            {verdict.mails}, of them repeats after a kill {verdict.repeats}")
    print(f"kills                            {verdict.kills}")
    for subject, count in sorted((verdict.told | {each: verdict.told[each] for each in TOLD_ONCE}).items()):
        print(f"operator told {count} x              {subject}")


def main(arguments: list[str]) -> int:
    """Live through the year and judge it."""
    began = perf_counter()
    with TemporaryDirectory() as folder:
        seed = int(arguments[0]) if arguments else 1
        verdict = soak(Path(folder), BEGIN, DAYS, FAULTS, timedelta(hours=1), seed)
    report(verdict, perf_counter() - began)
    early, late = verdict.samples[len(verdict.samples) // 4], verdict.samples[-1]
    print(f"memory                           {early[0]} KiB after a quarter, {late[0]} KiB at the end")
    print(f"file descriptors                 {early[1]}, {late[1]}")
    is_flat = late[0] <= early[0] * MOST_GROWTH and late[1] <= early[1] + MOST_NEW_FILES
    return int(not (verdict.is_good and is_flat))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
