"""``jobspider history``: the snapshots of one subject, as they were kept."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jobspider.model import Basis, Content, Figures, SkillShare, Subject, ThreeYears
from jobspider.site.statistics import BY_KEY, PERCENTILES
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from tests.support.sample_pages import BACKEND, JAVA, MONDAY, MORNING, crawl, page
from tests.support.stored_pages import command, configured

WEEK = timedelta(weeks=1)
MINUS = "\N{MINUS SIGN}"
DAILY, HOURLY = Basis.DAILY, Basis.HOURLY
NAME = "west midlands/backend developer"

Keep = Callable[..., Path]


def content(rows: dict[tuple[Basis | None, str], ThreeYears], *skills: SkillShare) -> Content:
    return Content(Figures(rows), None, (), skills, {"Languages": skills[:1]} if skills else {})


def week(median: int | None, vacancies: int = 7, *skills: SkillShare) -> Content:
    stated = None if median is None else Decimal(median)
    return content(
        {
            (None, "rank"): (120, None, 1086),
            (None, "vacancies"): (vacancies, 0, 2),
            (None, "share_of_all"): (None if not vacancies else Decimal("0.029"), None, None),
            (DAILY, "quotes"): (vacancies, 0, 2),
            (DAILY, "median"): (stated, None, Decimal(400)),
            (HOURLY, "median"): (Decimal("26.50"), None, None),
        },
        *skills,
    )


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Keep contents of a subject, one a week, and return the configuration."""

    def kept(*contents: Content, of: Subject = BACKEND) -> Path:
        with Database.open(tmp_path / "jobspider.db") as database:
            for number, each in enumerate(contents):
                at = number * WEEK
                crawl(Writer(database), page(MONDAY + at, each, of), f"{of.key} {number}", MORNING + at)
        return configured(tmp_path)

    return kept


def told(config: Path, *arguments: str) -> str:
    result = command(config, "history", *arguments)
    assert result.exit_code == 0, result.exception
    return result.output


def lines(config: Path, *arguments: str) -> list[list[str]]:
    """Return the cells of the lines of snapshots."""
    found = [line for line in told(config, *arguments).splitlines() if re.match(r"\d{4}-", line)]
    return [re.split(r"\s{2,}", line) for line in found]


def data(config: Path, *arguments: str) -> Any:
    return json.loads(told(config, *arguments, "--json"))


def refused(config: Path, *arguments: str) -> str:
    result = command(config, "history", *arguments)
    assert result.exit_code == 2
    assert len(str(result.exception).splitlines()) == 1
    return str(result.exception)


def test_each_snapshot_is_a_line_and_the_newest_comes_last(keep: Keep) -> None:
    config = keep(week(650), week(650), week(700, 1_675), week(None, 0))
    found = lines(config, f"contract/{NAME}")
    assert [cells[0] for cells in found] == [(MONDAY + number * WEEK).isoformat() for number in range(4)]
    assert found[2] == [(MONDAY + 2 * WEEK).isoformat(), "120", "1,675", "0.029 %", "1,675", "-", "-", "£700", "-", "-"]
    assert found[3][2:] == ["0", "-", "0", *"-----"], "nothing advertised is zero, nothing stated a dash"


def test_its_head_says_of_what_and_in_which_unit(keep: Keep) -> None:
    head = told(keep(week(650)), f"contract/{NAME}").partition(MONDAY.isoformat())[0]
    assert "Backend Developer, West Midlands, contract: 1 snapshot, 13 Oct 2025" in head
    assert "6 months" in head
    assert "Day rate, pounds a day. Stated too: --basis hourly." in head
    assert "https://www.itjobswatch.co.uk/contracts/west%20midlands/backend%20developer.do" in head


def test_hourly_rates_of_a_contract_are_shown_where_they_are_asked_for(keep: Keep) -> None:
    shown = told(keep(week(650)), f"contract/{NAME}", "--basis", "hourly")
    assert "Hourly rate, pounds an hour. Stated too: --basis daily." in shown
    assert "£26.50" in shown
    assert "£650" not in shown


def test_a_span_may_be_asked_for(keep: Keep) -> None:
    config = keep(week(600), week(625), week(650))
    since = (MONDAY + WEEK).isoformat()
    assert [cells[7] for cells in lines(config, f"contract/{NAME}", "--since", since)] == ["£625", "£650"]
    assert [cells[7] for cells in lines(config, f"contract/{NAME}", "--last", "1")] == ["£650"]


@pytest.mark.parametrize("options", [(), ("--statistic", "rank"), ("--skill", "SQL")])
def test_where_nothing_is_kept_of_that_time_it_is_said(keep: Keep, options: tuple[str, ...]) -> None:
    config = keep(week(600, 7, SkillShare(1, "SQL", 7, Decimal(100))))
    asked = (f"contract/{NAME}", "--since", "2026-01-01", *options)
    assert "no snapshot of that time is kept; the newest is as of 13 Oct 2025" in told(config, *asked)
    assert data(config, *asked)["snapshots"] == []


def test_json_has_the_same_figures_and_null_where_there_is_a_dash(keep: Keep) -> None:
    found = data(keep(week(None, 0)), f"contract/{NAME}")
    assert (found["subject"], found["basis"]) == (BACKEND.key, "daily")
    assert found["snapshots"] == [
        {"as_of": "2025-10-13", "rank": 120, "vacancies": 0, "share_of_all": None, "quotes": 0}
        | dict.fromkeys(PERCENTILES)
    ]


