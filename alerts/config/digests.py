"""Define ``[[digest]]`` of config.toml with its rules: what a digest reports, when, and to which channels."""

from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal, Protocol

from pydantic import AfterValidator, Discriminator, Field, Tag

from alerts.config.identifiers import Identifier
from alerts.config.schedule_expressions import ScheduleExpression, parse_schedule
from jobspider.config import Section

Percent = Annotated[float, Field(gt=0, le=1000)]


def _validate_schedule(value: str) -> str:
    parse_schedule(value)
    return value


class PercentRule(Section):
    """Report changes of at least ``percent`` percent of the baseline."""

    percent: Percent


class RankRule(Section):
    """Report changes of at least ``places`` places."""

    places: Annotated[int, Field(ge=1, le=100_000)]


class SkillsRule(Section):
    """Report skills that enter or leave the first ``top`` of a list, and changes of a share in percentage points."""

    top: Annotated[int, Field(ge=1, le=30)]
    share_points: Annotated[float, Field(gt=0, le=100)]


# With an explicit discriminator, pydantic does not add "should be false" to every mistake in a rule.
RuleOrOff: Final = Discriminator(lambda value: "off" if isinstance(value, bool) else "rule")
Off = Annotated[Literal[False], Tag("off")]
PercentOrOff = Annotated[Annotated[PercentRule, Tag("rule")] | Off, RuleOrOff]


class Rules(Section):
    """Minimum size of a reported change, for each kind of figure. ``false`` switches a rule off."""

    median: PercentOrOff = PercentRule(percent=2.0)
    percentiles: PercentOrOff = PercentRule(percent=5.0)
    rank: Annotated[Annotated[RankRule, Tag("rule")] | Off, RuleOrOff] = RankRule(places=10)
    vacancies: PercentOrOff = PercentRule(percent=20.0)
    skills: Annotated[Annotated[SkillsRule, Tag("rule")] | Off, RuleOrOff] = SkillsRule(top=10, share_points=5.0)
    locations: PercentOrOff = PercentRule(percent=5.0)


class NoiseSettings(Section):
    """Limits for changes that may be chance. A budget of 1.0 switches the significance test off."""

    min_quotes: Annotated[int, Field(ge=1)] = 10
    false_alarm_budget: Annotated[float, Field(gt=0, le=1)] = 0.40


class HasKey(Protocol):
    """A watched subject or a derived watch."""

    @property
    def key(self) -> str:
        """Lower-case key that patterns are matched with."""


def matches_pattern(pattern: str, key: str) -> bool:
    """Return whether a pattern of a digest's ``watch`` matches a key."""
    return fnmatchcase(key, pattern.lower())


class DigestConfig(Section):
    """The definition of a digest: schedule, watched keys, rules, channels."""

    name: Identifier
    when: Annotated[str, AfterValidator(_validate_schedule)] = "mon 07:30"
    watch: Annotated[list[str], Field(min_length=1)] = ["*"]
    channels: Annotated[list[str], Field(min_length=1)]
    when_quiet: Literal["send", "skip"] = "send"
    note: Annotated[str, Field(max_length=500)] = ""
    rules: Rules = Rules()
    noise: NoiseSettings = NoiseSettings()

    @property
    def schedule(self) -> ScheduleExpression:
        """The parsed key ``when``."""
        return parse_schedule(self.when)

    def includes(self, watched: HasKey) -> bool:
        """Return whether one of the patterns in ``watch`` matches a subject or a derived watch."""
        return any(matches_pattern(pattern, watched.key) for pattern in self.watch)
