import pytest

from jobspider.config import CrawlConfig, MarketWatch, Site, Watch
from jobspider.errors import UsageError
from jobspider.model import PlannedPage
from jobspider.plan import plan_market, plan_roles

SITE = "https://www.itjobswatch.co.uk"
TWO_PAGES = CrawlConfig(
    watch=[
        Watch(terms=["Backend Developer"], regions=["North West"]),
        Watch(url=f"{SITE}/contracts/london/java.do?p=3"),
        Watch(terms=["backend  developer"], regions=["the north west"], windows=[6]),
    ]
)


def urls(plan: tuple[PlannedPage, ...]) -> list[str]:
    return [page.url.removeprefix(SITE) for page in plan]


def test_without_arguments_every_watched_page_is_planned_once_in_the_order_written() -> None:
    plan = plan_roles(TWO_PAGES, {})
    assert urls(plan) == ["/jobs/north%20west/backend%20developer.do", "/contracts/london/java.do?p=3"]
    assert [page.subject for page in plan] == list(TWO_PAGES.subjects())


def test_with_arguments_only_the_page_they_name_is_planned_watched_or_not() -> None:
    asked = {"term": "C++", "region": "the West Midlands", "job_type": "contract", "window": "3"}
    assert urls(plan_roles(TWO_PAGES, asked)) == ["/contracts/west%20midlands/c++.do?p=3"]
    assert urls(plan_roles(CrawlConfig(), asked)) == ["/contracts/west%20midlands/c++.do?p=3"]


def test_a_page_is_permanent_and_over_six_months_unless_said_otherwise() -> None:
    assert urls(plan_roles(CrawlConfig(), {"term": "java", "region": "uk"})) == ["/jobs/uk/java.do"]


def test_a_page_is_named_by_its_address_in_any_spelling() -> None:
    asked = {"url": "http://itjobswatch.co.uk:80/jobs/north%2520west/Java.do?p=6"}
    assert urls(plan_roles(CrawlConfig(), asked)) == ["/jobs/north%20west/java.do"]


def test_the_configured_site_is_asked_whatever_address_was_given() -> None:
    loopback = CrawlConfig(site=Site(base_url="http://127.0.0.1:8000"))
    (page,) = plan_roles(loopback, {"url": f"{SITE}/jobs/uk/java.do"})
    assert page.url == "http://127.0.0.1:8000/jobs/uk/java.do"


@pytest.mark.parametrize("host", ["itjobswatch.co.uk", "www.itjobswatch.co.uk:443", "127.0.0.1:9"])
def test_an_address_on_the_live_or_the_configured_site_names_a_page(host: str) -> None:
    site = Site(base_url="http://127.0.0.1:8000")
    by_argument = plan_roles(CrawlConfig(site=site), {"url": f"http://{host}/jobs/uk/java.do"})
    watched = plan_roles(CrawlConfig(site=site, watch=[Watch(url=f"http://{host}/jobs/uk/java.do")]), {})
    assert [page.url for page in by_argument + watched] == ["http://127.0.0.1:8000/jobs/uk/java.do"] * 2


