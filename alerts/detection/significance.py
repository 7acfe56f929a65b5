"""How large a change chance alone makes: every change of every topic gets its evidence here. Pure.

:mod:`alerts.stats.counts` holds the formulas of counts and shares, :mod:`alerts.stats.pay` those of pay;
:mod:`alerts.detection.skills` and :mod:`alerts.detection.locations` judge their own.
"""

from collections.abc import Iterable

from alerts.detection import locations, skills
from alerts.detection.figures import Comparison, vacancy_count
from alerts.model.changes import Change, ChangeKind, Significance, SignificanceResult
from alerts.model.topics import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC
from alerts.stats.counts import (
    LIKELY_ALPHA,
    WindowOverlap,
    overlap_details,
    poisson_p_value,
    significance_result,
    two_proportion_p_value,
)
from alerts.stats.pay import PaySample, assess_pay_change, quote_count
from jobspider.model import Basis, Figures


def assess_changes(
    found: Iterable[Change], comparison: Comparison, min_quotes: int
) -> list[tuple[Change, SignificanceResult]]:
    """Weigh the changes about one topic; what they have in common, as the percentiles of one pay do, is weighed once.

    Args:
        found: Differences out of ``comparison``, all of one topic.
        comparison: Both sides, whole: pay is judged on all its percentiles, a rank by its share.
        min_quotes: With fewer ads on either side nothing is judged.
    """
    pay: SignificanceResult | None = None
    weighed = []
    for change in found:
        if change.item is None and change.basis is not None and change.kind is ChangeKind.MOVED:
            pay = pay or assess_change(change, comparison, min_quotes)
            weighed.append((change, pay))
        else:
            weighed.append((change, assess_change(change, comparison, min_quotes)))
    return weighed


def assess_change(change: Change, comparison: Comparison, min_quotes: int) -> SignificanceResult:
    """Weigh one change.

    Args:
        change: A difference out of ``comparison``.
        comparison: Both sides, whole: pay is judged on all its percentiles, a rank by its share.
        min_quotes: With fewer ads on either side nothing is judged.
    """
    if change.topic == SKILLS_TOPIC:
        return skills.assess_share_change(change, comparison, min_quotes)
    if change.topic == LOCATIONS_TOPIC:
        return locations.judge(change, comparison, min_quotes)
    spacing = comparison.spacing()
    then, now = comparison.baseline.content.term, comparison.current.content.term
    if change.topic == VACANCIES_TOPIC:
        counts = vacancy_count(then), vacancy_count(now)
        return significance_result(poisson_p_value(*counts, spacing), "counts of ads", overlap_details(spacing, counts))
    if change.topic == RANK_TOPIC:
        return _assess_rank(then, now, spacing)
    assert change.basis is not None, "the topics without a basis are above"
    if change.kind is not ChangeKind.MOVED:
        return _assess_presence(then, now, change.basis, min_quotes)
    since = [PaySample(each.content.term, comparison.spacing(each.as_of)) for each in comparison.intermediate]
    return assess_pay_change(then, now, change.basis, spacing, min_quotes, since)


def _assess_rank(then: Figures, now: Figures, spacing: WindowOverlap) -> SignificanceResult:
    """Weigh a move in rank by the share behind it: a rank also moves because others do."""
    shares = then.now("share_of_category"), now.now("share_of_category")
    if shares[0] is None or shares[1] is None:
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, "no share is stated")
    counts = vacancy_count(then), vacancy_count(now)
    totals = [round(count / float(share) * 100) if share else 0 for count, share in zip(counts, shares, strict=True)]
    p_value = two_proportion_p_value(float(shares[0]) / 100, totals[0], float(shares[1]) / 100, totals[1], spacing)
    numbers = (
        *overlap_details(spacing, counts),
        ("share of the category then, %", float(shares[0])),
        ("share of the category now, %", float(shares[1])),
    )
    if p_value >= LIKELY_ALPHA:
        return SignificanceResult(
            Significance.NOISE, p_value, "others moved: its own share stayed within chance", numbers
        )
    return significance_result(p_value, "its share moved with it", numbers)


def _assess_presence(then: Figures, now: Figures, basis: Basis, min_quotes: int) -> SignificanceResult:
    """Weigh that a figure is now stated, or no longer: a fact, but one of thin pages unless ads stand behind it."""
    most = max(quote_count(then, basis), quote_count(now, basis))
    if most < min_quotes:
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, f"fewer than {min_quotes} quotes ({most})")
    return SignificanceResult(Significance.CLEAR, None, "as the page states it")
