"""Titles of topics and statistics."""

from typing import Final

from alerts.wording.figures import SHARE
from jobspider.model import Basis
from jobspider.site.statistics import BY_KEY, Unit

_TOPICS: Final = {
    "pay/annual": "Salary",
    "pay/daily": "Day rate",
    "pay/hourly": "Hourly rate",
    "rank": "Demand rank",
    "vacancies": "Vacancies",
    "skills": "Skills",
    "locations": "Locations",
}
_TITLES: Final = {"rank": "Demand rank"}
_PER: Final = {Basis.ANNUAL: "pounds a year", Basis.DAILY: "pounds a day", Basis.HOURLY: "pounds an hour"}
_PAY: Final = {Basis.ANNUAL: "salary", Basis.DAILY: "day rate", Basis.HOURLY: "hourly rate"}


def topic_title(key: str) -> str:
    """Return the title of a topic: ``Salary``, ``Day rate``, ``Demand rank``, ``Skills``."""
    return _TOPICS[key]


def statistic_title(key: str, basis: Basis | None = None, item: str | None = None) -> str:
    """Return the title of a figure: ``Median day rate``, ``10th percentile salary``, ``Skill Python: share``.

    Args:
        key: A key of the registry, or ``share`` for a skill.
        basis: The basis of pay.
        item: The name of the skill or location.
    """
    if key == SHARE:
        return f"Skill {item}: share"
    known = BY_KEY[key]
    title = _TITLES.get(key, known.title)
    if known.unit is Unit.POUNDS:
        title = f"{title} {_PAY[basis] if basis else 'pay'}"
    return f"{item}: {lowercase_first(title)}" if item else title


def pay_title(basis: Basis) -> str:
    """Return the heading of a pay table: ``Day rate, pounds a day``."""
    return f"{_TOPICS[f'pay/{basis}']}, {_PER[basis]}"


def lowercase_first(title: str) -> str:
    """Return a title for use inside a sentence."""
    return title[0].lower() + title[1:]
