"""The rules of the lists of skills."""

from decimal import Decimal
from itertools import product

import pytest

from jobspider.errors import PageError
from jobspider.model import SkillShare
from tests.support.small_pages import permanent, table

TOP = "<h2><span>Java Skill Set</span><br>Top 3 Co-Occurring Skills &amp; Capabilities in Scotland</h2><p>Text.</p>"
BY_CATEGORY = "<h2><span>Java Skill Set</span><br>Co-Occurring Skills &amp; Capabilities in Scotland by Category</h2>"
SQL = ("1", "13 <span>(50.00%)</span>", "<a>SQL</a>")
AGILE = ("1", "13 (50.00%)", "Agile")
AWS = ("2", "2 (7.69%)", "AWS")


def test_top_skills_split_over_two_tables_are_joined() -> None:
    below = TOP + table([(table([SQL, AGILE]), table([AWS]))])
    assert permanent(below=below).content.top_skills == (
        SkillShare(1, "SQL", 13, Decimal("50.00")),
        SkillShare(1, "Agile", 13, Decimal("50.00")),
        SkillShare(2, "AWS", 2, Decimal("7.69")),
    )


def test_skill_lists_without_shares_are_parsed() -> None:
    below = "<h2>Top 1 Related IT Skills</h2>" + table([("1", "13", "3D Graphics")])
    assert permanent(below=below).content.top_skills == (SkillShare(1, "3D Graphics", 13, None),)


@pytest.mark.parametrize(
    "below",
    [
        table([("Cloud Services",), AWS_FIRST := ("1", "2 (7.69%)", "AWS")]) + table([("Languages",), SQL]),
        table([("Cloud Services",), AWS_FIRST, ("Languages",), SQL]),
        f"<h3>Cloud Services</h3>{table([AWS_FIRST])}<h3>Languages</h3>{table([SQL])}",
        table([AWS_FIRST]).replace("<table>", "<table><caption>Cloud Services</caption>")
        + table([SQL]).replace("<table>", "<table><caption>Languages</caption>"),
        "<ul><li>Cloud Services</li><li>Languages</li></ul>"
        + table([(table([("Cloud Services",), AWS_FIRST]), table([("Languages",), SQL]))]),
    ],
)
def test_skill_category_name_is_text_above_list(below: str) -> None:
    skills = permanent(below=BY_CATEGORY + below).content.skills
    assert {name: [skill.name for skill in entries] for name, entries in skills.items()} == {
        "Cloud Services": ["AWS"],
        "Languages": ["SQL"],
    }


@pytest.mark.parametrize(
    ("below", "problem"),
    [
        (table([SQL]), "a heading of top skills"),
        (BY_CATEGORY + table([SQL]), "the name of a category"),
        (BY_CATEGORY + table([("-",), SQL]), "the name of a category"),
        (BY_CATEGORY + table([("Languages",), SQL]) + table([AGILE]), "the name of a category"),
        (BY_CATEGORY + table([("Languages",), SQL]) + table([("Languages",), AGILE]), "'Languages' again"),
        (BY_CATEGORY + table([("Languages",), SQL, SQL]), "'SQL' again"),
        (TOP + table([SQL, ("13 (50.00%)", "Agile")]), "a skill like"),
        (TOP + table([SQL, ("1", "13 (50.00%)", "")]), "a skill like"),
        (TOP + table([SQL, ("1", "(50.00%)", "Agile")]), "a skill like"),
        (TOP + table([SQL, ("1", "1,3 (50.00%)", "Agile")]), "a skill like"),
        (TOP + TOP + table([SQL]), "one list of top skills"),
        (TOP.replace("Top 3 ", "Best ") + table([SQL]), "'Top N Co-Occurring Skills'"),
        (TOP, "top_skills: expected 3 skills"),
        (TOP.replace("3", "1") + table([SQL, AGILE]), "top_skills: expected 1 skills"),
        (TOP + table([SQL]) + BY_CATEGORY + table([("A",), SQL, AGILE, AWS]), "top_skills: expected 3 skills"),
    ],
)
def test_skill_lists_malformed_are_rejected(below: str, problem: str) -> None:
    with pytest.raises(PageError, match=problem):
        permanent(below=below)


COUNTS = ("13", "1,234", "1,23", "0", "013", "13,", "1.3", "-", "")
SHARES = (
    " (50.00%)",
    "(50%)",
    "  (50.00%) ",
    " (50.00 %)",
    " 50.00%",
    " (101%)",
    "</td><td>(50.00%)",
    "\N{NO-BREAK SPACE}(1%)",
    "",
)
NAMES = (
    "SQL",
    " C#  and\n C++ ",
    "R&amp;D",
    "a&lt;b",
    "a > b",
    "-",
    "",
    "Caf&eacute;",
    "IT&nbsp;Law",
    "1",
    "<br>Java<br>EE",
)


def read_or_refused(below: str) -> tuple[SkillShare, ...] | str:
    try:
        return permanent(below=below).content.top_skills
    except PageError as error:
        return str(error)


def dressed(rows: str) -> str:
    """Return rows with an element in each cell that nobody knows, which keeps them from being read by their markup."""
    return rows.replace("<td>", "<td><x-y>").replace("</td>", "</x-y></td>")


@pytest.mark.parametrize("count", COUNTS)
def test_skill_row_any_markup_gives_same_skill(count: str) -> None:
    for rank, share, name in product(("1", "0", " 1 ", "x"), SHARES, NAMES):
        rows = table([("1", "13 (50.00%)", "Agile"), (rank, count + share, name), ("2", "1 (3.85%)", "Last")])
        assert read_or_refused(TOP + rows) == read_or_refused(TOP + dressed(rows))


@pytest.mark.parametrize("odd", ["<x<tr>", "<td a<tr>", '<td title="<tr>">', "<tr/>", "<!--<tr>-->"])
def test_skill_rows_ignore_markup_that_resembles_rows(odd: str) -> None:
    rows = table([SQL, AGILE, AWS]).split("<tr>")
    for place in range(len(rows)):
        with_odd = "<tr>".join([*rows[:place], rows[place] + odd, *rows[place + 1 :]])
        assert read_or_refused(TOP + with_odd) == read_or_refused(TOP + dressed(with_odd))


def test_rows_below_skill_lists_are_ignored() -> None:
    below = BY_CATEGORY + table([("Languages",), SQL]) + table([("Privacy", "Copyright"), ("About us",)])
    assert list(permanent(below=below).content.skills) == ["Languages"]
