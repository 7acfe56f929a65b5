"""A disk that is truly full, under the real commands: what was reported is kept, one line says so, and all goes on."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import large_site
from tests.support.fake_site import FIRST, LiveSite
from tests.support.small_disk import Ended, SmallDisk, missing, small_disk

MISSING = missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

PAGES = 40
FULL = r" cannot .*(the disk is full|No space left on device); (free some space|name another (file|folder))\n$"
TOLD = """
[[channel]]
name = "folder"
type = "file"
path = "out"
[[digest]]
name = "watch"
when = "after crawl"
channels = ["folder"]
when_quiet = "skip"
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    path = tmp_path / "disk"
    path.mkdir()
    with small_disk(path, megabytes=4) as mounted:
        yield mounted


def configured(disk: SmallDisk, written: Path, more: str = "") -> None:
    """Put a configuration on the disk, so that the database and whatever else is written lies there too."""
    written.write_text(written.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert disk.command("cp", str(written), str(disk.path)).code == 0


def rows(disk: SmallDisk, sql: str) -> list[dict[str, Any]]:
    """Ask the database with another program."""
    asked = disk.command(sys.executable, "-m", "sqlite_utils", "query", str(disk.path / "jobspider.db"), sql)
    found: list[dict[str, Any]] = json.loads(asked.stdout)
    return found


def files(disk: SmallDisk) -> set[str]:
    return set(disk.command("ls", "-A", str(disk.path)).stdout.split())


def fails_in_one_line(ended: Ended) -> bool:
    *before, last = ended.stderr.splitlines(keepends=True)
    reported = all(line.split()[0] == "stored" for line in before)
    return ended.code == 4 and reported and bool(re.search(FULL, last))


def test_a_crawl_that_fills_the_disk_keeps_what_it_reported_and_goes_on_when_there_is_room(
    disk: SmallDisk, tmp_path: Path
) -> None:
    with LiveSite(fault=large_site.answer) as site:
        configured(disk, large_site.config(site, tmp_path, PAGES))
        disk.fill(leave=700_000)
        crawled = disk.run("crawl")
        assert fails_in_one_line(crawled), crawled
        reported = set(re.findall(r"stored +(\S+)\n", crawled.stderr))
        assert 0 < len(reported) < PAGES
        stored = {row["url"] for row in rows(disk, "SELECT url FROM fetches WHERE status = 'stored'")}
        assert stored == reported
        assert disk.run("db", "check").stdout.endswith(" has no errors.\n")

        before = files(disk)
        for copying in (["db", "backup"], ["export", "--to", str(disk.path / "out")]):
            assert fails_in_one_line(disk.run(*copying))
        assert files(disk) == before, "nothing half made is left"

        disk.clear()
        assert disk.run("crawl", "--resume").code == 0
        assert len(site.pages_asked) <= PAGES + 2, "what was stored is not asked for again"
    assert rows(disk, "SELECT count(*) AS n FROM latest") == [{"n": PAGES}]
    assert [disk.run("db", which).code for which in ("check", "backup")] == [0, 0]


def test_a_digest_for_which_there_is_no_room_is_told_later_and_once(disk: SmallDisk, tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        configured(disk, site.config(tmp_path), TOLD)
        assert disk.run("crawl").code == 0
        for leave in (0, 20_000, 60_000):
            disk.fill(leave)
            refused = disk.run("digest", "watch")
            assert fails_in_one_line(refused), refused
            disk.clear()
    assert "out" not in files(disk)
    assert [disk.run("digest", "watch").code for _ in range(2)] == [0, 0]
    assert rows(disk, "SELECT state FROM deliveries") == [{"state": "sent"}]
    assert disk.command("cat", str(disk.path / "out" / "digest.txt")).stdout.startswith("Now watching 10 pages")


def test_a_delivery_for_which_there_is_no_room_waits(disk: SmallDisk, tmp_path: Path) -> None:
    # The database is on another disk, and only the digest's files find no room.
    elsewhere = TOLD.replace('path = "out"', f'path = "{disk.path / "out"}"')
    with LiveSite(FIRST) as site:
        written = site.config(tmp_path)
        written.write_text(written.read_text(encoding="utf-8") + elsewhere, encoding="utf-8")
        assert disk.run("crawl", "--config", str(written)).code == 0
    disk.fill()
    kept = disk.run("digest", "watch", "--config", str(written))
    assert (kept.code, "retry" in kept.stdout, "No space left on device" in kept.stdout) == (4, True, True), kept
    disk.clear()
    assert disk.run("outbox", "retry", "--all", "--config", str(written)).code == 0
    assert disk.command("ls", "-A", str(disk.path / "out")).stdout.split() == ["digest.html", "digest.txt"]


def test_a_full_or_read_only_disk_of_the_cache_costs_no_page_and_nothing_of_it_is_used(
    disk: SmallDisk, tmp_path: Path
) -> None:
    # What cannot be dropped from it could be confirmed by the site for ever, so none of it is.
    (tmp_path / "httpcache").symlink_to(disk.path / "cache")
    assert disk.command("mkdir", str(disk.path / "cache")).code == 0
    with LiveSite(FIRST) as site:
        site.is_tagged = True
        written = str(site.config(tmp_path))
        conditional = []
        for change in (disk.fill, disk.clear, lambda: None, lambda: disk.remount("ro")):
            change()
            crawled = disk.run("crawl", "--config", written)
            assert crawled.code == 0, crawled
            conditional.append(sum("If-None-Match" in asked.headers for asked in site.asked))
            site.asked.clear()
    assert conditional == [0, 0, len(site.site.pages), 0]


def test_a_read_only_disk_is_told_in_one_line(disk: SmallDisk, tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        configured(disk, site.config(tmp_path))
        assert disk.run("crawl").code == 0
        disk.remount("ro")
        for command in (["crawl"], ["db", "info"]):
            refused = disk.run(*command)
            assert (refused.code, refused.stderr.count("\n")) == (4, 1)
            assert "writable\n" in refused.stderr
        disk.remount("rw")
        assert disk.run("crawl").code == 0
