"""config.toml, this half: the site, the manners, the store and what is watched.

A configuration is read and validated once, before anything else happens. All mistakes are reported together, each as
``config.toml: watch[0].regions: ...`` with what is accepted; an unknown key is a mistake and names its nearest
neighbour. The sections of the other half are validated by it, through :func:`validated`.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from jobspider import addresses
from jobspider.errors import ConfigError, UsageError
from jobspider.model import DEFAULT_WINDOW, Subject

FILE_NAME: Final = "config.toml"
VARIABLE: Final = "JOBSPIDER_CONFIG"
PLACEHOLDER_CONTACT: Final = "you@example.org"
OTHER_HALF: Final = frozenset({"schedule", "digest", "channel"})
"""Sections that belong to ``alerts`` and are validated there."""

_LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LEAST_LIVE_DELAY_SECONDS: Final = 1.0


class Section(BaseModel):
    """A table of config.toml: frozen, and nothing in it is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _is_site_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"an address like {addresses.SITE} is expected, without a path")
    return value.rstrip("/")


def _is_contact(value: str) -> str:
    if "@" not in value or any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("an e-mail address is expected; it is sent in the user agent")
    return value


class Site(Section):
    """Where the pages are and whom the site's owner can write to."""

    base_url: Annotated[str, AfterValidator(_is_site_address)] = addresses.SITE
    contact: Annotated[str, AfterValidator(_is_contact)] = PLACEHOLDER_CONTACT

    @property
    def host(self) -> str:
        """The one host that is ever asked."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether the pages are served by this machine itself, where no manners are owed."""
        return self.host in _LOOPBACK_HOSTS


class Crawl(Section):
    """How fast, and for how long at most."""

    delay_seconds: Annotated[float, Field(ge=0, le=600, strict=False)] = 2.0
    timeout_minutes: Annotated[float, Field(gt=0, le=1440, strict=False)] = 60.0


class Store(Section):
    """Where the database is; a relative path counts from the folder of config.toml."""

    path: Annotated[str, Field(min_length=1)] = "data/jobspider.db"
    keep_pages_days: Annotated[int, Field(ge=1)] = 90


class Watch(Section):
    """Pages to follow: every combination of the lists, or one address."""

    terms: list[str] = []
    regions: list[str] = []
    job_types: list[Literal["permanent", "contract"]] = ["permanent"]
    windows: list[Literal[3, 6]] = [DEFAULT_WINDOW]
    url: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.url is not None and (self.terms or self.regions):
            raise ValueError("give either url, or terms and regions, not both")
        if self.url is None and not (self.terms and self.regions and self.job_types and self.windows):
            raise ValueError('give terms = ["Backend Developer"] and regions = ["North West"], or url = "..."')
        self.subjects()
        return self

    def subjects(self) -> list[Subject]:
        """Return what is watched, in the order written; raises ``ValueError`` for a part that cannot be."""
        try:
            if self.url is not None:
                return [addresses.subject_of(self.url)]
            return [
                addresses.subject(job_type, region, term, window)
                for term in self.terms
                for region in self.regions
                for job_type in self.job_types
                for window in self.windows
            ]
        except UsageError as error:
            raise ValueError(str(error)) from None


class CrawlConfig(Section):
    """The half of config.toml that this package obeys."""

    site: Site = Site()
    crawl: Crawl = Crawl()
    store: Store = Store()
    watch: list[Watch] = []
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _is_polite(self) -> Self:
        if not self.site.is_local and self.crawl.delay_seconds < _LEAST_LIVE_DELAY_SECONDS:
            raise ValueError("crawl.delay_seconds: at least 1.0 is owed to a site that is someone else's")
        return self

    def subjects(self) -> tuple[Subject, ...]:
        """Return every watched subject once, in the order written."""
        return tuple(dict.fromkeys(subject for watch in self.watch for subject in watch.subjects()))

    @property
    def database_path(self) -> Path:
        """Where the database is, absolute if the configuration's folder is."""
        return self.folder / self.store.path

    def refuse_placeholder_contact(self) -> None:
        """Raise ``ConfigError`` if the live site would be asked in nobody's name."""
        if not self.site.is_local and self.site.contact == PLACEHOLDER_CONTACT:
            mistake = f"put your own e-mail address here, so that the owner of {self.site.host} can reach you"
            raise ConfigError([f"{FILE_NAME}: site.contact: {mistake}"])


