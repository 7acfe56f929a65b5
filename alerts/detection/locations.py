"""Places inside a page's region: whose median moved, and how likely chance alone moves it so. Pure."""

from collections.abc import Iterator

from alerts.detection.figures import Comparison, ads_of, main_basis
from alerts.model.changes import Change, Evidence, Kind, Verdict
from alerts.model.topics import LOCATIONS_TOPIC
from alerts.stats.counts import evidence, shared
from alerts.stats.pay import GRID_STEP, judge_median, quotes_of, spread
from jobspider.model import Basis, Content


def changes(comparison: Comparison) -> Iterator[Change]:
    """Yield the medians that moved of the places that both sides list.

    A place that comes or goes is a matter of one or two ads.
    """
    before = {row.name: row for row in comparison.old.content.locations}
    for row in comparison.new.content.locations:
        old = before.get(row.name)
        if old is not None and None not in (old.median, row.median) and old.median != row.median:
            yield Change(
                head=comparison.head,
                topic=LOCATIONS_TOPIC,
                statistic="median",
                kind=Kind.MOVED,
                old=old.median,
                new=row.median,
                old_as_of=comparison.old.as_of,
                told_at=comparison.told_at,
                basis=main_basis(comparison.head.subject.job_type),
                item=row.name,
                year_on_year=row.median_change,
                quotes=row.vacancies,
            )


def judge(change: Change, comparison: Comparison, min_quotes: int) -> Evidence:
    """Weigh a place's median alone, taking the page's spread of pay, and the part of ads that quote it, for its own.

    Args:
        change: Out of :func:`changes`.
        comparison: Both sides.
        min_quotes: With fewer quotes on either side nothing is judged.
    """
    assert change.basis is not None, "a location's median has a basis"
    sides, spacing = (comparison.old.content, comparison.new.content), comparison.spacing()
    quotes = [_quotes_in(content, change.item, change.basis) for content in sides]
    of = spread(sides[1].term, change.basis) or spread(sides[0].term, change.basis)
    if min(quotes) < min_quotes:
        return Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} quotes (about {min(quotes):.0f})")
    if of is None or not change.old or not change.new:
        return Evidence(Verdict.TOO_FEW, None, "no spread of pay is stated")
    old, new = float(change.old), float(change.new)
    if abs(new - old) <= GRID_STEP[change.basis]:
        return Evidence(Verdict.NOISE, None, "one step of the median alone")
    numbers = (*shared(spacing, quotes, "quotes, about,"), ("sigma of log pay on the page", of.sigma))
    because = f"the median alone, about {quotes[0]:,.0f} and {quotes[1]:,.0f} quotes"
    return evidence(judge_median((old, new), change.basis, of, quotes, spacing), because, numbers)


def _quotes_in(content: Content, place: str | None, basis: Basis) -> float:
    """Return about how many ads of a place quote pay: the page states it for all places together only."""
    ads = next((row.vacancies for row in content.locations if row.name == place), 0)
    total = ads_of(content.term)
    return ads * min(1.0, quotes_of(content.term, basis) / total) if total else 0.0
