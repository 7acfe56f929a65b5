"""How sure one can be that the pay of two subjects differs, each by its newest page. Pure.

Two samples of ads are compared here, not two readings of one page: nothing is shared, and each has a spread of its own.
"""

import math
from typing import Final

from alerts.model.changes import NamedValues, Significance, SignificanceResult
from alerts.stats.counts import DISPERSION_FACTOR, WindowOverlap, significance_result, t_p_value
from alerts.stats.pay import (
    ROUNDING_STEP,
    PaySample,
    SigmaEstimate,
    common_percentiles,
    estimate_sigma,
    pooled_log_ratio,
    quote_count,
)
from jobspider.model import Basis, Figures
from jobspider.site.statistics import PERCENTILES

_NO_OVERLAP: Final = WindowOverlap(days=365, window_months=6)
"""Of windows that lie further apart than they are long."""
_OPPOSITE_PERCENTILE: Final = dict(zip(PERCENTILES, reversed(PERCENTILES), strict=True))


def assess_median_difference(
    of: Figures, against: Figures, basis: Basis, min_quotes: int, questions: int = 1
) -> SignificanceResult:
    """Weigh the difference between the medians of two subjects.

    As a move of pay in :func:`alerts.stats.pay.assess_pay_change`: by the weighted mean of the percentiles' log
    ratios, with
    the variances of both samples, Var = BATCH * (sigma_1^2 / n_1 + sigma_2^2 / n_2), times the same constants. Where
    one
    job is posted several times it counts as often, so ads are taken to come in batches as they do in counts
    (:data:`alerts.stats.counts.DISPERSION_FACTOR`), and each batch to state one pay. Without that, one comparison of
    seven without
    a true difference would be "clear" where they do (simulated, 100 to 1,000 quotes). Where ads stand on both pages
    (London is
    part of England, three months are part of six), they pull both the same way, and chance is overstated.

    The spreads differ, so only percentiles come in whose mirror is there too (the 10th and the 90th, the quartiles):
    pay that is spread further apart, about the same middle, is not taken for higher pay.

    Args:
        of: One subject's newest figures.
        against: The other's.
        basis: Of pay; both state its median.
        min_quotes: With fewer on either page nothing is judged.
        questions: How many such differences are judged beside each other; the p-value is that many times as large
            (Bonferroni), so that a longer list finds no more by chance.
    """
    quotes = quote_count(of, basis), quote_count(against, basis)
    if min(quotes) < min_quotes:
        return SignificanceResult(
            Significance.INSUFFICIENT_DATA, None, f"fewer than {min_quotes} quotes ({min(quotes)})"
        )
    spreads = estimate_sigma(of, basis), estimate_sigma(against, basis)
    if spreads[0] is None or spreads[1] is None:
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, "no spread of pay is stated")
    both = common_percentiles(basis, of, against)
    keys = tuple(key for key in both if _OPPOSITE_PERCENTILE[key] in both)
    difference = float(of.now("median", basis) or 0) - float(against.now("median", basis) or 0)
    if not difference:
        return SignificanceResult(Significance.NOISE, None, "the medians are the same")
    if keys == ("median",) and abs(difference) <= ROUNDING_STEP[basis]:
        return SignificanceResult(Significance.NOISE, None, "one step of the median alone")
    move = pooled_log_ratio(
        [PaySample(against, _NO_OVERLAP)], of, basis, keys, _combined_sigma(spreads[0], spreads[1], quotes)
    )
    numbers: NamedValues = (
        ("sigma of log pay", spreads[0].sigma),
        ("sigma of log pay of the other", spreads[1].sigma),
        ("difference on all percentiles, %", 100 * math.expm1(move.effect)),
        ("its standard error, %", 100 * math.sqrt(move.variance)),
        ("questions", questions),
    )
    if move.effect * difference <= 0:
        return SignificanceResult(Significance.NOISE, 1.0, "all percentiles together do not differ that way", numbers)
    words = "all percentiles" if keys == PERCENTILES else " and ".join(keys)
    p_value = min(1.0, questions * t_p_value(move.effect, move.variance, move.degrees_of_freedom))
    return significance_result(p_value, f"{words}, {quotes[0]:,} and {quotes[1]:,} quotes", numbers)


def _combined_sigma(one: SigmaEstimate, other: SigmaEstimate, quotes: tuple[int, int]) -> SigmaEstimate:
    """Return the one spread that gives the variance of both: sigma^2 (1 / n_1 + 1 / n_2) is the sum of their own."""
    own = DISPERSION_FACTOR * (one.sigma**2 / quotes[0] + other.sigma**2 / quotes[1])
    return SigmaEstimate(math.sqrt(own / (1 / quotes[0] + 1 / quotes[1])), min(one.ads, other.ads))
