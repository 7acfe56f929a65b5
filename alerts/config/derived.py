"""Define ``[[derived]]`` of config.toml: the ratio or difference of the same figure on two watched pages."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from alerts.model.derived import DerivedWatch, derived_key
from jobspider.config import Section
from jobspider.model import Subject

_MAX_NAME_LENGTH: Final = 60


def _validate_name(value: str) -> str:
    is_plain = value.isprintable() and value == " ".join(value.split()) and not set("/*?[]") & set(value)
    if not value or len(value) > _MAX_NAME_LENGTH or not is_plain:
        raise ValueError(
            'a name like "London premium" is expected:'
            f" one line, up to {_MAX_NAME_LENGTH} characters, without / * ? [ ]"
        )
    return value


class DerivedConfig(Section):
    """A derived watch. The keys ``of`` and ``against`` are the target and the reference of the comparison."""

    name: Annotated[str, AfterValidator(_validate_name)]
    of: str
    against: str
    statistic: Literal["median", "p10", "p25", "p75", "p90", "vacancies"] = "median"
    unit: Annotated[Literal["ratio", "difference"], Field(alias="as")] = "ratio"
    days_a_year: Annotated[int, Field(ge=1, le=366)] | None = None

    @property
    def key(self) -> str:
        """The key of the :class:`~alerts.model.derived.DerivedWatch`."""
        return derived_key(self.name)

    def to_derived_watch(self, subjects: Mapping[str, Subject]) -> DerivedWatch:
        """Return the derived watch.

        Args:
            subjects: All watched subjects by key. They must include both pages.
        """
        target, reference = (subjects[key.lower()] for key in (self.of, self.against))
        return DerivedWatch(self.name, target, reference, self.statistic, self.unit == "ratio", self.days_a_year)

    def validation_errors(self, subjects: Mapping[str, Subject]) -> Iterator[str]:
        """Yield the reasons why the two pages cannot be compared, each as ``key: what is wrong``.

        Args:
            subjects: All watched subjects by key.
        """
        target, reference = subjects.get(self.of.lower()), subjects.get(self.against.lower())
        for name, key, subject in (("of", self.of, target), ("against", self.against, reference)):
            if subject is None:
                yield f"{name}: {key!r} is not a watched page{_suggest_key(key, [*subjects])}"
        if target is None or reference is None:
            return
        if target == reference:
            yield "against: is the same page as of: choose another page"
        elif target.window_months != reference.window_months:
            yield "against: both pages must have the same window, 3 or 6 months"
        else:
            yield from self._unit_errors(target, reference)

    def _unit_errors(self, target: Subject, reference: Subject) -> Iterator[str]:
        mixes_pay_units = target.job_type != reference.job_type and self.statistic != "vacancies"
        if mixes_pay_units and self.unit == "difference":
            yield 'as: a day rate and a salary cannot be subtracted: write as = "ratio"'
        elif mixes_pay_units and self.days_a_year is None:
            yield (
                "days_a_year: is missing: to compare a day rate with a salary, give the working days per year,"
                " like 220; every message states it"
            )
        elif not mixes_pay_units and self.days_a_year is not None:
            yield "days_a_year: is only for a day rate compared with a salary: remove it"


def _suggest_key(key: str, watched_keys: Sequence[str]) -> str:
    similar = difflib.get_close_matches(key.lower(), watched_keys, n=1)
    if similar:
        return f": did you mean {similar[0]!r}?"
    return f': write a key like "{watched_keys[0]}"' if watched_keys else ": nothing is watched, add a [[watch]]"
