"""config.toml, this half: the site, the manners, the store and what is watched.

A configuration is read and validated once, before anything else happens. All mistakes are reported together, each as
``config.toml: watch[0].regions: ...`` with what is accepted; an unknown key is a mistake and names its nearest
neighbour. The sections of the other half are validated by it, through :func:`validated`.
"""

import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from jobspider import addresses
from jobspider.errors import ConfigError, UsageError
from jobspider.model import DEFAULT_WINDOW, Market, Subject

FILE_NAME: Final = "config.toml"
VARIABLE: Final = "JOBSPIDER_CONFIG"
PLACEHOLDER_CONTACT: Final = "you@example.org"
OTHER_HALF: Final = frozenset({"schedule", "digest", "channel", "operator"})
"""Sections that belong to ``alerts`` and are validated there."""

_LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LEAST_LIVE_DELAY_SECONDS: Final = 1.0
_MAIL_ADDRESS: Final = re.compile(r"""[^\s@()<>,:;"\\]+@[^\s@()<>,:;"\\]+""")


class Section(BaseModel):
    """A table of config.toml: frozen, and nothing in it is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def server_of(address: str) -> SplitResult | None:
    """Return the parts of an address that names a server and nothing on it; ``None`` if it is none."""
    try:
        parts = urlsplit(address)
        is_server = parts.hostname and parts.port != 0 and not (parts.path.strip("/") or parts.query or parts.fragment)
    except ValueError:  # urllib's word for a bad host or port; its text would echo a password
        return None
    return parts if is_server else None


def is_mail_address(text: str) -> bool:
    """Tell whether a text is a plain e-mail address, without a name."""
    return _MAIL_ADDRESS.fullmatch(text) is not None and text.isprintable()


def _is_site_address(value: str) -> str:
    parts = server_of(value)
    if parts is None or parts.scheme not in ("http", "https") or parts.username is not None:
        raise ValueError(f"an address like {addresses.SITE} is expected, without a path")
    return value.rstrip("/")


def _is_contact(value: str) -> str:
    if not (is_mail_address(value) and value.isascii()):
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
    """How fast, for how long at most, and how much of the plan must be read."""

    delay_seconds: Annotated[float, Field(ge=0, le=600)] = 2.0
    timeout_minutes: Annotated[float, Field(gt=0, le=1440)] = 60.0
    page_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 30.0
    min_stored_percent: Annotated[float, Field(ge=0, le=100)] = 0.0


class Store(Section):
    """Where the database is; a relative path counts from the folder of config.toml."""

    path: Annotated[str, Field(min_length=1)] = "data/jobspider.db"
    keep_pages_days: Annotated[int, Field(ge=1)] = 90


class Watch(Section):
    """Pages to follow: every combination of the lists but for those that a pattern excludes, or one address."""

    terms: list[str] = []
    regions: list[str] = []
    job_types: list[Literal["permanent", "contract"]] = ["permanent"]
    windows: list[Literal[3, 6]] = [DEFAULT_WINDOW]
    exclude: list[str] = []
    url: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.url is not None and (self.terms or self.regions or self.exclude):
            raise ValueError("give either url, or terms and regions (and exclude), not both")
        if self.url is None and not (self.terms and self.regions and self.job_types and self.windows):
            raise ValueError('give terms = ["Backend Developer"] and regions = ["North West"], or url = "..."')
        for pattern in self.exclude:
            if not any(fnmatchcase(subject.key, pattern) for subject in self._combined()):
                raise ValueError(f'exclude: {pattern!r} fits none; patterns are over "permanent/north west/java/6"')
        if not self.subjects():
            raise ValueError("exclude leaves nothing to watch")
        return self

    def subjects(self) -> list[Subject]:
        """Return what is watched, in the order written; raises ``ValueError`` for a part that cannot be."""
        return [
            subject
            for subject in self._combined()
            if not any(fnmatchcase(subject.key, pattern) for pattern in self.exclude)
        ]

    def _combined(self) -> list[Subject]:
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


class MarketWatch(Section):
    """A market index to follow: the first ``pages`` of it, 50 terms each, the most sought first."""

    region: str
    job_type: Literal["permanent", "contract"] = "permanent"
    window: Literal[3, 6] = DEFAULT_WINDOW
    pages: Annotated[int, Field(ge=1, le=200)] = 1

    @model_validator(mode="after")
    def _is_place(self) -> Self:
        try:
            self.first_page()
        except UsageError as error:
            raise ValueError(str(error)) from None
        return self

    def first_page(self) -> Market:
        """Return where the index begins."""
        return addresses.market(self.job_type, self.region, self.window)


class CrawlConfig(Section):
    """The half of config.toml that this package obeys."""

    site: Site = Site()
    crawl: Crawl = Crawl()
    store: Store = Store()
    watch: list[Watch] = []
    market: list[MarketWatch] = []
    folder: Path = Field(default=Path(), exclude=True)

    def contradictions(self, broken: Collection[str]) -> Iterator[str]:
        """Say which sections do not fit together, each as ``key: what is wrong``.

        Args:
            broken: Sections with mistakes of their own, of which nothing can be said.
        """
        is_known = "site" not in broken and "crawl" not in broken
        if is_known and not self.site.is_local and self.crawl.delay_seconds < _LEAST_LIVE_DELAY_SECONDS:
            yield "crawl.delay_seconds: at least 1.0 is owed to a site that is someone else's"

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
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file: copy {FILE_NAME} from the project"]) from None
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
    mistakes: list[str] = []
    broken: set[str] = set()
    try:
        loaded = model.model_validate(tables)
    except ValidationError as error:
        mistakes = [_mistake(model, tables, each) for each in error.errors()]
        broken = {str(each["loc"][0]) for each in error.errors()}
        loaded = model.model_validate({key: table for key, table in tables.items() if key not in broken})
    mistakes += loaded.contradictions(broken)
    if mistakes:
        raise ConfigError([f"{path.name}: {mistake}" for mistake in mistakes])
    return loaded.model_copy(update={"folder": path.resolve().parent})


def _mistake(model: type[BaseModel], tables: Mapping[str, Any], error: ErrorDetails) -> str:
    """Say one mistake in one line: where, what is wrong, what is accepted."""
    kind, loc, found, context = error["type"], error["loc"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"{_key_path(tables, loc[:-1])}.{loc[-1]}: is missing"
    place = f"{_key_path(tables, loc)}: "
    if kind in ("extra_forbidden", "is_instance_of"):  # the second: a field that no file can fill
        return f"{place}unknown key{_nearest(model, loc)}"
    if kind == "union_tag_not_found":
        return f"{place}{context['discriminator']} is missing"
    if kind == "union_tag_invalid":
        return f"{place}{context['discriminator']} is one of {context['expected_tags']}"
    said = error["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return place + said
    if kind == "model_type":
        said = "a table is expected"
    elif kind == "list_type" and len(loc) == 1 and isinstance(found, Mapping):
        said = f"write [[{loc[-1]}]], with double brackets: there can be several"
    # A whole table is never echoed, nor an address: either may hold a secret.
    is_harmless = isinstance(found, str | int | float) and "://" not in str(found)
    return f"{place}{said[0].lower()}{said[1:]}{f', found {found!r}' if is_harmless else ''}"


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
        elif isinstance(at, Mapping) and part in at:
            path += f".{part}" if path else part
            at = at[part]
    return path


def _nearest(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Name the known key that an unknown one at ``loc`` resembles, and else all known keys."""
    known = sorted(_known_keys(model, loc[:-1]) | (OTHER_HALF if len(loc) == 1 else frozenset()))
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
        else:  # a union's tag: keep the members that carry it, if it is that kind of tag
            tagged = [each for each in candidates if part in get_args(_annotation(each, "type"))]
            candidates = tagged or candidates
    return {
        field.alias or name for each in candidates for name, field in each.model_fields.items() if not field.exclude
    }


def _annotation(model: type[BaseModel], field: str) -> Any:
    return model.model_fields[field].annotation if field in model.model_fields else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]
