"""``jobspider init``: a configuration to start from."""

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts import config
from alerts.cli import jobspider
from jobspider.errors import JobspiderError
from tests.support.cli import environment, run
from tests.support.fake_site import PROJECT

SHIPPED = (PROJECT / "config.toml").read_text(encoding="utf-8")


def init(*arguments: str) -> Result:
    """Run the command in this process."""
    result = CliRunner().invoke(jobspider, ["init", *arguments])
    if isinstance(result.exception, JobspiderError):
        result.exit_code = result.exception.exit_code
    elif result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_without_options_it_is_the_project_s_own_file(tmp_path: Path) -> None:
    assert init(str(tmp_path)).exit_code == 0
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == SHIPPED


def test_the_options_fill_in_their_values_and_every_comment_stays(tmp_path: Path) -> None:
    wanted = ["--term", "data engineer", "--term", 'c"#', "--region", "London", "--job-type", "contract"]
    assert init(str(tmp_path), "--contact", "me@example.com", *wanted).exit_code == 0
    loaded = config.load(tmp_path / "config.toml")
    (watch,) = loaded.watch
    assert loaded.site.contact == "me@example.com"
    assert (watch.terms, watch.regions, watch.job_types) == (["data engineer", 'c"#'], ["London"], ["contract"])
    changed = zip(
        SHIPPED.splitlines(), (tmp_path / "config.toml").read_text(encoding="utf-8").splitlines(), strict=True
    )
    lines = [(old, new) for old, new in changed if old != new]
    assert len(lines) == 4
    assert [old.partition("#")[2] for old, _ in lines if "#" in old] == [
        new.partition("#")[2] for old, new in lines if "#" in old
    ]


def test_it_says_what_to_do_next_and_that_can_be_done(tmp_path: Path) -> None:
    said = run("init", "my market", "--contact", "me@example.com", cwd=tmp_path).stdout
    assert "cd 'my market'" in said
    assert "jobspider run" in said
    checked = run("check", cwd=tmp_path / "my market")
    assert checked.returncode == 0, checked.stderr
    below = tmp_path / "my market" / "below"
    below.mkdir()
    assert run("check", cwd=below).returncode == 0, "from any folder inside"


def test_the_placeholder_is_named_as_long_as_it_stands(tmp_path: Path) -> None:
    assert "your address in [site] contact" in init(str(tmp_path / "one")).output
    assert "your address" not in init(str(tmp_path / "other"), "--contact", "me@example.com").output


def test_programs_are_told_what_was_written(tmp_path: Path) -> None:
    told = json.loads(init(str(tmp_path), "--json").output)
    assert told["written"] == [str(tmp_path / "config.toml"), str(tmp_path / "scrapy.cfg")]
    assert told["next"][-1] == "jobspider run"


def test_the_folder_is_the_same_project_to_scrapy(tmp_path: Path) -> None:
    init(str(tmp_path))
    own, ours = ConfigParser(), ConfigParser()
    own.read(tmp_path / "scrapy.cfg")
    ours.read(PROJECT / "scrapy.cfg")
    assert own["settings"]["default"] == ours["settings"]["default"]


def test_a_configuration_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("mine", encoding="utf-8")
    result = init(str(tmp_path))
    assert result.exit_code == 2
    assert str(result.exception) == f"{path} is there already: edit it, or name another folder"
    assert path.read_text(encoding="utf-8") == "mine"
    assert [*tmp_path.iterdir()] == [path]


def test_without_room_nothing_is_half_written_and_a_further_try_makes_it_whole(tmp_path: Path) -> None:
    narrow = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)); from alerts.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", narrow, "init", "new"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "new/config.toml cannot be written: File too large; name another folder\n"
    assert not (tmp_path / "new/config.toml").exists()
    assert init(str(tmp_path / "new")).exit_code == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"config.toml", "scrapy.cfg"}


def test_a_project_s_own_scrapy_cfg_stays(tmp_path: Path) -> None:
    (tmp_path / "scrapy.cfg").write_text("mine", encoding="utf-8")
    assert json.loads(init(str(tmp_path), "--json").output)["written"] == [str(tmp_path / "config.toml")]
    assert (tmp_path / "scrapy.cfg").read_text(encoding="utf-8") == "mine"


def test_a_link_to_nowhere_in_the_place_of_scrapy_cfg_stays(tmp_path: Path) -> None:
    (tmp_path / "scrapy.cfg").symlink_to(tmp_path / "elsewhere")
    assert json.loads(init(str(tmp_path), "--json").output)["written"] == [str(tmp_path / "config.toml")]
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_a_link_to_nowhere_is_not_taken_for_a_configuration(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    assert str(init(str(link)).exception) == f"{link} cannot be written: File exists; name another folder"
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_to_nowhere_is_there_too(tmp_path: Path) -> None:
    (tmp_path / "config.toml").symlink_to(tmp_path / "elsewhere")
    assert init(str(tmp_path)).exit_code == 2
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--contact", ""], "--contact '': an e-mail address is expected"),
        (["--contact", "nobody"], "--contact 'nobody': an e-mail address is expected"),
        (["--contact", "me@exämple.org"], "config.toml: site.contact: an e-mail address is expected"),
        (["--term", "../java"], "'../java' is not a term"),
        (["--term", "java", "--region", "north/west"], "'north/west' is not a region"),
        (["--region", "\udcff"], "is not a region"),
        (["--contact", "a@b\udcff"], "an e-mail address is expected"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = init(str(tmp_path / "new"), *arguments)
    assert result.exit_code == 2
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = init(str(tmp_path / "file" / "folder"))
    assert result.exit_code == 2
    assert "cannot be written: Not a directory; name another folder" in str(result.exception)
