"""Six weeks of the service with everything going wrong; benchmarks/soak.py lives through a whole year."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.soak.checks import Verdict
from tests.support.soak.fault_plan import Faults, Plan, Span
from tests.support.soak.namespace_run import soak

MOST_GROWTH = 1.05
"""Of memory, from a life's eighth day to its end."""


def on(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """London puts its clocks forward on 30 March 2025, over the very hour at which the crawl is due."""
    faults = Faults(
        site_down=Span(on(3, 5), on(3, 8)),
        mail_down=Span(on(3, 9), on(3, 12)),
        login_refused=Span(on(3, 16), on(3, 19)),
        disk_low=Span(on(3, 19, 12), on(3, 20, 6)),
        disk_full=Span(on(3, 20), on(3, 20, 4)),
        database_gone=Span(on(3, 21, 10), on(3, 21, 14)),
        certificate_wrong=Span(on(3, 23), on(3, 26)),
        layout=Span(on(3, 26), on(3, 29)),
        asleep=Span(on(3, 31, 12), on(4, 10, 12)),
        kills=(date(2025, 3, 3), date(2025, 3, 15), date(2025, 3, 30), date(2025, 3, 31), date(2025, 4, 12)),
    )
    plan = Plan(on(3, 1), 44, faults, timedelta(hours=3), seed=8, command_every=12)
    return soak(plan, tmp_path_factory.mktemp("soak"))


def test_every_page_that_could_be_read_is_stored_once(lived: Verdict) -> None:
    assert not lived.missing_snapshots
    assert not lived.doubled_snapshots
    assert not lived.damage


def test_every_digest_is_sent_once_or_in_a_newer_one_and_repeated_only_after_a_kill(lived: Verdict) -> None:
    assert not lived.missing_digests
    assert not lived.unsent
    assert lived.mails - lived.repeats == lived.deliveries["digest sent"]
    assert lived.repeats <= sum(lived.kills.values())


def test_every_problem_is_told_once_and_closed_once_and_nothing_else_is_told(lived: Verdict) -> None:
    assert [story.fault for story in lived.stories if not story.is_good] == []
    assert not lived.unexpected
    assert lived.is_good


def test_processes_were_killed_as_they_worked(lived: Verdict) -> None:
    assert sum(lived.kills.values()) >= 3


def test_memory_and_file_descriptors_do_not_grow(lived: Verdict) -> None:
    assert lived.growths
    for growth in lived.growths:
        assert growth.late.memory_kib <= growth.early.memory_kib * MOST_GROWTH
        assert growth.late.files <= growth.early.files


def test_the_disk_was_truly_full(lived: Verdict) -> None:
    if lived.disk:
        pytest.skip(lived.disk)
    assert {"disk_low", "disk_full"} <= {story.fault for story in lived.stories}
