"""Figures, dates, subjects, changes and reasons in words: one wording for every medium and for the terminal.

A minus is U+2212, a percent sign follows a space, dates are "23 Nov 2025". Nothing here is escaped or cleaned of what
a page may have smuggled into a name: the renderers do that.
"""

from alerts.wording.changes import beside, direction, headline_of, history, is_good, mix, moved, verdict
from alerts.wording.figures import amount, counted, day, difference, figure, percent, year_on_year
from alerts.wording.pairs import pair_figures, pair_name, pair_now, pair_statistic, pair_told
from alerts.wording.subjects import in_region, reason, region_name, subject_name
from alerts.wording.titles import pay, statistic, topic

__all__ = [
    "amount",
    "beside",
    "counted",
    "day",
    "difference",
    "direction",
    "figure",
    "headline_of",
    "history",
    "in_region",
    "is_good",
    "mix",
    "moved",
    "pair_figures",
    "pair_name",
    "pair_now",
    "pair_statistic",
    "pair_told",
    "pay",
    "percent",
    "reason",
    "region_name",
    "statistic",
    "subject_name",
    "topic",
    "verdict",
    "year_on_year",
]
