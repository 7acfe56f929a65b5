"""A derived watch in words: which two pages, what of them, and how they stand to each other."""

from typing import Final

from alerts.model import Figure
from alerts.pair import Pair
from alerts.topics import VACANCIES_TOPIC
from alerts.wording.figures import figure
from alerts.wording.subjects import parts
from alerts.wording.titles import lower, statistic

_TIMES: Final = "\N{MULTIPLICATION SIGN}"


def pair_name(pair: Pair) -> str:
    """Return which pages: ``Backend Developer, permanent: London against North West``."""
    common, of, against = _told_apart(pair)
    return ": ".join(filter(None, (common, f"{of} against {against}")))


def pair_statistic(pair: Pair) -> str:
    """Return what of them: ``Median salary, how much more``, ``Vacancies, how many more``.

    A day rate that is taken for the pay of a year says so: ``Median day rate x 220 days against median salary, ...``.
    """
    watch = pair.watch
    if watch.statistic == VACANCIES_TOPIC:
        return "Vacancies, how many more"
    of, against = (statistic(watch.statistic, side.basis) for side in (pair.of, pair.against))
    if watch.days_a_year is None:
        return f"{of}, how much more"
    days = f" {_TIMES} {watch.days_a_year} days"
    one, other = (days if pair.is_multiplied(side) else "" for side in (pair.of, pair.against))
    return f"{of}{one} against {lower(against)}{other}, how much more"


def pair_figures(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return what tells each page apart, with its figure as it is: ``(("London", "£77,500"), ("North West", ...))``."""
    return _figures(pair, pair.of.new, pair.against.new)


def pair_now(pair: Pair) -> str:
    """Return both figures as they are: ``London £77,500, North West £62,000``."""
    return ", ".join(map(" ".join, pair_figures(pair)))


def pair_told(pair: Pair) -> str:
    """Return both figures as they were told, likewise."""
    return ", ".join(map(" ".join, _figures(pair, pair.of.old, pair.against.old)))


def _figures(pair: Pair, of: Figure | None, against: Figure | None) -> tuple[tuple[str, str], tuple[str, str]]:
    _, one, other = _told_apart(pair)
    key = pair.watch.statistic
    return (one, figure(key, of, pair.of.basis)), (other, figure(key, against, pair.against.basis))


def _told_apart(pair: Pair) -> tuple[str, str, str]:
    """Return what both pages have in common, and what tells each of them apart."""
    of, against = (parts(head.subject, head.names) for head in pair.heads)
    both = [*zip(of, against, strict=True)]
    common, *own = (
        [one for one, other in both if one == other],
        [one for one, other in both if one != other],
        [other for one, other in both if one != other],
    )
    return ", ".join(common), ", ".join(own[0]), ", ".join(own[1])
