"""The command ``jobspider save-page``."""

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


def save_file(tmp_path: Path, body: bytes = BODY) -> str:
    path = tmp_path / "saved.html"
    path.write_bytes(body)
    return str(path)


def load_meta(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))


def test_save_page_file_writes_page_meta_and_expectation(tmp_path: Path, cases: Path) -> None:
    process = run("save-page", save_file(tmp_path), "--url", URL + "?p=6", "--as", "one", "--to", str(cases))
    assert process.returncode == 0, process.stderr
    folder = cases / "role" / "one"
    assert (folder / "page.html").read_bytes() == BODY
    meta = load_meta(folder)
    assert {key: meta[key] for key in ("url", "built", "reviewed", "licence")} == {
        "url": URL,
        "built": False,
        "reviewed": False,
        "licence": "CC BY-NC-SA 4.0",
    }
    assert meta["as_of"].isoformat() == "2025-11-16"
    expected = (folder / "expected.json").read_text(encoding="utf-8")
    assert json.loads(expected) == SavedPage(folder).truth()
    assert any(re.fullmatch(r' +"median": \[.*\],', line) for line in expected.splitlines()), "a list on one line"
    assert "CC BY-NC-SA 4.0" in process.stdout


def test_saved_case_without_review_fails_the_tests(tmp_path: Path, cases: Path) -> None:
    run("save-page", save_file(tmp_path), "--url", URL, "--as", "one", "--to", str(cases))
    folder = cases / "role" / "one"
    with pytest.raises(AssertionError, match="compare role/one/expected"):
        check_reviewed(SavedPage(folder))
    reviewed = cases / "role" / "two"
    folder.rename(reviewed)
    path = reviewed / "meta.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("reviewed = false", "reviewed = true"), encoding="utf-8")
    check_reviewed(SavedPage(reviewed))


def test_save_page_unparsable_page_gets_expectation_later(tmp_path: Path, cases: Path) -> None:
    arguments = ["--url", URL, "--as", "one", "--to", str(cases)]
    process = run("save-page", save_file(tmp_path, damaged(BODY)), *arguments)
    folder = cases / "role" / "one"
    assert process.returncode == 3
    assert "The page is not accepted: expected" in process.stdout
    assert sorted(file.name for file in folder.iterdir()) == ["meta.toml", "page.html"]
    assert load_meta(folder)["url"] == URL
    assert run("save-page", save_file(tmp_path), *arguments).returncode == 0
    assert (folder / "expected.json").is_file()


def test_save_page_existing_case_is_not_overwritten(tmp_path: Path, cases: Path) -> None:
    folder = cases / "role" / "one"
    folder.mkdir(parents=True)
    (folder / "expected.json").write_text("reviewed", encoding="utf-8")
    process = run("save-page", save_file(tmp_path), "--url", URL, "--as", "one", "--to", str(cases))
    assert (process.returncode, "already exists" in process.stderr) == (2, True)
    assert (folder / "expected.json").read_text(encoding="utf-8") == "reviewed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["gone.html", "--url", URL, "--as", "one"], "gone.html: cannot be read", id="missing file"),
        pytest.param(["gone.html", "--as", "one"], "give it with --url", id="file without URL"),
        pytest.param([URL, "--url", URL, "--as", "one"], "--url is only for a file", id="two URLs"),
        pytest.param([URL, "--as", "../one"], "is not a valid name", id="name with path"),
        pytest.param(["FILE", "--url", "https://example.org/about", "--as", "one"], "is not the URL of", id="URL"),
        pytest.param(["FILE", "--url", URL, "--as", "one", "--to", "nowhere"], "is not a directory", id="directory"),
    ],
)
def test_save_page_usage_error_writes_nothing(tmp_path: Path, cases: Path, arguments: list[str], message: str) -> None:
    config = configured(tmp_path)
    with Database.open(tmp_path / "jobspider.db") as database:
        fetch(database, {NORTH_WEST: BODY}, MORNING)
    arguments = [save_file(tmp_path) if argument == "FILE" else argument for argument in arguments]
    process = run("save-page", "--to", str(cases), *arguments, config=config)
    assert (process.returncode, len(process.stderr.splitlines())) == (2, 1), process.stderr
    assert message in process.stderr
    assert not list(cases.iterdir())


def test_save_page_url_uses_stored_page(tmp_path: Path, cases: Path) -> None:
    """The stored page of the test is quarantined."""
    config = configured(tmp_path)
    with Database.open(tmp_path / "jobspider.db") as database:
        fetch(database, {NORTH_WEST: damaged(BODY)}, MORNING)
    process = run("save-page", URL, "--as", "one", "--to", str(cases), "--json", config=config)
    assert process.returncode == 3, process.stderr
    output = json.loads(process.stdout)
    assert (output["has_expectation"], bool(output["refused"])) == (False, True)
    assert (cases / "role" / "one" / "page.html").read_bytes() == damaged(BODY)
    assert "2025-11-16" in load_meta(cases / "role" / "one")["origin"]


def test_save_page_url_not_stored_is_fetched_and_not_stored(tmp_path: Path, cases: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        process = run("save-page", URL, "--as", "one", "--to", str(cases), config=config)
        assert process.returncode == 0, process.stderr
        assert [request.path for request in site.asked] == ["/robots.txt", PATH]
        assert all(request.headers["User-Agent"].startswith("jobspider/") for request in site.asked)
    assert (cases / "role" / "one" / "page.html").read_bytes() == BODY
    assert site.base_url in load_meta(cases / "role" / "one")["origin"]
    assert not (tmp_path / "jobspider.db").exists()


def test_save_page_url_disallowed_by_robots_writes_nothing(tmp_path: Path, cases: Path) -> None:
    robots = Answer(200, b"User-agent: *\nDisallow: /jobs/\n", {"Content-Type": "text/plain"})
    with LiveSite(FIRST, fault=lambda path: robots if path == "/robots.txt" else None) as site:
        process = run("save-page", URL, "--as", "one", "--to", str(cases), config=site.config(tmp_path))
        assert site.pages_asked == []
    assert process.returncode == 4
    assert "there is no page to save" in process.stderr
    assert not list(cases.iterdir())


def test_save_page_challenge_page_is_written(tmp_path: Path, cases: Path) -> None:
    with LiveSite(FIRST, fault=lambda path: Answer(200, CHALLENGE) if path == PATH else None) as site:
        process = run("save-page", URL, "--as", "challenge", "--to", str(cases), config=site.config(tmp_path))
    assert process.returncode == 3
    assert (cases / "role" / "challenge" / "page.html").read_bytes() == CHALLENGE


def test_save_page_live_site_requires_contact(tmp_path: Path, cases: Path) -> None:
    process = run("save-page", URL, "--as", "one", "--to", str(cases), config=configured(tmp_path))
    assert (process.returncode, "site.contact" in process.stderr) == (2, True)


def test_dumped_document_can_be_parsed() -> None:
    document = {"a": {"b": [1, None, "\N{POUND SIGN}" * 70, ["x" * 60, {"y": "z" * 70}]]}, "empty": [], "none": {}}
    assert json.loads(dumped(document)) == document
