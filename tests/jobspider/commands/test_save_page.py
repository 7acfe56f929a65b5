"""Pages made into cases for the tests."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from jobspider.pages.expected_json import dumped
from jobspider.store.database import Database
from tests.support.cli import run
from tests.support.fake_site import CHALLENGE, FIRST, Answer, LiveSite
from tests.support.saved_pages import SavedPage, check_reviewed
from tests.support.stored_pages import MORNING, NORTH_WEST, bodies, configured, damaged, fetch

URL = "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
PATH = "/jobs/north%20west/backend%20developer.do"
BODY = bodies(FIRST)[NORTH_WEST]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    return folder


def saved_file(tmp_path: Path, body: bytes = BODY) -> str:
    path = tmp_path / "saved.html"
    path.write_bytes(body)
    return str(path)


def meta(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))


def test_a_file_becomes_a_case_with_its_page_what_is_known_and_a_proposed_expectation(
    tmp_path: Path, cases: Path
) -> None:
    ended = run("save-page", saved_file(tmp_path), "--url", URL + "?p=6", "--as", "one", "--to", str(cases))
    assert ended.returncode == 0, ended.stderr
    folder = cases / "role" / "one"
    assert (folder / "page.html").read_bytes() == BODY
    assert {key: meta(folder)[key] for key in ("url", "built", "reviewed", "licence")} == {
        "url": URL,
        "built": False,
        "reviewed": False,
        "licence": "CC BY-NC-SA 4.0",
    }
    assert meta(folder)["as_of"].isoformat() == "2025-11-16"
    saved = SavedPage(folder)
    assert json.loads((folder / "expected.json").read_text(encoding="utf-8")) == saved.truth()
    assert "CC BY-NC-SA 4.0" in ended.stdout


def test_the_suite_fails_until_a_person_has_looked(tmp_path: Path, cases: Path) -> None:
    run("save-page", saved_file(tmp_path), "--url", URL, "--as", "one", "--to", str(cases))
    folder = cases / "role" / "one"
    with pytest.raises(AssertionError, match="compare role/one/expected"):
        check_reviewed(SavedPage(folder))
    reviewed = cases / "role" / "two"
    folder.rename(reviewed)
    path = reviewed / "meta.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("reviewed = false", "reviewed = true"), encoding="utf-8")
    check_reviewed(SavedPage(reviewed))


def test_a_page_that_cannot_be_read_is_saved_and_gets_its_expectation_when_it_can(tmp_path: Path, cases: Path) -> None:
    arguments = ["--url", URL, "--as", "one", "--to", str(cases)]
    ended = run("save-page", saved_file(tmp_path, damaged(BODY)), *arguments)
    folder = cases / "role" / "one"
    assert ended.returncode == 3
    assert "The page is not accepted: expected" in ended.stdout
    assert sorted(file.name for file in folder.iterdir()) == ["meta.toml", "page.html"]
    assert meta(folder)["url"] == URL
    assert run("save-page", saved_file(tmp_path), *arguments).returncode == 0
    assert (folder / "expected.json").is_file()


def test_a_case_that_is_there_is_never_written_over(tmp_path: Path, cases: Path) -> None:
    arguments = [saved_file(tmp_path), "--url", URL, "--as", "one", "--to", str(cases)]
    run("save-page", *arguments)
    (cases / "role" / "one" / "expected.json").write_text("reviewed", encoding="utf-8")
    ended = run("save-page", *arguments)
    assert (ended.returncode, "is there already" in ended.stderr) == (2, True)
    assert (cases / "role" / "one" / "expected.json").read_text(encoding="utf-8") == "reviewed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.html", "--url", URL, "--as", "one"], "gone.html: cannot be read"),
        (["gone.html", "--as", "one"], "say with --url"),
        ([URL, "--url", URL, "--as", "one"], "--url goes with a file"),
        ([URL, "--as", "../one"], "cannot be a case"),
        (["FILE", "--url", "https://example.org/about", "--as", "one"], "is not the URL of"),
        (["FILE", "--url", URL, "--as", "One"], "cannot be a case"),
        (["FILE", "--url", URL, "--as", "one", "--to", "nowhere"], "run this in the project's folder"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(tmp_path: Path, cases: Path, arguments: list[str], said: str) -> None:
    config = configured(tmp_path)
    with Database.open(tmp_path / "jobspider.db") as database:
        fetch(database, {NORTH_WEST: BODY}, MORNING)
    given = [saved_file(tmp_path) if each == "FILE" else each for each in arguments]
    ended = run("save-page", *(given if "--to" in given else [*given, "--to", str(cases)]), config=config)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert said in ended.stderr
    assert not list(cases.iterdir())


def test_a_page_of_the_site_is_taken_from_the_database_if_it_is_kept_quarantined_or_not(
    tmp_path: Path, cases: Path
) -> None:
    config = configured(tmp_path)
    with Database.open(tmp_path / "jobspider.db") as database:
        fetch(database, {NORTH_WEST: damaged(BODY)}, MORNING)
    ended = run("save-page", URL, "--as", "one", "--to", str(cases), "--json", config=config)
    assert ended.returncode == 3, ended.stderr
    found = json.loads(ended.stdout)
    assert (found["has_expectation"], bool(found["refused"])) == (False, True)
    assert (cases / "role" / "one" / "page.html").read_bytes() == damaged(BODY)
    assert "2025-11-16" in meta(cases / "role" / "one")["origin"]


def test_another_page_is_asked_of_the_configured_site_as_in_a_crawl_and_kept_nowhere_else(
    tmp_path: Path, cases: Path
) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        ended = run("save-page", URL, "--as", "one", "--to", str(cases), config=config)
        assert ended.returncode == 0, ended.stderr
        assert [asked.path for asked in site.asked] == ["/robots.txt", PATH]
        assert all(asked.headers["User-Agent"].startswith("jobspider/") for asked in site.asked)
    assert (cases / "role" / "one" / "page.html").read_bytes() == BODY
    assert site.base_url in meta(cases / "role" / "one")["origin"]
    assert not (tmp_path / "jobspider.db").exists()


def test_a_page_that_the_site_does_not_give_is_no_case(tmp_path: Path, cases: Path) -> None:
    robots = Answer(200, b"User-agent: *\nDisallow: /jobs/\n", {"Content-Type": "text/plain"})
    with LiveSite(FIRST, fault=lambda path: robots if path == "/robots.txt" else None) as site:
        ended = run("save-page", URL, "--as", "one", "--to", str(cases), config=site.config(tmp_path))
        assert site.pages_asked == []
    assert ended.returncode == 4
    assert "there is no page to save" in ended.stderr
    assert not list(cases.iterdir())


def test_a_challenge_is_saved_as_what_it_is(tmp_path: Path, cases: Path) -> None:
    with LiveSite(FIRST, fault=lambda path: Answer(200, CHALLENGE) if path == PATH else None) as site:
        ended = run("save-page", URL, "--as", "challenge", "--to", str(cases), config=site.config(tmp_path))
    assert ended.returncode == 3
    assert (cases / "role" / "challenge" / "page.html").read_bytes() == CHALLENGE


def test_the_live_site_is_not_asked_in_nobody_s_name(tmp_path: Path, cases: Path) -> None:
    ended = run("save-page", URL, "--as", "one", "--to", str(cases), config=configured(tmp_path))
    assert (ended.returncode, "site.contact" in ended.stderr) == (2, True)


def test_an_expectation_keeps_on_one_line_what_fits_on_one(tmp_path: Path, cases: Path) -> None:
    run("save-page", saved_file(tmp_path), "--url", URL, "--as", "one", "--to", str(cases))
    lines = (cases / "role" / "one" / "expected.json").read_text(encoding="utf-8").splitlines()
    assert any(re.fullmatch(r' +"median": \[.*\],', line) for line in lines)


def test_a_dumped_document_reads_back_whatever_is_in_it() -> None:
    read = {"a": {"b": [1, None, "\N{POUND SIGN}" * 70, ["x" * 60, {"y": "z" * 70}]]}, "empty": [], "none": {}}
    assert json.loads(dumped(read)) == read
