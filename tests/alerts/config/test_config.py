"""The complete configuration: checks across sections, and the file that the project ships."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import config
from alerts.config import Config, FileChannel
from tests.support.config_files import LoadText, assert_mistakes, mistakes, text_loader
from tests.support.config_texts import FOLDER, WEEKLY, mail

Load = LoadText[Config]
SHIPPED = Path(__file__).parents[3] / "config.toml"
WATCH = "[[watch]]\nterms = ['Java']\nregions = ['London']\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return text_loader(config.load, tmp_path)


def test_load_reads_sections_of_both_packages(load: Load) -> None:
    loaded = load(f"{FOLDER}{WEEKLY}\n[store]\npath = 'x.db'\n[schedule]\ntimezone = 'America/New_York'\n")
    assert loaded.store.path == "x.db"
    assert str(loaded.schedule.zone) == "America/New_York"
    assert loaded.digest[0].channels == ["folder"]
    assert loaded.get_channel("folder") is loaded.channel[0]


def test_load_reports_mistakes_of_both_packages(load: Load) -> None:
    text = """
        colour = "blue"
        [crawl]
        delay_seconds = 0.1
        [store]
        keep_pages_days = "90"
        [schedule]
        timezone = "Europe/Lundon"
        [[digest]]
        name = "weekly"
        when = "monday"
        channels = ["folder"]
        [digest.rules]
        median = { percent = 0 }
        rank = { palces = 10 }
        [[channel]]
        name = "mail"
        type = "email"
        to = ["nobody"]
        from = "jobs@example.org"
        smtp = "localhost"
        """
    assert [mistake.split(": ")[0] for mistake in mistakes(load, text)] == [
        "store.keep_pages_days",
        "schedule.timezone",
        "digest[0].when",
        "digest[0].rules.median.percent",
        "digest[0].rules.rank.places",
        "digest[0].rules.rank.palces",
        "channel[0].to[0]",
        "channel[0].smtp",
        "colour",
        "crawl.delay_seconds",
    ]


def test_time_zone_must_exist(load: Load) -> None:
    for zone in ("", "Europe/Lundon", "Europe", "../../../etc/passwd", "/etc/localtime", "07:30", "a\\u0000b"):
        (mistake,) = mistakes(load, f'[schedule]\ntimezone = "{zone}"')
        assert mistake.endswith("is not a time zone: write one like Europe/London")
    assert_mistakes(load, {"[schedule]\ntime_zone = 'UTC'": "schedule.time_zone: unknown key: did you mean timezone?"})


def test_names_are_unique(load: Load) -> None:
    assert mistakes(load, FOLDER + FOLDER + WEEKLY + WEEKLY) == (
        "channel[1].name: 'folder' is used twice: choose another name",
        "digest[1].name: 'weekly' is used twice: choose another name",
    )


def test_referenced_channels_must_exist(load: Load) -> None:
    text = FOLDER + mail() + WEEKLY.replace('["folder"]', '["folder", "slak", "email"]')
    assert mistakes(load, text) == (
        "digest[0].channels: 'slak' is not a [[channel]] of this file: known channels are folder, mail",
        "digest[0].channels: 'email' is not a [[channel]] of this file: known channels are folder, mail",
    )
    assert mistakes(load, WEEKLY)[0].endswith("known channels are none")
    assert load(f"{FOLDER}[operator]\nchannel = 'folder'").operator.channel == "folder"
    assert load(FOLDER).operator.channel == ""
    unknown_operator = f"{FOLDER}[operator]\nchannel = 'mail'"
    assert_mistakes(load, {unknown_operator: "operator.channel: 'mail' is not a [[channel]] of this file"})


def test_referenced_channels_are_not_checked_if_channels_are_invalid(load: Load) -> None:
    invalid = FOLDER.replace("path", "paht") + 'path = "x"' + WEEKLY
    assert_mistakes(load, {invalid: "channel[0].paht: unknown key: did you mean path?"})


def test_digest_pattern_must_match_a_watched_page(load: Load) -> None:
    text = f"{FOLDER}{WEEKLY}watch = ['permanent/*', 'Londn/*']\n{WATCH}"
    message = (
        "digest[0].watch: 'Londn/*' matches no watched page: write a pattern over keys like \"permanent/london/java/6\""
    )
    assert_mistakes(load, {text: message})
    assert load(f"{FOLDER}{WEEKLY}watch = ['*/London/*']\n{WATCH}").digest


def test_digest_pattern_is_not_checked_without_watches(load: Load) -> None:
    assert load(f"{FOLDER}{WEEKLY}watch = ['contract/*']").digest
    invalid_watch = WATCH.replace("terms", "trems")
    reported = mistakes(load, f"{FOLDER}{WEEKLY}watch = ['contract/*']\n{invalid_watch}")
    assert not any("matches no" in mistake for mistake in reported)


def commented_examples(text: str) -> Iterator[str]:
    """Yield each example of the file that is a comment, without the comment characters."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("# [") or (block and line.startswith("#")):
            block.append(line.removeprefix("#").removeprefix(" "))
        elif block:
            yield "\n".join(block)
            block = []


EXAMPLES = list(commented_examples(SHIPPED.read_text(encoding="utf-8")))


def test_shipped_file_is_valid_and_needs_no_account() -> None:
    shipped = config.load(SHIPPED)
    assert [digest.name for digest in shipped.digest] == ["weekly"]
    assert all(isinstance(channel, FileChannel) for channel in shipped.channel)
    assert all(shipped.digest[0].includes(subject) for subject in shipped.subjects())


def test_shipped_file_shows_every_channel_type() -> None:
    text = "".join(EXAMPLES) + SHIPPED.read_text(encoding="utf-8")
    assert all(f'type = "{kind}"' in text for kind in ("email", "slack", "file", "feed", "webhook", "apprise"))
    assert len(EXAMPLES) >= 2


def with_referenced_examples(example: str) -> list[str]:
    """Return an example after the examples whose names it contains: the operator's channel must exist."""
    names = {text: re.search(r'^name = ("[^"]+")', text, re.MULTILINE) for text in EXAMPLES if text != example}
    return [*(text for text, name in names.items() if name and name[1] in example), example]


def test_shipped_examples_are_valid(load: Load) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    shipped = load(text)
    for examples in [*map(with_referenced_examples, EXAMPLES), EXAMPLES]:
        assert load("\n".join([text, *examples])) != shipped, examples
