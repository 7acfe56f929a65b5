from urllib.parse import quote

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from jobspider.errors import UsageError
from jobspider.model import JobType, Subject
from jobspider.site import urls

SITE = "https://www.itjobswatch.co.uk"
NORTH_WEST = Subject(JobType.PERMANENT, "north west", "backend developer", 6)

# The spellings under which the site has answered for one page.
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

# Slugs that are not simply words, and the one address each of them has.
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
GOOD_SLUGS = {slug: spelt for slug, spelt in SLUGS.items() if spelt is not None}
BAD_SLUGS = [slug for slug, spelt in SLUGS.items() if spelt is None]


def name_of(value: object) -> str:
    return ascii(value)


@pytest.mark.parametrize("url", SPELLINGS)
def test_all_spellings_of_a_page_become_one_key(url: str) -> None:
    assert urls.parse_subject_url(url) == NORTH_WEST
    assert urls.is_role_page(url)
    assert urls.subject_url(urls.parse_subject_url(url)) == SPELLINGS[0]


def test_the_default_window_is_not_said_and_the_other_is() -> None:
    three = Subject(JobType.PERMANENT, "north west", "backend developer", 3)
    assert urls.subject_url(three) == f"{SPELLINGS[0]}?p=3"
    assert urls.parse_subject_url(f"{SPELLINGS[0]}?p=3") == three
    assert three != NORTH_WEST


def test_contract_pages_have_a_section_of_their_own() -> None:
    contract = urls.parse_subject_url(f"{SITE}/contracts/uk%20excluding%20london/java.do")
    assert contract == Subject(JobType.CONTRACT, "uk excluding london", "java", 6)
    assert urls.subject_url(contract) == f"{SITE}/contracts/uk%20excluding%20london/java.do"


def test_a_page_s_address_starts_at_the_site_that_is_asked() -> None:
    for base in ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"):
        assert urls.subject_url(NORTH_WEST, base) == "http://127.0.0.1:8000/jobs/north%20west/backend%20developer.do"


@pytest.mark.parametrize(("slug", "spelt"), GOOD_SLUGS.items())
def test_a_slug_s_punctuation_is_kept(slug: str, spelt: str) -> None:
    of = urls.make_subject("permanent", "uk", slug)
    assert of.term == slug
    assert urls.subject_url(of) == f"{SITE}/jobs/uk/{spelt}.do"
    assert urls.parse_subject_url(f"{SITE}/jobs/uk/{spelt}.do") == of
    assert urls.parse_subject_url(f"{SITE}/jobs/uk/{quote(spelt)}.do?p=6") == of


@pytest.mark.parametrize("slug", BAD_SLUGS, ids=name_of)
def test_a_slug_that_could_not_be_read_back_is_refused(slug: str) -> None:
    with pytest.raises(UsageError, match="is no term: use a name as in the site's addresses"):
        urls.make_subject("permanent", "uk", slug)


@pytest.mark.parametrize("region", [*BAD_SLUGS, "a/b", "../etc"], ids=name_of)
def test_a_region_that_could_not_be_read_back_is_refused(region: str) -> None:
    with pytest.raises(UsageError, match="is not a region: use a name as in the site's addresses"):
        urls.make_subject("permanent", region, "java")


@pytest.mark.parametrize("address", ["/jobs/../java.do", "/jobs/uk/../java.do", "/jobs/uk/%252e%252e/java.do"])
def test_an_address_that_climbs_out_of_its_folder_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        urls.parse_subject_url(f"{SITE}{address}")


@pytest.mark.parametrize(
    ("job_type", "region", "term"),
    [
        ("permanent", "North West", "Backend Developer"),
        (" PERMANENT ", " north\u00a0 west\n", "backend   developer"),
        ("Permanent", "the North West", "BACKEND DEVELOPER"),
        ("permanent", "The the north west", "backend developer"),
        ("permanent", "north%20west", "backend%20developer"),
        ("permanent", "the%2520north%2520west", "backend%2520developer"),
    ],
)
def test_names_are_normalised_as_people_write_them(job_type: str, region: str, term: str) -> None:
    assert urls.make_subject(job_type, region, term) == NORTH_WEST


def test_the_is_part_of_a_longer_word() -> None:
    assert urls.make_subject("permanent", "Thetford", "the open group").region == "thetford"
    assert urls.make_subject("permanent", "Thetford", "the open group").term == "the open group"


