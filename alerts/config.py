"""config.toml, whole: the half that ``jobspider`` obeys, and when, what, how and to whom to tell.

Units stand in key names. Secrets are refused here; :mod:`alerts.credentials` says where they come from.
"""

import re
from collections.abc import Collection, Iterator
from email.utils import parseaddr
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Discriminator, Field, Tag

from alerts import when
from alerts.when import When
from jobspider.config import CrawlConfig, Section, is_mail_address, read, server_of, validated
from jobspider.errors import ConfigError
from jobspider.model import Subject

Percent = Annotated[float, Field(gt=0, le=1000)]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _is_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("a name of lower-case letters, digits and hyphens is expected, like team-mail")
    return value


def _is_schedule(value: str) -> str:
    when.parse(value)
    return value


def _is_hour(value: str) -> str:
    if when.parse(value).after_crawl:
        raise ValueError(f"a crawl comes at an hour of its own: write {when.AT_AN_HOUR}")
    return value


def _is_heartbeat_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # urllib's word for a bad host or port
        is_whole = False
    if value and not (is_whole and value.isascii() and value.isprintable() and not set(" ?#") & set(value)):
        raise ValueError("an address like https://hc-ping.com/your-uuid is expected, without ? and #; empty for none")
    return value.rstrip("/")


def _is_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder of zones
        raise ValueError(f"{value!r} is no time zone: write one like Europe/London") from None
    return value


def _is_mailbox(value: str) -> str:
    address = parseaddr(value)[1]
    if not is_mail_address(address) or "," in value or not value.isprintable():
        raise ValueError("an e-mail address is expected, like team@example.org or Team <team@example.org>")
    if not address.isascii():  # SMTP takes others only from servers that say so (RFC 6531), and few do
        raise ValueError("an address of ASCII letters is expected; a domain of others is written xn--...")
    return value


def _is_smtp_address(value: str) -> str:
    parts = server_of(value)
    if parts is not None and parts.password is not None:
        raise ValueError(
            "a password does not belong into this file: leave it out and set JOBSPIDER_<CHANNEL>_PASSWORD or ..._FILE"
        )
    if parts is None or parts.scheme not in ("smtp", "smtp+starttls", "smtps"):
        raise ValueError(
            "an address like smtp://localhost:1025, smtp+starttls://user@host:587 or smtps://user@host is expected"
        )
    return value


TimeoutSeconds = Annotated[float, Field(gt=0, le=600)]
Name = Annotated[str, AfterValidator(_is_name)]
Mailbox = Annotated[str, AfterValidator(_is_mailbox)]


class Schedule(Section):
    """When the service crawls, and the clock by which the file's schedules are meant."""

    timezone: Annotated[str, AfterValidator(_is_zone)] = "Europe/London"
    crawl: Annotated[str, AfterValidator(_is_hour)] = "daily 06:30"

    @property
    def due(self) -> When:
        """The crawl's schedule, read."""
        return when.parse(self.crawl)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every schedule in the file."""
        return ZoneInfo(self.timezone)


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


class Noise(Section):
    """How much chance is let through. A budget of 1.0 switches the gate off."""

    min_quotes: Annotated[int, Field(ge=1)] = 10
    false_alarm_budget: Annotated[float, Field(gt=0, le=1)] = 0.10


def fits(pattern: str, subject: Subject) -> bool:
    """Whether a digest's pattern matches a subject's key."""
    return fnmatchcase(subject.key, pattern.lower())


class DigestConfig(Section):
    """A digest's definition: when, about what, by which rules, to which channels."""

    name: Name
    when: Annotated[str, AfterValidator(_is_schedule)] = "mon 07:30"
    watch: Annotated[list[str], Field(min_length=1)] = ["*"]
    channels: Annotated[list[str], Field(min_length=1)]
    when_quiet: Literal["send", "skip"] = "send"
    note: Annotated[str, Field(max_length=500)] = ""
    rules: Rules = Rules()
    noise: Noise = Noise()

    @property
    def due(self) -> When:
        """The schedule, read."""
        return when.parse(self.when)

    def covers(self, subject: Subject) -> bool:
        """Whether the digest is about a subject: one of its patterns matches the subject's key."""
        return any(fits(pattern, subject) for pattern in self.watch)


class _Channel(Section):
    """What every way out has."""

    name: Name

    @property
    def secrets(self) -> tuple[str, ...]:
        """What its secrets are called in the environment, after the channel's name: ``PASSWORD``."""
        return ()


class _Shown(_Channel):
    """A way out whose messages are made by templates, the project's or those of a folder of one's own."""

    templates: Annotated[str, Field(min_length=1)] | None = None

    def templates_folder(self, folder: Path) -> Path | None:
        """Return where its own templates are; a relative path counts from ``folder``, that of config.toml."""
        return None if self.templates is None else folder / self.templates


