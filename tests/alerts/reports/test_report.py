"""The report as a file, read back by another library than wrote it: figures, moves, gaps, what must not be in it."""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from alerts.cli import jobspider
from alerts.config import Config, load
from alerts.model.report import ChartBundle, Report
from alerts.render import charts
from alerts.reports.builder import ReportRequest, build_report, write_report
from alerts.reports.render import render_report
from jobspider.errors import JobspiderError
from jobspider.model import Basis, Content, FetchStatus, Subject
from jobspider.store.database import Database
from tests.support.browser import CHROMIUM, CONTRASTS, LEAST_CONTRAST, Page, browsing
from tests.support.cli import run
from tests.support.digest_scenarios import (
    HOUR,
    LONDON,
    MIDLANDS,
    MORNING,
    NORTH_WEST,
    WEEK,
    DigestScenario,
    content,
    pay,
    skill_list,
)

WEEKS = 5
NOW = MORNING + (WEEKS - 1) * WEEK + timedelta(hours=2)
SINCE = (MORNING + 2 * WEEK).date()
CONFIG = """
[store]
path = "jobs.db"
[[watch]]
terms = ["backend developer"]
regions = ["north west", "midlands"]
[[watch]]
terms = ["backend developer"]
regions = ["london"]
job_types = ["contract"]
[[digest]]
name = "contracts"
watch = ["contract/*"]
channels = ["folder"]
[[channel]]
name = "folder"
type = "file"
path = "out"
"""
DERIVED = """
[[derived]]
name = "North West premium"
of = "permanent/north west/backend developer/6"
against = "permanent/midlands/backend developer/6"
"""
NO_PROGRAM = ChartBundle("", {})
"""Stands for the extra where only the tables matter: to bundle its program takes a second."""

Element = html.HtmlElement


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path / "config.toml")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


def weekly(stage: DigestScenario, *readings: Content | FetchStatus | None, subject: Subject = NORTH_WEST) -> None:
    """Crawl a subject once a week, the last time this week; ``None`` is a week without a crawl."""
    for week, reading in enumerate(readings, start=WEEKS - len(readings)):
        if reading is not None:
            stage.crawl(MORNING + week * WEEK, {subject: reading})


def report(stage: DigestScenario, config: Config, *named: Subject, since: date = SINCE) -> Report:
    return build_report(stage.database, config, ReportRequest(None, named or (NORTH_WEST,), since), NOW)


def page(of: Report, drawing: ChartBundle | None = None) -> Element:
    return html.document_fromstring(render_report(of, drawing).html)


def one(of: Element, path: str) -> Element:
    found = of.find(path)
    assert found is not None
    return found


def text(element: Element) -> str:
    return " ".join(element.text_content().split())


