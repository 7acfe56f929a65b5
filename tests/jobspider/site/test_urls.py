from urllib.parse import quote

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from jobspider.errors import UsageError
from jobspider.model import JobType, Subject
from jobspider.site import urls

SITE = "https://www.itjobswatch.co.uk"
NORTH_WEST = Subject(JobType.PERMANENT, "north west", "backend developer", 6)

# URLs under which the site has served the same page.
SPELLINGS = [
    f"{SITE}/jobs/north%20west/backend%20developer.do",
    f"{SITE}/jobs/north%20west/backend%20developer.do?p=6",
    f"{SITE}/jobs/north%20west/backend%20developer.do?P=6",
    f"{SITE}/jobs/north%20west/backend%20developer.do?p=6&p=6",
    f"{SITE}/jobs/north%20west/backend%20developer.do?p=",
    f"{SITE}/jobs/north%20west/backend%20developer.do?",
    f"{SITE}/jobs/north%20west/backend%20developer.do#salaries",
    f"{SITE}/jobs/north%20west/backend%20developer.do?utm_source=mail",
    f"{SITE}/jobs/north%2520west/backend%2520developer.do",
    f"{SITE}/jobs/north%252520west/backend%252520developer.do?p=6",
    f"{SITE}/jobs/north west/backend developer.do",
    f"{SITE}/jobs/North%20West/Backend%20Developer.do",
    f"{SITE}/jobs/north%20%20west/%20backend%20developer%20.do",
    f"{SITE}/jobs/north%C2%A0west/backend%20developer.do",
    f"{SITE}/jobs/the%20north%20west/backend%20developer.do",
    "https://www.itjobswatch.co.uk:443/jobs/north%20west/backend%20developer.do?p=6",
    "https://itjobswatch.co.uk/jobs/north%20west/backend%20developer.do",
    "http://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do?p=6",
    "http://itjobswatch.co.uk:80/jobs/north%20west/backend%20developer.do",
    "http://127.0.0.1:8000/jobs/north%20west/backend%20developer.do",
    "/jobs/north%20west/backend%20developer.do",
]

# Slugs with punctuation, and the path of their URL; None if the slug is invalid.
SLUGS = {
    "c++": "c++",
    "senior c++ developer": "senior%20c++%20developer",
    ".net": ".net",
    "node.js": "node.js",
    "tcp/ip": "tcp/ip",
    "git (software)": "git%20(software)",
    "csharp": "csharp",
    "ci/cd": "ci/cd",
    "c#": "c%23",
    "what?": "what%3F",
    "100% remote": "100%25%20remote",
    "r&d": "r&d",
    "o'reilly": "o'reilly",
    "l'oréal": "l'or%C3%A9al",
    "ifrs 9; 17": "ifrs%209;%2017",
    "sql+": "sql+",
    "a.do": "a.do",
    "x .do": "x%20.do",
    "x.do?p=3": "x.do%3Fp=3",
    "p=3": "p=3",
    "%": "%25",
    "50%": "50%25",
    ".": None,
    "..": None,
    "../x": None,
    "x/../y": None,
    "x/./y": None,
    "x//y": None,
    "/x": None,
    "x/": None,
    "\x00": None,
    "a\u200bb": None,
    "a\ud800": None,
    "a%ff": None,
    "\ufffd": None,
    "": None,
    " \u00a0\t": None,
    "%20": None,
    "%2e%2e/x": None,
}
GOOD_SLUGS = {slug: path for slug, path in SLUGS.items() if path is not None}
BAD_SLUGS = [slug for slug, path in SLUGS.items() if path is None]


BACKEND_DEVELOPER = SPELLINGS[0]


@pytest.fixture(params=BAD_SLUGS, ids=ascii)
def bad_slug(request: pytest.FixtureRequest) -> str:
    slug: str = request.param
    return slug


def test_parse_subject_url_any_spelling_returns_same_subject() -> None:
    for url in SPELLINGS:
        assert urls.parse_subject_url(url) == NORTH_WEST, url
        assert urls.is_role_page(url), url
    assert urls.subject_url(NORTH_WEST) == BACKEND_DEVELOPER


