"""How large a change chance alone makes: every change of every topic gets its evidence here. Pure.

:mod:`alerts.stats.counts` holds the formulas of counts and shares, :mod:`alerts.stats.pay` those of pay;
:mod:`alerts.detection.skills` and :mod:`alerts.detection.locations` judge their own.
"""

from collections.abc import Iterable

from alerts.detection import locations, skills
from alerts.detection.figures import Comparison, ads_of
from alerts.model.changes import Change, Evidence, Kind, Verdict
from alerts.model.topics import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC
from alerts.stats.counts import LIKELY_BELOW, Spacing, binomial, evidence, poisson, shared
from alerts.stats.pay import Page, judge_pay, quotes_of
from jobspider.model import Basis, Figures


def weigh(found: Iterable[Change], comparison: Comparison, min_quotes: int) -> list[tuple[Change, Evidence]]:
    """Weigh the changes about one topic; what they have in common, as the percentiles of one pay do, is weighed once.

    Args:
        found: Differences out of ``comparison``, all of one topic.
        comparison: Both sides, whole: pay is judged on all its percentiles, a rank by its share.
        min_quotes: With fewer ads on either side nothing is judged.
    """
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
    if change.topic == SKILLS_TOPIC:
        return skills.judge(change, comparison, min_quotes)
    if change.topic == LOCATIONS_TOPIC:
        return locations.judge(change, comparison, min_quotes)
    spacing = comparison.spacing()
    then, now = comparison.old.content.term, comparison.new.content.term
    if change.topic == VACANCIES_TOPIC:
        counts = ads_of(then), ads_of(now)
        return evidence(poisson(*counts, spacing), "counts of ads", shared(spacing, counts))
    if change.topic == RANK_TOPIC:
        return _judge_rank(then, now, spacing)
    assert change.basis is not None, "the topics without a basis are above"
    if change.kind is not Kind.MOVED:
        return _judge_statement(then, now, change.basis, min_quotes)
    since = [Page(each.content.term, comparison.spacing(each.as_of)) for each in comparison.since]
    return judge_pay(then, now, change.basis, spacing, min_quotes, since)


def _judge_rank(then: Figures, now: Figures, spacing: Spacing) -> Evidence:
    """Weigh a move in rank by the share behind it: a rank also moves because others do."""
    shares = then.now("share_of_category"), now.now("share_of_category")
    if shares[0] is None or shares[1] is None:
        return Evidence(Verdict.TOO_FEW, None, "no share is stated")
    counts = ads_of(then), ads_of(now)
    totals = [round(count / float(share) * 100) if share else 0 for count, share in zip(counts, shares, strict=True)]
    p_value = binomial(float(shares[0]) / 100, totals[0], float(shares[1]) / 100, totals[1], spacing)
    numbers = (
        *shared(spacing, counts),
        ("share of the category then, %", float(shares[0])),
        ("share of the category now, %", float(shares[1])),
    )
    if p_value >= LIKELY_BELOW:
        return Evidence(Verdict.NOISE, p_value, "others moved: its own share stayed within chance", numbers)
    return evidence(p_value, "its share moved with it", numbers)


def _judge_statement(then: Figures, now: Figures, basis: Basis, min_quotes: int) -> Evidence:
    """Weigh that a figure is now stated, or no longer: a fact, but one of thin pages unless ads stand behind it."""
    most = max(quotes_of(then, basis), quotes_of(now, basis))
    if most < min_quotes:
        return Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} quotes ({most})")
    return Evidence(Verdict.CLEAR, None, "as the page states it")
