"""Figures, dates, subjects, changes and reasons in words: one wording for every medium and for the terminal.

A minus is U+2212, a percent sign follows a space, dates are "23 Nov 2025". Nothing here is escaped or cleaned of what
a page may have smuggled into a name: the renderers do that.
"""

from alerts.wording.changes import beside, direction, headline_of, history, is_good, mix, moved, verdict
from alerts.wording.derived import (
    pair_as_of,
    pair_figures,
    pair_name,
    pair_now,
    pair_now_dated,
    pair_old_as_of,
    pair_statistic,
    pair_told_dated,
)
from alerts.wording.figures import amount, counted, day, difference, figure, percent, year_on_year
from alerts.wording.subjects import compared_region, in_region, reason, region_name, subject_name
from alerts.wording.titles import pay, statistic, topic

__all__ = [
    "amount",
    "beside",
    "compared_region",
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
    "pair_as_of",
    "pair_figures",
    "pair_name",
    "pair_now",
    "pair_now_dated",
    "pair_old_as_of",
    "pair_statistic",
    "pair_told_dated",
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