def tables(article: Element) -> dict[str, dict[str, dict[str, str]]]:
    """Return every table by its caption: its rows by block and header, their cells by the header of the column."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for table in article.iter("table"):
        columns = [text(header) for header in one(table, "thead").iter("th")][1:]
        rows = found.setdefault(text(one(table, "caption")), {})
        for body in table.findall("tbody"):
            block = "".join(text(each) + ": " for each in body.iterfind("tr/th[@scope='rowgroup']"))
            for row in body.iterfind("tr"):
                header = one(row, "th")
                if header.get("scope") == "row":
                    cells = map(text, row.findall("td"))
                    rows[block + text(header)] = dict(zip(columns, cells, strict=header.get("colspan") is None))
    return found


def figures(article: Element) -> dict[str, dict[str, str]]:
    return tables(article)["Figures, and how they moved"]


def article(of: Report, number: int = 0) -> Element:
    return [*page(of).iter("article")][number]


# Figures.


def test_every_figure_stands_in_its_unit_with_what_the_page_said_of_a_year_ago(
    stage: DigestScenario, config: Config
) -> None:
    rows = {key: (now, Decimal(58_000) if key[1] == "median" else None, None) for key, (now, *_) in pay().items()}
    weekly(stage, content(rows, rank=120, vacancies=1_675))
    shown = figures(article(report(stage, config)))
    assert shown["Salary, pounds a year: Median"] == {"Now": "£60,000", "A year ago": "£58,000"}
    assert shown["Salary, pounds a year: 75th percentile"] == {"Now": "£72,500", "A year ago": "— not stated"}
    assert shown["Demand: Vacancies"]["Now"] == "1,675"
    assert shown["Demand: Demand rank"]["Now"] == "120"
    assert shown["Demand: Share of its category"]["Now"] == "0.40 %"


def test_what_is_not_stated_is_a_dash_with_its_reason_and_never_zero(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(median=None, p25=None, rank=None), content(median=None, p25=None, rank=None))
    said = article(report(stage, config))
    shown = figures(said)
    for row in ("Salary, pounds a year: Median", "Salary, pounds a year: 25th percentile", "Demand: Demand rank"):
        now, year_ago, moved = shown[row].values()
        assert (now, year_ago, moved) == ("— not stated", "— not stated", "— not stated then nor now")
    (median, *_, rank) = (text(each) for each in said.iter("dd"))
    assert (median, rank) == ("— not stated", "— not stated")
    assert not re.search(r"£0\b|(?<![\d,.])0(?![\d,.])", text(one(said, ".//dl")))


def test_pay_on_each_basis_stands_by_itself(stage: DigestScenario, config: Config) -> None:
    both = pay(Basis.DAILY, median=525) | pay(Basis.HOURLY, median=26.5, p10=20, p25=22, p75=30, p90=40, quotes=20)
    weekly(stage, *[content(both)] * 4, subject=LONDON)
    of = report(stage, config, LONDON)
    shown = figures(article(of))
    assert shown["Day rate, pounds a day: Median"]["Now"] == "£525"
    assert shown["Hourly rate, pounds an hour: Median"]["Now"] == "£26.50"
    assert not [row for row in shown if row.startswith("Salary")]
    drawn = {chart["data-kind"]: points for chart, points in charted(of)}
    assert [point[1] for point in drawn["pay/daily"]] == [525, 525]
    assert [point[1] for point in drawn["pay/hourly"]] == [26.5, 26.5]
    assert text(next(page(of).iter("dd"))).startswith("£525 a day")


def test_a_page_that_states_hourly_pay_alone_is_not_given_a_day_rate(stage: DigestScenario, config: Config) -> None:
    hourly = pay(Basis.HOURLY, median=26.5, p10=20, p25=22, p75=30, p90=40)
    weekly(stage, content(hourly), subject=LONDON)
    said = article(report(stage, config, LONDON))
    assert text(next(said.iter("dt"))) == "Median hourly rate"
    assert text(next(said.iter("dd"))) == "£26.50 an hour half of them £22.00 to £30.00"
    assert not [row for row in figures(said) if row.startswith("Day rate")]


# Moves.


def test_a_move_says_from_what_since_when_and_what_chance_makes_of_it(stage: DigestScenario, config: Config) -> None:
    higher = pay(p10=50_000, p25=62_500, median=75_000, p75=90_000, p90=105_000)
    weekly(stage, content(), content(), content(vacancies=244), content(higher, vacancies=241))
    moved = figures(article(report(stage, config)))
    assert moved["Salary, pounds a year: Median"] == {
        "Now": "£75,000",
        "A year ago": "— not stated",
        "Since 1 Dec 2025": "▲ +£15,000 (+25.0 %) from £60,000, clear change",
        "Since 24 Nov 2025": "▲ +£15,000 (+25.0 %) from £60,000, clear change",
    }
    assert moved["Demand: Vacancies"]["Since 24 Nov 2025"] == "▲ +1 (+0.42 %) from 240, within chance"
    assert moved["Salary, pounds a year: Pay quotes"]["Since 1 Dec 2025"] == "= unchanged"


def test_only_a_move_that_chance_would_rarely_make_has_a_colour(stage: DigestScenario, config: Config) -> None:
    higher = pay(p10=50_000, p25=62_500, median=75_000, p75=90_000, p90=105_000)
    weekly(stage, content(), content(higher, vacancies=239, rank=154))
    coloured = {text(each).split(" from")[0] for each in article(report(stage, config)).xpath(".//td[@class='good']")}
    assert "▲ +£15,000 (+25.0 %)" in coloured
    assert not [*article(report(stage, config)).xpath(".//td[@class='bad']")]


def test_what_begins_or_ends_to_be_stated_is_no_move_in_pounds(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(rank=None), content(median=None))
    shown = figures(article(report(stage, config)))
    assert shown["Demand: Demand rank"]["Since 8 Dec 2025"].startswith("— not stated then")
    assert shown["Salary, pounds a year: Median"]["Since 8 Dec 2025"].startswith("— not stated now, then £60,000")


def test_nothing_is_compared_with_a_day_of_which_nothing_is_kept(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(rank=150), content(rank=140))
    said = article(report(stage, config, since=date(2025, 6, 1)))
    assert [*figures(said)["Demand: Demand rank"]] == ["Now", "A year ago", "Since 8 Dec 2025"]
    assert "no snapshot as early as 1 Jun 2025" in text(said)


def test_what_was_not_read_since_the_day_has_not_moved_since(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(rank=150), content(rank=140), None, None)
    said = article(report(stage, config))
    assert [*figures(said)["Demand: Demand rank"]] == ["Now", "A year ago", "Since 24 Nov 2025"]
    assert "no snapshot later than 1 Dec 2025" in text(said)


def test_one_snapshot_is_compared_with_nothing(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content())
    said = article(report(stage, config))
    assert "one snapshot is kept: nothing to compare it with yet" in text(said)
    assert {column for row in figures(said).values() for column in row} == {"Now", "A year ago"}
    assert "— nothing to compare with" in text(one(page(report(stage, config)), ".//nav"))


def test_pages_that_another_parser_has_read_are_not_compared(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(median=50_000), content(), content(rank=140))
    with stage.database.immediate() as connection:
        connection.execute("UPDATE snapshots SET parser_version = 0 WHERE as_of < ?", ("2025-12-08",))
    said = article(report(stage, config))
    assert [*figures(said)["Demand: Demand rank"]] == ["Now", "A year ago", "Since 8 Dec 2025"]
    with stage.database.immediate() as connection:
        connection.execute("UPDATE snapshots SET parser_version = 0 WHERE as_of < ?", ("2025-12-15",))
    said = article(report(stage, config))
    assert "read by an older version of the parser, and are not compared" in text(said)
    assert [*figures(said)["Demand: Demand rank"]] == ["Now", "A year ago"]


def test_what_another_parser_has_read_is_named_where_it_stands_beside_the_rest(
    stage: DigestScenario, config: Config
) -> None:
    weekly(stage, content(median=50_000), content(), content(rank=140))
    assert "parser" not in text(article(report(stage, config)))
    with stage.database.immediate() as connection:
        connection.execute("UPDATE snapshots SET parser_version = 0 WHERE as_of < ?", ("2025-12-15",))
    said = text(article(report(stage, config)))
    assert "Read by an older version of the parser: 2 snapshots, the newest as of 8 Dec 2025." in said


def test_a_snapshot_that_another_parser_has_read_is_not_said_to_be_lacking(
    stage: DigestScenario, config: Config
) -> None:
    weekly(stage, content(), content(), content(rank=140))
    with stage.database.immediate() as connection:
        connection.execute("UPDATE snapshots SET parser_version = 0 WHERE as_of = ?", ("2025-12-08",))
    said = article(report(stage, config, since=date(2025, 12, 10)))
    assert "what was known on 10 Dec 2025 was read by an older version of the parser, and is not compared" in text(said)
    assert "no snapshot" not in text(said)
    assert [*figures(said)["Demand: Demand rank"]] == ["Now", "A year ago", "Since 1 Dec 2025"]


def test_skills_say_how_their_shares_moved_and_what_is_below_the_cut_has_none(
    stage: DigestScenario, config: Config
) -> None:
    then, now = {"Python": 120, "SQL": 100, "Java": 30}, {"Python": 168, "SQL": 100, "Go": 60, "Rust": 12}
    weekly(stage, content(skills=then), content(skills=now))
    shown = tables(article(report(stage, config)))["Top skills, and how their shares moved"]
    assert shown["Python"] == {
        "Share of the ads": "70.00 %",
        "Since 8 Dec 2025": "▲ +20.00 points from 50.00 %, clear change",
    }
    assert shown["SQL"]["Since 8 Dec 2025"] == "= unchanged"
    assert shown["Go"]["Since 8 Dec 2025"].startswith("▲ at least +12.50 points from below the cut, ")
    assert shown["Rust"]["Since 8 Dec 2025"] == "— below the cut then"
    assert "Java" not in shown


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [(50, None, "— not stated now"), (None, 50, "— not stated then"), (None, None, "— not stated then nor now")],
)
def test_a_share_that_is_not_stated_is_no_move_and_not_unchanged(
    stage: DigestScenario, config: Config, then: int | None, now: int | None, said: str
) -> None:
    plain = content(skills={"Python": 120})
    skills = [plain.top_skills[0]._replace(share=None if share is None else Decimal(share)) for share in (then, now)]
    weekly(stage, *[replace(plain, top_skills=(skill,)) for skill in skills])
    shown = tables(article(report(stage, config)))["Top skills, and how their shares moved"]
    assert shown["Python"]["Since 8 Dec 2025"] == said


def test_a_list_that_was_not_there_is_no_list_of_zeros(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(skills={}), content())
    shown = tables(article(report(stage, config)))["Top skills, and how their shares moved"]
    assert {row["Since 8 Dec 2025"] for row in shown.values()} == {"— no skills were listed then"}


# The past.


def charted(of: Report) -> list[tuple[Mapping[str, str], list[list[object]]]]:
    """Return the places of charts, each with its points."""
    document = page(of, NO_PROGRAM)
    points = json.loads(document.get_element_by_id("chart-data").text or "")["points"]
    return [(dict(each.attrib), points[each.get("data-chart")]) for each in document.iterfind(".//*[@data-chart]")]


def test_a_gap_in_the_history_is_a_gap_in_the_line_and_a_row_of_the_snapshots(
    stage: DigestScenario, config: Config
) -> None:
    for days_ago in (70, 63, 56, 14, 7, 0):
        stage.crawl(NOW - timedelta(days=days_ago), {NORTH_WEST: content(rank=100 + days_ago)})
    of = report(stage, config)
    (rank,) = (points for place, points in charted(of) if place["data-kind"] == "rank")
    assert [point[1] if len(point) > 1 else None for point in rank] == [170, 163, 156, None, 114, 107, 100]
    assert rank[3] == ["2025-10-20"]
    rows = [*tables(article(of))["What the page said as of each date"]]
    assert rows == ["15 Dec 2025", "8 Dec 2025", "1 Dec 2025", "No snapshot between 20 Oct 2025 and 1 Dec 2025",
                    "20 Oct 2025", "13 Oct 2025", "6 Oct 2025"]  # fmt: skip
    assert "No snapshot between 20 Oct 2025 and 1 Dec 2025." in text(one(page(of, NO_PROGRAM), ".//figure"))


def test_a_date_without_the_figure_breaks_the_line(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(), content(), content(median=None, p75=None), content(p25=None), content())
    (median,) = (points for place, points in charted(report(stage, config)) if place["data-kind"] == "pay/annual")
    assert [point[1:] for point in median] == [
        [60_000, 50_000, 72_500], [60_000, 50_000, 72_500], [None, 50_000, None], [60_000, None, 72_500],
        [60_000, 50_000, 72_500],
    ]  # fmt: skip


def test_figures_that_stay_the_same_take_two_points_and_one_row(stage: DigestScenario, config: Config) -> None:
    for week in range(20):
        stage.crawl(NOW - (19 - week) * WEEK, {NORTH_WEST: content(rank=150 if week < 19 else 149)})
    of = report(stage, config)
    (rank,) = (points for place, points in charted(of) if place["data-kind"] == "rank")
    assert [point[1] for point in rank] == [150, 150, 149]
    shown = tables(article(of))["What the page said as of each date"]
    assert [*shown] == ["15 Dec 2025", "4 Aug 2025 to 8 Dec 2025 (19 snapshots)"]
    assert [row["Demand rank"] for row in shown.values()] == ["149", "150"]


def test_what_is_left_out_of_the_snapshots_is_counted(stage: DigestScenario, config: Config) -> None:
    for week in range(40):
        stage.crawl(NOW - (39 - week) * WEEK, {NORTH_WEST: content(rank=150 + week)})
    rows = [*tables(article(report(stage, config)))["What the page said as of each date"]]
    assert (len(rows), rows[-1]) == (31, "10 earlier rows back to 17 Mar 2025 left out")


def test_a_chart_says_in_words_how_the_figure_went(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(rank=150), content(rank=90), content(rank=160), content(rank=120))
    said = {
        text(one(each, "figcaption")): text(one(each, "p"))
        for each in page(report(stage, config), NO_PROGRAM).iter("figure")
    }
    assert said["Demand rank"] == (
        "From 150 on 24 Nov 2025 to 120 on 15 Dec 2025; best 90 on 1 Dec 2025, worst 160 on 8 Dec 2025."
    )
    assert said["Vacancies"] == "240 from 24 Nov 2025 to 15 Dec 2025."


def test_a_chart_says_in_words_why_its_line_is_broken(stage: DigestScenario, config: Config) -> None:
    weeks = [start + week for start in range(0, 100, 20) for week in range(4)]
    for week in weeks:
        stage.crawl(NOW - (100 - week) * WEEK, {NORTH_WEST: content(rank=None if week in (1, 42) else 150)})
    (rank,) = (each for each in page(report(stage, config), NO_PROGRAM).iter("figure") if "Demand" in text(each))
    said = text(one(rank, "p"))
    assert "Not stated in 2 of 20 snapshots." in said
    assert said.count("No snapshot between") == 3
    assert said.endswith("1 earlier gap.")


def test_two_snapshots_make_no_chart(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(), content(rank=140))
    assert not page(report(stage, config), NO_PROGRAM).findall(".//figure")


# Coverage.


def test_moments_are_told_by_the_clocks_of_the_zone_that_it_was_made_in(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content())
    made = (NOW + 10 * HOUR).astimezone(ZoneInfo("Pacific/Auckland"))
    said = text(page(replace(report(stage, config), created_at=made)))
    assert "Pay, demand and skills on 16 Dec 2025" in said
    assert "16 Dec 2025, 07:30 NZDT" in said
    assert "read on 15 Dec 2025, 19:30 NZDT" in said


def test_one_ad_is_counted_as_one(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(quotes=1))
    assert "1 ad that states its pay" in text(article(report(stage, config)))
    weekly(stage, content(quotes=2), subject=MIDLANDS)
    assert "2 ads that state their pay" in text(article(report(stage, config, MIDLANDS)))


def test_what_was_read_what_was_not_and_what_is_stale_is_said(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content(), None, None, subject=LONDON)
    stage.crawl(NOW - WEEK, {NORTH_WEST: content()})
    stage.crawl(NOW, {NORTH_WEST: FetchStatus.FETCH_FAILED, MIDLANDS: FetchStatus.NOT_FOUND})
    of = report(stage, config, NORTH_WEST, LONDON, MIDLANDS)
    document = page(of)
    top = text(one(document, ".//header"))
    assert "2 subjects" in top
    assert "3 pages: 1 with new figures, 2 could not be read. The oldest figures are as of 1 Dec 2025." in top
    assert "The last crawl began on 15 Dec 2025, 08:30 GMT and ended complete." in top
    assert "2 subjects have stale figures" in top
    assert [text(each) for each in document.iterfind(".//nav//li")] == [
        "backend developer, Midlands, permanent: not found on the site"
    ]
    warnings = [[text(each) for each in one.iterfind(".//p[@class='notice']")] for one in document.iter("article")]
    assert warnings == [
        ["Note. Stale: these figures are 7 days old.",
         ("Note. The last try brought nothing: could not be fetched: it timed out."
          " These are the figures read before it.")],
        ["Note. Stale: these figures are 14 days old."],
    ]  # fmt: skip


def test_a_source_that_restated_its_history_is_said(stage: DigestScenario, config: Config) -> None:
    stage.crawl(NOW - 52 * WEEK, {NORTH_WEST: content()})
    rows = {key: (now, Decimal(70_000) if key[1] == "median" else now, None) for key, (now, *_) in pay().items()}
    for key, restated in (("p10", 47_000), ("p25", 58_000), ("p75", 84_000), ("p90", 99_000)):
        rows[Basis.ANNUAL, key] = (rows[Basis.ANNUAL, key][0], Decimal(restated), None)
    stage.crawl(NOW, {NORTH_WEST: content(rows)})
    (warning,) = article(report(stage, config)).iterfind(".//p[@class='notice']")
    assert text(warning).startswith(
        "Note. The source has restated its history: the median salary of 16 Dec 2024 was £60,000 and is now given as"
        " £70,000."
    )


def test_the_overview_leads_to_every_subject(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content())
    weekly(stage, content(pay(Basis.DAILY, median=525)), subject=LONDON)
    document = page(report(stage, config, NORTH_WEST, LONDON))
    links = document.xpath(".//nav//table//a/@href")
    assert [each.removeprefix("#") for each in links] == [each.get("id") for each in document.iter("article")]
    (overview,) = (each for name, each in tables(one(document, ".//nav")).items() if name.startswith("Each subject"))
    assert [row["Median pay"] for row in overview.values()] == ["£60,000", "£525 a day"]


# What must not be in it, and how it is built.

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[31m'


def hostile(stage: DigestScenario) -> None:
    """Keep a subject of which every name is hostile, and enough of it for charts."""
    figures = replace(content(), top_skills=skill_list({HOSTILE: 120, "</script>": 100}, 240))
    weekly(stage, *[figures] * 4)
    with stage.database.immediate() as connection:
        connection.execute("UPDATE subjects SET term_name = ?, region_name = ?, category = ?", [HOSTILE] * 3)
        connection.execute("UPDATE subjects SET url = 'javascript:alert(1)'")


def test_hostile_names_are_shown_and_do_nothing(stage: DigestScenario, config: Config) -> None:
    hostile(stage)
    document = page(report(stage, config), NO_PROGRAM)
    assert [each.get("type") for each in document.iter("script")] == ["application/json", None, None]
    assert not [*document.iter("img")]
    assert not document.xpath("//@*[starts-with(name(), 'on')]")
    assert text(one(document, ".//article//h2")).startswith(
        '"><script>alert(1)</script><img src=x onerror=alert(1)>[31m'
    )
    assert not [each for each in document.xpath("//@href") if each.startswith("javascript")]
    assert "\u202e" not in html.tostring(document, encoding="unicode")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=40) | st.text("<>&\"'/={}%#-!scriptamg \u2028\0", max_size=40))
def test_whatever_a_name_is_it_is_text(stage: DigestScenario, config: Config, name: str) -> None:
    if not stage.crawls:
        weekly(stage, *[content()] * 4)
    of = report(stage, config)
    hostile, harmless = (page(named(of, each), NO_PROGRAM) for each in (name, "harmless"))
    assert [each.tag for each in hostile.iter()] == [each.tag for each in harmless.iter()]


def named(of: Report, name: str) -> Report:
    """Return a report in which everything has this name."""
    (portrait,) = of.subjects
    newest = portrait.newest
    names = replace(newest.head.names, term_name=name, region_name=name)
    skills = tuple(skill._replace(name=name) for skill in newest.content.top_skills)
    newest = replace(newest, head=replace(newest.head, names=names), content=replace(newest.content, top_skills=skills))
    return replace(of, name=name, subjects=(replace(portrait, newest=newest),))


def test_the_page_fetches_nothing_and_runs_only_its_own_scripts(stage: DigestScenario, config: Config) -> None:
    weekly(stage, *[content()] * 4)
    document = page(report(stage, config), ChartBundle("var drawn = '</script></SCRIPT ><!-- \\u2028';", {}))
    (policy,) = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    running = [each.text or "" for each in document.iter("script") if each.get("type") is None]
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in running}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert len(hashes) == 2
    assert "default-src 'none'" in policy
    assert not document.xpath("//@src | //link | //iframe | //object | //form | //base")
    assert "url(" not in (style := document.findtext(".//style") or "")
    assert "@import" not in style
    outside = {re.sub(r"^(https://[^/]+).*", r"\1", each) for each in document.xpath("//@href") if each[0] != "#"}
    assert outside == {"https://www.itjobswatch.co.uk", "https://creativecommons.org"}


def test_without_the_extra_the_tables_say_all(
    stage: DigestScenario, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly(stage, *[content()] * 4)
    monkeypatch.setitem(sys.modules, "altair", None)
    assert charts.chart_bundle() is None
    document = page(report(stage, config), charts.chart_bundle())
    assert not [*document.iter("script")]
    assert not [*document.iter("figure")]
    assert all("open" in each.attrib for each in document.iter("details"))
    assert "script-src 'none'" in document.xpath("string(//meta[@http-equiv]/@content)")
    assert tables(one(document, ".//article")).keys() >= {"What the page said as of each date"}


def test_a_screen_reader_finds_its_way(stage: DigestScenario, config: Config) -> None:
    weekly(stage, *[content()] * 4)
    weekly(stage, *[content(pay(Basis.DAILY, median=525))] * 4, subject=LONDON)
    document = page(report(stage, config, NORTH_WEST, LONDON), NO_PROGRAM)
    assert document.get("lang") == "en-GB"
    assert [each.tag for each in one(document, "body") if each.tag in ("header", "nav", "main", "footer")] == [
        "header", "nav", "main", "footer",
    ]  # fmt: skip
    ids = document.xpath("//@id")
    assert len(ids) == len({*ids})
    for reference in document.xpath("//@aria-labelledby | //@aria-describedby"):
        assert reference in ids
    assert all(each.find("caption") is not None for each in document.iter("table"))
    assert all(each.get("scope") in ("row", "col", "rowgroup") for each in document.iter("th"))
    assert all(each.get("aria-label") and each.get("tabindex") == "0" for each in document.find_class("scrolls"))
    levels = [int(str(each.tag)[1]) for each in document.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1


def test_the_source_is_named(stage: DigestScenario, config: Config) -> None:
    weekly(stage, content())
    footer = text(page(report(stage, config)).findall(".//footer")[-1])
    assert footer.endswith("Source: IT Jobs Watch (www.itjobswatch.co.uk), CC BY-NC-SA 4.0")


def test_a_subject_more_costs_little(stage: DigestScenario, config: Config) -> None:
    subjects = [replace(NORTH_WEST, term=f"term {number}") for number in range(12)]
    for week in range(12):
        stage.crawl(
            NOW - (11 - week) * WEEK, {each: content(rank=150 + week, vacancies=240 + week) for each in subjects}
        )
    one, twelve = (len(render_report(report(stage, config, *subjects[:n]), NO_PROGRAM).html) for n in (1, 12))
    assert (twelve - one) / 11 < 30_000


# The command.

Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return what gives the command, without the extra unless it is asked for."""
    del config
    monkeypatch.setitem(sys.modules, "altair", None)

    def give(*arguments: str) -> Result:
        chosen = ["report", *arguments, "--config", str(tmp_path / "config.toml")]
        return CliRunner().invoke(
            jobspider, [*chosen, *([] if "--out" in chosen else ["--out", str(tmp_path / "r.html")])]
        )

    return give


