"""Pages of the market index: every form, what refuses them, and which damage shows."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from jobspider.errors import (
    AuditFailedError,
    BlockedPageError,
    LayoutChangedError,
    NotFoundError,
    PageError,
    UsageError,
    WrongPageError,
)
from jobspider.pages import accept, read, read_market_page, read_page
from jobspider.pages.json_document import document
from jobspider.site import urls
from tests.support.page_builder.market_page import FORMS, Form, build_market_page
from tests.support.page_builder.markup_variants import reindent, strip_classes_and_ids, wrap_tables_in_tables
from tests.support.saved_pages import (
    CONTRACT,
    INDEXES,
    LONDON,
    PERMANENT,
    WEST_MIDLANDS,
    SavedPage,
    as_body,
    data_rows,
    leaves,
    parent_of,
    set_text,
    swap_elements,
    text_of,
)

KEYS = ("kind", "url", "as_of", "job_type", "region_name", "window_months", "page", "pages", "rows", "findings")
each_index = pytest.mark.parametrize("saved", INDEXES, ids=lambda saved: saved.name)


def html_of(saved: SavedPage, form: Form, **changes: Any) -> str:
    return build_market_page({**saved.expected(), **changes}, form)


@each_index
def test_read_market_page_saved_index_matches_expected_json(saved: SavedPage) -> None:
    assert saved.accepted(saved.body) == saved.expected()
    assert tuple(saved.truth()) == KEYS


@each_index
@pytest.mark.parametrize("change", [strip_classes_and_ids, reindent, wrap_tables_in_tables])
def test_read_market_page_other_markup_gives_same_document(saved: SavedPage, change: Callable[[str], str]) -> None:
    html = saved.body.decode()
    assert change(html) != html
    assert saved.accepted(change(html)) == saved.expected()


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_read_market_page_headers_of_each_year_are_parsed(form: Form) -> None:
    total = form.total and 5_261
    assert LONDON.accepted(html_of(LONDON, replace(form, total=total))) == LONDON.expected()


@pytest.mark.parametrize(
    ("link", "term"),
    [
        ("/jobs/london/c++.do", "c++"),
        ("/jobs/london/.net.do", ".net"),
        ("/jobs/london/node.js.do", "node.js"),
        ("/jobs/london/oracle%20apex.do?p=6", "oracle apex"),
        ("/jobs/london/Oracle%20%20APEX.do", "oracle apex"),
        ("/jobs/london/tcp/ip.do", "tcp/ip"),
        ("/jobs/london/c%23.do", "c#"),
        ("/jobs/london/sql%2520server.do", "sql server"),
        ("https://www.itjobswatch.co.uk/jobs/london/java.do", "java"),
        ("jobs/london/java.do", "java"),
    ],
)
def test_read_market_page_term_url_is_canonical(link: str, term: str) -> None:
    html = LONDON.body.decode().replace("/jobs/london/finance.do", link)
    url = read_market_page(html, LONDON.url).rows[0].url
    assert url == urls.subject_url(urls.make_subject("permanent", "london", term))


def test_read_market_page_term_url_has_window_of_index() -> None:
    html = LONDON.body.decode().replace("6 Months to", "3 Months to")
    url = "https://www.itjobswatch.co.uk/default.aspx?ll=London&p=3"
    assert read_market_page(html, url).rows[0].url.endswith("/jobs/london/finance.do?p=3")


def test_read_market_page_without_page_count_has_none() -> None:
    html = html_of(LONDON, Form(total=None)).replace("pagination-total", "x")
    assert LONDON.accepted(html) == {**LONDON.expected(), "pages": None}


def test_read_market_page_page_count_in_words_is_parsed() -> None:
    html = html_of(LONDON, Form(total=None)).replace(
        '<span class="pagination-total">106</span>', "</tr></table><p>Page 1 of 106</p><table><tr>"
    )
    assert LONDON.accepted(html) == LONDON.expected()


def test_read_market_page_of_uk_needs_no_region_in_headline() -> None:
    rows = [{**row, "url": row["url"].replace("/london/", "/uk/")} for row in LONDON.expected()["rows"]]
    expected = {**LONDON.expected(), "region_name": "UK", "rows": rows}
    expected["url"] = urls.market_url(urls.make_market("permanent", "UK"))
    html = build_market_page(expected, Form(total=5_261)).replace(" in the UK</h1>", "</h1>")
    assert document(accept(read("\n" + html, "https://www.itjobswatch.co.uk/"))) == expected


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("default.aspx?ll=Leeds", "terms of permanent jobs in 'leeds'"),
        ("contract.aspx?ll=London", "an index of contract jobs"),
        ("default.aspx?ll=London&p=3", "the 3 months' index"),
        ("default.aspx?ll=London&page=2", "page 2 of the index"),
        ("jobs/london/java.do", "expected a role page, found the market index"),
    ],
)
def test_read_market_page_of_other_market_raises_wrong_page(url: str, problem: str) -> None:
    with pytest.raises(WrongPageError, match=problem):
        read(LONDON.body, f"https://www.itjobswatch.co.uk/{url}")


def test_read_market_page_role_page_raises_wrong_page() -> None:
    with pytest.raises(WrongPageError, match="expected the market index, found a role page"):
        read(PERMANENT.body, LONDON.url)


def test_read_functions_reject_urls_of_other_page_type() -> None:
    with pytest.raises(UsageError, match="a role page"):
        read_page(LONDON.body, LONDON.url)
    with pytest.raises(UsageError, match="the market index"):
        read_market_page(CONTRACT.body, CONTRACT.url)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<html><title>Just a moment...</title><body>Checking your browser</body></html>", BlockedPageError),
        ("<html><body><h1>Page not found</h1></body></html>", NotFoundError),
        ("<html><body><h1>Welcome</h1></body></html>", LayoutChangedError),
        (b"", LayoutChangedError),
        (b"%PDF-1.7 \x00", LayoutChangedError),
        (LONDON.body[:-3_000], LayoutChangedError),
        (LONDON.body[:9_000], LayoutChangedError),
    ],
)
def test_read_market_page_without_index_is_rejected(body: bytes | str, error: type[PageError]) -> None:
    with pytest.raises(error):
        read(body, LONDON.url)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("of 5,261", "of 5,2611", "a whole number"),
        ("1 - 50 of", "1 - 49 of", "as many rows"),
        ("of 5,261", "of 49", "as many rows"),
        ("Description", "Whatever", "a known column"),
        ("Live<br/>Jobs", "Description", "again"),
        ("30 Jul 2025</time></div>", "31 Jun 2025</time></div>", "a date like"),
        ("£82,500", "82,500", "an amount like"),
        ("£82,500", "£82,500.00", "whole pounds"),
        ("4,526 <", "4,526 adverts <", "a term with its ads"),
        ("34.83%", "134.83%", "a share like"),
        ('<td class="c3">1</td>', '<td class="c3">-</td>', "a rank of 'Finance'"),
        ('<td class="c3">1</td>', "", "a term with 6 figures"),
        ('<td class="c3">1</td>', '<td class="c3"></td>', "a rank of"),
        (">Finance</a>", ">-</a>", "a term with its ads"),
        (">Finance</a>", ">Agile</a>", "again|one link"),
        ('href="/jobs/london/finance.do"', 'href="/find/finance"', "one link to the page of 'Finance'"),
        ('href="/jobs/london/finance.do"', 'href="http://["', "one link to the page of 'Finance'"),
        ('href="/jobs/london/finance.do"', "", "one link to the page of 'Finance'"),
        ("<body>", '<body><a href="/jobs/london/other.do">Finance</a>', "one link to the page of 'Finance'"),
        ('<td class="indexCnt">', '<td><span class="pagination-total">99</span>', "one number of pages"),
        ("<body>", "<body><table><tr><td>x</td><td>Rank 6 months to 1 Jan 2025</td></tr></table>", "one table"),
    ],
)
def test_read_market_page_malformed_index_is_rejected(old: str, new: str, problem: str) -> None:
    html = LONDON.body.decode()
    assert old in html
    with pytest.raises(LayoutChangedError, match=problem):
        LONDON.accepted(html.replace(old, new, 1))


@pytest.mark.parametrize("column", range(7))
def test_read_market_page_without_column_is_rejected_or_omits_it(column: int) -> None:
    tree = LONDON.tree()
    for row in data_rows(tree):
        if len(row) == 7:
            row.remove(row[column])
    optional = {2: "rank_change", 3: "median", 4: "median_change", 6: "live_jobs"}
    if column not in optional:
        with pytest.raises(LayoutChangedError):
            LONDON.accepted(as_body(tree))
        return
    rows = [{**row, optional[column]: None} for row in LONDON.expected()["rows"]]
    assert LONDON.accepted(as_body(tree)) == {**LONDON.expected(), "rows": rows}


def test_read_market_page_without_rows_is_rejected() -> None:
    tree = LONDON.tree()
    for row in data_rows(tree):
        if len(row) == 7 and row[0].tag == "td":
            parent_of(row).remove(row)
    with pytest.raises(LayoutChangedError, match="rows below the header, found none"):
        LONDON.accepted(as_body(tree))


@pytest.mark.parametrize(
    ("row", "change", "identity"),
    [
        (0, {"rank": 2}, "index_order"),
        (4, {"rank": 6}, "index_order"),
        (18, {"rank": 19}, "index_order"),
        (9, {"vacancies": 2_518}, "index_order"),
        (9, {"vacancies": 2_217}, "index_total"),
        (9, {"share": 17.17}, "index_total"),
        (9, {"share": None}, None),
    ],
)
def test_audit_index_contradicting_figures_are_reported(
    row: int, change: dict[str, object], identity: str | None
) -> None:
    rows = LONDON.expected()["rows"]
    rows[row] |= change
    html = html_of(LONDON, Form(total=5_261), rows=rows)
    found = {finding.identity for finding in read_market_page(html, LONDON.url).findings}
    assert identity in found if identity else not found
    if identity:
        with pytest.raises(AuditFailedError, match="index_"):
            accept(read_market_page(html, LONDON.url))


def test_audit_index_later_page_may_start_with_any_rank() -> None:
    assert WEST_MIDLANDS.accepted(WEST_MIDLANDS.body)["page"] == 3


def test_read_market_page_damaged_row_is_detected() -> None:
    """Columns shifted or exchanged, rows dropped, doubled or exchanged, a row of another region put in."""
    chance = random.Random(1)  # noqa: S311 - damage is drawn, nothing is kept secret
    places = [place for place, row in enumerate(data_rows(LONDON.tree())) if len(row) == 7][1:]
    foreign = etree.fromstring(
        "<tr><td><a href='/jobs/leeds/sql.do'>MySQL</a></td><td>9</td><td>0</td><td>£50,000</td><td>-</td>"
        "<td>2,300 17.70%</td><td>5</td></tr>"
    )
    truth = dict(leaves(LONDON.truth()))
    for place in places:
        for damage in ("shift", "exchange", "drop", "double", "swap rows", "splice"):
            tree = LONDON.tree()
            row = data_rows(tree)[place]
            if damage == "shift":
                row.insert(chance.randrange(7), etree.fromstring("<td>-</td>"))
                row.remove(row[-1])
            elif damage == "exchange":
                one = chance.randrange(6)
                swap_elements(row[one], row[one + 1])
            elif damage == "drop":
                parent_of(row).remove(row)
            elif damage == "double":
                row.addnext(etree.fromstring(etree.tostring(row)))
            elif damage == "swap rows":
                other = data_rows(tree)[chance.choice([there for there in places if there != place])]
                if text_of(row[1]) == text_of(other[1]):
                    continue  # of equal rank: the order says nothing
                swap_elements(row, other)
            else:
                parent_of(row).replace(row, foreign)
            try:
                found = dict(leaves(LONDON.accepted(as_body(tree))))
            except PageError:
                continue
            assert all(found[key] in (truth.get(key), None) for key in found), (place, damage)


def test_read_market_page_change_in_unchecked_column_passes() -> None:
    """So that docs/READING.md does not promise more: the rank change, the median, its change, the live jobs."""
    tree = LONDON.tree()
    row = next(row for row in data_rows(tree) if text_of(row[0]) == "Python")
    for cell, text in ((2, "+3"), (3, "£91,000"), (4, "+1.00%"), (6, "2,821")):
        set_text(row[cell], text)
    changed = next(row for row in LONDON.accepted(as_body(tree))["rows"] if row["name"] == "Python")  # type: ignore[attr-defined]
    assert (changed["rank_change"], changed["median"], changed["median_change"], changed["live_jobs"]) == (
        3,
        91_000,
        1.0,
        2_821,
    )
