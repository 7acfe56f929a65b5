"""``jobspider compare``: several subjects beside each other."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jobspider.model import Basis, Content, Figures, Subject, ThreeYears
from jobspider.site import urls
from jobspider.site.statistics import PERCENTILES
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from tests.support.sample_pages import MONDAY, crawl, page
from tests.support.stored_pages import command, configured

MINUS = "\N{MINUS SIGN}"
ANNUAL, DAILY = Basis.ANNUAL, Basis.DAILY
CONTRACT = urls.make_subject("contract", "london", "java")
LONDON, LEEDS, UK = (urls.make_subject("permanent", region, "java") for region in ("london", "leeds", "uk"))


def paying(median: int, quotes: int = 400, basis: Basis = ANNUAL) -> Content:
    """Return a page whose percentiles lie about a median as those of most pages do."""
    about = zip(PERCENTILES, ("0.70", "0.85", "1", "1.20", "1.40"), strict=True)
    pay: dict[tuple[Basis | None, str], ThreeYears] = {
        (basis, key): (Decimal(median) * Decimal(part), None, None) for key, part in about
    }
    general: dict[tuple[Basis | None, str], ThreeYears] = {
        (None, "rank"): (12, None, None), (None, "vacancies"): (quotes * 2, None, None),
    }  # fmt: skip
    return Content(Figures({**general, (basis, "quotes"): (quotes, None, None), **pay}), None)


def keep(folder: Path, pages: dict[Subject, Content], **as_of: date) -> Path:
    """Keep a page of each subject, and return the configuration."""
    with Database.open(folder / "jobspider.db") as database:
        for subject, content in pages.items():
            crawl(Writer(database), page(as_of.get(subject.region, MONDAY), content, subject), subject.key)
    return configured(folder)


def told(config: Path, *words: str) -> str:
    result = command(config, "compare", *words)
    assert result.exit_code == 0, result.exception
    return result.output


def rows(shown: str) -> dict[str, list[str]]:
    """Return the cells of each row by its title."""
    found = [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines()]
    return {cells[0]: cells[1:] for cells in found}


def data(config: Path, *words: str) -> Any:
    return json.loads(told(config, *words, "--json"))


def test_statistics_are_rows_and_subjects_columns_in_the_order_asked(tmp_path: Path) -> None:
    config = keep(tmp_path, {LONDON: paying(80_000), LEEDS: paying(60_000), UK: paying(81_000)})
    found = rows(told(config, "london/java", "leeds/java", "uk/java"))
    assert found["A"] == ["B", "C"]
    assert found["Rank"] == ["12"] * 3
    assert found["Median"] == ["£80,000", "£60,000", "£81,000"]
    assert found["Median against A"] == ["-", f"{MINUS}£20,000", "+£1,000"]
    assert found["in percent"] == ["-", f"{MINUS}25.0 %", "+1.2 %"]
    assert found["beyond chance?"] == ["-", "clearly", "no"]
    assert rows(told(config, "uk/java", "london/java"))["Median"] == ["£81,000", "£80,000"]


def test_a_day_rate_is_never_set_against_a_salary(tmp_path: Path) -> None:
    config = keep(tmp_path, {LONDON: paying(80_000), CONTRACT: paying(500, basis=DAILY)})
    shown = told(config, "london/java", "contract/london/java")
    salary, _, rate = shown.partition("Day rate, pounds a day")
    assert rows(salary)["Median"] == ["£80,000", "-"]
    assert rows(rate)["Median"] == ["-", "£500"]
    assert "against" not in shown.replace("set against", "")
    assert "each basis of pay has rows of its own" in shown
    assert data(config, "london/java", "contract/london/java")["differences"] == []


def test_each_basis_is_set_against_the_first_that_states_it(tmp_path: Path) -> None:
    leeds = urls.make_subject("contract", "leeds", "java")
    config = keep(
        tmp_path, {LONDON: paying(80_000), CONTRACT: paying(500, basis=DAILY), leeds: paying(400, basis=DAILY)}
    )
    found = rows(told(config, "london/java", "contract/london/java", "contract/leeds/java"))
    assert found["Median against B"] == ["-", "-", f"{MINUS}£100"]


def test_dates_that_differ_are_said(tmp_path: Path) -> None:
    pages = {LONDON: paying(80_000), LEEDS: paying(60_000)}
    shown = told(keep(tmp_path, pages, leeds=date(2025, 5, 2)), "*")
    assert "The dates differ, 2 May 2025 to 13 Oct 2025" in shown
    assert len(re.findall(r" as of 2 May 2025$", shown, re.MULTILINE)) == 1


def test_windows_that_differ_are_said(tmp_path: Path) -> None:
    short = urls.make_subject("permanent", "london", "java", 3)
    shown = told(keep(tmp_path, {LONDON: paying(80_000), short: paying(80_000)}), "*")
    assert "The windows differ, 3 and 6 months" in shown
    assert rows(shown)["Median against A"] == ["-", "same"]
    assert rows(shown)["in percent"] == ["-", "0 %"], "a dash would be what is not stated"


def test_like_subjects_carry_no_warning(tmp_path: Path) -> None:
    python = urls.make_subject("permanent", "london", "python")
    shown = told(keep(tmp_path, {LONDON: paying(80_000), python: paying(60_000)}), "*")
    assert "differ," not in shown
    assert "own region" not in shown


def test_what_the_judgement_takes_for_granted_stands_below_it(tmp_path: Path) -> None:
    shown = " ".join(told(keep(tmp_path, {LONDON: paying(80_000), LEEDS: paying(60_000)}), "*").split())
    assert "not on the median alone" in shown
    assert "or each ad is another job, chance is overstated" in shown


def test_too_few_quotes_are_not_judged(tmp_path: Path) -> None:
    config = keep(tmp_path, {LONDON: paying(80_000, 400), LEEDS: paying(40_000, 9)})
    assert rows(told(config, "london/java", "leeds/java"))["beyond chance?"] == ["-", "too few"]
    (difference,) = data(config, "london/java", "leeds/java")["differences"]
    assert (difference["verdict"], difference["p_value"]) == ("too few", None)


def test_json_has_every_figure_and_difference(tmp_path: Path) -> None:
    found = data(keep(tmp_path, {LONDON: paying(80_000), LEEDS: paying(60_000)}), "london/java", "leeds/java")
    assert [each["subject"] for each in found["subjects"]] == [LONDON.key, LEEDS.key]
    assert found["subjects"][1]["pay"]["annual"]["median"] == 60_000
    assert found["subjects"][1]["share_of_all"] is None
    (difference,) = found["differences"]
    assert {key: difference[key] for key in ("subject", "against", "basis", "difference", "percent", "verdict")} == {
        "subject": LEEDS.key, "against": LONDON.key, "basis": "annual",
        "difference": -20_000, "percent": -25.0, "verdict": "clear",
    }  # fmt: skip


def beside(median: int) -> dict[tuple[Basis | None, str], ThreeYears]:
    return {(ANNUAL, "parent_median"): (Decimal(median), None, None)}


def test_the_region_that_a_page_sets_beside_its_own_is_named_and_is_no_parent_of_the_uk(tmp_path: Path) -> None:
    kept = {
        subject: replace(paying(80_000), term=Figures({**paying(80_000).term.rows, **beside(median)}))
        for subject, median in ((LEEDS, 65_000), (UK, 60_000))
    }
    config = keep(tmp_path, {**kept, LONDON: paying(90_000)})
    shown = told(config, "leeds/java", "uk/java", "london/java")
    assert rows(shown)["Region beside it, median"] == ["£65,000", "£60,000", "-"]
    assert "The region beside it: England for A; UK excluding London for B." in shown.splitlines()
    assert "arent" not in shown
    found = data(config, "leeds/java", "uk/java", "london/java")["subjects"]
    assert [each["region_beside"] for each in found] == ["England", "UK excluding London", None]


def test_six_subjects_fit_into_a_hundred_columns(tmp_path: Path) -> None:
    regions = ("leeds", "york", "hull", "bath", "bristol", "uk")
    pages = {urls.make_subject("permanent", each, "java"): paying(150_000 - 500 * len(each)) for each in regions}
    assert max(map(len, told(keep(tmp_path, pages), "*").splitlines())) <= 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("london/java",), "that names 1 subject: name 2 to 6"),
        (("london/java", "permanent/london/java/6"), "that names 1 subject: name 2 to 6"),
        (("*",), "that names 7 subjects: name 2 to 6"),
        (("london/java", "leeds/jawa"), "did you mean 'permanent/leeds/java/6'"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    regions = ("london", "leeds", "york", "hull", "bath", "bristol", "uk")
    config = keep(tmp_path, {urls.make_subject("permanent", each, "java"): paying(50_000) for each in regions})
    result = command(config, "compare", *words)
    assert result.exit_code == 2
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)
