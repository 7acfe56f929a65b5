from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.changes import Digest
from alerts.render import presenter
from alerts.render.truncation import fit_digest, truncate
from alerts.render.view_models import DigestView
from tests.support import digest_factories

PARTS = ("notices", "failed", "groups", "watching", "nearly", "held_back", "not_looked")


def size(shown: DigestView) -> int:
    return sum(len(getattr(shown, name).items) for name in PARTS)


def counts(shown: DigestView) -> dict[str, int]:
    return {name: getattr(shown, name).count for name in PARTS}


def test_what_fits_is_whole() -> None:
    whole = presenter.present_digest(digest_factories.sample())
    assert fit_digest(whole, lambda _: True) is whole


@settings(max_examples=40)
@given(digest_factories.digests(), st.integers(0, 60))
def test_what_is_cut_is_counted_and_as_much_as_fits_is_kept(digest: Digest, room: int) -> None:
    whole = presenter.present_digest(digest)
    shown = fit_digest(whole, lambda candidate: size(candidate) <= room)
    assert counts(shown) == counts(whole)
    assert size(shown) == min(room, size(whole)) or (
        len(shown.groups.items) == 1 and shown.groups.items[0].lines.omitted
    )


def test_changes_are_kept_before_what_was_held_back() -> None:
    shown = truncate(presenter.present_digest(digest_factories.sample()), 4)
    assert [len(getattr(shown, name).items) for name in PARTS] == [1, 1, 2, 0, 0, 0, 0]


def test_the_first_failures_are_kept_before_any_change() -> None:
    failed = tuple(digest_factories.failure(digest_factories.head(f"Role {n}").subject) for n in range(9))
    digest = replace(digest_factories.sample(), coverage=digest_factories.coverage(failed=failed), notes=())
    shown = truncate(presenter.present_digest(digest), 5)
    assert (len(shown.failed.items), shown.failed.omitted) == (3, 6)
    assert len(shown.groups.items) == 2


def test_a_subject_too_long_for_any_message_shows_its_first_lines() -> None:
    whole = presenter.present_digest(replace(digest_factories.sample(), notes=()))

    def fits(candidate: DigestView) -> bool:
        return sum(len(group.lines.items) for group in candidate.groups.items) <= 4

    shown = fit_digest(whole, fits)
    assert shown.groups.items[0].lines.items == whole.groups.items[0].lines.items[:4]
    assert (shown.groups.items[0].lines.omitted, shown.groups.omitted) == (2, 1)


def test_where_not_even_a_line_fits_all_are_counted() -> None:
    whole = presenter.present_digest(digest_factories.sample())
    shown = fit_digest(whole, lambda candidate: not candidate.groups.items)
    assert (shown.groups.items, shown.groups.omitted) == ((), 2)
