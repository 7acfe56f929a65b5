"""Six weeks of the service with everything going wrong; benchmarks/soak.py lives through a whole year."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.soaking import TOLD_ONCE, Faults, Span, soak


def on(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


def test_six_weeks_of_faults_lose_nothing_double_nothing_and_are_told_once(tmp_path: Path) -> None:
    """London puts its clocks forward on 30 March 2025, over the very hour at which the crawl is due."""
    faults = Faults(
        site_down=Span(on(3, 5), on(3, 8)),
        mail_down=Span(on(3, 9), on(3, 16)),
        disk_full=Span(on(3, 18, 1), on(3, 18, 2)),
        database_gone=Span(on(3, 20, 10), on(3, 20, 14)),
        layout=Span(on(3, 22), on(3, 26)),
        asleep=Span(on(3, 31, 12), on(4, 10, 12)),
        kills=(date(2025, 3, 3), date(2025, 3, 17), date(2025, 3, 30), date(2025, 4, 12)),
    )
    verdict = soak(tmp_path, on(3, 1), 44, faults, timedelta(hours=3), seed=8)
    assert not verdict.missing_snapshots
    assert not verdict.doubled_snapshots
    assert not verdict.missing_digests
    assert not verdict.unsent
    assert verdict.told == TOLD_ONCE
    assert verdict.kills >= 3
    assert verdict.mails - verdict.repeats == verdict.deliveries["digest sent"]
    assert verdict.repeats <= verdict.kills, "what may have been sent before a kill is sent again, and nothing else"
    assert verdict.is_good
