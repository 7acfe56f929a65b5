"""Format figures, dates, subjects and changes as text, with one wording for all media and the terminal.

The minus sign is U+2212, a space precedes the percent sign, and dates have the form "23 Nov 2025". Texts are neither
escaped nor sanitised; the renderers do that.
"""

from alerts.wording.changes import (
    change_text,
    composition_text,
    direction,
    headline_text,
    is_good_news,
    pay_context_text,
    series_text,
    significance_text,
)
from alerts.wording.derived import (
    baseline_values,
    current_values,
    derived_as_of,
    derived_baseline_as_of,
    derived_figures,
    derived_figures_text,
    derived_statistic,
    derived_subjects,
)
from alerts.wording.figures import (
    format_date,
    format_difference,
    format_percent,
    format_value,
    format_value_with_period,
    format_year_on_year,
    pluralize,
)
from alerts.wording.subjects import compared_region, fetch_failure_text, in_region, subject_name
from alerts.wording.titles import pay_title, statistic_title, topic_title

__all__ = [
    "baseline_values",
    "change_text",
    "compared_region",
    "composition_text",
    "current_values",
    "derived_as_of",
    "derived_baseline_as_of",
    "derived_figures",
    "derived_figures_text",
    "derived_statistic",
    "derived_subjects",
    "direction",
    "fetch_failure_text",
    "format_date",
    "format_difference",
    "format_percent",
    "format_value",
    "format_value_with_period",
    "format_year_on_year",
    "headline_text",
    "in_region",
    "is_good_news",
    "pay_context_text",
    "pay_title",
    "pluralize",
    "series_text",
    "significance_text",
    "statistic_title",
    "subject_name",
    "topic_title",
]
