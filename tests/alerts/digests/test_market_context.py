"""What stands beside a change so that it can be understood, on the figures of real pages and in every medium.

Permanent Backend Developer in London as its page of 7 November 2025 prints it, for then and for a year before.
Source: IT Jobs Watch (www.itjobswatch.co.uk), CC BY-NC-SA 4.0.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.config import NoiseSettings
from alerts.model.changes import Digest, Significance
from alerts.render.formats.html import render_html
from alerts.render.formats.json_data import digest_data
from alerts.render.formats.slack import render_slack
from alerts.render.formats.text import render_text
from jobspider.model import Basis, CategoryFigures, Content, FigureKey, Figures, JobType, Subject, ThreeYears
from jobspider.store.database import Database
from tests.support.digest_scenarios import HOUR, MORNING, WEEK, WEEKLY, DigestScenario

LONDON = Subject(JobType.PERMANENT, "london", "backend developer")
YEAR = 52 * WEEK
ANNUAL = Basis.ANNUAL
REAL: dict[FigureKey, tuple[str, str]] = {
    (None, "rank"): ("345", "378"),
    (None, "rank_change"): ("33", "16"),
    (None, "vacancies"): ("40", "55"),
    (None, "share_of_category"): ("0.36", "0.33"),
    (ANNUAL, "quotes"): ("34", "20"),
    (ANNUAL, "p10"): ("54375", "49750"),
    (ANNUAL, "p25"): ("67813", "60000"),
    (ANNUAL, "median"): ("80000", "75000"),
    (ANNUAL, "median_change"): ("6.67", "1.69"),
    (ANNUAL, "p75"): ("90000", "90938"),
    (ANNUAL, "p90"): ("107500", "113250"),
    (ANNUAL, "parent_median"): ("67500", "52500"),
    (ANNUAL, "parent_median_change"): ("28.57", "-27.59"),
}
CATEGORY: dict[FigureKey, tuple[str, str]] = {
    (ANNUAL, "median"): ("72500", "75000"),
    (ANNUAL, "median_change"): ("-3.33", "0"),
}
WHOLE = {"rank", "rank_change", "vacancies", "quotes"}


def column(rows: dict[FigureKey, tuple[str, str]], which: int) -> Figures:
    """Return one column of real figures as the present of a page, and where there is one the year before it."""
    found: dict[FigureKey, ThreeYears] = {}
    for (basis, statistic), figures in rows.items():
        read = int if statistic in WHOLE else Decimal
        values = [read(figure) for figure in figures[which:]]
        found[basis, statistic] = (values[0], values[1] if len(values) > 1 else None, None)
    return Figures(found)


def page(which: int) -> Content:
    return Content(column(REAL, which), CategoryFigures("All Permanent IT Job Vacancies", column(CATEGORY, which)))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Digest]:
    """Tell a recipient of the page of a year ago, and then of the newest, with all that chance may have made."""
    everything = WEEKLY.model_copy(update={"noise": NoiseSettings(false_alarm_budget=1.0)})
    path: Path = tmp_path_factory.mktemp("context") / "jobs.db"
    with Database.open(path) as database:
        stage = DigestScenario(database, (LONDON,), everything)
        stage.crawl(MORNING, {LONDON: page(1)})
        stage.tell(MORNING + HOUR)
        stage.crawl(MORNING + YEAR, {LONDON: page(0)})
        yield stage.tell(MORNING + YEAR + HOUR)


def as_json(digest: Digest) -> str:
    return json.dumps(digest_data(digest), ensure_ascii=False)


def in_slack(digest: Digest) -> str:
    return json.dumps(render_slack(digest)["blocks"], ensure_ascii=False)


@pytest.mark.parametrize("medium", [render_text, render_html, in_slack])
@pytest.mark.parametrize(
    "said",
    [
        "+6.7 % on the year",
        "All Permanent IT Job Vacancies \N{MINUS SIGN}3.3 % on the year",
        "England +28.6 % on the year",
        "33 places up on the year",
        "\N{MINUS SIGN}27.3 % on the year",
        "others moved: its own share stayed within chance",
    ],
)
def test_a_real_change_is_seen_beside_the_year_the_market_the_region_above_and_the_others(
    told: Digest, medium: Callable[[Digest], str], said: str
) -> None:
    assert said in " ".join(medium(told).split())


def test_a_program_is_told_of_it_too(told: Digest) -> None:
    lines = {line["statistic"]: line for line in json.loads(as_json(told))["told"]}
    assert lines["median"]["year_on_year"] == 6.67
    assert lines["median"]["beside"] == {
        "category": {"name": "All Permanent IT Job Vacancies", "change": -3.33},
        "parent": {"name": "England", "change": 28.57},
    }
    assert lines["p25"]["beside"] is None
    assert lines["rank"]["year_on_year"] == 33


def test_a_rank_that_moved_because_others_did_does_not_trigger(tmp_path: Path) -> None:
    with Database.open(tmp_path / "jobs.db") as database:
        stage = DigestScenario(database, (LONDON,))
        stage.crawl(MORNING, {LONDON: page(1)})
        stage.tell(MORNING + HOUR)
        stage.crawl(MORNING + YEAR, {LONDON: page(0)})
        digest = stage.tell(MORNING + YEAR + HOUR)
    (rank,) = (line for line in digest.suppressed if line.change.statistic == "rank")
    assert rank.evidence.verdict is Significance.NOISE
    assert rank.reason.startswith("others moved")


def test_the_whole_country_is_seen_beside_the_part_that_its_page_compares_it_with(tmp_path: Path) -> None:
    """The page of the whole country has no parent; it prints the UK excluding London in that place."""
    country = replace(LONDON, region="uk")
    with Database.open(tmp_path / "jobs.db") as database:
        stage = DigestScenario(
            database, (country,), WEEKLY.model_copy(update={"noise": NoiseSettings(false_alarm_budget=1.0)})
        )
        stage.crawl(MORNING, {country: page(1)})
        stage.tell(MORNING + HOUR)
        stage.crawl(MORNING + YEAR, {country: page(0)})
        assert "UK excluding London +28.6 % on the year" in " ".join(
            render_text(stage.tell(MORNING + YEAR + HOUR)).split()
        )
