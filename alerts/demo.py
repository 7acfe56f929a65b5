"""The whole job on the bundled pages: crawl the site as it stood on two dates, keep, compare, tell. Offline."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from alerts import config
from alerts.config.starter_project import SCRAPY_CFG, SCRAPY_CFG_NAME
from alerts.errors import CycleError
from alerts.service.context import ServiceContext
from alerts.service.service import CycleReport, Service
from jobspider.config import FILE_NAME
from jobspider.errors import UsageError
from jobspider.files import replace_file
from jobspider.replay import ReplayServer, ReplaySite, load_site

BUNDLED: Final = Path(__file__).with_name("demo_site")
DATABASE: Final = "jobspider.db"
DIGESTS: Final = ("digest.txt", "digest.html", "digest.eml", "slack.json")

_ADDRESS: Final = re.compile(rb'^base_url = "(http://127\.0\.0\.1:[0-9]+)"$', re.MULTILINE)
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
class DemoStep:
    """One cycle of the demo: the date that the site stood at, where its pages come from, and how the cycle went."""

    date: str
    site: ReplaySite
    report: CycleReport


def run_demo(
    folder: Path,
    environ: Mapping[str, str],
    clock: Callable[[], datetime],
    on_step: Callable[[DemoStep], None],
) -> None:
    """Run a cycle on each bundled date, and one more on the last, which then has nothing new to tell.

    Args:
        folder: Where the database and the digests go; what an earlier demo left there is replaced, unless somebody has
            edited its configuration since.
        environ: The environment.
        clock: Returns the present in UTC.
        said: Told of each cycle when it is over.

    Raises:
        UsageError: The bundled pages are not there, the folder holds something else, or nothing can be written there.
        CycleError: A digest that should be there was not written.
    """
    dates = sorted(path for path in BUNDLED.glob("*") if path.is_dir())
    if not dates:
        raise UsageError(f"the demo's pages are missing from {BUNDLED}: install jobspider again")
    sites = [load_site(path) for path in (*dates, dates[-1])]
    with ReplayServer(sites[0]) as server:
        path = _set_up(folder, server.base_url, sites)
        context = ServiceContext(config.load(path), path, environ, clock)
        for site in sites:
            server.site = site
            on_step(DemoStep(site.folder.name, site, Service(context).cycle()))
    missing = [name for name in DIGESTS if not (folder / name).is_file()]
    if missing:
        raise CycleError(f"{folder / missing[0]} was not written")


def _set_up(folder: Path, base_url: str, sites: Sequence[ReplaySite]) -> Path:
    """Make the folder a project of the demo's own, and return its configuration."""
    path, project = folder / FILE_NAME, folder / SCRAPY_CFG_NAME
    try:
        _clear(folder, sites)
        # Whole or not at all: a part of one would look edited, and no demo would clear it any more.
        replace_file(path, _configuration(base_url, sites))
        if not project.exists():
            replace_file(project, SCRAPY_CFG.encode())
    except OSError as error:
        where = error.filename or folder
        raise UsageError(f"{where} cannot be written: {error.strerror}; name another folder with --to") from None
    return path


def _clear(folder: Path, sites: Sequence[ReplaySite]) -> None:
    """Make room: remove what an earlier demo wrote, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    if any(folder.iterdir()) and not path.is_file():
        raise UsageError(f"{folder} is not empty and not an earlier demo's: name another folder with --to")
    if path.is_file() and not _is_unmodified(path.read_bytes(), sites):
        raise UsageError(
            f"{path} is not as this demo writes it and may be yours: name another folder with --to, or remove that one"
        )
    for name in (*DIGESTS, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (folder / name).unlink(missing_ok=True)


def _is_unmodified(written: bytes, sites: Sequence[ReplaySite]) -> bool:
    """Tell whether a configuration is byte for byte a demo's; the port alone is another each time."""
    found = _ADDRESS.search(written)
    return found is not None and written == _configuration(found[1].decode(), sites)


def _configuration(base_url: str, sites: Sequence[ReplaySite]) -> bytes:
    addresses = dict.fromkeys(page.path for site in sites for page in site.pages.values())
    watches = "\n".join(f'[[watch]]\nurl = "{base_url}{address}"' for address in addresses)
    return _TEMPLATE.format(base_url=base_url, database=DATABASE, watches=watches).encode()
