"""The runbook's commands, as they stand there and in their order, in a house where something has gone wrong."""

import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.cli import run
from tests.support.fake_site import FIRST, PROJECT, Answer, LiveSite
from tests.support.stored_pages import command, damaged

RUNBOOK = (PROJECT / "docs" / "RUNBOOK.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ *\$ (.+)$", RUNBOOK, re.MULTILINE)
ELSEWHERE = {
    "useradd": "changes the machine's users",
    "install": "makes a folder for one of those",
    "cp": "writes into /etc",
    "systemctl": "needs systemd; the units are in tests/test_deploy.py",
    "journalctl": "likewise",
    "scrapyd": "needs scrapyd; its egg is in tests/test_deploy.py",
    "scrapyd-deploy": "likewise",
    "curl": "asks scrapyd",
    "make": "installs",
}
"""What the runbook has done by other programs than ours, and why not here."""
ENDS_WITH = {"status": 3, "crawl": 3, "outbox retry": 4, "save-page": 3}
"""The exit codes that are right in this house, where not 0: a page is refused, a recipient is not reached."""
TOLD = """
[[channel]]
name = "folder"
type = "file"
path = "out"
[[channel]]
name = "mail"
type = "email"
to = ["team@example.org"]
from = "jobs@example.org"
smtp = "smtp://127.0.0.1:9"
[[digest]]
name = "weekly"
when = "after crawl"
channels = ["folder", "mail"]
"""


def words_of(line: str) -> list[str]:
    """Return a command without what is set before it."""
    words = shlex.split(line)
    while re.match(r"\w+=", words[0]):
        words = words[1:]
    return words


def test_every_command_of_the_runbook_is_given_here_or_it_is_said_why_not() -> None:
    programs = {words_of(line)[0] for line in COMMANDS}
    assert programs == {"jobspider", *ELSEWHERE}


class House:
    """A folder with a configuration, a site, and a database in which things have gone wrong."""

    def __init__(self, folder: Path, site: LiveSite) -> None:
        self.folder = folder
        self.config = site.config(folder)
        self.config.write_text(self.config.read_text(encoding="utf-8") + TOLD, encoding="utf-8")
        (folder / "elsewhere").mkdir()
        (folder / "cases").mkdir()
        self.refused = next(iter(site.site.pages.values()))
        site.fault = lambda path: Answer(body=damaged(self.refused.body)) if path == self.refused.path else None
        self.url = f"{site.base_url}{self.refused.path}"

    def waiting(self) -> str:
        """Return the number of a delivery that waits."""
        return str(json.loads(command(self.config, "outbox", "list", "--json").stdout)[0]["id"])

    def given(self, line: str) -> list[str]:
        """Return what follows ``jobspider``, with this house's paths, numbers and address in place of the examples'."""
        words = words_of(line)[1:]
        if words[:2] == ["outbox", "cancel"]:
            words[2] = self.waiting()
        if words[0] == "save-page":
            words[1] = self.url
            words += ["--to", str(self.folder / "cases")]
        return [re.sub(r"^/(?:backups|var/lib/node_exporter)/", f"{self.folder}/elsewhere/", word) for word in words]

    def do(self, line: str) -> tuple[int, str]:
        """Give a command; return its exit code and what it said."""
        words = self.given(line)
        if words[0] in ("crawl", "save-page"):  # Scrapy begins but once in a process
            ended = run(*words, config=self.config)
            return ended.returncode, ended.stdout + ended.stderr
        result = command(self.config, *words)
        return result.exit_code, f"{result.output}{result.exception or ''}"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_every_command_of_ours_that_the_runbook_gives_does_what_it_is_given_for(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        house = House(tmp_path, site)
        assert run("run", config=house.config).returncode == 3
        for line in COMMANDS:
            if words_of(line)[0] != "jobspider":
                continue
            words = house.given(line)
            name = " ".join(words[: 2 if words[0] in ("outbox", "db", "quarantine") else 1])
            code, said = house.do(line)
            assert code == ENDS_WITH.get(name, 0), f"{line}: {code}: {said}"
            for aside in tmp_path.glob("*before-restore*"):
                aside.unlink()  # a second restore within the same second finds its name taken
    assert (tmp_path / "elsewhere" / "jobspider.prom").exists()
    assert list((tmp_path / "cases").rglob("page.html"))


def test_upgrade_from_unreleased_schema_is_refused_and_backup_restores(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        house = House(tmp_path, site)
        database, backup = tmp_path / "jobspider.db", tmp_path / "backup.db"
        assert run("run", config=house.config).returncode == 3, "the mail server is missing, and a page is refused"
        assert command(house.config, "db", "backup", str(backup)).exit_code == 0
        before = content(backup)
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE _sqlite_migrations SET name = 'm001_tables' WHERE migration_set = 'jobspider'")

        outdated = run("run", config=house.config)
        assert (outdated.returncode, "was created before the first release" in outdated.stderr) == (4, True)
        assert command(house.config, "check").exit_code == 2

        assert command(house.config, "db", "restore", str(backup)).exit_code == 0
        assert content(database) == before
        assert command(house.config, "db", "migrate").exit_code == 0
        assert command(house.config, "db", "check").exit_code == 0


def content(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())
