import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.config import Config, NoiseSettings, PercentRule, Rules, load, load_trial_rules
from alerts.delivery.outbox import Outbox
from alerts.digests.backtest import baselines_after, replay
from jobspider.errors import ConfigError
from jobspider.store.database import Database
from tests.support.cli import run
from tests.support.digest_scenarios import (
    CHANNEL,
    DAY,
    HOUR,
    MIDLANDS,
    MORNING,
    NORTH_WEST,
    WEEK,
    WEEKLY,
    DigestScenario,
    content,
    pay,
)

MOVES: tuple[float, ...] = (1.0, 1.02, 1.10, 1.10, 0.85, 0.865)
UNGATED = NoiseSettings(false_alarm_budget=1.0)
CONFIG = """
[store]
path = "jobs.db"
[[watch]]
terms = ["backend developer"]
regions = ["north west"]
job_types = ["permanent"]
[[digest]]
name = "weekly"
channels = ["folder"]
[[channel]]
name = "folder"
type = "file"
path = "out"
"""
PREMIUM = """
[[derived]]
name = "Midlands premium"
of = "permanent/midlands/backend developer/6"
against = "permanent/north west/backend developer/6"
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path / "config.toml")


def publish(stage: DigestScenario) -> None:
    for week, factor in enumerate(MOVES):
        usual = {"p10": 40_000, "p25": 50_000, "median": 60_000, "p75": 72_500, "p90": 85_000}
        moved = pay(**{key: value * factor for key, value in usual.items()})
        stage.crawl(MORNING + week * WEEK, {NORTH_WEST: content(moved, vacancies=240 + 30 * week)})


def test_a_replay_tells_what_the_real_thing_told(stage: DigestScenario, config: Config) -> None:
    usual = {"p10": 40_000, "p25": 50_000, "median": 60_000, "p75": 72_500, "p90": 85_000}
    told = []
    for week, factor in enumerate(MOVES):
        at = MORNING + week * WEEK
        moved = pay(**{key: value * factor for key, value in usual.items()})
        stage.crawl(at, {NORTH_WEST: content(moved, vacancies=240 + 30 * week)})
        digest = stage.tell(at + HOUR)
        told.append((sum(len(group.lines) for group in digest.groups), digest.headline))
    found = replay(stage.database, config, WEEKLY, MORNING.date())
    assert [(each.alerts, each.headline) for each in found.sent] == [
        each for each in told if not each[1].startswith("No change")
    ]
    assert (len(found.sent) + found.quiet, found.subjects) == (len(MOVES), 1)


def test_what_a_replay_takes_for_told_is_what_the_outbox_does(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    first = stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(skills={"Python": 200, "SQL": 100, "Java": 80}, vacancies=500)})
    second = stage.tell(MORNING + WEEK)
    heard = {**baselines_after(first, [], MORNING + HOUR)}
    heard |= baselines_after(second, [line for group in second.groups for line in group.lines], MORNING + WEEK)
    assert "skills/Python" in {topic for _, topic in heard}
    assert heard == Outbox(stage.database).baselines(WEEKLY.name, CHANNEL)


def test_a_replay_knows_only_what_was_known_then(stage: DigestScenario, config: Config) -> None:
    publish(stage)
    found = replay(stage.database, config, WEEKLY, MORNING.date())
    assert found.first == MORNING
    assert [each.at for each in found.sent] == sorted(each.at for each in found.sent)
    assert found.sent[0].headline == "Now watching 1 page of the tech job market"


def test_a_replay_bears_with_a_page_that_was_corrected_within_its_day(stage: DigestScenario, config: Config) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()}, as_of=MORNING.date())
    stage.crawl(MORNING + HOUR, {NORTH_WEST: content(vacancies=500)}, as_of=MORNING.date())
    found = replay(stage.database, config, WEEKLY.model_copy(update={"when": "after crawl"}), MORNING.date())
    assert (found.first, found.last) == (MORNING, MORNING + HOUR)


def test_other_rules_make_other_digests(stage: DigestScenario, config: Config) -> None:
    publish(stage)
    lax = WEEKLY.model_copy(update={"noise": UNGATED, "rules": Rules(median=PercentRule(percent=1.0))})
    deaf = WEEKLY.model_copy(update={"rules": Rules(median=False, percentiles=False, vacancies=False, skills=False)})
    counts = [
        sum(replay(stage.database, config, each, MORNING.date()).reported.values()) for each in (deaf, WEEKLY, lax)
    ]
    assert counts == sorted(counts)
    assert counts[0] == 0 < counts[1] < counts[2]


def test_a_digest_with_an_hour_of_its_own_is_made_by_the_first_crawl_after_it(
    stage: DigestScenario, config: Config
) -> None:
    for day in range(14):
        stage.crawl(MORNING + day * DAY, {NORTH_WEST: content(vacancies=240 + day)})
    daily = WEEKLY.model_copy(update={"when": "after crawl"})
    weeks = replay(stage.database, config, WEEKLY, MORNING.date())
    days = replay(stage.database, config, daily, MORNING.date())
    assert (len(weeks.sent) + weeks.quiet, len(days.sent) + days.quiet) == (3, 14)


def test_a_time_without_crawls_has_nothing_to_replay(stage: DigestScenario, config: Config) -> None:
    publish(stage)
    found = replay(stage.database, config, WEEKLY, MORNING.date() + timedelta(days=365))
    assert (found.first, found.sent, found.alerts_a_subject_year) == (None, (), None)


@pytest.mark.parametrize(("watch", "subjects", "alerts"), [("*", 2, 2), ("permanent/*", 2, 1), ("derived/*", 0, 1)])
def test_alerts_of_derived_watches_are_counted_apart_from_those_of_subjects(
    stage: DigestScenario, config: Config, tmp_path: Path, watch: str, subjects: int, alerts: int
) -> None:
    del config
    path = tmp_path / "config.toml"
    both = CONFIG.replace('"north west"', '"north west", "midlands"')
    path.write_text(f"{both}{PREMIUM}", encoding="utf-8")
    up = pay(p10=48_000, p25=60_000, median=72_000, p75=87_000, p90=102_000)
    for month, moved in enumerate((content(), content(up))):
        stage.crawl(MORNING + 4 * month * WEEK, {NORTH_WEST: content(), MIDLANDS: moved})
    definition = WEEKLY.model_copy(update={"watch": [watch], "rules": Rules(percentiles=False)})
    found = replay(stage.database, load(path), definition, MORNING.date())
    assert sum(found.reported.values()) == alerts
    assert found.subjects == subjects
    assert found.alerts_a_subject_year == (pytest.approx(365.25 / 28 / 2) if subjects else None)


@pytest.mark.parametrize(
    ("last", "days"), [(4 * WEEK - HOUR, None), (4 * WEEK, 28.0), (4 * WEEK + 12 * HOUR, 28.5), (DAY, None)]
)
def test_a_rate_counts_the_whole_time_and_there_is_none_of_less_than_four_weeks(
    stage: DigestScenario, config: Config, last: timedelta, days: float | None
) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.crawl(MORNING + last, {NORTH_WEST: content(vacancies=500)})
    found = replay(stage.database, config, WEEKLY.model_copy(update={"when": "after crawl"}), MORNING.date())
    alerts = sum(found.reported.values())
    assert alerts
    assert found.alerts_a_subject_year == (None if days is None else pytest.approx(alerts * 365.25 / days))


def test_too_short_a_time_for_a_rate_is_said_and_null_for_programs(
    stage: DigestScenario, config: Config, tmp_path: Path
) -> None:
    del config
    asked = ("backtest", "--digest", "weekly", "--since", f"{MORNING:%Y-%m-%d}")
    path = tmp_path / "config.toml"
    stage.crawl(MORNING, {NORTH_WEST: content()})
    assert "Less than 4 weeks: too short for a rate of alerts" in run(*asked, config=path).stdout
    assert json.loads(run(*asked, "--json", config=path).stdout)["alerts_a_subject_year"] is None
    stage.crawl(MORNING + 5 * WEEK, {NORTH_WEST: content(vacancies=500)})
    assert "alerts a subject and year\n" in run(*asked, config=path).stdout


def test_rules_that_are_not_there_are_named_as_what_they_are(config: Config, tmp_path: Path) -> None:
    del config
    asked = ("backtest", "--digest", "weekly", "--since", "2025-11-17", "--rules", "no-such.toml")
    refused = run(*asked, config=tmp_path / "config.toml")
    assert refused.returncode == 2
    assert refused.stderr == "no-such.toml: no such file: name a TOML file with [rules] and [noise]\n"


def test_replaying_writes_nothing(stage: DigestScenario, config: Config) -> None:
    publish(stage)
    before = list(stage.database.connection.iterdump())
    replay(stage.database, config, WEEKLY, MORNING.date())
    assert list(stage.database.connection.iterdump()) == before


def test_a_trial_has_rules_and_noise_of_its_own_and_all_else_of_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text("[rules]\nmedian = { percent = 7.0 }\n[noise]\nmin_quotes = 40\n", encoding="utf-8")
    trial = load_trial_rules(path, WEEKLY.model_copy(update={"when": "after crawl"}))
    assert (trial.rules.median, trial.noise.min_quotes, trial.when) == (PercentRule(percent=7.0), 40, "after crawl")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rules]\nmedian = { percent = -1 }\n", "other.toml: digest[0].rules.median.percent"),
        ("[channels]\n", r"other.toml: channels: \[rules\] and \[noise\] are accepted"),
    ],
)
def test_a_mistake_in_a_trial_is_told_like_any_other(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "other.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said.replace("[0]", r"\[0\]")):
        load_trial_rules(path, WEEKLY)


def test_the_command_counts_and_explains(stage: DigestScenario, config: Config, tmp_path: Path) -> None:
    publish(stage)
    del config
    path = tmp_path / "config.toml"
    shown = run("backtest", "--digest", "weekly", "--since", f"{MORNING:%Y-%m-%d}", config=path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "pay/annual" in shown.stdout
    assert "Now watching 1 page" in shown.stdout
    stage.edition(MORNING)
    replace(stage).tell(MORNING + HOUR)
    stage.crawl(MORNING + 6 * WEEK, {NORTH_WEST: content()})
    explained = run("changes", "--explain", "pay/annual median", config=path)
    assert (explained.returncode, explained.stderr) == (0, "")
    assert "move against what was told, %" in explained.stdout
    assert "p-value up to which the budget reaches" in explained.stdout
    assert "so it is" in explained.stdout