class EmailChannel(_Shown):
    """Mail over SMTP."""

    type: Literal["email"]
    to: Annotated[list[Mailbox], Field(min_length=1)]
    sender: Annotated[Mailbox, Field(alias="from")]
    smtp: Annotated[str, AfterValidator(_is_smtp_address)]
    timeout_seconds: TimeoutSeconds = 60.0
    charts: bool = True
    attach_csv: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """A password, where the server's address names a user to log in as."""
        return () if urlsplit(self.smtp).username is None else ("PASSWORD",)


class SlackChannel(_Channel):
    """A Slack incoming webhook; its URL is a secret and comes from the environment."""

    type: Literal["slack"]
    timeout_seconds: TimeoutSeconds = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address: who knows it can post."""
        return ("WEBHOOK_URL",)


class FileChannel(_Shown):
    """Files in a folder, replaced by each digest: ``digest.txt``, ``digest.html``, ``digest.eml``, ``slack.json``."""

    type: Literal["file"]
    path: Annotated[str, Field(min_length=1)]
    formats: Annotated[list[Literal["txt", "html", "eml", "slack"]], Field(min_length=1)] = ["txt", "html"]


class FeedChannel(_Shown):
    """An Atom feed in a file, for a feed reader or a web server to pick up."""

    type: Literal["feed"]
    path: Annotated[str, Field(min_length=1)]
    entries: Annotated[int, Field(ge=1, le=1000)] = 30


class WebhookChannel(_Channel):
    """A signed JSON document, posted to a program of one's own."""

    type: Literal["webhook"]
    timeout_seconds: TimeoutSeconds = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where it is posted to, and what it is signed with."""
        return ("WEBHOOK_URL", "SIGNING_KEY")


class AppriseChannel(_Shown):
    """Any service that Apprise knows; its Apprise URL is a secret and comes from the environment."""

    type: Literal["apprise"]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The Apprise URL."""
        return ("APPRISE_URL",)


AnyChannel = EmailChannel | SlackChannel | FileChannel | FeedChannel | WebhookChannel | AppriseChannel


class Operator(Section):
    """Who is told of what goes wrong with the service itself.

    ``channel`` is one of the file's, empty for nobody; ``spare_channel`` is for what goes wrong with that one.
    """

    channel: str = ""
    spare_channel: str = ""
    heartbeat_url: Annotated[str, AfterValidator(_is_heartbeat_address)] = ""
    stale_days: Annotated[int, Field(ge=1, le=365)] = 7
    min_free_mb: Annotated[int, Field(ge=0)] = 500


class Config(CrawlConfig):
    """The whole of config.toml."""

    schedule: Schedule = Schedule()
    digest: list[DigestConfig] = []
    channel: list[Annotated[AnyChannel, Field(discriminator="type")]] = []
    operator: Operator = Operator()

    def contradictions(self, broken: Collection[str]) -> Iterator[str]:
        """Say which sections do not fit together, and which names are not unique."""
        yield from super().contradictions(broken)
        channels = [each.name for each in self.channel]
        for kind, names in (("channel", channels), ("digest", [each.name for each in self.digest])):
            for index, name in enumerate(names):
                if name in names[:index]:
                    yield f"{kind}[{index}].name: {name!r} is used twice"
        if "channel" not in broken:
            yield from self._unknown_channels(channels)
        if "watch" not in broken:
            yield from self._idle_patterns()

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

    def _idle_patterns(self) -> Iterator[str]:
        """Find what could never tell anything; where nothing is watched at all, that is another matter."""
        subjects = self.subjects()
        for index, digest in enumerate(self.digest):
            for pattern in digest.watch:
                if subjects and not any(fits(pattern, subject) for subject in subjects):
                    yield (
                        f"digest[{index}].watch: {pattern!r} fits no watched page;"
                        f' patterns are over "{subjects[0].key}"'
                    )

    def digest_named(self, name: str) -> DigestConfig | None:
        """Return a digest's definition, ``None`` if there is none of that name."""
        return next((digest for digest in self.digest if digest.name == name), None)

    def templates_of(self, channel: str) -> Path | None:
        """Return where a channel's own templates are, ``None`` if it has none."""
        found = self.channel_named(channel)
        return found.templates_folder(self.folder) if isinstance(found, _Shown) else None

    def channel_named(self, name: str) -> AnyChannel:
        """Return a channel; there must be one of that name."""
        return next(channel for channel in self.channel if channel.name == name)


def load(path: Path) -> Config:
    """Read and validate a whole configuration file.

    Raises:
        ConfigError: With every mistake found.
    """
    return validated(Config, read(path), path)


def load_trial(path: Path, definition: DigestConfig) -> DigestConfig:
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
