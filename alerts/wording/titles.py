"""What topics and figures are called."""

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


def topic(key: str) -> str:
    """Return a topic's title: ``Salary``, ``Day rate``, ``Demand rank``, ``Skills``."""
    return _TOPICS[key]


def statistic(key: str, basis: Basis | None = None, item: str | None = None) -> str:
    """Return a figure's title: ``Median day rate``, ``10th percentile salary``, ``Skill Python: share``.

    Args:
        key: The registry's, or ``share`` for a skill.
        basis: What pay is paid for.
        item: The skill's or the location's name.
    """
    if key == SHARE:
        return f"Skill {item}: share"
    known = BY_KEY[key]
    title = _TITLES.get(key, known.title)
    if known.unit is Unit.POUNDS:
        title = f"{title} {_PAY[basis] if basis else 'pay'}"
    return f"{item}: {lower(title)}" if item else title


def pay(basis: Basis) -> str:
    """Return what a table of pay is headed with: ``Day rate, pounds a day``."""
    return f"{_TOPICS[f'pay/{basis}']}, {_PER[basis]}"


def lower(title: str) -> str:
    """Return a title as it stands inside a sentence."""
    return title[0].lower() + title[1:]
