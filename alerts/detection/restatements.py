"""Has the source restated its history? What a page says of a year ago, against what it said then. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from alerts import wording
from alerts.detection.figures import main_basis
from alerts.model.changes import DatedContent, Restatement
from alerts.model.topics import RESTATEMENT_TOPIC, VACANCIES_TOPIC, Topic
from alerts.stats.counts import WindowOverlap, poisson_p_value
from alerts.stats.pay import assess_pay_change
from jobspider.model import Basis, Content, Figures, SnapshotInfo
from jobspider.site.statistics import PERCENTILES

MAX_DAYS_APART: Final = 3
"""A page of ours so near to the day a year ago will do: one reads weekly, and a weekday moves by one or two a year."""

_RESTATED_BELOW: Final = 0.001
# Late corrections touch a few ads; so the two are weighed as if they lay so many days further apart than they do.
_TOLERANCE_DAYS: Final = 4
_SHOWN: Final = 3


def a_year_before(day: date) -> date:
    """Return the day on which the window of a page's second column ends."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - 1, day=28)


def detect_restatement(
    head: SnapshotInfo, now: Content, then: DatedContent, topics: Sequence[Topic], min_quotes: int
) -> Restatement | None:
    """Return how the source restated its past, ``None`` if it did not.

    Args:
        head: Of the newest page.
        now: Its figures.
        then: What our page of a year before says, of a day at most :data:`MAX_DAYS_APART` off.
        topics: That this recipient was told of.
        min_quotes: With fewer quotes pay is not judged.
    """
    claimed = Figures({key: (row[1], None, None) for key, row in now.term.rows.items()})
    days = abs((then.as_of - a_year_before(head.as_of)).days) + _TOLERANCE_DAYS
    spacing = WindowOverlap(days, head.subject.window_months)
    for statistic, basis in _contradicting_figures(claimed, then.content.term, head, spacing, min_quotes):
        was, states = then.content.term.now(statistic, basis), claimed.now(statistic, basis)
        if was is not None and states is not None:
            return Restatement(head, (*topics, RESTATEMENT_TOPIC), then.as_of, statistic, basis, was, states)
    return None


def restatement_note(found: Sequence[Restatement]) -> str:
    """Say that the source restated its history, of which pages, and what follows."""
    shown = "; ".join(_describe(each) for each in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (
        f"The source restated its history of {len(found)} {'page' if len(found) == 1 else 'pages'}: {shown}{more}."
        " What differs there from what was told may be its reckoning and not the market: it is left out, once, and"
        " later changes count from today's figures."
    )


def _describe(each: Restatement) -> str:
    names = each.snapshot.names
    title = wording.statistic_title(each.statistic, each.basis)
    was, states = (wording.format_value(each.statistic, value, each.basis) for value in (each.original, each.restated))
    return (
        f"{names.term_name} {wording.in_region(names.region_name)} ({each.snapshot.subject.job_type}):"
        f" {title.lower()} of {wording.format_date(each.as_of)} was {was}, and is now given as {states}"
    )


def _contradicting_figures(
    claimed: Figures, then: Figures, head: SnapshotInfo, spacing: WindowOverlap, min_quotes: int
) -> Iterator[tuple[str, Basis | None]]:
    """Yield the figures that neither the days between nor late corrections explain."""
    basis = main_basis(head.subject.job_type)
    judged = assess_pay_change(then, claimed, basis, spacing, min_quotes).p_value
    if judged is not None and judged < _RESTATED_BELOW:
        moved = [key for key in ("median", *PERCENTILES) if then.now(key, basis) != claimed.now(key, basis)]
        yield from ((key, basis) for key in moved)
    counts = then.now(VACANCIES_TOPIC), claimed.now(VACANCIES_TOPIC)
    known = [int(count) for count in counts if count is not None]
    if len(known) == len(counts) and poisson_p_value(known[0], known[1], spacing) < _RESTATED_BELOW:
        yield VACANCIES_TOPIC, None
