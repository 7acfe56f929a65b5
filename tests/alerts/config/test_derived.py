"""Validation of ``[[derived]]``."""

from pathlib import Path

import pytest

from alerts import config
from alerts.config import Config
from tests.support.config_files import LoadText, assert_mistakes, text_loader
from tests.support.config_texts import FOLDER, WEEKLY

Load = LoadText[Config]
WATCH = """
[[watch]]
terms = ["Java"]
regions = ["London", "North West"]
job_types = ["permanent", "contract"]
windows = [3, 6]
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return text_loader(config.load, tmp_path)


def derived(**changes: str) -> str:
    keys = {"of": '"permanent/london/java/6"', "against": '"permanent/north west/java/6"'} | changes
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items() if value)
    return f"{WATCH}[[derived]]\nname = 'London premium'\n{lines}"


def test_derived_watch_defaults_to_ratio_of_medians(load: Load) -> None:
    (watch,) = load(derived()).derived_watches()
    assert (watch.of.key, watch.against.key) == ("permanent/london/java/6", "permanent/north west/java/6")
    assert (watch.key, watch.statistic, watch.is_ratio) == ("derived/london premium", "median", True)


def test_derived_watch_of_differences(load: Load) -> None:
    (watch,) = load(derived(**{"as": '"difference"', "statistic": '"vacancies"'})).derived_watches()
    assert (watch.is_ratio, watch.statistic) == (False, "vacancies")


def test_derived_watch_of_day_rate_and_salary_uses_days_a_year(load: Load) -> None:
    (watch,) = load(derived(of='"contract/london/java/6"', days_a_year="220")).derived_watches()
    assert watch.days_a_year == 220


def test_invalid_derived_watch_reports_key_and_accepted_values(load: Load) -> None:
    contract = '"contract/london/java/6"'
    expected = {
        derived(of='"permanent/londn/java/6"'): "of: 'permanent/londn/java/6' is not a watched page: did you mean ",
        derived(against='"permanent/london/java/6"'): "against: is the same page as of",
        derived(against='"permanent/london/java/3"'): "against: both pages must have the same window",
        derived(of=contract): "days_a_year: is missing: to compare a day rate with a salary",
        derived(**{"of": contract, "as": '"difference"'}): "as: a day rate and a salary cannot be subtracted",
        derived(days_a_year="220"): "days_a_year: is only for a day rate compared with a salary",
        derived(statistic='"rank"'): "statistic: input should be 'median', 'p10', 'p25', 'p75', 'p90' or 'vacancies'",
        derived(**{"as": '"share"'}): "as: input should be 'ratio' or 'difference'",
        derived(against=""): "against: is missing",
        derived(unit='"ratio"'): "unit: unknown key",
    }
    assert_mistakes(load, {text: f"derived[0].{message}" for text, message in expected.items()})


def test_derived_name_must_fit_pattern_and_one_line(load: Load) -> None:
    message = 'derived[0].name: a name like "London premium" is expected'
    for name in ("", "a/b", "all*", "two\\nlines", "  spaced", "x" * 61):
        assert_mistakes(load, {derived().replace("'London premium'", f'"{name}"'): message})


def test_derived_names_are_unique_ignoring_case(load: Load) -> None:
    second = derived().replace(WATCH, "").replace("London premium", "london PREMIUM")
    assert_mistakes(load, {derived() + second: "derived[1].name: 'london premium' is used twice"})


def test_derived_watch_must_be_included_in_a_digest(load: Load) -> None:
    loaded = load(derived() + FOLDER + WEEKLY + 'watch = ["derived/london*"]\n')
    assert loaded.digest[0].includes(loaded.derived_watches()[0])
    text = derived() + FOLDER + WEEKLY + 'watch = ["permanent/*"]\n'
    message = 'derived[0]: no digest includes it: add "derived/london premium" to the watch of a digest'
    assert_mistakes(load, {text: message})
