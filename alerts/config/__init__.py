"""The complete configuration: the sections of ``jobspider`` and those of ``alerts``, with all checks across sections.

Input: config.toml. Output: :class:`Config`, or one ``ConfigError`` with all mistakes. Keys with a unit have it in their
name. Secrets are refused here; :mod:`alerts.delivery.channels.credentials` says where they come from.
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
from jobspider.config import CrawlConfig, read_tables, validate
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
    """The complete config.toml."""

    schedule: Schedule = Schedule()
    derived: list[DerivedConfig] = []
    digest: list[DigestConfig] = []
    channel: list[Annotated[AnyChannel, Field(discriminator="type")]] = []
    operator: Operator = Operator()

    def cross_section_errors(self, invalid_sections: Collection[str]) -> Iterator[str]:
        """Yield the contradictions between sections, and names that are used twice."""
        yield from super().cross_section_errors(invalid_sections)
        yield from self._duplicate_names()
        if "channel" not in invalid_sections:
            yield from self._unknown_channels()
        if "watch" not in invalid_sections:
            yield from self._derived_errors()
        if not {"watch", "derived"} & {*invalid_sections}:
            yield from self._unmatched_patterns()
        if not {"digest", "derived"} & {*invalid_sections}:
            yield from self._unreported_derived()

    def _duplicate_names(self) -> Iterator[str]:
        names_by_section = {
            "channel": [channel.name for channel in self.channel],
            "digest": [digest.name for digest in self.digest],
            "derived": [derived.name.lower() for derived in self.derived],
        }
        for section, names in names_by_section.items():
            for index, name in enumerate(names):
                if name in names[:index]:
                    yield f"{section}[{index}].name: {name!r} is used twice: choose another name"

    def _unknown_channels(self) -> Iterator[str]:
        channel_names = [channel.name for channel in self.channel]
        references = [
            (f"digest[{index}].channels", name) for index, digest in enumerate(self.digest) for name in digest.channels
        ]
        operator = {"channel": self.operator.channel, "spare_channel": self.operator.spare_channel}
        references += [(f"operator.{key}", name) for key, name in operator.items() if name]
        for key, name in references:
            if name not in channel_names:
                known = ", ".join(channel_names) or "none"
                yield f"{key}: {name!r} is not a [[channel]] of this file: known channels are {known}"

    def _derived_errors(self) -> Iterator[str]:
        subjects = {subject.key: subject for subject in self.subjects()}
        for index, derived in enumerate(self.derived):
            for error in derived.validation_errors(subjects):
                yield f"derived[{index}].{error}"

    def _unmatched_patterns(self) -> Iterator[str]:
        """Yield patterns of digests that match no watched key. If nothing is watched, no pattern is a mistake."""
        keys = [subject.key for subject in self.subjects()] + [derived.key for derived in self.derived]
        for index, digest in enumerate(self.digest):
            for pattern in digest.watch:
                if keys and not any(matches_pattern(pattern, key) for key in keys):
                    yield (
                        f"digest[{index}].watch: {pattern!r} matches no watched page:"
                        f' write a pattern over keys like "{keys[0]}"'
                    )

    def _unreported_derived(self) -> Iterator[str]:
        """Yield derived watches that no digest includes. If there is no digest, this is not a mistake."""
        for index, derived in enumerate(self.derived):
            if self.digest and not any(digest.includes(derived) for digest in self.digest):
                yield f'derived[{index}]: no digest includes it: add "{derived.key}" to the watch of a digest'

    def derived_watches(self) -> tuple[DerivedWatch, ...]:
        """Return the derived watches in the order of the file."""
        subjects = {subject.key: subject for subject in self.subjects()}
        return tuple(derived.to_derived_watch(subjects) for derived in self.derived)

    def find_digest(self, name: str) -> DigestConfig | None:
        """Return the digest with this name, or ``None``."""
        return next((digest for digest in self.digest if digest.name == name), None)

    def channel_templates_folder(self, name: str) -> Path | None:
        """Return the directory of the user's templates for a channel, or ``None`` if it has none."""
        channel = self.get_channel(name)
        return channel.templates_folder(self.folder) if isinstance(channel, TemplatedChannel) else None

    def get_channel(self, name: str) -> AnyChannel:
        """Return the channel with this name. It must exist."""
        return next(channel for channel in self.channel if channel.name == name)


def load(path: Path) -> Config:
    """Read and validate a complete configuration file.

    Raises:
        ConfigError: The file has mistakes; the error contains all of them.
    """
    return validate(Config, read_tables(path), path)


def load_trial_rules(path: Path, definition: DigestConfig) -> DigestConfig:
    """Return a digest with the ``[rules]`` and ``[noise]`` of another file. Missing keys have their defaults.

    Raises:
        ConfigError: The file has mistakes; the error contains all of them.
    """
    tables = read_tables(path)
    unknown_keys = sorted(tables.keys() - {"rules", "noise"})
    if unknown_keys:
        raise ConfigError([f"{path.name}: {key}: unknown key: known keys are rules, noise" for key in unknown_keys])
    channels = [{"name": name, "type": "file", "path": name} for name in definition.channels]
    digest = {"name": definition.name, "channels": definition.channels, **tables}
    (trial,) = validate(Config, {"digest": [digest], "channel": channels}, path).digest
    return definition.model_copy(update={"rules": trial.rules, "noise": trial.noise})