def refusal(given: Result) -> tuple[int, str]:
    assert isinstance(given.exception, JobspiderError), given.exception
    assert "\n" not in str(given.exception)
    return given.exception.exit_code, str(given.exception)


def terms(path: Path) -> list[str]:
    return [text(each) for each in html.parse(path).getroot().iterfind(".//article//h2")]


def test_the_command_writes_a_file_and_says_so(stage: DigestScenario, command: Command, tmp_path: Path) -> None:
    weekly(stage, content(), content())
    weekly(stage, content(pay(Basis.DAILY, median=525)), subject=LONDON)
    given = command()
    assert given.exit_code == 0, given.exception
    said = r'r\.html: 2 subjects, \d+ KB, of 1 nothing is kept yet, without charts, which need the extra "charts"\n'
    assert re.fullmatch(said, given.output.removeprefix(f"{tmp_path}/"))
    assert terms(tmp_path / "r.html") == [
        "Backend Developer North West, permanent", "Backend Developer London, contract",
    ]  # fmt: skip


def test_json_says_what_was_written(stage: DigestScenario, command: Command, tmp_path: Path) -> None:
    weekly(stage, content(), content())
    said = json.loads(command("--json", "--since", "2025-12-01").output)
    assert said["bytes"] == (tmp_path / "r.html").stat().st_size
    assert (said["file"], said["charts"], said["since"]) == (str(tmp_path / "r.html"), None, "2025-12-01")
    assert said["subjects"] == [{"subject": NORTH_WEST.key, "as_of": "2025-12-15", "snapshots": 2, "stale": True}]
    assert LONDON.key in said["nothing_kept"]


