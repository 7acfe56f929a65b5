"""Define and validate the sections of config.toml that this package uses: site, crawl, store, watch, market.

Keys with a unit have it in their name. Validators raise ``ValueError`` with the text of the message, and the loader
adds the key. No I/O.
"""

import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from jobspider.errors import ConfigError, UsageError
from jobspider.model import DEFAULT_WINDOW, Market, Subject
from jobspider.site import urls

FILE_NAME: Final = "config.toml"
PLACEHOLDER_CONTACT: Final = "you@example.org"

_LIVE_HOST: Final = urlsplit(urls.SITE).netloc
_MIN_DELAY_SECONDS: Final = 1.0
"""Minimum crawl delay of a site on another machine."""
_MAIL_ADDRESS: Final = re.compile(r"""[^\s@()<>,:;"\\]+@[^\s@()<>,:;"\\]+""")
_INVALID_IN_SERVER_URL: Final = re.compile(r"[?#\s\x00-\x1f\x7f]")
"""Characters that urllib drops silently at the end of a URL. They are refused, because paths are appended to it."""
_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x1f\x7f]")
_MAX_NAME_BYTES: Final = 200
"""File systems allow 255 bytes. Files next to the database add a suffix to its name."""
_MAX_PATH_BYTES: Final = 2000
"""Linux allows 4,096 bytes, including the directory that a relative path is resolved against."""


class Section(BaseModel):
    """Base class of the tables of config.toml. They are immutable and refuse unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def parse_server_url(url: str) -> SplitResult | None:
    """Return the parts of a URL that consists of scheme, host and port only. Return ``None`` for all others."""
    try:
        parts = urlsplit(url)
        has_more = parts.path.strip("/") or _INVALID_IN_SERVER_URL.search(url)
        is_server = parts.hostname and parts.port != 0 and not has_more
    except ValueError:  # an invalid host or port; the text of the exception may contain a password
        return None
    return parts if is_server else None


def is_mail_address(text: str) -> bool:
    """Return whether a text is an e-mail address without a display name."""
    return _MAIL_ADDRESS.fullmatch(text) is not None and text.isprintable()


def _validate_path(value: str) -> str:
    if _CONTROL_CHARACTERS.search(value):
        raise ValueError(r"the path contains a control character: TOML reads \t between double quotes as a tab")
    longest_name = max((len(name.encode()) for name in Path(value).parts), default=0)
    if longest_name > _MAX_NAME_BYTES or len(value.encode()) > _MAX_PATH_BYTES:
        raise ValueError(
            f"the path is too long: use at most {_MAX_PATH_BYTES:,} bytes, and {_MAX_NAME_BYTES} for each name in it"
        )
    return value


def _validate_file_path(value: str) -> str:
    if Path(value).name in ("", ".."):
        raise ValueError("this is the path of a directory: give the path of a file")
    return value


PathText = Annotated[str, Field(min_length=1), AfterValidator(_validate_path)]
"""A path that every file system accepts."""
FilePathText = Annotated[PathText, AfterValidator(_validate_file_path)]


def _validate_base_url(value: str) -> str:
    parts = parse_server_url(value)
    if parts is None or parts.scheme not in ("http", "https") or parts.username is not None:
        raise ValueError(f"a URL like {urls.SITE} is expected, without a path")
    if ":" in (parts.hostname or ""):
        raise ValueError("a host name or an IPv4 address is expected: Scrapy does not support IPv6 addresses")
    return value.rstrip("/")


def _validate_contact(value: str) -> str:
    if not (is_mail_address(value) and value.isascii()):
        raise ValueError("an e-mail address is expected; it is sent in the user agent")
    return value


class Site(Section):
    """The website, and the address at which its owner can reach the user."""

    base_url: Annotated[str, AfterValidator(_validate_base_url)] = urls.SITE
    contact: Annotated[str, AfterValidator(_validate_contact)] = PLACEHOLDER_CONTACT

    @property
    def host(self) -> str:
        """The only host that receives requests."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether this machine serves the site, so that no crawl delay and no contact are needed."""
        return self.host in urls.LOOPBACK_HOSTS

    def require_own_host(self, url: str) -> None:
        """Raise ``UsageError`` if the URL of a page has another host than this site and the live site.

        Only the path selects the page; the request always goes to the configured site. URLs of the live site are
        therefore accepted with every ``base_url``. Any other host would be ignored, which the user does not expect.
        """
        host, accepted = urlsplit(url).hostname, dict.fromkeys((self.host, _LIVE_HOST))
        if host and host.removeprefix("www.") not in {name.removeprefix("www.") for name in accepted}:
            raise UsageError(f"the host {host} is not the configured site: use a URL on {' or '.join(accepted)}")


