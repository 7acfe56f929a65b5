from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.digests.series import with_series
from alerts.model.changes import Series
from jobspider.model import Basis
from jobspider.store.database import Database
from tests.support.digest_scenarios import MORNING, NORTH_WEST, WEEK, DigestScenario, content


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


def told(stage: DigestScenario, *medians: float | None) -> Series | None:
    """Read a page once a week with these medians, tell of the first reading, and return what the last one shows."""
    for week, median in enumerate(medians):
        at = MORNING + week * WEEK
        stage.crawl(at, {NORTH_WEST: content(median=median, p25=50_000 + 10_000 * (week > 0), p75=80_000)})
        if not week:
            stage.tell(at)
    digest = with_series(stage.edition(MORNING + len(medians) * WEEK), stage.database)
    return digest.groups[0].series if digest.groups else None


def test_three_readings_make_a_history_of_the_first_figure(stage: DigestScenario) -> None:
    shown = told(stage, 60_000, 70_000, 80_000)
    assert shown is not None
    assert (shown.statistic, shown.basis) == ("median", Basis.ANNUAL)
    assert shown.points == tuple(
        ((MORNING + week * WEEK).date(), Decimal(median)) for week, median in enumerate((60_000, 70_000, 80_000))
    )


def test_two_readings_make_none(stage: DigestScenario) -> None:
    assert told(stage, 60_000, 80_000) is None
    assert stage.edition(MORNING + 2 * WEEK).groups


def test_a_date_without_the_figure_is_no_point(stage: DigestScenario) -> None:
    shown = told(stage, 60_000, None, 70_000, 80_000)
    assert shown is not None
    assert [figure for _, figure in shown.points] == [60_000, 70_000, 80_000]


def test_only_the_last_year_is_shown(stage: DigestScenario) -> None:
    for months in (24, 13):
        stage.crawl(MORNING - timedelta(days=30 * months), {NORTH_WEST: content(median=50_000)})
    shown = told(stage, 60_000, 70_000, 80_000)
    assert shown is not None
    assert len(shown.points) == 3
