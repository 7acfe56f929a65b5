"""Validation of ``[[digest]]`` and its rules."""

from pathlib import Path

import pytest

from alerts import config
from alerts.config import Config, DigestConfig
from jobspider.site.urls import make_subject
from tests.support.config_files import LoadText, assert_mistakes, mistakes, text_loader
from tests.support.config_texts import FOLDER, WEEKLY, known_keys

Load = LoadText[Config]
DIGEST_MISTAKES = {
    'when = "monday"': (
        '.when: \'monday\' is not a schedule: write "daily 06:30", "mon 07:30", "mon,thu 07:30", '
        '"monthly 1 08:00" or "after crawl"'
    ),
    "when = 7": ".when: input should be a valid string, found 7",
    "watch = []": ".watch: list should have at least 1 item after validation, not 0",
    'watch = "*"': ".watch: input should be a valid list, found '*'",
    'when_quiet = "maybe"': ".when_quiet: input should be 'send' or 'skip', found 'maybe'",
    'recipients = ["x"]': f".recipients: unknown key: known keys are {known_keys(DigestConfig)}",
    'chanels = ["folder"]': ".chanels: unknown key: did you mean channels?",
    "noise = 5": ".noise: a table is expected, found 5",
    "noise = {min_quotes = 0}": ".noise.min_quotes: input should be greater than or equal to 1, found 0",
    "noise = {false_alarm_budget = 0}": ".noise.false_alarm_budget: input should be greater than 0, found 0",
    "noise = {false_alarm_budget = 1.5}": ".noise.false_alarm_budget: input should be less than or equal to 1",
    "noise = {false_alarm = 0.1}": ".noise.false_alarm: unknown key: did you mean false_alarm_budget?",
    "rules = false": ".rules: a table is expected, found False",
    "rules = {medain = {percent = 2}}": ".rules.medain: unknown key: did you mean median?",
    "rules = {median = {percent = 0}}": ".rules.median.percent: input should be greater than 0, found 0",
    "rules = {median = {percent = true}}": ".rules.median.percent: input should be a valid number, found True",
    "rules = {median = {percnt = 2, percent = 2}}": ".rules.median.percnt: unknown key: did you mean percent?",
    "rules = {median = {}}": ".rules.median.percent: is missing",
    "rules = {median = 2}": ".rules.median: a table is expected, found 2",
    "rules = {median = true}": ".rules.median: input should be False, found True",
    "rules = {rank = {places = 2.5}}": ".rules.rank.places: input should be a valid integer, found 2.5",
    "rules = {skills = {top = 31, share_points = 5}}": ".rules.skills.top: input should be less than or equal to 30",
    "rules = {skills = {top = 10}}": ".rules.skills.share_points: is missing",
}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return text_loader(config.load, tmp_path)


def test_invalid_digest_reports_key_and_accepted_values(load: Load) -> None:
    texts = {f"{FOLDER}{WEEKLY}{line}\n": f"digest[0]{message}" for line, message in DIGEST_MISTAKES.items()}
    texts["[digest]\nname = 'x'"] = "digest: write [[digest]] with double brackets, because there can be several"
    texts["[[digest]]\nname = 'x'"] = "digest[0].channels: is missing"
    texts["[[digest]]\nname = 'x'\nchannels = []"] = "digest[0].channels: list should have at least 1 item"
    assert_mistakes(load, texts)


@pytest.mark.parametrize("section", ["channel", "digest"])
def test_name_must_fit_environment_variable_and_message_id(load: Load, section: str) -> None:
    name_line = 'name = "folder"' if section == "channel" else 'name = "weekly"'
    for name in ("", "Team", "team mail", "team_mail", "-team", "t\u00e9am", "a" * 64, "team/mail", "team\\n"):
        text = f"{FOLDER}{WEEKLY}".replace(name_line, f'name = "{name}"')
        assert mistakes(load, text)[0] == (
            f"{section}[0].name: a name of lower-case letters, digits and hyphens is expected, like team-mail"
        )


def test_find_digest_returns_digest_or_none(load: Load) -> None:
    loaded = load(FOLDER + WEEKLY)
    assert loaded.find_digest("weekly") is loaded.digest[0]
    assert loaded.find_digest("daily") is None


def test_digest_schedule_is_parsed(load: Load) -> None:
    assert load(f"{FOLDER}{WEEKLY}when = 'mon,thu 07:30'").digest[0].schedule.days == ("mon", "thu")
    assert load(f"{FOLDER}{WEEKLY}when = 'after crawl'").digest[0].schedule.is_after_crawl


def test_rule_set_to_false_is_off_and_others_are_on(load: Load) -> None:
    for rule in ("median", "percentiles", "rank", "vacancies", "skills", "locations"):
        rules = load(f"{FOLDER}{WEEKLY}[digest.rules]\n{rule} = false").digest[0].rules
        assert {name for name, value in rules if value is False} == {rule}


@pytest.mark.parametrize(
    ("patterns", "included"),
    [
        (["*"], {"perm nw", "perm uk 3", "contract nw"}),
        (["permanent/*"], {"perm nw", "perm uk 3"}),
        (["*/north west/*"], {"perm nw", "contract nw"}),
        (["permanent/North West/*"], {"perm nw"}),
        (["contract/*", "*/3"], {"perm uk 3", "contract nw"}),
        (["permanent/north west/backend developer/6"], {"perm nw"}),
        (["permanent/north west/backend developer"], set()),
        (["north west"], set()),
        (["*/c++/*"], {"perm uk 3"}),
    ],
    ids=str,
)
def test_digest_includes_subjects_that_match_a_pattern(load: Load, patterns: list[str], included: set[str]) -> None:
    subjects = {
        "perm nw": make_subject("permanent", "North West", "Backend Developer"),
        "perm uk 3": make_subject("permanent", "UK", "C++", 3),
        "contract nw": make_subject("contract", "North West", "Backend Developer"),
    }
    digest = load(f"{FOLDER}{WEEKLY}watch = {patterns}").digest[0]
    assert {name for name, subject in subjects.items() if digest.includes(subject)} == included
