"""The recipes in deploy/: what can be checked of them without the machine that they are for."""

import re
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

from alerts.cli import jobspider
from jobspider.store.database import Database
from tests.support.cli import scrapy
from tests.support.fake_site import FIRST, PROJECT, LiveSite

DEPLOY = PROJECT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer"))
COMMAND = re.compile(
    r"(?<![-\w/.])(?:\S*/)?bin/jobspider ([a-z][^>|;&\n]*)|\"jobspider\", (\"[^]]*)]|CMD jobspider (\w+)"
)


def commands() -> list[tuple[str, list[str]]]:
    """Return every command line of ours that a recipe gives, with the recipe's name."""
    found = []
    for path in sorted(DEPLOY.iterdir()):
        for match in COMMAND.finditer(path.read_text(encoding="utf-8")):
            words = next(filter(None, match.groups())).replace('"', "").replace(",", " ").split()
            found.append((path.name, words))
    return found


@pytest.mark.parametrize(("recipe", "words"), commands(), ids=str)
def test_every_command_that_a_recipe_gives_can_be_given(recipe: str, words: list[str]) -> None:
    assert words[0] in jobspider.commands, recipe
    jobspider.commands[words[0]].make_context(words[0], words[1:])


def test_the_recipes_give_commands() -> None:
    assert {"jobspider.service", "jobspider-run.service", "crontab", "Containerfile", "github-actions.yml"} <= {
        recipe for recipe, _ in commands()
    }


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: str, tmp_path: Path) -> None:
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        # systemd looks whether what is to be started is there.
        (tmp_path / name).write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_each_line_of_the_crontab_has_five_fields_and_no_percent_sign() -> None:
    """In a crontab a percent sign is a new line."""
    lines = [line for line in (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    jobs = [line for line in lines if not re.match(r"\w+=", line)]
    assert jobs
    assert all(re.match(r"(?:(?:\*(?:/\d+)?|\d+)\s+){5}cd ", line) and "%" not in line for line in jobs)


def test_an_egg_names_the_settings_that_scrapy_cfg_names() -> None:
    """By this entry point scrapyd finds the project in an egg."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    read = ConfigParser()
    read.read(PROJECT / "scrapy.cfg")
    assert project["entry-points"]["scrapy"]["settings"] == read["settings"]["default"]
    assert read["deploy"]["project"] == project["name"]


def test_a_crawl_that_scrapyd_starts_bears_its_job_s_name(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        assert scrapy("crawl", "roles", "-a", "_job=327bc910e540", config=config).returncode == 0
    with Database.open(tmp_path / "jobspider.db", read_only=True) as database:
        assert database.rows("SELECT token, outcome FROM crawls") == [("327bc910e540", "complete")]