def test_a_digest_or_names_say_which_subjects(stage: DigestScenario, command: Command, tmp_path: Path) -> None:
    unwatched = replace(NORTH_WEST, term="java")
    for subject in (NORTH_WEST, LONDON, unwatched):
        weekly(stage, content(), subject=subject)
    assert command("--digest", "contracts").exit_code == 0
    assert terms(tmp_path / "r.html") == ["Backend Developer London, contract"]
    assert command("north west/java", "contract/*").exit_code == 0
    assert terms(tmp_path / "r.html") == ["Java North West, permanent", "Backend Developer London, contract"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--digest", "daily"], "config.toml defines no digest 'daily'; it has contracts"),
        (["--digest", "contracts", "london/java"], "not both"),
        (["--since", "tuesday"], "--since 'tuesday' is no day: write one like 2025-06-01, or weeks like 13w"),
        (["--since", "0w"], "is no day"),
        (["--since", "9999999w"], "is no day"),
        (["--since", "2999-01-01"], "--since 2999-01-01 is not past"),
        (["--out", "config.toml"], "let the name of --out end in .html"),
        (["london/cobol"], "no figures of 'permanent/london/cobol/6' are stored"),
    ],
)
def test_a_mistake_is_one_line(stage: DigestScenario, command: Command, arguments: list[str], said: str) -> None:
    weekly(stage, content())
    code, found = refusal(command(*arguments))
    assert code == 2
    assert said in found