def test_subject_url_includes_only_non_default_window() -> None:
    three = Subject(JobType.PERMANENT, "north west", "backend developer", 3)
    assert urls.subject_url(three) == f"{BACKEND_DEVELOPER}?p=3"
    assert urls.parse_subject_url(f"{BACKEND_DEVELOPER}?p=3") == three


def test_subject_url_contract_round_trips() -> None:
    contract = urls.parse_subject_url(f"{SITE}/contracts/uk%20excluding%20london/java.do")
    assert contract == Subject(JobType.CONTRACT, "uk excluding london", "java", 6)
    assert urls.subject_url(contract) == f"{SITE}/contracts/uk%20excluding%20london/java.do"


def test_subject_url_starts_with_base_url() -> None:
    for base in ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"):
        assert urls.subject_url(NORTH_WEST, base) == "http://127.0.0.1:8000/jobs/north%20west/backend%20developer.do"


def test_subject_url_keeps_punctuation_of_term() -> None:
    for slug, quoted in GOOD_SLUGS.items():
        subject = urls.make_subject("permanent", "uk", slug)
        assert subject.term == slug
        assert urls.subject_url(subject) == f"{SITE}/jobs/uk/{quoted}.do"
        assert urls.parse_subject_url(f"{SITE}/jobs/uk/{quoted}.do") == subject
        assert urls.parse_subject_url(f"{SITE}/jobs/uk/{quote(quoted)}.do?p=6") == subject


def test_make_subject_name_that_cannot_round_trip_is_rejected(bad_slug: str) -> None:
    with pytest.raises(UsageError, match="is not a term: use a name as in the site's URLs"):
        urls.make_subject("permanent", "uk", bad_slug)
    with pytest.raises(UsageError, match="is not a region: use a name as in the site's URLs"):
        urls.make_subject("permanent", bad_slug, "java")


@pytest.mark.parametrize("region", ["a/b", "../etc"])
def test_make_subject_region_with_slash_is_rejected(region: str) -> None:
    with pytest.raises(UsageError, match="is not a region: use a name as in the site's URLs"):
        urls.make_subject("permanent", region, "java")


@pytest.mark.parametrize("path", ["/jobs/../java.do", "/jobs/uk/../java.do", "/jobs/uk/%252e%252e/java.do"])
def test_parse_subject_url_with_parent_directory_is_rejected(path: str) -> None:
    with pytest.raises(UsageError):
        urls.parse_subject_url(f"{SITE}{path}")


def test_make_subject_normalises_case_whitespace_and_articles() -> None:
    for job_type, region, term in (
        ("permanent", "North West", "Backend Developer"),
        (" PERMANENT ", " north\u00a0 west\n", "backend   developer"),
        ("permanent", "The the north west", "BACKEND DEVELOPER"),
        ("permanent", "the%2520north%2520west", "backend%20developer"),
    ):
        assert urls.make_subject(job_type, region, term) == NORTH_WEST


def test_make_subject_keeps_the_within_words_and_terms() -> None:
    subject = urls.make_subject("permanent", "Thetford", "the open group")
    assert (subject.region, subject.term) == ("thetford", "the open group")


@pytest.mark.parametrize("job_type", ["", "temporary", "jobs", "permanent contract"])
def test_make_subject_unknown_job_type_names_accepted_ones(job_type: str) -> None:
    with pytest.raises(UsageError, match=r"^job type '.*' is unknown: use permanent or contract$"):
        urls.make_subject(job_type, "uk", "java")


@pytest.mark.parametrize("window", [0, -3, 1, 12])
def test_make_subject_unknown_window_names_accepted_ones(window: int) -> None:
    with pytest.raises(UsageError, match=rf"^window {window} is unknown: use 3 or 6 \(months\)$"):
        urls.make_subject("permanent", "uk", "java", window)


@pytest.mark.parametrize(
    "query",
    ["p=1", "p=-3", "p=x", "p=3.0", "p=03", "p=\uff13", "p=3&p=6", "P=36", f"p={'9' * 5_000}"],
    ids=lambda query: ascii(query)[:20],
)
def test_parse_subject_url_unknown_window_is_rejected(query: str) -> None:
    with pytest.raises(UsageError, match=r"the window p=.* is unknown: use 3 or 6 \(months\)"):
        urls.parse_subject_url(f"{BACKEND_DEVELOPER}?{query}")


