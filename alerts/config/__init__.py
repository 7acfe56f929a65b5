"""config.toml, whole: the half that ``jobspider`` obeys, and when, what, how and to whom to tell.

Units stand in key names. Secrets are refused here; :mod:`alerts.delivery.channels.credentials` says where they come
from.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from alerts.config.channels import (
    AnyChannel,
    AppriseChannel,
    EmailChannel,
    FeedChannel,
    FileChannel,
    SlackChannel,
    TemplatedChannel,
    WebhookChannel,
)
from alerts.config.derived import DerivedConfig
from alerts.config.digests import DigestConfig, NoiseSettings, PercentRule, RankRule, Rules, SkillsRule, matches_pattern
from alerts.config.service import Operator, Schedule
from alerts.model.derived import DerivedWatch
from jobspider.config import CrawlConfig, read, validated
from jobspider.errors import ConfigError

__all__ = [
    "AnyChannel",
    "AppriseChannel",
    "Config",
    "DerivedConfig",
    "DigestConfig",
    "EmailChannel",
    "FeedChannel",
    "FileChannel",
    "NoiseSettings",
    "Operator",
    "PercentRule",
    "RankRule",
    "Rules",
    "Schedule",
    "SkillsRule",
    "SlackChannel",
    "WebhookChannel",
    "load",
    "load_trial_rules",
]


class Config(CrawlConfig):
    """The whole of config.toml."""

    schedule: Schedule = Schedule()
    derived: list[DerivedConfig] = []
    digest: list[DigestConfig] = []
    channel: list[Annotated[AnyChannel, Field(discriminator="type")]] = []
    operator: Operator = Operator()

    def cross_section_errors(self, broken: Collection[str]) -> Iterator[str]:
        """Say which sections do not fit together, and which names are not unique."""
        yield from super().cross_section_errors(broken)
        channels = [each.name for each in self.channel]
        digests = [each.name for each in self.digest]
        derived = [each.name.lower() for each in self.derived]
        for kind, names in (("channel", channels), ("digest", digests), ("derived", derived)):
            for index, name in enumerate(names):
                if name in names[:index]:
                    yield f"{kind}[{index}].name: {name!r} is used twice"
        if "channel" not in broken:
            yield from self._unknown_channels(channels)
        if "watch" not in broken:
            yield from self._derived_errors()
        if not {"watch", "derived"} & {*broken}:
            yield from self._unmatched_patterns()
        if not {"digest", "derived"} & {*broken}:
            yield from self._unreported_derived()

    def _unknown_channels(self, channels: Collection[str]) -> Iterator[str]:
        known = ", ".join(channels) or "none"
        named = [
            (f"digest[{index}].channels", name) for index, each in enumerate(self.digest) for name in each.channels
        ]
        operator = {"channel": self.operator.channel, "spare_channel": self.operator.spare_channel}
        named += [(f"operator.{key}", name) for key, name in operator.items() if name]
        for place, name in named:
            if name not in channels:
                yield f"{place}: {name!r} is no channel of this file; it has {known}"

    def _derived_errors(self) -> Iterator[str]:
        subjects = {subject.key: subject for subject in self.subjects()}
        for index, each in enumerate(self.derived):
            for mistake in each.validation_errors(subjects):
                yield f"derived[{index}].{mistake}"

    def _unmatched_patterns(self) -> Iterator[str]:
        """Find what could never tell anything; where nothing is watched at all, that is another matter."""
        keys = [subject.key for subject in self.subjects()] + [each.key for each in self.derived]
        for index, digest in enumerate(self.digest):
            for pattern in digest.watch:
                if keys and not any(matches_pattern(pattern, key) for key in keys):
                    yield f'digest[{index}].watch: {pattern!r} fits no watched page; patterns are over "{keys[0]}"'

    def _unreported_derived(self) -> Iterator[str]:
        """Find what no digest would ever tell; where there is no digest at all, that is another matter."""
        for index, each in enumerate(self.derived):
            if self.digest and not any(digest.includes(each) for digest in self.digest):
                yield f'derived[{index}]: no digest watches it: add "{each.key}" to the watch of one'

    def derived_watches(self) -> tuple[DerivedWatch, ...]:
        """Return every derived watch, in the order written."""
        subjects = {subject.key: subject for subject in self.subjects()}
        return tuple(each.watch(subjects) for each in self.derived)

    def digest_named(self, name: str) -> DigestConfig | None:
        """Return a digest's definition, ``None`` if there is none of that name."""
        return next((digest for digest in self.digest if digest.name == name), None)

    def templates_of(self, channel: str) -> Path | None:
        """Return where a channel's own templates are, ``None`` if it has none."""
        found = self.channel_named(channel)
        return found.templates_folder(self.folder) if isinstance(found, TemplatedChannel) else None

    def channel_named(self, name: str) -> AnyChannel:
        """Return a channel; there must be one of that name."""
        return next(channel for channel in self.channel if channel.name == name)


def load(path: Path) -> Config:
    """Read and validate a whole configuration file.

    Raises:
        ConfigError: With every mistake found.
    """
    return validated(Config, read(path), path)


def load_trial_rules(path: Path, definition: DigestConfig) -> DigestConfig:
    """Return a digest with the ``[rules]`` and ``[noise]`` of a file of their own; those that it lacks have defaults.

    Raises:
        ConfigError: With every mistake found.
    """
    tables = read(path)
    unknown = sorted(tables.keys() - {"rules", "noise"})
    if unknown:
        raise ConfigError([f"{path.name}: {key}: [rules] and [noise] are accepted" for key in unknown])
    channels = [{"name": name, "type": "file", "path": name} for name in definition.channels]
    digest = {"name": definition.name, "channels": definition.channels, **tables}
    (trial,) = validated(Config, {"digest": [digest], "channel": channels}, path).digest
    return definition.model_copy(update={"rules": trial.rules, "noise": trial.noise})