def test_a_digest_of_derived_watches_alone_has_no_page_to_show(
    stage: DigestScenario, command: Command, tmp_path: Path
) -> None:
    weekly(stage, content())
    derived = CONFIG + DERIVED + CONFIG[CONFIG.index("[[digest]]") : CONFIG.index("[[channel]]")]
    config = derived.replace('"contracts"', '"premiums"', 1).replace('"contract/*"', '"derived/*"', 1)
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    said = "a report shows pages, and digest 'premiums' covers none, only derived watches: name pages or another digest"
    assert refusal(command("--digest", "premiums")) == (2, said)


def test_nothing_kept_is_one_line(command: Command, stage: DigestScenario, tmp_path: Path) -> None:
    assert refusal(command()) == (
        4, f"no snapshot is stored of {NORTH_WEST.key} and 2 more: run jobspider crawl first",
    )  # fmt: skip
    assert not (tmp_path / "r.html").exists()
    del stage


def test_no_database_is_one_line(command: Command, tmp_path: Path) -> None:
    assert refusal(command()) == (4, f"no database at {tmp_path / 'jobs.db'}: run a crawl first")


def test_a_file_that_cannot_be_written_is_one_line(
    stage: DigestScenario, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly(stage, content())
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(JobspiderError, match="cannot be written: No such file or directory; name another file"):
        write_report(report(stage, config), tmp_path / "none" / "r.html")


def test_what_stood_there_stays_until_the_whole_is_written(
    stage: DigestScenario, command: Command, tmp_path: Path
) -> None:
    weekly(stage, content())
    (tmp_path / "r.html").write_text("before", encoding="utf-8")
    with stage.database.immediate() as connection:
        connection.execute("UPDATE figures SET statistic = 'unheard of' WHERE statistic = 'p90'")
    assert refusal(command())[0] == 4
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.glob("*r.html*")) == ["r.html"]


