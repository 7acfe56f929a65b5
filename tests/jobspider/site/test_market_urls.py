"""Tests of the URLs of the market index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.errors import UsageError
from jobspider.model import JobType, Market
from jobspider.site import urls

LONDON = Market(JobType.PERMANENT, "london")
SITE = "https://www.itjobswatch.co.uk"


@pytest.mark.parametrize(
    ("url", "market"),
    [
        (f"{SITE}/default.aspx?ql=&ll=London&id=0&p=6&e=0&page=1&sortby=5&orderby=0", LONDON),
        (f"{SITE}/default.aspx?ll=london", LONDON),
        (f"{SITE}/Default.aspx?LL=LONDON&P=6", LONDON),
        ("http://itjobswatch.co.uk:443/default.aspx?page=1&ll=London", LONDON),
        (f"{SITE}/default.aspx?ll=the%20North%20West&p=3&page=12", Market(JobType.PERMANENT, "north west", 3, 12)),
        (f"{SITE}/contract.aspx?ll=City+of+London", Market(JobType.CONTRACT, "city of london")),
        (f"{SITE}/contract.aspx", Market(JobType.CONTRACT, "uk")),
        (f"{SITE}/", Market(JobType.PERMANENT, "uk")),
        (SITE, Market(JobType.PERMANENT, "uk")),
        (f"{SITE}/default.aspx?ll=&page=2", Market(JobType.PERMANENT, "uk", 6, 2)),
    ],
)
def test_parse_market_url_any_spelling_returns_market(url: str, market: Market) -> None:
    assert urls.is_market_page(url)
    assert urls.parse_market_url(url) == market


@pytest.mark.parametrize(
    "part",
    [
        *("ql=java", "id=900", "sortby=6", "sortby=12", "orderby=1", "p=12", "page=0", "page=-1", "page=x"),
        *("page=00001", "page=99999", "ll=a/b", "ll=.."),
    ],
)
def test_parse_market_url_filtered_or_sorted_index_is_rejected(part: str) -> None:
    with pytest.raises(UsageError):
        urls.parse_market_url(f"{SITE}/default.aspx?{part}" + ("" if part[:2] == "p=" else "&p=6"))


@pytest.mark.parametrize("url", [f"{SITE}/jobs/uk/java.do", f"{SITE}/index.html", "no address", "/default.aspx"])
def test_parse_market_url_of_other_page_is_rejected(url: str) -> None:
    assert not urls.is_market_page(url)
    with pytest.raises(UsageError):
        urls.parse_market_url(url)


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("uk", "UK"),
        ("uk excluding london", "UK excluding London"),
        ("city of london", "City of London"),
        ("newcastle upon tyne", "Newcastle upon Tyne"),
        ("tyne and wear", "Tyne and Wear"),
        ("north west", "North West"),
        ("newcastle under lyme", "Newcastle under Lyme"),
    ],
)
def test_region_display_name_matches_spelling_of_site(region: str, name: str) -> None:
    assert urls.region_display_name(region) == name


@given(
    st.sampled_from(JobType),
    st.lists(st.text("abcdefgh'-", min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join),
    st.sampled_from([3, 6]),
    st.integers(1, 9_999),
)
def test_market_url_any_market_round_trips(job_type: JobType, region: str, window: int, page: int) -> None:
    market = urls.make_market(job_type, region, window, page)
    assert urls.parse_market_url(urls.market_url(market)) == market
    assert urls.parse_market_url(urls.market_url(market, "http://127.0.0.1:8000/")) == market


def test_market_key_includes_page() -> None:
    assert LONDON.key == "permanent/london/6/page 1"
    with pytest.raises(UsageError, match="the first is 1"):
        urls.make_market("permanent", "London", 6, 0)
