"""The bundled site of two dates in a database, through the real reader and store, as a crawl of each would leave it."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from jobspider.model import Capture, CrawlResult, FetchStatus, PlannedPage, Subject
from jobspider.pages import PARSER_VERSION, read_page
from jobspider.replay import load_site
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database

BUNDLED = Path(__file__).parents[2] / "fixtures" / "sites" / "backend-developer"
SITE = "https://www.itjobswatch.co.uk"
FIRST_MORNING = datetime(2025, 11, 17, 6, 30, tzinfo=UTC)


def fill(database: Database) -> None:
    """Crawl every bundled date, a week apart, with what was watched on the first."""
    writer = Writer(database)
    folders = sorted(path for path in BUNDLED.iterdir() if path.is_dir())
    sites = [load_site(folder) for folder in folders]
    watched = [subject for subject in sites[0].pages if isinstance(subject, Subject)]
    for week, site in enumerate(sites):
        at = FIRST_MORNING + timedelta(weeks=week)
        addresses = {subject: SITE + sites[0].pages[subject].path for subject in watched}
        plan = [PlannedPage(url, subject) for subject, url in addresses.items()]
        crawl_id = writer.begin_crawl(site.folder.name, "roles", at, "0.1.0", plan)
        for subject, url in addresses.items():
            saved = site.pages.get(subject)
            if saved is None:
                writer.record_failure(crawl_id, url, FetchStatus.NOT_FOUND, "the site answered HTTP 404", 404, at)
            else:
                capture = Capture(url, saved.body, sha256(saved.body).hexdigest(), at)
                writer.store_page(crawl_id, url, read_page(saved.body, url), capture, PARSER_VERSION, 200)
        writer.finish_crawl(
            crawl_id, at + timedelta(minutes=1), CrawlResult.COMPLETE if not week else CrawlResult.PARTIAL
        )