# In a real browser.

CHARTS_DRAWN = """new Promise((done) => {
  const look = () => document.querySelectorAll("[data-chart]:not(.drawn)").length ? setTimeout(look, 20) : done(true);
  look();
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with browsing() as found:
        yield found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report with charts, gaps, dashes, warnings and hostile names, as the command itself writes it."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    with Database.open(folder / "jobs.db") as database:
        stage = DigestScenario(database)
        hostile(stage)
        rates = pay(Basis.DAILY, median=525, p25=450, p75=600) | pay(Basis.HOURLY, median=26.5, p25=22, p75=30)
        odd = rates | pay(Basis.DAILY, median=525.5, p25=None, p75=600)
        for week in (0, 1, 2, 12, 13, 14):
            paid = odd if week == 13 else rates
            stage.crawl(NOW + week * WEEK, {LONDON: content(paid, rank=150 - week, vacancies=240 + 20 * week)})
        stage.crawl(NOW + 15 * WEEK, {LONDON: FetchStatus.FETCH_FAILED, MIDLANDS: FetchStatus.NOT_FOUND})
    done = run("report", "--config", str(folder / "config.toml"), "--out", str(folder / "report.html"))
    assert done.returncode == 0, done.stderr
    return folder / "report.html"


@pytest.mark.parametrize("width", [360, 760, 1200])
def test_its_charts_are_drawn_offline_and_nothing_overflows(browser: Page, written: Path, width: int) -> None:
    browser.ask("Network.enable")
    browser.visit(written, width)
    assert browser.value(CHARTS_DRAWN)
    assert browser.value("document.querySelectorAll('[data-chart] svg').length") == 7
    assert browser.value("document.documentElement.scrollWidth") == width
    assert browser.value("performance.getEntriesByType('resource').length") == 0
    assert browser.value("document.title").startswith("Pay, demand and skills on ")


def test_a_gap_is_seen_in_the_line(browser: Page, written: Path) -> None:
    browser.visit(written, 1200)
    assert browser.value(CHARTS_DRAWN)
    ways = browser.value(
        "[...document.querySelectorAll('[data-kind=\"rank\"] .mark-line path')].map((each) => each.getAttribute('d'))"
    )
    # A line with a gap begins twice.
    assert sorted(way.count("M") for way in ways) == [1, 2]


def test_an_axis_names_no_height_that_its_label_rounds(
    browser: Page, stage: DigestScenario, tmp_path: Path, config: Config
) -> None:
    for week in range(4):
        rates = pay(Basis.DAILY, median=525 + week % 2, p25=None, p75=None)
        rates |= pay(Basis.HOURLY, median=26.5 + 0.01 * (week % 2), p25=None, p75=None)
        stage.crawl(NOW - (3 - week) * WEEK, {LONDON: content(rates, rank=150 - week % 2, vacancies=240 + week % 2)})
    write_report(report(stage, config, LONDON), tmp_path / "r.html")
    browser.visit(tmp_path / "r.html", 1200)
    assert browser.value(CHARTS_DRAWN)
    axes = browser.value(
        "[...document.querySelectorAll('[data-chart] .role-axis-label')]"
        ".map((each) => [...each.querySelectorAll('text')].map((said) => said.textContent).filter(Boolean))"
    )
    said = [labels for labels in axes if not re.search(r"[A-Z]", labels[0])]
    assert said == [["£525", "£526"], ["£26.50", "£26.51"], ["240", "241"], ["149", "150"]]


def test_what_a_chart_says_of_a_point_is_what_the_tables_say(browser: Page, written: Path) -> None:
    browser.visit(written, 1200)
    assert browser.value(CHARTS_DRAWN)
    said = browser.value(
        "[...document.querySelectorAll('[data-kind=\"pay/daily\"] .mark-symbol path')]"
        ".map((each) => Object.values(each.__data__.tooltip).slice(1))"
    )
    assert ["£525", "£450", "£600"] in said
    assert ["£525.50", "not stated", "£600"] in said


def test_the_page_refuses_what_it_does_not_carry(browser: Page, written: Path) -> None:
    browser.visit(written, 1200)
    refused = """new Promise((done) => {
      addEventListener("securitypolicyviolation", (each) => done(each.effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
    })"""
    assert browser.value(refused) == "script-src-elem"
    assert browser.value("window.ran") is None


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_word_can_be_read(browser: Page, written: Path, *, dark: bool) -> None:
    browser.visit(written, 1200, dark=dark)
    browser.value("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    contrasts = browser.value(CONTRASTS)
    assert len(contrasts) > 100
    assert not [(said, ratio) for said, ratio in contrasts if ratio < LEAST_CONTRAST]
    ground = browser.value("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(19, 22, 24)" if dark else "rgb(243, 242, 238)")


def test_on_paper_the_ground_is_white_and_everything_is_open(browser: Page, written: Path) -> None:
    browser.visit(written, 760, dark=True)
    browser.ask("Emulation.setEmulatedMedia", media="print")
    browser.value("dispatchEvent(new Event('beforeprint'))")
    assert browser.value(CHARTS_DRAWN)
    assert browser.value("[...document.querySelectorAll('details')].every((each) => each.open)")
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.ask("Emulation.setEmulatedMedia", media="")
