"""A site that shows a market index of as many terms as wanted."""

from collections.abc import Sequence
from datetime import date

from jobspider.model import Market, MarketPage, MarketRow
from jobspider.pages.json_document import document
from jobspider.site import urls as addresses
from tests.support.fake_site import Answer
from tests.support.page_builder.market_page import ROWS_PER_PAGE, Form, build_market_page

LONDON = addresses.make_market("permanent", "london")
DAY = date(2025, 7, 30)


def row(number: int, **figures: object) -> MarketRow:
    """Return the row at a place of London's index, the first at 1; each has other figures than its neighbours."""
    name = f"Term {number:03}"
    made = MarketRow(name, _url(name, LONDON), number, None, None, None, 10_000 - number, None, None)
    return made._replace(**figures)  # type: ignore[arg-type]  # a test names the fields of a row


def rows(count: int) -> list[MarketRow]:
    """Return so many rows."""
    return [row(number) for number in range(1, count + 1)]


def renumbered(order: Sequence[MarketRow]) -> list[MarketRow]:
    """Return the terms in another order, with the figures of their new places."""
    return [row(number, name=each.name, url=each.url) for number, each in enumerate(order, start=1)]


def _url(name: str, of: Market) -> str:
    return addresses.subject_url(addresses.make_subject(of.job_type, of.region, name, of.window_months))


def page(listed: Sequence[MarketRow], of: Market = LONDON, as_of: date = DAY) -> MarketPage:
    """Return the page of an index that lists these rows in all."""
    first = (of.page - 1) * ROWS_PER_PAGE
    shown = tuple(each._replace(url=_url(each.name, of)) for each in listed[first : first + ROWS_PER_PAGE])
    pages = -(-len(listed) // ROWS_PER_PAGE)
    url, region = addresses.market_url(of), addresses.region_display_name(of.region)
    return MarketPage(url, of, region, as_of, pages, shown, total=len(listed))


def answer(listed: Sequence[MarketRow], address: str, as_of: date = DAY) -> Answer | None:
    """Answer for every page of the index that lists these rows, and for no other address."""
    url = f"{addresses.SITE}{address}"
    if address == "/robots.txt" or not addresses.is_market_page(url):
        return None
    shown = page(listed, addresses.parse_market_url(url), as_of)
    html = build_market_page(document(shown), Form(total=len(listed)))
    return Answer(200, html.encode())
