"""Places inside a page's region: whose median moved, and how likely chance alone moves it so. Pure."""

from collections.abc import Iterator

from alerts.detection.figures import Comparison, main_basis, vacancy_count
from alerts.model.changes import Change, ChangeKind, Significance, SignificanceResult
from alerts.model.topics import LOCATIONS_TOPIC
from alerts.stats.counts import overlap_details, significance_result
from alerts.stats.pay import ROUNDING_STEP, estimate_sigma, median_p_value, quote_count
from jobspider.model import Basis, Content


def changes(comparison: Comparison) -> Iterator[Change]:
    """Yield the medians that moved of the places that both sides list.

    A place that comes or goes is a matter of one or two ads.
    """
    before = {row.name: row for row in comparison.baseline.content.locations}
    for row in comparison.current.content.locations:
        old = before.get(row.name)
        if old is not None and None not in (old.median, row.median) and old.median != row.median:
            yield Change(
                snapshot=comparison.head,
                topic=LOCATIONS_TOPIC,
                statistic="median",
                kind=ChangeKind.MOVED,
                old=old.median,
                new=row.median,
                old_as_of=comparison.baseline.as_of,
                baseline_notified_at=comparison.told_at,
                basis=main_basis(comparison.head.subject.job_type),
                item=row.name,
                year_on_year=row.median_change,
                sample_size=row.vacancies,
            )


def judge(change: Change, comparison: Comparison, min_quotes: int) -> SignificanceResult:
    """Weigh a place's median alone, taking the page's spread of pay, and the part of ads that quote it, for its own.

    Args:
        change: Out of :func:`changes`.
        comparison: Both sides.
        min_quotes: With fewer quotes on either side nothing is judged.
    """
    assert change.basis is not None, "a location's median has a basis"
    sides, spacing = (comparison.baseline.content, comparison.current.content), comparison.spacing()
    quotes = [_estimated_quotes(content, change.item, change.basis) for content in sides]
    of = estimate_sigma(sides[1].term, change.basis) or estimate_sigma(sides[0].term, change.basis)
    if min(quotes) < min_quotes:
        return SignificanceResult(
            Significance.INSUFFICIENT_DATA, None, f"fewer than {min_quotes} quotes (about {min(quotes):.0f})"
        )
    if of is None or not change.old or not change.new:
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, "no spread of pay is stated")
    old, new = float(change.old), float(change.new)
    if abs(new - old) <= ROUNDING_STEP[change.basis]:
        return SignificanceResult(Significance.NOISE, None, "one step of the median alone")
    numbers = (*overlap_details(spacing, quotes, "quotes, about,"), ("sigma of log pay on the page", of.sigma))
    because = f"the median alone, about {quotes[0]:,.0f} and {quotes[1]:,.0f} quotes"
    return significance_result(median_p_value((old, new), change.basis, of, quotes, spacing), because, numbers)


def _estimated_quotes(content: Content, place: str | None, basis: Basis) -> float:
    """Return about how many ads of a place quote pay: the page states it for all places together only."""
    ads = next((row.vacancies for row in content.locations if row.name == place), 0)
    total = vacancy_count(content.term)
    return ads * min(1.0, quote_count(content.term, basis) / total) if total else 0.0
