"""Write a page as a test case: the page itself, its metadata and a proposed expectation.

Input: a page from a file, the database or the configured site. Output: a directory below ``fixtures/pages``. Called by
``jobspider save-page``.
"""

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
from jobspider.site.attribution import LICENCE
from jobspider.store.database import Database
from jobspider.store.process_lock import process_lock
from jobspider.store.reparsing import ReparseStore

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EXPECTED: Final = "expected.json"
_HOW_MADE: Final = "The page byte for byte, with the site's own text. expected.json was proposed by the parser."
_META: Final = f"""\
url = {{url}}
{{as_of}}built = false    # the page as served; the page builder in tests/ does not create it
origin = {{origin}}
how_made = "{_HOW_MADE}"
source = "IT Jobs Watch (www.itjobswatch.co.uk)"
licence = "{LICENCE}"
reviewed = false    # true if a person has compared every figure of expected.json with the page
"""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The page of a new test case. ``origin`` describes where the page comes from, in a few words."""

    url: str
    body: bytes
    origin: str


@dataclass(frozen=True, slots=True)
class SavedCase:
    """A written test case. ``rejection`` is the reason why the page is not accepted, or empty."""

    folder: Path
    has_expectation: bool
    rejection: str


def load_stored_page(crawl_config: CrawlConfig, url: str) -> SourcePage | None:
    """Return the newest stored page of a URL, accepted or not, or ``None`` if the database has none.

    Raises:
        UsageError: The URL is not that of a role or skill page.
        StoreError: The database cannot be read.
    """
    if not crawl_config.database_path.exists():
        return None
    with Database.open(crawl_config.database_path, read_only=True) as database:
        capture = ReparseStore(database).newest_capture(urls.parse_subject_url(url))
    return None if capture is None else _captured_page(capture)


def fetch_page(crawl_config: CrawlConfig, url: str) -> SourcePage:
    """Fetch one page from the configured site, with the rules of every crawl, without storing it.

    Call it once per process, like :func:`jobspider.crawl.run_crawl`.

    Raises:
        UsageError: The URL is not that of a role or skill page, or the live site needs a contact address.
        StoreError: Another crawl is running, or the site did not send the page.
    """
    from jobspider.crawl import CrawlRequest, new_token, run_crawl  # noqa: PLC0415 - importing Scrapy takes 0.5-1 s

    subject = urls.parse_subject_url(url)
    with (
        process_lock(crawl_config.database_path, "crawl", holder="jobspider save-page"),
        TemporaryDirectory() as folder,
    ):
        store = crawl_config.store.model_copy(update={"path": str(Path(folder) / "page.db")})
        temporary_config = crawl_config.model_copy(update={"store": store})
        record = run_crawl(temporary_config, CrawlRequest(new_token(), arguments={"url": url}), log_level="ERROR")
        with Database.open(temporary_config.database_path, read_only=True) as database:
            capture = ReparseStore(database).newest_capture(subject)
    if capture is None:
        row = record.ledger[0]
        raise StoreError(f"{row.url}: there is no page to save: {row.reason}")
    return _captured_page(capture)


def write_case(root: Path, name: str, page: SourcePage) -> SavedCase:
    """Write ``<page type>/<name>/``: ``page.html``, ``meta.toml`` and, if the page can be parsed, ``expected.json``.

    A case that has no ``expected.json`` yet is overwritten.

    Raises:
        UsageError: The name is invalid or in use, the directory does not exist, or the URL is not that of a page.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a valid name: use lower-case letters, digits and hyphens, like north-west-2026-01"
        )
    if not root.is_dir():
        raise UsageError(f"{root} is not a directory: run this in the project's directory, or set --to")
    url, as_of, expectation, rejection = _parse(page)
    folder = root / ("role" if urls.is_role_page(url) else "market_index") / name
    if (folder / _EXPECTED).exists():
        raise UsageError(f"{folder} already exists: choose another name")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(page.body)
    meta = _META.format(
        url=json.dumps(url),
        as_of="" if as_of is None else f"as_of = {as_of}\n",
        origin=json.dumps(page.origin, ensure_ascii=False),
    )
    (folder / "meta.toml").write_text(meta, encoding="utf-8")
    if expectation is not None:
        (folder / _EXPECTED).write_text(expectation, encoding="utf-8")
    return SavedCase(folder, expectation is not None, rejection)


def _parse(source: SourcePage) -> tuple[str, date | None, str | None, str]:
    """Return a page's URL and as-of date, the proposed expectation, and the reason why the page is not accepted."""
    try:
        page = pages.read(source.body, source.url)
    except PageError as error:
        return _canonical_url(source.url), None, None, error.reason
    proposed = document(page)
    rejection = ""
    try:
        pages.accept(page)
    except PageError as error:
        rejection = error.reason
    return str(proposed["url"]), page.as_of, dumped(proposed), rejection


def _canonical_url(url: str) -> str:
    return urls.subject_url(urls.parse_subject_url(url)) if urls.is_role_page(url) else url


def _captured_page(capture: Capture) -> SourcePage:
    origin = f"page as it was served at {capture.url} on {capture.fetched_at:%Y-%m-%d}"
    return SourcePage(capture.url, capture.body, origin)