AnyConfig = TypeVar("AnyConfig", bound=CrawlConfig)


def find(start: Path, named: str | None, environ: Mapping[str, str]) -> Path:
    """Return the configuration file: the one named, else the variable's, else the one beside ``scrapy.cfg``.

    Args:
        start: The folder the command was started in; it and those above it are searched for ``scrapy.cfg``.
        named: What ``--config`` says, if anything.
        environ: The environment.

    Raises:
        ConfigError: There is none.
    """
    chosen = named or environ.get(VARIABLE)
    if chosen:
        return start / chosen
    for folder in (start, *start.parents):
        if (folder / "scrapy.cfg").is_file():
            return folder / FILE_NAME
    raise ConfigError(
        [f"no {FILE_NAME} found: run this inside the project's folder, or name one with --config or {VARIABLE}"]
    )


def read(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file: copy {FILE_NAME} from the project, or run jobspider init"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: is not UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not valid TOML: {error}"]) from None


def load(path: Path) -> CrawlConfig:
    """Read and validate this half of a configuration file.

    Raises:
        ConfigError: With every mistake found.
    """
    own = {key: value for key, value in read(path).items() if key not in OTHER_HALF}
    return validated(CrawlConfig, own, path)


def validated(model: type[AnyConfig], tables: Mapping[str, Any], path: Path) -> AnyConfig:
    """Build ``model`` from a file's tables.

    Raises:
        ConfigError: With every mistake found, in the order of the model's sections.
    """
    try:
        return model.model_validate({**tables, "folder": path.resolve().parent})
    except ValidationError as error:
        raise ConfigError([_mistake(model, tables, path.name, each) for each in error.errors()]) from None


def _mistake(model: type[BaseModel], tables: Mapping[str, Any], file: str, error: ErrorDetails) -> str:
    """Say one mistake in one line: where, what is wrong, what is accepted."""
    where = _key_path(tables, error["loc"])
    place = f"{file}: {where}: " if where else f"{file}: "
    if error["type"] == "extra_forbidden":
        return f"{place}unknown key{_nearest(model, error['loc'])}"
    if error["type"] == "missing":
        return f"{place}is missing"
    said = error["msg"].removeprefix("Value error, ")
    if error["type"] == "value_error":
        return place + said
    found = error["input"]
    # A whole table is never echoed: it may hold what should not be seen.
    shown = f", found {found!r}" if isinstance(found, str | int | float) else ""
    return f"{place}{said[0].lower()}{said[1:]}{shown}"


def _key_path(tables: Any, loc: tuple[int | str, ...]) -> str:
    """Write a location as ``digest[0].rules.median``.

    pydantic puts a union's tag into the location (``channel, 0, email, to``); what is no key of the file is left out.
    """
    path = ""
    at = tables
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
            at = at[part] if isinstance(at, list) and part < len(at) else None
        elif part is loc[-1] or (isinstance(at, Mapping) and part in at):
            path += f".{part}" if path else part
            at = at.get(part) if isinstance(at, Mapping) else None
    return path


def _nearest(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Name the known key that an unknown one at ``loc`` resembles, and else all known keys."""
    known = sorted(_known_keys(model, loc[:-1]))
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f": did you mean {close[0]}?" if close else f": known here are {', '.join(known)}"


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys that a table at ``loc`` may have, following lists, options and tagged unions."""
    candidates: list[type[BaseModel]] = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        fields = [candidate.model_fields[part] for candidate in candidates if part in candidate.model_fields]
        if fields:
            candidates = [each for field in fields for each in _models_in(field.annotation)]
        else:  # a union's tag: keep the members that carry it
            candidates = [each for each in candidates if part in str(each.model_fields.get("type"))]
    return {
        field.alias or name for each in candidates for name, field in each.model_fields.items() if not field.exclude
    }


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]