def test_an_address_on_another_site_names_no_page_and_what_else_stands_in_it_is_not_shown() -> None:
    foreign = {"url": "https://me:s3cret@jobs.example/jobs/uk/java.do"}
    with pytest.raises(UsageError) as live:
        plan_roles(CrawlConfig(), foreign)
    assert str(live.value) == "an address on jobs.example is none of this site: give one on www.itjobswatch.co.uk"
    with pytest.raises(UsageError, match=r"give one on 127\.0\.0\.1 or www\.itjobswatch\.co\.uk$"):
        plan_roles(CrawlConfig(site=Site(base_url="http://127.0.0.1:8000")), foreign)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("term", "--term (with scrapy: -a term=...)"),
        ("region", "--region (with scrapy: -a region=...)"),
        ("job_type", "--job-type (with scrapy: -a job_type=...)"),
        ("window", "--window (with scrapy: -a window=...)"),
    ],
)
def test_an_address_beside_which_something_else_is_named_is_refused(name: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        plan_roles(CrawlConfig(), {name: "3", "url": f"{SITE}/jobs/uk/java.do"})
    assert str(refused.value) == f"a URL alone names the page: omit {said}, or the URL"


def test_what_a_pattern_excludes_is_not_planned() -> None:
    watch = Watch(
        terms=["java", "junior java"],
        regions=["uk", "wales"],
        job_types=["permanent", "contract"],
        exclude=["contract/*/junior*", "*/wales/java/*"],
    )
    planned = urls(plan_roles(CrawlConfig(watch=[watch]), {}))
    assert planned == [
        "/jobs/uk/java.do",
        "/contracts/uk/java.do",
        "/jobs/uk/junior%20java.do",
        "/jobs/wales/junior%20java.do",
    ]


@pytest.mark.parametrize(
    ("exclude", "said"),
    [
        (["contract/*"], "exclude: 'contract/\\*' fits none"),
        (["*"], "exclude leaves nothing to watch"),
    ],
)
def test_an_exclusion_of_nothing_or_of_everything_is_a_mistake(exclude: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Watch(terms=["java"], regions=["uk"], exclude=exclude)


def test_the_first_page_of_each_market_is_planned_once_with_the_most_pages_wanted() -> None:
    config = CrawlConfig(
        market=[
            MarketWatch(region="London", pages=2),
            MarketWatch(region="the North West", job_type="contract", window=3),
            MarketWatch(region="london", pages=5),
        ]
    )
    plan = plan_market(config, {})
    assert urls(plan) == [
        "/default.aspx?ql=&ll=London&id=0&p=6&e=0&page=1&sortby=5&orderby=0",
        "/contract.aspx?ql=&ll=North%20West&id=0&p=3&e=0&page=1&sortby=5&orderby=0",
    ]
    assert [(page.subject, page.last_page) for page in plan] == [(None, 5), (None, 1)]


def test_a_market_is_named_by_its_region() -> None:
    asked = {"region": "Wales", "job_type": "contract", "window": "3", "pages": "7"}
    (page,) = plan_market(CrawlConfig(), asked)
    assert "contract.aspx?ql=&ll=Wales&id=0&p=3" in page.url
    assert page.last_page == 7


def test_a_market_of_no_region_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="is not a region"):
        MarketWatch(region="a/b")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, r"^nothing is watched: add a \[\[watch\]\] to config.toml, or name a page by term and region$"),
        ({"region": "uk"}, r"^--term \(with scrapy: -a term=...\) is missing"),
        ({"term": "java"}, r"^--region \(with scrapy: -a region=...\) is missing"),
        ({"term": "", "region": "uk"}, r"^--term \(with scrapy: -a term=...\) is missing"),
        ({"job_type": "contract"}, r"^--term \(with scrapy: -a term=...\) is missing"),
        ({"terms": "java", "region": "uk"}, "^argument 'terms' is unknown: use term, region, job_type, window, url$"),
        (
            {"term": "java", "region": "uk", "job_type": "temp"},
            "^job type 'temp' is unknown: use permanent or contract$",
        ),
        ({"term": "java", "region": "uk", "window": "12"}, r"^window 12 is unknown: use 3 or 6 \(months\)$"),
        ({"term": "java", "region": "uk", "window": "six"}, r"is unknown: use 3 or 6 \(months\)$"),
        ({"term": "java", "region": "uk", "window": "\u0663"}, r"is unknown: use 3 or 6 \(months\)$"),
        ({"term": "../java", "region": "uk"}, "is not a term"),
        ({"url": f"{SITE}/default.aspx"}, "is not the URL of a role or skill page"),
        ({"url": ""}, "is not the URL of a role or skill page"),
    ],
)
def test_what_names_no_page_is_refused_with_what_would(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_roles(CrawlConfig(), arguments)
