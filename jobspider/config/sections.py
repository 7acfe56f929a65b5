"""The sections of config.toml that this package obeys: the site, the manners, the store and what is watched."""

import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from jobspider.errors import ConfigError, UsageError
from jobspider.model import DEFAULT_WINDOW, Market, Subject
from jobspider.site import urls as addresses

FILE_NAME: Final = "config.toml"
PLACEHOLDER_CONTACT: Final = "you@example.org"

_LIVE_HOST: Final = urlsplit(addresses.SITE).netloc
_LEAST_LIVE_DELAY_SECONDS: Final = 1.0
_MAIL_ADDRESS: Final = re.compile(r"""[^\s@()<>,:;"\\]+@[^\s@()<>,:;"\\]+""")
_NOT_OF_A_SERVER: Final = re.compile(r"[?#\s\x00-\x1f\x7f]")
"""What urllib drops without a word, alone or at the end of an address; paths are then put behind it."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_MOST_BYTES_IN_NAME: Final = 200
"""File systems take 255, and what stands beside the database has its name and more."""
_MOST_BYTES_IN_PATH: Final = 2000
"""Linux takes 4,096 with the folder that a relative path counts from."""


class Section(BaseModel):
    """A table of config.toml: frozen, and nothing in it is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def parse_server_url(address: str) -> SplitResult | None:
    """Return the parts of an address that names a server and nothing on it; ``None`` if it is none."""
    try:
        parts = urlsplit(address)
        has_more = parts.path.strip("/") or _NOT_OF_A_SERVER.search(address)
        is_server = parts.hostname and parts.port != 0 and not has_more
    except ValueError:  # urllib's word for a bad host or port; its text would echo a password
        return None
    return parts if is_server else None


def is_mail_address(text: str) -> bool:
    """Tell whether a text is a plain e-mail address, without a name."""
    return _MAIL_ADDRESS.fullmatch(text) is not None and text.isprintable()


def _is_path(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError(r"a path without control characters is expected; between double quotes, TOML reads \t as one")
    longest = max((len(name.encode()) for name in Path(value).parts), default=0)
    if longest > _MOST_BYTES_IN_NAME or len(value.encode()) > _MOST_BYTES_IN_PATH:
        raise ValueError(
            f"a path of at most {_MOST_BYTES_IN_PATH:,} bytes is expected, {_MOST_BYTES_IN_NAME} for each name in it"
        )
    return value


def _is_file_path(value: str) -> str:
    if Path(value).name in ("", ".."):
        raise ValueError("the path of a file is expected, and this is that of a folder")
    return value


PathText = Annotated[str, Field(min_length=1), AfterValidator(_is_path)]
"""A path as config.toml names one: whatever the folder, a file system can have it."""
FilePathText = Annotated[PathText, AfterValidator(_is_file_path)]


def _is_site_address(value: str) -> str:
    parts = parse_server_url(value)
    if parts is None or parts.scheme not in ("http", "https") or parts.username is not None:
        raise ValueError(f"an address like {addresses.SITE} is expected, without a path")
    if ":" in (parts.hostname or ""):
        raise ValueError("a host's name or IPv4 address is expected: Scrapy does not find one by its IPv6 address")
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
        return self.host in addresses.LOOPBACK_HOSTS

    def require_own_host(self, url: str) -> None:
        """Raise ``UsageError`` for a page's address on a host that is neither this site's nor the live one's.

        The path alone names the page, and the configured site is asked for it. So an address on the live site serves
        under whatever ``base_url``; one on a third host was meant for that host.
        """
        host, own = urlsplit(url).hostname, dict.fromkeys((self.host, _LIVE_HOST))
        if host and host.removeprefix("www.") not in {each.removeprefix("www.") for each in own}:
            raise UsageError(f"an address on {host} is none of this site: give one on {' or '.join(own)}")


class Crawl(Section):
    """How fast, for how long at most, and how much of the plan must be read."""

    delay_seconds: Annotated[float, Field(ge=0, le=600)] = 2.0
    timeout_minutes: Annotated[float, Field(gt=0, le=1440)] = 60.0
    page_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 30.0
    min_stored_percent: Annotated[float, Field(ge=0, le=100)] = 0.0


class Store(Section):
    """Where the database is; a relative path counts from the folder of config.toml."""

    path: FilePathText = "data/jobspider.db"
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
        beside = [name for name in type(self).model_fields if name in self.model_fields_set - {"url"}]
        if self.url is not None and beside:
            raise ValueError(f"url alone names the page, its job type and window too: leave {', '.join(beside)} out")
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
                return [addresses.parse_subject_url(self.url)]
            return [
                addresses.make_subject(job_type, region, term, window)
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
        return addresses.make_market(self.job_type, self.region, self.window)


class CrawlConfig(Section):
    """The half of config.toml that this package obeys."""

    site: Site = Site()
    crawl: Crawl = Crawl()
    store: Store = Store()
    watch: list[Watch] = []
    market: list[MarketWatch] = []
    folder: Path = Field(default=Path(), exclude=True)

    def cross_section_errors(self, broken: Collection[str]) -> Iterator[str]:
        """Say which sections do not fit together, each as ``key: what is wrong``.

        Args:
            broken: Sections with mistakes of their own, of which nothing can be said.
        """
        is_known = "site" not in broken and "crawl" not in broken
        if is_known and not self.site.is_local and self.crawl.delay_seconds < _LEAST_LIVE_DELAY_SECONDS:
            yield "crawl.delay_seconds: at least 1.0 is owed to a site that is someone else's"
        for number, watch in enumerate(self.watch if "site" not in broken else ()):
            try:
                self.site.require_own_host(watch.url or "")
            except UsageError as error:
                yield f"watch[{number}].url: {error}"

    def subjects(self) -> tuple[Subject, ...]:
        """Return every watched subject once, in the order written."""
        return tuple(dict.fromkeys(subject for watch in self.watch for subject in watch.subjects()))

    @property
    def database_path(self) -> Path:
        """Where the database is, absolute if the configuration's folder is."""
        return self.folder / self.store.path

    def require_contact(self) -> None:
        """Raise ``ConfigError`` if the live site would be asked in nobody's name."""
        if not self.site.is_local and self.site.contact == PLACEHOLDER_CONTACT:
            mistake = f"put your own e-mail address here, so that the owner of {self.site.host} can reach you"
            raise ConfigError([f"{FILE_NAME}: site.contact: {mistake}"])
