"""The whole job on the bundled pages: crawl the site as it stood on two dates, keep, compare, tell. Offline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from alerts import config
from alerts.errors import CycleError
from alerts.jobs import House
from alerts.service import CycleReport, Service
from jobspider.config import FILE_NAME
from jobspider.errors import UsageError
from jobspider.replay import ReplayServer, Site, load_site

BUNDLED: Final = Path(__file__).parent.parent / "fixtures" / "sites" / "backend-developer"
DATABASE: Final = "jobspider.db"
DIGESTS: Final = ("digest.txt", "digest.html", "digest.eml", "slack.json")

_TEMPLATE: Final = """\
# Written by jobspider demo: the bundled pages, served on loopback while the demo runs.

[site]
base_url = "{base_url}"

[crawl]
delay_seconds = 0

[store]
path = "{database}"

{watches}

[[digest]]
name = "demo"
when = "after crawl"
channels = ["folder"]
when_quiet = "skip"
note = "Demo: bundled pages, some of them true and some made up. They are no statement about today's market."

[[channel]]
name = "folder"
type = "file"
path = "."
formats = ["txt", "html", "eml", "slack"]
"""


@dataclass(frozen=True, slots=True)
class Act:
    """One cycle of the demo: the date that the site stood at, where its pages come from, and how the cycle went."""

    date: str
    site: Site
    report: CycleReport


def perform(
    folder: Path,
    environ: Mapping[str, str],
    clock: Callable[[], datetime],
    said: Callable[[Act], None],
) -> None:
    """Run a cycle on each bundled date, and one more on the last, which then has nothing new to tell.

    Args:
        folder: Where the database and the digests go; what an earlier demo left there is replaced.
        environ: The environment.
        clock: Returns the present in UTC.
        said: Told of each cycle when it is over.

    Raises:
        UsageError: The bundled pages are not there, or the folder holds something else.
        CycleError: A digest that should be there was not written.
    """
    dates = sorted(path for path in BUNDLED.glob("*") if path.is_dir())
    if not dates:
        raise UsageError(f"the bundled pages are not at {BUNDLED}: run the demo from a checkout of the project")
    _clear(folder)
    sites = [load_site(path) for path in (*dates, dates[-1])]
    with ReplayServer(sites[0]) as server:
        path = folder / FILE_NAME
        path.write_text(_configuration(server.base_url, sites), encoding="utf-8")
        house = House(config.load(path), path, environ, clock)
        for site in sites:
            server.site = site
            said(Act(site.folder.name, site, Service(house).cycle()))
    missing = [name for name in DIGESTS if not (folder / name).is_file()]
    if missing:
        raise CycleError(f"{folder / missing[0]} was not written")


def _clear(folder: Path) -> None:
    """Make room: remove what an earlier demo wrote, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / FILE_NAME).is_file():
        raise UsageError(f"{folder} is not empty and not an earlier demo's: name another folder with --to")
    for name in (*DIGESTS, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (folder / name).unlink(missing_ok=True)


def _configuration(base_url: str, sites: list[Site]) -> str:
    addresses = dict.fromkeys(page.address for site in sites for page in site.pages.values())
    watches = "\n".join(f'[[watch]]\nurl = "{base_url}{address}"' for address in addresses)
    return _TEMPLATE.format(base_url=base_url, database=DATABASE, watches=watches)
