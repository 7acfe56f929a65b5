"""The demo, as a new user runs it."""

import email
import email.policy
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.support.cli import run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the demo's folder and what it printed; run from somewhere else than the project."""
    folder = tmp_path_factory.mktemp("demo")
    ended = run("demo", "--to", str(folder), cwd=folder)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    return folder, ended.stdout


def test_it_ends_by_naming_what_it_wrote_and_what_comes_next(demo: tuple[Path, str]) -> None:
    folder, said = demo
    for name in ("digest.html", "digest.txt", "digest.eml", "slack.json", "jobspider.db"):
        assert (folder / name).stat().st_size > 0
        assert str(folder / name) in said
    assert "contact" in said.rpartition("Next:")[2]


def test_what_comes_next_can_be_done_from_any_folder(demo: tuple[Path, str], tmp_path: Path) -> None:
    assert "jobspider init my-market" in demo[1].rpartition("Next:")[2]
    assert run("init", "my-market", cwd=tmp_path).returncode == 0


def test_the_commands_work_in_its_folder_and_below(demo: tuple[Path, str], tmp_path: Path) -> None:
    below = demo[0] / "below"
    below.mkdir(exist_ok=True)
    for where in (demo[0], below):
        shown = run("history", "uk/backend developer", cwd=where)
        assert (shown.returncode, shown.stderr) == (0, "")
    assert run("init", cwd=tmp_path).returncode == 0
    assert (demo[0] / "scrapy.cfg").read_bytes() == (tmp_path / "scrapy.cfg").read_bytes()


def test_the_digest_in_the_terminal_is_the_one_that_was_written(demo: tuple[Path, str]) -> None:
    folder, said = demo
    assert (folder / "digest.txt").read_text(encoding="utf-8") in said


def test_it_shows_a_median_a_rank_and_skills_that_moved(demo: tuple[Path, str]) -> None:
    text = (demo[0] / "digest.txt").read_text(encoding="utf-8")
    assert "£65,000 → £67,500" in text
    assert "84 → 69" in text
    assert "entered the top skills" in text
    assert "left the top skills" in text


def test_it_says_which_page_could_not_be_read_and_which_was_unchanged(demo: tuple[Path, str]) -> None:
    text = " ".join((demo[0] / "digest.txt").read_text(encoding="utf-8").split())
    assert "10 pages watched: 8 with new figures, 1 unchanged, 1 could not be read" in text
    assert "Backend Developer, Wales, permanent: not found on the site (HTTP 404)" in text


def test_it_says_that_figures_are_made_up(demo: tuple[Path, str]) -> None:
    folder, said = demo
    assert "synthetic" in said
    for name in ("digest.txt", "digest.html"):
        assert "some made up" in " ".join((folder / name).read_text(encoding="utf-8").split())


def test_the_same_crawl_again_told_nothing_twice(demo: tuple[Path, str]) -> None:
    folder, said = demo
    assert "Nothing new to tell" in said
    with sqlite3.connect(folder / "jobspider.db") as database:
        assert database.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall() == [("sent", 2)]
        assert database.execute("SELECT pages_stored, pages_unchanged FROM crawls ORDER BY id").fetchall() == [
            (10, 0),
            (8, 1),
            (0, 9),
        ]
    database.close()


def test_the_mail_is_one_that_mail_programs_can_read(demo: tuple[Path, str]) -> None:
    mail = email.message_from_bytes((demo[0] / "digest.eml").read_bytes(), policy=email.policy.default)
    assert not mail.defects
    assert mail["Subject"] == (demo[0] / "digest.txt").read_text(encoding="utf-8").splitlines()[0]
    parts = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert parts[0] == "text/plain"
    assert "text/html" in parts


def test_the_slack_post_keeps_the_limits(demo: tuple[Path, str]) -> None:
    post = json.loads((demo[0] / "slack.json").read_text(encoding="utf-8"))
    assert 0 < len(post["blocks"]) <= 50
    assert 0 < len(post["text"]) < 4_000


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "jobspider.db"
    mine.write_text("mine", encoding="utf-8")
    ended = run("demo", "--to", str(tmp_path))
    assert ended.returncode == 2
    assert "--to" in ended.stderr
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("change", ["# mine\n", '[[watch]]\nterms = ["java"]\nregions = ["london"]\n'])
def test_a_demo_that_was_made_ones_own_is_left_alone(demo: tuple[Path, str], tmp_path: Path, change: str) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(demo[0], mine)
    with (mine / "config.toml").open("a", encoding="utf-8") as config:
        config.write(change)
    assert_left_alone(mine)


def test_a_project_of_ones_own_is_left_alone(demo: tuple[Path, str], tmp_path: Path) -> None:
    assert run("init", cwd=tmp_path).returncode == 0
    shutil.copy(demo[0] / "jobspider.db", tmp_path)
    assert_left_alone(tmp_path)


def assert_left_alone(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    refused = run("demo", "--to", ".", cwd=folder)
    assert refused.returncode == 2
    assert refused.stderr.startswith("config.toml is not as this demo writes it and may be yours: name another folder")
    assert refused.stderr.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = run("demo", "--to", "file/demo", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == "file/demo cannot be written: Not a directory; name another folder with --to\n"


def test_it_can_be_run_again(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    assert run("demo", "--to", str(folder)).returncode == 0
