"""Figures, dates, subjects, changes and reasons in words: one wording for every medium and for the terminal.

A minus is U+2212, a percent sign follows a space, dates are "23 Nov 2025". Nothing here is escaped or cleaned of what
a page may have smuggled into a name: the renderers do that.
"""

from alerts.wording.changes import (
    change_text,
    composition_text,
    direction,
    headline_of,
    is_good,
    pay_context_text,
    series_text,
    verdict,
)
from alerts.wording.derived import (
    baseline_values,
    current_values,
    pair_as_of,
    pair_figures,
    pair_name,
    pair_now,
    pair_old_as_of,
    pair_statistic,
)
from alerts.wording.figures import (
    difference,
    format_date,
    format_value,
    format_value_with_period,
    percent,
    pluralize,
    year_on_year,
)
from alerts.wording.subjects import compared_region, fetch_failure_text, in_region, subject_name
from alerts.wording.titles import pay, statistic, topic

__all__ = [
    "baseline_values",
    "change_text",
    "compared_region",
    "composition_text",
    "current_values",
    "difference",
    "direction",
    "fetch_failure_text",
    "format_date",
    "format_value",
    "format_value_with_period",
    "headline_of",
    "in_region",
    "is_good",
    "pair_as_of",
    "pair_figures",
    "pair_name",
    "pair_now",
    "pair_old_as_of",
    "pair_statistic",
    "pay",
    "pay_context_text",
    "percent",
    "pluralize",
    "series_text",
    "statistic",
    "subject_name",
    "topic",
    "verdict",
    "year_on_year",
]
