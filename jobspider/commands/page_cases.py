"""Make a saved page into a case for the tests: the page as it came, what is known of it, and a proposed expectation."""

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from jobspider import pages
from jobspider.config import CrawlConfig
from jobspider.errors import PageError, StoreError, UsageError
from jobspider.model import Capture
from jobspider.pages.expected_json import dumped
from jobspider.pages.json_document import document
from jobspider.site import urls
from jobspider.store.database import Database
from jobspider.store.process_lock import process_lock
from jobspider.store.reparsing import ReparseStore

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EXPECTED: Final = "expected.json"
_META: Final = """\
url = {url}
{as_of}built = false    # as it was served: the builder under tests/ does not write it
origin = {origin}
how_made = {how_made}
source = "IT Jobs Watch (www.itjobswatch.co.uk)"
licence = "CC BY-NC-SA 4.0"
reviewed = false    # true when a person has compared expected.json with the page, figure by figure
"""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page to make a case of. ``origin`` says in a few words where it is from."""

    url: str
    body: bytes
    origin: str


@dataclass(frozen=True, slots=True)
class SavedCase:
    """A case as written. ``refused`` says why its page is not accepted, and is empty if it is."""

    folder: Path
    has_expectation: bool
    refused: str


def load_stored_page(crawl_config: CrawlConfig, url: str) -> SourcePage | None:
    """Return the newest page of an address that the database keeps, accepted or not; ``None`` if there is none.

    Raises:
        UsageError: The address is not that of a role or skill page.
        StoreError: The database cannot be read.
    """
    if not crawl_config.database_path.exists():
        return None
    with Database.open(crawl_config.database_path, read_only=True) as database:
        capture = ReparseStore(database).newest_capture(urls.parse_subject_url(url))
    return None if capture is None else _as_found(capture)


def fetch_page(crawl_config: CrawlConfig, url: str) -> SourcePage:
    """Ask the configured site for one page, with the manners of every crawl, and keep it nowhere.

    Once in the life of a process, as :func:`jobspider.crawl.run_crawl`.

    Raises:
        UsageError: The address is not that of a role or skill page, or the live site would be asked anonymously.
        StoreError: A crawl is going on: the site is asked by one at a time; or the site gave no page.
    """
    from jobspider.crawl import CrawlRequest, new_token, run_crawl  # noqa: PLC0415 - Scrapy takes most of a second to import

    subject = urls.parse_subject_url(url)
    with (
        process_lock(crawl_config.database_path, "crawl", holder="jobspider save-page"),
        TemporaryDirectory() as folder,
    ):
        store = crawl_config.store.model_copy(update={"path": str(Path(folder) / "page.db")})
        apart = crawl_config.model_copy(update={"store": store})
        outcome = run_crawl(apart, CrawlRequest(new_token(), arguments={"url": url}), log_level="ERROR")
        with Database.open(apart.database_path, read_only=True) as database:
            capture = ReparseStore(database).newest_capture(subject)
    if capture is None:
        raise StoreError(f"{outcome.ledger[0].url}: {outcome.ledger[0].reason}: there is no page to save")
    return _as_found(capture)


def write_case(root: Path, name: str, found: SourcePage) -> SavedCase:
    """Write ``<kind>/<name>/`` with ``page.html``, ``meta.toml`` and, if the page can be read, ``expected.json``.

    A case whose expectation is there already is left alone; one without it is written anew.

    Raises:
        UsageError: The name is none or is taken, the folder is not there, or the address names no page.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be a case: use small letters, digits and hyphens, like north-west-2026-01")
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder: run this in the project's folder, or name another with --to")
    url, as_of, expectation, refused = _read(found)
    folder = root / ("role" if urls.is_role_page(url) else "market_index") / name
    if (folder / _EXPECTED).exists():
        raise UsageError(f"{folder} is there already: name another case")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(found.body)
    (folder / "meta.toml").write_text(_meta(url, as_of, found.origin), encoding="utf-8")
    if expectation is not None:
        (folder / _EXPECTED).write_text(expectation, encoding="utf-8")
    return SavedCase(folder, expectation is not None, refused)


def _read(found: SourcePage) -> tuple[str, date | None, str | None, str]:
    """Return a page's address and date, the expectation that today's parser proposes, and why it is not accepted."""
    try:
        page = pages.read(found.body, found.url)
    except PageError as error:
        return _canonical(found.url), None, None, error.reason
    proposed = document(page)
    try:
        pages.accept(page)
    except PageError as error:
        return str(proposed["url"]), page.as_of, dumped(proposed), error.reason
    return str(proposed["url"]), page.as_of, dumped(proposed), ""


def _canonical(url: str) -> str:
    return urls.subject_url(urls.parse_subject_url(url)) if urls.is_role_page(url) else url


def _meta(url: str, as_of: date | None, origin: str) -> str:
    return _META.format(
        url=json.dumps(url),
        as_of="" if as_of is None else f"as_of = {as_of}\n",
        origin=json.dumps(origin, ensure_ascii=False),
        how_made=json.dumps(
            "The page byte for byte, with the site's own prose. expected.json was proposed by the parser.",
        ),
    )


def _as_found(capture: Capture) -> SourcePage:
    return SourcePage(
        capture.url, capture.body, f"page as it was served at {capture.url} on {capture.fetched_at:%Y-%m-%d}"
    )