class Crawl(Section):
    """Speed and duration of a crawl, and the share of pages that it must read."""

    delay_seconds: Annotated[float, Field(ge=0, le=600)] = 2.0
    timeout_minutes: Annotated[float, Field(gt=0, le=1440)] = 60.0
    page_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 30.0
    min_stored_percent: Annotated[float, Field(ge=0, le=100)] = 0.0


class Store(Section):
    """The database. A relative path starts at the directory of config.toml."""

    path: FilePathText = "data/jobspider.db"
    keep_pages_days: Annotated[int, Field(ge=1)] = 90


class Watch(Section):
    """Watched pages: either one URL, or every combination of the lists except those that match ``exclude``."""

    terms: list[str] = []
    regions: list[str] = []
    job_types: list[Literal["permanent", "contract"]] = ["permanent"]
    windows: list[Literal[3, 6]] = [DEFAULT_WINDOW]
    exclude: list[str] = []
    url: str | None = None

    @model_validator(mode="after")
    def _validate_selection(self) -> Self:
        list_keys = [name for name in type(self).model_fields if name in self.model_fields_set - {"url"}]
        if self.url is not None and list_keys:
            raise ValueError(f"the url selects the page, its job type and its window: remove {', '.join(list_keys)}")
        if self.url is None and not (self.terms and self.regions and self.job_types and self.windows):
            raise ValueError('give terms = ["Backend Developer"] and regions = ["North West"], or url = "..."')
        for pattern in self.exclude:
            if not any(fnmatchcase(subject.key, pattern) for subject in self._combinations()):
                raise ValueError(
                    f"exclude: {pattern!r} matches no page:"
                    ' write a pattern over keys like "permanent/north west/java/6"'
                )
        if not self.subjects():
            raise ValueError("exclude matches every page, so nothing is watched: remove a pattern")
        return self

    def subjects(self) -> list[Subject]:
        """Return the watched subjects in the order of the file. Raises ``ValueError`` for an invalid name or URL."""
        return [
            subject
            for subject in self._combinations()
            if not any(fnmatchcase(subject.key, pattern) for pattern in self.exclude)
        ]

    def _combinations(self) -> list[Subject]:
        try:
            if self.url is not None:
                return [urls.parse_subject_url(self.url)]
            return [
                urls.make_subject(job_type, region, term, window)
                for term in self.terms
                for region in self.regions
                for job_type in self.job_types
                for window in self.windows
            ]
        except UsageError as error:
            raise ValueError(str(error)) from None


class MarketWatch(Section):
    """A watched market index: its first ``pages`` pages with 50 terms each, sorted by demand."""

    region: str
    job_type: Literal["permanent", "contract"] = "permanent"
    window: Literal[3, 6] = DEFAULT_WINDOW
    pages: Annotated[int, Field(ge=1, le=200)] = 1

    @model_validator(mode="after")
    def _validate_region(self) -> Self:
        try:
            self.first_page()
        except UsageError as error:
            raise ValueError(str(error)) from None
        return self

    def first_page(self) -> Market:
        """Return the first page of the index."""
        return urls.make_market(self.job_type, self.region, self.window)


class CrawlConfig(Section):
    """The sections of config.toml that this package uses. ``alerts`` extends the class with its own."""

    site: Site = Site()
    crawl: Crawl = Crawl()
    store: Store = Store()
    watch: list[Watch] = []
    market: list[MarketWatch] = []
    folder: Path = Field(default=Path(), exclude=True)

    def cross_section_errors(self, invalid_sections: Collection[str]) -> Iterator[str]:
        """Yield the contradictions between sections, each as ``key: what is wrong``.

        Args:
            invalid_sections: Sections that have mistakes themselves. They are not compared with others.
        """
        is_site_valid = "site" not in invalid_sections
        has_short_delay = self.crawl.delay_seconds < _MIN_DELAY_SECONDS and "crawl" not in invalid_sections
        if is_site_valid and not self.site.is_local and has_short_delay:
            yield "crawl.delay_seconds: must be at least 1.0, except for a site on this machine"
        for index, watch in enumerate(self.watch if is_site_valid else ()):
            try:
                self.site.require_own_host(watch.url or "")
            except UsageError as error:
                yield f"watch[{index}].url: {error}"

    def subjects(self) -> tuple[Subject, ...]:
        """Return the watched subjects without duplicates, in the order of the file."""
        return tuple(dict.fromkeys(subject for watch in self.watch for subject in watch.subjects()))

    @property
    def database_path(self) -> Path:
        """The path of the database, relative to the directory of config.toml."""
        return self.folder / self.store.path

    def require_contact(self) -> None:
        """Raise ``ConfigError`` if the site is not local and no contact address is configured."""
        if not self.site.is_local and self.site.contact == PLACEHOLDER_CONTACT:
            mistake = f"enter your own e-mail address, so that the owner of {self.site.host} can reach you"
            raise ConfigError([f"{FILE_NAME}: site.contact: {mistake}"])
