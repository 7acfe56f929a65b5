"""What ``jobspider check`` calls in place is in place: what a run would stumble over is said, and nothing is sent."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from jobspider.store.database import Database
from tests.support.cli import run
from tests.support.small_disk import Ended, SmallDisk, missing, small_disk

MISSING = missing()
CONFIG = """
[site]
base_url = "http://127.0.0.1:9"
[store]
path = "jobs.db"
[[watch]]
terms = ["backend developer"]
regions = ["north west"]
"""
HOOK = '[[channel]]\nname = "hook"\ntype = "webhook"\n'
SLACK = '[[channel]]\nname = "team"\ntype = "slack"\n'
PHONE = '[[channel]]\nname = "phone"\ntype = "apprise"\n'
MAIL = '[[channel]]\nname = "mail"\ntype = "email"\nto = ["a@example.org"]\nfrom = "b@example.org"\nsmtp = "{smtp}"\n'
FILES = '[[channel]]\nname = "folder"\ntype = "file"\npath = "{path}"\n'
FEED = '[[channel]]\nname = "feed"\ntype = "feed"\npath = "{path}"\n'
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {
    "JOBSPIDER_HOOK_WEBHOOK_URL": "https://example.org/hook",
    "JOBSPIDER_HOOK_SIGNING_KEY": KEY,
    "JOBSPIDER_TEAM_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/x",
    "JOBSPIDER_PHONE_APPRISE_URL": "ntfy://example.org/topic",
    "JOBSPIDER_MAIL_PASSWORD": "pass",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def check(config: Path, more: str = "", secrets: Mapping[str, str] = SECRETS) -> Ended:
    """Run the command with further sections in the configuration."""
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    ended = run("check", "--config", str(config), **secrets)  # type: ignore[arg-type] # none is called config or cwd
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def mistakes(checked: Ended) -> list[str]:
    """Return what is said to be wrong, which the last line and the exit code must agree with."""
    found = [line.removeprefix("!!  ") for line in checked.stdout.splitlines() if line.startswith("!!")]
    assert (checked.code, checked.stderr) == (2 if found else 0, "")
    assert ("everything is in place" in checked.stdout) is (not found)
    return found


# The database.


def test_before_the_first_crawl_its_folders_need_not_be_there(config: Path) -> None:
    checked = check(config, FILES.format(path="out/digests") + FEED.format(path="web/feed.xml"))
    assert mistakes(checked) == []
    assert "jobs.db: will be made by the first crawl" in checked.stdout
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"], "nothing is made to find out"


@pytest.mark.parametrize("path", ["file/jobs.db", "file/data/jobs.db"])
def test_a_database_cannot_be_made_below_a_file(config: Path, path: str) -> None:
    file = config.with_name("file")
    file.touch()
    config.write_text(CONFIG.replace("jobs.db", path), encoding="utf-8")
    assert mistakes(check(config)) == [f"{config.parent / path} cannot be written: {file} is no folder"]
    assert run("run", config=config).returncode == 4, "as it was foretold"


def test_one_that_is_there_opens_for_writing_and_stays_as_it_is(config: Path) -> None:
    Database.open(config.with_name("jobs.db")).close()
    before = config.with_name("jobs.db").read_bytes()
    checked = check(config)
    assert mistakes(checked) == []
    assert "jobs.db: opens for writing" in checked.stdout
    assert config.with_name("jobs.db").read_bytes() == before


def test_one_that_another_process_writes_to_is_in_order(config: Path) -> None:
    Database.open(config.with_name("jobs.db")).close()
    other = sqlite3.connect(config.with_name("jobs.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    checked = check(config)
    other.close()
    assert mistakes(checked) == []
    assert "jobs.db: another process is writing to it" in checked.stdout


def test_a_folder_in_the_place_of_its_log_is_found(config: Path) -> None:
    Database.open(config.with_name("jobs.db")).close()
    config.with_name("jobs.db-wal").mkdir()
    (said,) = mistakes(check(config))
    assert "jobs.db cannot be opened" in said


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    path = tmp_path / "disk"
    path.mkdir()
    with small_disk(path, megabytes=4) as mounted:
        (tmp_path / "config.toml").write_text(CONFIG + FILES.format(path="out"), encoding="utf-8")
        Database.open(tmp_path / "jobs.db").close()
        for name in ("config.toml", "jobs.db"):
            assert mounted.command("cp", str(tmp_path / name), str(path)).code == 0
        yield mounted


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_a_disk_that_is_read_only_takes_no_database_and_no_digest(disk: SmallDisk) -> None:
    disk.remount("ro")
    assert mistakes(disk.run("check")) == [
        f"{disk.path}/jobs.db cannot be written: {disk.path} may not be written to",
        f"channel 'folder': {disk.path}/out cannot be written: {disk.path} may not be written to",
    ]


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_a_database_that_alone_is_read_only_does_not_open_for_writing(disk: SmallDisk) -> None:
    database = f"{disk.path}/jobs.db"
    assert mistakes(disk.run("check")) == []
    assert disk.command("mount", "--bind", database, database).code == 0
    assert disk.command("mount", "-o", "remount,bind,ro", database).code == 0
    assert mistakes(disk.run("check")) == [f"{database} is read-only: make the file writable"]


# The ways out.


def test_secrets_that_are_what_they_should_be_are_in_order(config: Path) -> None:
    checked = check(config, HOOK + SLACK + PHONE + MAIL.format(smtp="smtps://jobs@mail.example.org"))
    assert mistakes(checked) == []
    for name in SECRETS:
        assert f"{name} is set" in checked.stdout


@pytest.mark.parametrize(
    ("channel", "variable", "value", "said"),
    [
        (HOOK, "JOBSPIDER_HOOK_SIGNING_KEY", "whsec_c2hvcnQ=", "is no signing key: make one with"),
        (HOOK, "JOBSPIDER_HOOK_SIGNING_KEY", KEY.removeprefix("whsec_"), "is no signing key: make one with"),
        (HOOK, "JOBSPIDER_HOOK_WEBHOOK_URL", "http://example.org/hook", "is no webhook: it begins with https://"),
        (SLACK, "JOBSPIDER_TEAM_WEBHOOK_URL", "hooks.slack.com/services/T/B/x", "is no webhook: it begins with"),
        (PHONE, "JOBSPIDER_PHONE_APPRISE_URL", "pigeon://grey", "is no Apprise URL"),
    ],
)
def test_a_secret_that_sending_would_refuse_is_named_and_not_shown(
    config: Path, channel: str, variable: str, value: str, said: str
) -> None:
    checked = check(config, channel, {**SECRETS, variable: value})
    (mistake,) = mistakes(checked)
    assert mistake.startswith(f"{variable} {said}")
    assert value not in checked.stdout


def test_a_password_is_not_in_order_where_it_would_go_unencrypted(config: Path) -> None:
    (said,) = mistakes(check(config, MAIL.format(smtp="smtp://jobs@mail.example.org")))
    assert "the password is not sent unencrypted" in said


def test_all_that_is_missing_is_said_at_once_and_each_but_once(config: Path) -> None:
    said = mistakes(check(config, HOOK + PHONE, {}))
    assert [line.partition(" or ")[0].rpartition(" ")[2] for line in said] == [
        "JOBSPIDER_HOOK_WEBHOOK_URL",
        "JOBSPIDER_HOOK_SIGNING_KEY",
        "JOBSPIDER_PHONE_APPRISE_URL",
    ]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (FILES.format(path="file/out"), "/file/out cannot be written: {0}/file is no folder"),
        (FEED.format(path="file/feed.xml"), "/file/feed.xml cannot be written: {0}/file is no folder"),
        (FILES.format(path="taken"), "/taken cannot be written: {0}/taken/digest.txt is a folder"),
        (FEED.format(path="taken"), "/taken cannot be written: {0}/taken is a folder"),
        (FEED.format(path="file"), "/file is no feed of this program: move it away"),
    ],
)
def test_a_path_that_cannot_be_written_is_named_with_what_is_in_its_way(config: Path, channel: str, said: str) -> None:
    config.with_name("file").touch()
    (config.with_name("taken") / "digest.txt").mkdir(parents=True)
    (mistake,) = mistakes(check(config, channel))
    assert mistake.endswith(str(config.parent) + said.format(config.parent))
