"""A derived watch in every medium: its name, both figures, how much more the one is, and both addresses."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest

from alerts import wording
from alerts.model.changes import Change, Digest, NewlyWatched, SubjectSection
from alerts.render import presenter
from alerts.render.charts import render_png_charts
from alerts.render.explanation import explanation_data, matching_changes, render_explained
from alerts.render.formats.csv_table import render_csv
from alerts.render.formats.email import render_email
from alerts.render.formats.html import render_html
from alerts.render.formats.json_data import digest_data
from alerts.render.formats.slack import render_slack
from alerts.render.formats.text import render_text
from jobspider.model import JobType
from tests.support import digest_factories

DIGEST = digest_factories.with_derived()
LONDON = "https://www.itjobswatch.co.uk/jobs/london/backend%20developer.do"
NORTH_WEST = "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"


def mailed(digest: Digest) -> str:
    mail = render_email(digest, digest_factories.ENVELOPE, "jobs@example.org", ["team@example.org"])
    body = message_from_bytes(mail, policy=policy.default).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def slack(digest: Digest) -> str:
    return json.dumps(render_slack(digest)["blocks"], ensure_ascii=False)


@pytest.mark.parametrize("medium", [render_text, render_html, mailed, slack])
def test_every_medium_says_all_of_it(medium: object) -> None:
    assert callable(medium)
    shown = " ".join(medium(DIGEST).split())
    for said in (
        "London premium",
        "Backend Developer, permanent: London against North West",
        "Median salary, how much more",
        "+20.8 %",
        "+25.0 %",
        "+4.2 points",
        "London £77,500, North West £62,000",
        "told: London £72,500, North West £60,000",
        "+3.3 points on the year",
        "all percentiles of both pages, 640 and 116 quotes",
        "Contracting: one of its two pages was not read",
        LONDON,
        NORTH_WEST,
    ):
        assert said in shown


def test_a_derived_watch_stands_by_itself_though_its_first_page_has_lines_too() -> None:
    of = digest_factories.head("Backend Developer", "London", subject_id=4)
    held = tuple(
        digest_factories.line(each) for each in (digest_factories.vacancies(of=of), digest_factories.derived(of=of))
    )
    names = [each.name for each in presenter._lists(held, lambda line: line.reason).items]
    assert names == [
        "Backend Developer, London, permanent",
        "London premium, Backend Developer, permanent: London against North West",
    ]


def test_the_digest_counts_derived_watches_apart_from_subjects() -> None:
    said = "9 changes in 2 subjects and 1 derived watch, 1 subject and 1 derived watch now watched."
    assert presenter.present_digest(DIGEST).status.startswith(said)
    alone = replace(DIGEST, groups=DIGEST.groups[-1:], watching=DIGEST.watching[-1:] * 2)
    assert presenter.present_digest(alone).status.startswith(
        "1 change in 1 derived watch, 2 derived watches now watched."
    )


def test_the_picture_of_a_page_does_not_stand_at_a_derived_watch_of_it() -> None:
    told = DIGEST.groups[-1]
    page = SubjectSection(
        told.snapshot, (digest_factories.line(digest_factories.change(of=told.snapshot)),), digest_factories.series()
    )
    digest = replace(DIGEST, groups=(told, page))
    assert render_png_charts(digest).keys() == {told.snapshot.subject_id}
    charts = [
        each.chart for each in presenter.present_digest(digest, {told.snapshot.subject_id: "cid:chart"}).groups.items
    ]
    assert charts == ["", "cid:chart"]


def test_a_new_one_shows_both_figures_and_what_they_come_to() -> None:
    shown = presenter.present_digest(DIGEST).watching.items[-1]
    assert shown.term == "Manchester discount"
    assert shown.figures == (
        ("London", "£77,500"), ("North West", "£62,000"), ("Median salary, how much more", "+£15,500"),
    )  # fmt: skip
    assert (shown.url, shown.other_url) == (LONDON, NORTH_WEST)


# London's page is of two days before the North West's, and was told of a week before it.

NOW_APART = "London £77,500 (21 Nov 2025), North West £62,000 (23 Nov 2025)"
TOLD_APART = "London £72,500 (7 Nov 2025), North West £60,000 (16 Nov 2025)"


def apart(of: Change) -> Change:
    assert of.derived is not None
    head = replace(of.derived.target.head, as_of=date(2025, 11, 21))
    here = replace(of.derived.target, head=head, old_as_of=date(2025, 11, 7))
    return replace(of, snapshot=head, old_as_of=here.old_as_of, detail=replace(of.derived, target=here))


def dated_apart() -> Digest:
    told, new = (
        apart(digest_factories.derived()),
        apart(digest_factories.derived("Manchester discount", is_ratio=False)),
    )
    assert new.new is not None
    first = NewlyWatched(new.snapshot, (new.topic,), new.basis, {new.statistic: new.new}, (), derived=new.derived)
    return replace(
        digest_factories.quiet(),
        groups=(SubjectSection(told.snapshot, (digest_factories.line(told),)),),
        watching=(first,),
    )


@pytest.mark.parametrize("medium", [render_text, render_html, mailed, slack])
def test_pages_of_two_dates_each_have_their_own_in_every_medium(medium: object) -> None:
    assert callable(medium)
    shown = " ".join(medium(dated_apart()).split())
    assert NOW_APART in shown
    assert f"told: {TOLD_APART}" in shown
    assert shown.count("as of 21 Nov 2025 and 23 Nov 2025") == 2, "once where it moved, once where it is new"
    assert "compared with 7 Nov 2025 and 16 Nov 2025, told 17 Nov 2025" in shown


def test_a_new_one_of_two_dates_dates_each_figure() -> None:
    (new,) = presenter.present_digest(dated_apart()).watching.items
    assert new.figures[:2] == (("London", "£77,500 (21 Nov 2025)"), ("North West", "£62,000 (23 Nov 2025)"))


def test_a_date_that_is_both_pages_is_said_once() -> None:
    assert presenter.present_digest(DIGEST).groups.items[-1].facts == (
        "as of 23 Nov 2025", "compared with 16 Nov 2025, told 17 Nov 2025",
    )  # fmt: skip
    assert "(23 Nov 2025)" not in render_text(DIGEST)


def test_for_programs_each_page_has_its_own_dates_too() -> None:
    (line,) = json.loads(json.dumps(digest_data(dated_apart())))["told"]
    assert (line["subject"], line["old_as_of"], line["as_of"]) == (
        "permanent/london/backend developer/6", "2025-11-07", "2025-11-21",
    )  # fmt: skip
    against = line["derived"]["against"]
    assert (against["old_as_of"], against["as_of"]) == ("2025-11-16", "2025-11-23")
    (row,) = csv.DictReader(io.StringIO(render_csv(dated_apart())))
    assert (row["old_as_of"], row["as_of"]) == ("2025-11-07", "2025-11-21")
    assert (row["against"], row["against_old_as_of"], row["against_as_of"]) == (
        "permanent/north west/backend developer/6", "2025-11-16", "2025-11-23",
    )  # fmt: skip


def test_it_is_explained_with_the_dates_of_both_pages_and_the_reader_s_day() -> None:
    (line,) = dated_apart().groups[0].lines
    shown = render_explained(line, ZoneInfo("Pacific/Auckland"))
    assert "+20.8 %, as of 2025-11-07 and 2025-11-16, on 2025-11-17" in shown
    assert "+25.0 %, as of 2025-11-21 and 2025-11-23" in shown
    assert NOW_APART in shown
    assert TOLD_APART in shown
    late = replace(line, change=replace(line.change, baseline_notified_at=digest_factories.TOLD_AT.replace(hour=18)))
    assert "on 2025-11-18" in render_explained(late, ZoneInfo("Pacific/Auckland"))


def test_as_data_it_carries_both_pages() -> None:
    data = json.loads(json.dumps(digest_data(DIGEST)))
    line = data["told"][-1]
    assert (line["topic"], line["statistic"], line["old"], line["new"]) == (
        "derived/London premium", "ratio", 20.83, 25,
    )  # fmt: skip
    sides = line["derived"]
    assert (sides["statistic"], sides["days_a_year"]) == ("median", None)
    assert (sides["of"]["subject"], sides["of"]["old"], sides["of"]["new"]) == (
        "permanent/london/backend developer/6", 72500, 77500,
    )  # fmt: skip
    assert sides["against"]["quotes"] == 116
    assert data["watching"][-1]["derived"]["name"] == "Manchester discount"
    assert data["told"][0]["derived"] is None
    assert data["coverage"]["not_compared"] == ["Contracting"]


def test_as_a_table_it_is_a_line_of_plain_numbers() -> None:
    rows = [row for row in csv.DictReader(io.StringIO(render_csv(DIGEST))) if row["topic"].startswith("derived/")]
    assert [row["standing"] for row in rows] == ["told", "nearly there", "held back"]
    assert (rows[0]["statistic"], rows[0]["old"], rows[0]["new"], rows[0]["difference"]) == (
        "ratio", "20.83", "25.00", "4.17",
    )  # fmt: skip


def test_it_is_found_by_its_name_and_explained_with_both_pages() -> None:
    (line,) = matching_changes(DIGEST, "london premium")
    shown = render_explained(line)
    assert "pages told" in shown
    assert "London £72,500, North West £60,000" in shown
    assert explanation_data(line)["change"] == "permanent/london/backend developer/6 derived/London premium ratio"


def test_its_headline_names_it_and_both_figures() -> None:
    told = digest_factories.line(digest_factories.derived())
    assert (
        wording.headline_text(told) == "London premium is up 4.2 points to +25.0 % (London £77,500, North West £62,000)"
    )
    in_pounds = digest_factories.line(digest_factories.derived(is_ratio=False))
    assert wording.headline_text(in_pounds).startswith("London premium is up £3,000 to +£15,500")


def test_a_day_rate_against_a_salary_states_its_days_in_the_line() -> None:
    contracting = digest_factories.contracting()
    title = wording.derived_statistic(contracting)
    assert title == "Median day rate \N{MULTIPLICATION SIGN} 220 days against median salary, how much more"
    assert wording.derived_subjects(contracting) == "Backend Developer, London: contract against permanent"
    assert wording.derived_figures_text(contracting) == "contract £500 a day, permanent £75,000"
    assert contracting.target.head.subject.job_type is JobType.CONTRACT
