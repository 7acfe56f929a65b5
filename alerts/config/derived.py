"""One page's figure against another's: ``[[derived]]`` of config.toml."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from alerts.model.derived import DerivedWatch, derived_key
from jobspider.config import Section
from jobspider.model import Subject

_LONGEST_NAME: Final = 60


def _is_title(value: str) -> str:
    is_plain = value.isprintable() and value == " ".join(value.split()) and not set("/*?[]") & set(value)
    if not value or len(value) > _LONGEST_NAME or not is_plain:
        raise ValueError(
            f'a name like "London premium" is expected: up to {_LONGEST_NAME} characters on one line, without / * ? [ ]'
        )
    return value


class DerivedConfig(Section):
    """How much more a figure of one watched page is than the same of another, in percent or in its unit."""

    name: Annotated[str, AfterValidator(_is_title)]
    of: str
    against: str
    statistic: Literal["median", "p10", "p25", "p75", "p90", "vacancies"] = "median"
    unit: Annotated[Literal["ratio", "difference"], Field(alias="as")] = "ratio"
    days_a_year: Annotated[int, Field(ge=1, le=366)] | None = None

    @property
    def key(self) -> str:
        """As that of :class:`~alerts.model.derived.DerivedWatch`."""
        return derived_key(self.name)

    def watch(self, subjects: Mapping[str, Subject]) -> DerivedWatch:
        """Return what is watched.

        Args:
            subjects: Every watched page by its key; both are among them.
        """
        of, against = (subjects[key.lower()] for key in (self.of, self.against))
        return DerivedWatch(self.name, of, against, self.statistic, self.unit == "ratio", self.days_a_year)

    def validation_errors(self, subjects: Mapping[str, Subject]) -> Iterator[str]:
        """Say what keeps the two pages from being set against each other, each as ``key: what is wrong``.

        Args:
            subjects: Every watched page by its key.
        """
        sides = [(name, key, subjects.get(key.lower())) for name, key in (("of", self.of), ("against", self.against))]
        for name, key, subject in sides:
            if subject is None:
                yield f"{name}: {key!r} is no page that a [[watch]] names{_nearest(key, [*subjects])}"
        of, against = (subject for *_, subject in sides)
        if of is None or against is None:
            return
        if of == against:
            yield "against: this is the same page as of"
        elif of.window_months != against.window_months:
            yield "against: both pages must be of the same window, 3 or 6 months"
        else:
            yield from self._mistaken_unit(of, against)

    def _mistaken_unit(self, of: Subject, against: Subject) -> Iterator[str]:
        is_mixed = of.job_type != against.job_type and self.statistic != "vacancies"
        if is_mixed and self.unit == "difference":
            yield 'as: a day rate and a salary have no difference in pounds: write as = "ratio"'
        elif is_mixed and self.days_a_year is None:
            yield (
                "days_a_year: is missing: to set a day rate against a salary, say how many days a year you reckon with,"
                " like 220; every line states it"
            )
        elif not is_mixed and self.days_a_year is not None:
            yield "days_a_year: goes with a day rate against a salary only; leave it out"


def _nearest(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key.lower(), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f'; one is "{known[0]}"' if known else "; nothing is watched"