@pytest.mark.parametrize("job_type", ["", "temporary", "jobs", "permanent contract"])
def test_another_job_type_is_refused_with_what_is_accepted(job_type: str) -> None:
    with pytest.raises(UsageError, match=r"^job type '.*' is unknown: use permanent or contract$"):
        urls.make_subject(job_type, "uk", "java")


@pytest.mark.parametrize("window", [0, -3, 1, 12, 36])
def test_another_window_is_refused_with_what_is_accepted(window: int) -> None:
    with pytest.raises(UsageError, match=rf"^window {window} is unknown: use 3 or 6 \(months\)$"):
        urls.make_subject("permanent", "uk", "java", window)


@pytest.mark.parametrize("query", ["p=1", "p=12", "p=0", "p=-3", "p=x", "p=3.0", "p=03", "p=\uff13", "p=3&p=6", "P=36",
                                   f"p={'9' * 5_000}"], ids=name_of)  # fmt: skip
def test_an_address_with_another_window_is_refused(query: str) -> None:
    with pytest.raises(UsageError, match=r"the window p=.* is unknown: use 3 or 6 \(months\)"):
        urls.parse_subject_url(f"{SPELLINGS[0]}?{query}")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "java",
        SITE,
        f"{SITE}/",
        f"{SITE}/default.aspx?ql=java&ll=London&id=0&p=6",
        f"{SITE}/contract.aspx?page=2",
        f"{SITE}/jobs/uk/",
        f"{SITE}/jobs/uk/java",
        f"{SITE}/jobs/uk/java.aspx",
        f"{SITE}/jobs/java.do",
        f"{SITE}/jobs/uk/.do",
        f"{SITE}/jobs//java.do",
        f"{SITE}/job/uk/java.do",
        f"{SITE}/en/jobs/uk/java.do",
        f"{SITE}/jobs/uk/java.do/",
        f"{SITE}/jobs/uk/java.do%3Fp=3",
        "www.itjobswatch.co.uk/jobs/uk/java.do",
    ],
)
def test_any_other_address_is_refused_with_what_is_expected(url: str) -> None:
    assert not urls.is_role_page(url)
    with pytest.raises(
        UsageError, match=r"is not the address of a role or skill page: expected https://.*REGION/TERM\.do"
    ):
        urls.parse_subject_url(url)


@pytest.mark.parametrize("url", ["http://[", "http://[::1/jobs/uk/java.do", "http://x\u2100y/jobs/uk/java.do"])
def test_what_is_no_address_at_all_is_one_line_and_no_traceback(url: str) -> None:
    for asked in (urls.parse_subject_url, urls.is_role_page):
        with pytest.raises(UsageError, match="is not an address"):
            asked(url)


def test_an_address_encoded_without_end_is_refused() -> None:
    endless = "%" + "25" * 5_000 + "20"
    with pytest.raises(UsageError):
        urls.parse_subject_url(f"{SITE}/jobs/uk/a{endless}b.do")


def test_a_subject_s_key_is_what_patterns_are_written_for() -> None:
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
def test_whatever_is_accepted_reads_back_from_its_address(
    job_type: str, region: str, term: str, window_months: int
) -> None:
    try:
        of = urls.make_subject(job_type, region, term, window_months)
    except UsageError:
        reject()
    url = urls.subject_url(of)
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert urls.is_role_page(url)
    assert urls.parse_subject_url(url) == of
    assert urls.subject_url(urls.parse_subject_url(url)) == url


@given(job_types, regions, slugs, windows, st.integers(0, 3))
def test_an_address_encoded_again_and_again_is_still_the_same_page(
    job_type: str, region: str, term: str, window_months: int, times: int
) -> None:
    try:
        of = urls.make_subject(job_type, region, term, window_months)
    except UsageError:
        reject()
    path, _, query = urls.subject_url(of, "").partition("?")
    for _ in range(times):
        path = quote(path)
    assert urls.parse_subject_url(f"{SITE}{path}?{query}") == of


@given(st.text(max_size=40) | st.text(max_size=25).map(lambda text: f"{SITE}/jobs/{text}.do"))
def test_any_text_is_an_address_or_refused_and_nothing_else(text: str) -> None:
    try:
        of = urls.parse_subject_url(text)
    except UsageError:
        return
    assert urls.parse_subject_url(urls.subject_url(of)) == of