def test_one_statistic_comes_with_what_the_page_said_of_earlier_years(keep: Keep) -> None:
    config = keep(week(650), week(625), week(None), week(625))
    asked = (f"contract/{NAME}", "--statistic", "median")
    assert [cells[1:] for cells in lines(config, *asked)] == [
        ["£650", "-", "-", "£400"],
        ["£625", f"{MINUS}£25", "-", "£400"],
        ["-", "-", "-", "£400"],
        ["£625", "-", "-", "£400"],
    ]
    assert data(config, *asked)["snapshots"][0] == {
        "as_of": "2025-10-13", "now": 650, "year_ago": None, "two_years_ago": 400,
    }  # fmt: skip


@pytest.mark.parametrize("key", BY_KEY)
def test_every_statistic_can_be_asked_for(keep: Keep, key: str) -> None:
    basis = DAILY if BY_KEY[key].is_pay else None
    config = keep(content({(basis, key): (12, 11, 10)}))
    asked = (f"contract/{NAME}", "--statistic", key)
    assert len(lines(config, *asked)) == 1
    found = data(config, *asked)
    assert [found["snapshots"][0][column] for column in ("now", "year_ago", "two_years_ago")] == [12, 11, 10]
    assert found["unit"] == BY_KEY[key].unit


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("median", "Day rate, pounds a day: median."),
        ("median_change", "Day rate: median, year on year."),
        ("rank", "Rank."),
    ],
)
def test_a_statistic_s_head_says_its_unit_and_no_other(keep: Keep, key: str, title: str) -> None:
    shown = told(keep(content({(DAILY, "median"): (Decimal(650), None, None)})), f"contract/{NAME}", "--statistic", key)
    assert title in shown.splitlines()
    assert max(map(len, shown.splitlines())) <= 100


def test_a_skill_is_followed_and_below_the_cut_is_no_zero(keep: Keep) -> None:
    sql = SkillShare(1, "SQL", 7, Decimal("100.00"))
    go = SkillShare(2, "Go", 3, Decimal("42.86"))
    config = keep(week(650, 7, sql), week(650, 7, sql, go))
    assert [cells[1:] for cells in lines(config, f"contract/{NAME}", "--skill", "go")] == [
        ["7", "-", "-", "-"],
        ["7", "3", "42.86 %", "2"],
    ]
    assert "below the cut" in told(config, f"contract/{NAME}", "--skill", "Go")
    first, _ = data(config, f"contract/{NAME}", "--skill", "SQL")["snapshots"]
    assert first == {
        "as_of": "2025-10-13", "vacancies": 7, "count": 7, "share": 100, "ranks": {"top": 1, "Languages": 1},
    }  # fmt: skip


def test_mistakes_are_one_line_and_exit_code_2(keep: Keep) -> None:
    sql = SkillShare(1, "SQL", 7, Decimal("100.00"))
    config = keep(week(650, 7, sql))
    name = f"contract/{NAME}"
    assert "did you mean 'contract/west midlands/backend developer/6'?" in refused(config, "west midlands/backend dev")
    assert "did you mean 'SQL'?" in refused(config, name, "--skill", "MySQL")
    assert "the lists are cut" in refused(config, name, "--skill", "Rust")
    assert "stated is daily and hourly" in refused(config, name, "--basis", "annual")
    assert "ask one of them" in refused(config, name, "--skill", "SQL", "--statistic", "rank")
    assert "rank is not pay" in refused(config, name, "--statistic", "rank", "--basis", "daily")


def test_the_longest_figures_fit_into_a_hundred_columns(keep: Keep) -> None:
    row: dict[tuple[Basis | None, str], ThreeYears] = {
        (None, "rank"): (10_086, None, None),
        (None, "vacancies"): (1_234_567, None, None),
        (None, "share_of_all"): (Decimal("100.00"), None, None),
        (Basis.ANNUAL, "quotes"): (123_456, None, None),
        **{(Basis.ANNUAL, key): (Decimal(150_000), None, None) for key in PERCENTILES},
    }
    shown = told(keep(content(row), of=JAVA), "uk/java")
    assert max(map(len, shown.splitlines())) <= 100


def test_what_a_page_smuggles_into_a_name_does_not_reach_the_terminal(tmp_path: Path) -> None:
    hostile = page(MONDAY, week(650, 7, SkillShare(1, "S\x1b[2JQL", 7, Decimal(100))))
    hostile = replace(hostile, names=replace(hostile.names, term_name="Back\x1b[31mend\nDeveloper"))
    with Database.open(tmp_path / "jobspider.db") as database:
        crawl(Writer(database), hostile, "only")
    shown = told(configured(tmp_path), f"contract/{NAME}") + told(
        configured(tmp_path), f"contract/{NAME}", "--skill", "S\x1b[2JQL"
    )
    assert "\x1b" not in shown
    found = data(configured(tmp_path), f"contract/{NAME}", "--skill", "S\x1b[2JQL")
    assert found["skill"] == "S[2JQL"
    assert "Back[31mend Developer" in shown
