"""The rules of the table of places."""

from decimal import Decimal

import pytest

from jobspider.errors import LayoutChangedError, PageError, WrongPageError
from jobspider.model import LocationRow
from tests.support.small_pages import Row, permanent, table

PLACES: tuple[Row, ...] = (
    (
        *("Location", "Rank Change<br>on Same Period<br>Last Year", "Matching<br>Permanent<br>IT Job Ads"),
        *("Median Salary<br>Past 6 Months", "Median Salary<br>% Change<br>on Same Period<br>Last Year", "Live<br>Jobs"),
    ),
    ("<a>Edinburgh</a>", "+3", "16", "£55,000", "-", "<a>7</a>"),
    ("Fife", "-", "2", "-", "", ""),
)
LINK = "<span>Java</span><br><a href='/jobs/uk/java.do'>UK</a>"


@pytest.mark.parametrize(
    "below",
    [
        table(PLACES),
        table(PLACES) + f"<div>{LINK}</div>",
        table([*PLACES, (LINK,)]),
        table([*PLACES, ("", "", "", "", "", "")]),
        table([*PLACES, ("UK", "", "", "", "", "")]),
        "<h2>Java<br>Top 2 Job Locations</h2>" + table(PLACES),
    ],
)
def test_locations_exclude_link_to_parent_region(below: str) -> None:
    first, second = permanent(below=below).content.locations
    assert first == LocationRow("Edinburgh", 3, 16, Decimal(55_000), None, 7)
    assert second == LocationRow("Fife", None, 2, None, None, None)


def test_locations_columns_are_identified_by_header() -> None:
    turned = [tuple(reversed(row)) for row in PLACES[1:]]
    with_name_first = [(row[-1], *row[:-1]) for row in turned]
    header = (PLACES[0][0], *reversed(PLACES[0][1:]))
    page = permanent(below=table([header, *with_name_first]))
    assert page.content.locations == permanent(below=table(PLACES)).content.locations


@pytest.mark.parametrize(
    ("below", "error", "problem"),
    [
        (table([PLACES[0], ("Fife", "-", "2", "-", "")]), LayoutChangedError, "a location with 5 figures"),
        (table([PLACES[0], ("Fife",)]), LayoutChangedError, "a location with 5 figures"),
        (table([PLACES[0], ("-", "-", "2", "-", "", "")]), LayoutChangedError, "the name of a location"),
        (table([PLACES[0], ("Fife", "-", "-", "-", "", "")]), LayoutChangedError, "a number of ads"),
        (table([PLACES[0], ("Fife", "2", "2", "-", "", "")]), LayoutChangedError, "Fife: rank_change"),
        (table([*PLACES, PLACES[2]]), LayoutChangedError, "'Fife' again"),
        (table([(*PLACES[0][:5], "Dead Jobs"), *PLACES[1:]]), LayoutChangedError, "'Dead Jobs'"),
        (table([(*PLACES[0][:5], PLACES[0][1]), *PLACES[1:]]), LayoutChangedError, "again"),
        (table(PLACES) * 2, LayoutChangedError, "one table of locations"),
        (table(PLACES).replace("Permanent", "Contract"), WrongPageError, "permanent"),
        (table(PLACES).replace("Past 6 Months", "Past 3 Months"), WrongPageError, "6 months"),
        (table(PLACES).replace("Median Salary", "Median Daily Rate"), LayoutChangedError, "annual pay"),
        ("<h2>Java<br>Job Locations in Scotland</h2><p>None.</p>", LayoutChangedError, "under 'Job Locations'"),
        ("<h2>Top 3 Job Locations</h2>" + table(PLACES), PageError, "top_locations: expected 3 locations"),
    ],
)
def test_locations_malformed_table_is_rejected(below: str, error: type[PageError], problem: str) -> None:
    with pytest.raises(error, match=problem):
        permanent(below=below)
