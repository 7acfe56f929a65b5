"""How large a change chance alone makes: every change of every topic gets its evidence here. Pure.

:mod:`alerts.chance` holds the formulas of counts and shares, :mod:`alerts.pay` those of pay.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from alerts.chance import LIKELY_BELOW, Spacing, binomial, evidence, poisson
from alerts.compare import Comparison
from alerts.model import (
    LOCATIONS_TOPIC,
    RANK_TOPIC,
    SKILLS_TOPIC,
    VACANCIES_TOPIC,
    Change,
    Evidence,
    Kind,
    Numbers,
    Verdict,
)
from alerts.pay import GRID_STEP, Page, judge_median, judge_pay, quotes_of, spread
from jobspider.model import Basis, Content, Figures


def weigh(found: Sequence[Change], comparison: Comparison, min_quotes: int) -> list[tuple[Change, Evidence]]:
    """Weigh the changes about one topic; what they have in common, as the percentiles of one pay do, is weighed once.

    Args:
        found: Differences out of ``comparison``, all of one topic.
        comparison: Both sides, whole: pay is judged on all its percentiles, a rank by its share.
        min_quotes: With fewer ads on either side nothing is judged.
    """
    if found and found[0].topic == SKILLS_TOPIC:
        return list(zip(found, _judge_skills(found, comparison, min_quotes), strict=True))
    pay: Evidence | None = None
    weighed = []
    for change in found:
        if change.item is None and change.basis is not None and change.kind is Kind.MOVED:
            pay = pay or judge(change, comparison, min_quotes)
            weighed.append((change, pay))
        else:
            weighed.append((change, judge(change, comparison, min_quotes)))
    return weighed


def judge(change: Change, comparison: Comparison, min_quotes: int) -> Evidence:
    """Weigh one change.

    Args:
        change: A difference out of ``comparison``.
        comparison: Both sides, whole: pay is judged on all its percentiles, a rank by its share.
        min_quotes: With fewer ads on either side nothing is judged.
    """
    spacing = _spacing(comparison)
    then, now = comparison.old.content.term, comparison.new.content.term
    if change.topic == SKILLS_TOPIC:
        return next(_judge_skills([change], comparison, min_quotes))
    if change.topic == LOCATIONS_TOPIC:
        return _judge_location(change, comparison, spacing, min_quotes)
    if change.topic == VACANCIES_TOPIC:
        counts = _ads(then), _ads(now)
        return evidence(poisson(*counts, spacing), "counts of ads", _shared(spacing, counts))
    if change.topic == RANK_TOPIC:
        return _judge_rank(then, now, spacing)
    assert change.basis is not None, "the topics without a basis are above"
    if change.kind is not Kind.MOVED:
        return _judge_statement(then, now, change.basis, min_quotes)
    since = [Page(each.content.term, _spacing(comparison, each.as_of)) for each in comparison.since]
    return judge_pay(then, now, change.basis, spacing, min_quotes, since)


def _spacing(comparison: Comparison, as_of: date | None = None) -> Spacing:
    """Return how far the new side lies from the old one, or from a date between them."""
    return Spacing((comparison.new.as_of - (as_of or comparison.old.as_of)).days, comparison.head.subject.window_months)


def _judge_rank(then: Figures, now: Figures, spacing: Spacing) -> Evidence:
    """Weigh a move in rank by the share behind it: a rank also moves because others do."""
    shares = then.now("share_of_category"), now.now("share_of_category")
    if shares[0] is None or shares[1] is None:
        return Evidence(Verdict.TOO_FEW, None, "no share is stated")
    counts = _ads(then), _ads(now)
    totals = [round(count / float(share) * 100) if share else 0 for count, share in zip(counts, shares, strict=True)]
    p_value = binomial(float(shares[0]) / 100, totals[0], float(shares[1]) / 100, totals[1], spacing)
    numbers = (
        *_shared(spacing, counts),
        ("share of the category then, %", float(shares[0])),
        ("share of the category now, %", float(shares[1])),
    )
    if p_value >= LIKELY_BELOW:
        return Evidence(Verdict.NOISE, p_value, "others moved: its own share stayed within chance", numbers)
    return evidence(p_value, "its share moved with it", numbers)


def _judge_skills(found: Iterable[Change], comparison: Comparison, min_quotes: int) -> Iterator[Evidence]:
    """Weigh skills' shares; one below the cut is taken to stand at the cut, the least that it can have moved."""
    ads = _ads(comparison.old.content.term), _ads(comparison.new.content.term)
    spacing = _spacing(comparison)
    because, common = f"{ads[0]:,} and {ads[1]:,} ads", _shared(spacing, ads)
    then, now = comparison.old_skills, comparison.new_skills
    for change in found:
        if min(ads) < min_quotes:
            yield Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} ads ({min(ads)})")
            continue
        name = change.item or ""
        asking = then.count(name), now.count(name)
        p_value = binomial(asking[0] / ads[0], ads[0], asking[1] / ads[1], ads[1], spacing)
        yield evidence(p_value, because, (*common, ("of them asking for it then", asking[0]), ("and now", asking[1])))


def _judge_location(change: Change, comparison: Comparison, spacing: Spacing, min_quotes: int) -> Evidence:
    """Weigh a place's median alone, taking the page's spread of pay, and the part of ads that quote it, for its own."""
    assert change.basis is not None, "a location's median has a basis"
    sides = comparison.old.content, comparison.new.content
    quotes = [_quotes_in(content, change.item, change.basis) for content in sides]
    sigma = spread(sides[1].term, change.basis) or spread(sides[0].term, change.basis)
    if min(quotes) < min_quotes:
        return Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} quotes (about {min(quotes):.0f})")
    if sigma is None or not change.old or not change.new:
        return Evidence(Verdict.TOO_FEW, None, "no spread of pay is stated")
    old, new = float(change.old), float(change.new)
    if abs(new - old) <= GRID_STEP[change.basis]:
        return Evidence(Verdict.NOISE, None, "one step of the median alone")
    numbers = (*_shared(spacing, quotes, "quotes, about,"), ("sigma of log pay on the page", sigma))
    because = f"the median alone, about {quotes[0]:,.0f} and {quotes[1]:,.0f} quotes"
    return evidence(judge_median((old, new), change.basis, sigma, quotes, spacing), because, numbers)


def _quotes_in(content: Content, place: str | None, basis: Basis) -> float:
    """Return about how many ads of a place quote pay: the page states it for all places together only."""
    ads = next((row.vacancies for row in content.locations if row.name == place), 0)
    total = _ads(content.term)
    return ads * min(1.0, quotes_of(content.term, basis) / total) if total else 0.0


def _judge_statement(then: Figures, now: Figures, basis: Basis, min_quotes: int) -> Evidence:
    """Weigh that a figure is now stated, or no longer: a fact, but one of thin pages unless ads stand behind it."""
    most = max(quotes_of(then, basis), quotes_of(now, basis))
    if most < min_quotes:
        return Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} quotes ({most})")
    return Evidence(Verdict.CLEAR, None, "as the page states it")


def _ads(figures: Figures) -> int:
    """Return how many ads; a page that prints a dash for them has none."""
    return int(figures.now("vacancies") or 0)


def _shared(spacing: Spacing, counts: Sequence[float], of: str = "ads") -> Numbers:
    return (
        ("part of the ads not shared", spacing.fresh),
        (f"{of} then", counts[0]),
        (f"{of} now", counts[1]),
    )