def test_parse_subject_url_of_other_page_is_rejected() -> None:
    message = r"is not the URL of a role or skill page: expected https://.*REGION/TERM\.do"
    for path in (
        *("", "/", "/default.aspx?ql=java&ll=London&id=0&p=6", "/contract.aspx?page=2", "/jobs/uk/", "/jobs/uk/java"),
        *("/jobs/uk/java.aspx", "/jobs/java.do", "/jobs/uk/.do", "/jobs//java.do", "/job/uk/java.do"),
        *("/en/jobs/uk/java.do", "/jobs/uk/java.do/", "/jobs/uk/java.do%3Fp=3"),
    ):
        assert not urls.is_role_page(SITE + path), path
        with pytest.raises(UsageError, match=message):
            urls.parse_subject_url(SITE + path)
    for text in ("", "java", "www.itjobswatch.co.uk/jobs/uk/java.do"):
        with pytest.raises(UsageError, match=message):
            urls.parse_subject_url(text)


@pytest.mark.parametrize(
    "url", ["http://[", "http://[::1/jobs/uk/java.do", "http://x\u2100y/jobs/uk/java.do"], ids=ascii
)
def test_parse_subject_url_malformed_url_raises_usage_error(url: str) -> None:
    for parse in (urls.parse_subject_url, urls.is_role_page):
        with pytest.raises(UsageError, match="is not a URL"):
            parse(url)


def test_parse_subject_url_encoded_too_often_is_rejected() -> None:
    encoded = "%" + "25" * 5_000 + "20"
    with pytest.raises(UsageError):
        urls.parse_subject_url(f"{SITE}/jobs/uk/a{encoded}b.do")


def test_subject_key_joins_its_fields() -> None:
    assert urls.make_subject("Contract", "the UK", "TCP/IP", 3).key == "contract/uk/tcp/ip/3"


slugs = st.sampled_from(list(SLUGS)) | st.text(
    st.sampled_from("abcXYZ019 .+#/%?&=()'-_~:;@!$,*\u00a0é") | st.characters(exclude_categories=["C"]), max_size=25
)
regions = st.sampled_from(["uk", "the the", "uk excluding london"]) | st.text(
    st.sampled_from("aBé the-.&'%25"), max_size=15
)
job_types = st.sampled_from(["permanent", "contract"])
windows = st.sampled_from([3, 6])


@given(job_types, regions, slugs, windows)
@example("permanent", "the the", "c++", 6)
@example("permanent", "uk", "50%20off", 6)
@example("permanent", "uk", "%2", 6)
@example("permanent", "uk", "%\u00a020", 6)
@example("permanent", "uk", "İ", 6)
@example("permanent", "uk", "%\u212a20", 3)
def test_subject_url_any_valid_subject_round_trips(job_type: str, region: str, term: str, window_months: int) -> None:
    try:
        subject = urls.make_subject(job_type, region, term, window_months)
    except UsageError:
        reject()
    url = urls.subject_url(subject)
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert urls.is_role_page(url)
    assert urls.parse_subject_url(url) == subject
    assert urls.subject_url(urls.parse_subject_url(url)) == url


@given(job_types, regions, slugs, windows, st.integers(0, 3))
def test_parse_subject_url_repeated_encoding_returns_same_subject(
    job_type: str, region: str, term: str, window_months: int, times: int
) -> None:
    try:
        subject = urls.make_subject(job_type, region, term, window_months)
    except UsageError:
        reject()
    path, _, query = urls.subject_url(subject, "").partition("?")
    for _ in range(times):
        path = quote(path)
    assert urls.parse_subject_url(f"{SITE}{path}?{query}") == subject


@given(st.text(max_size=40) | st.text(max_size=25).map(lambda text: f"{SITE}/jobs/{text}.do"))
def test_parse_subject_url_any_text_parses_or_raises_usage_error(text: str) -> None:
    try:
        subject = urls.parse_subject_url(text)
    except UsageError:
        return
    assert urls.parse_subject_url(urls.subject_url(subject)) == subject
