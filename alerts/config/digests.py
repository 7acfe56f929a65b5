"""What is told and when: ``[[digest]]`` of config.toml with its rules and its noise."""

from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal, Protocol

from pydantic import AfterValidator, Discriminator, Field, Tag

from alerts.config import schedule_expressions as when
from alerts.config.identifiers import Identifier
from alerts.config.schedule_expressions import ScheduleExpression
from jobspider.config import Section

Percent = Annotated[float, Field(gt=0, le=1000)]


def _is_schedule(value: str) -> str:
    when.parse(value)
    return value


class PercentRule(Section):
    """A change of at least this many percent of what was told."""

    percent: Percent


class RankRule(Section):
    """A move of at least this many places."""

    places: Annotated[int, Field(ge=1, le=100_000)]


class SkillsRule(Section):
    """Entering or leaving the first ``top`` skills, or a share that moved this many percentage points."""

    top: Annotated[int, Field(ge=1, le=30)]
    share_points: Annotated[float, Field(gt=0, le=100)]


# Told apart by hand, so that a mistake in a rule is reported once, and not again as "should be false".
Switch: Final = Discriminator(lambda value: "off" if isinstance(value, bool) else "rule")
Off = Annotated[Literal[False], Tag("off")]
PercentOrOff = Annotated[Annotated[PercentRule, Tag("rule")] | Off, Switch]


class Rules(Section):
    """Which changes are large enough to tell. A rule set to ``false`` is off."""

    median: PercentOrOff = PercentRule(percent=2.0)
    percentiles: PercentOrOff = PercentRule(percent=5.0)
    rank: Annotated[Annotated[RankRule, Tag("rule")] | Off, Switch] = RankRule(places=10)
    vacancies: PercentOrOff = PercentRule(percent=20.0)
    skills: Annotated[Annotated[SkillsRule, Tag("rule")] | Off, Switch] = SkillsRule(top=10, share_points=5.0)
    locations: PercentOrOff = PercentRule(percent=5.0)


class NoiseSettings(Section):
    """How much chance is let through. A budget of 1.0 switches the gate off."""

    min_quotes: Annotated[int, Field(ge=1)] = 10
    false_alarm_budget: Annotated[float, Field(gt=0, le=1)] = 0.40


class HasKey(Protocol):
    """What a digest can be about: a page that is watched, or a derived watch."""

    @property
    def key(self) -> str:
        """What patterns are matched on, lower case."""


def matches_pattern(pattern: str, key: str) -> bool:
    """Whether a digest's pattern matches a key."""
    return fnmatchcase(key, pattern.lower())


class DigestConfig(Section):
    """A digest's definition: when, about what, by which rules, to which channels."""

    name: Identifier
    when: Annotated[str, AfterValidator(_is_schedule)] = "mon 07:30"
    watch: Annotated[list[str], Field(min_length=1)] = ["*"]
    channels: Annotated[list[str], Field(min_length=1)]
    when_quiet: Literal["send", "skip"] = "send"
    note: Annotated[str, Field(max_length=500)] = ""
    rules: Rules = Rules()
    noise: NoiseSettings = NoiseSettings()

    @property
    def schedule(self) -> ScheduleExpression:
        """The schedule, read."""
        return when.parse(self.when)

    def includes(self, watched: HasKey) -> bool:
        """Whether the digest is about a page or a derived watch: one of its patterns matches the key."""
        return any(matches_pattern(pattern, watched.key) for pattern in self.watch)
