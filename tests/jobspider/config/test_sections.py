"""Validation of the sections site, crawl, store, watch and market."""

from pathlib import Path

import pytest

from jobspider import config
from jobspider.config.error_messages import ALERTS_SECTIONS
from jobspider.errors import ConfigError
from jobspider.model import JobType, Subject
from tests.support.config_files import LoadText, assert_mistakes, text_loader

Load = LoadText[config.CrawlConfig]
ROOT = Path(__file__).parents[3]
LIVE = "https://www.itjobswatch.co.uk"

SECTIONS = ", ".join(sorted({*config.CrawlConfig.model_fields, *ALERTS_SECTIONS} - {"folder"}))
UNKNOWN_KEYS = {
    "[sites]": "sites: unknown key: did you mean site?",
    "[digests]": "digests: unknown key: did you mean digest?",
    "[zzz]": f"zzz: unknown key: known keys are {SECTIONS}",
    'folder = "/"': f"folder: unknown key: known keys are {SECTIONS}",
    "[crawl]\ndelay_second = 3": "crawl.delay_second: unknown key: did you mean delay_seconds?",
    "[store]\nretention = 3": "store.retention: unknown key: known keys are keep_pages_days, path",
    '[[watch]]\nurl = "/jobs/uk/java.do"\nregion = ["UK"]': "watch[0].region: unknown key: did you mean regions?",
}
WRONG_TYPES = {
    '[crawl]\ndelay_seconds = "2"': "crawl.delay_seconds: input should be a valid number, found '2'",
    "[crawl]\ndelay_seconds = true": "crawl.delay_seconds: input should be a valid number, found True",
    "[crawl]\ntimeout_minutes = [60]": "crawl.timeout_minutes: input should be a valid number",
    "[store]\nkeep_pages_days = true": "store.keep_pages_days: input should be a valid integer, found True",
    "[store]\nkeep_pages_days = 90.5": "store.keep_pages_days: input should be a valid integer, found 90.5",
    "[site]\ncontact = 5": "site.contact: input should be a valid string, found 5",
    "site = 5": "site: a table is expected, found 5",
    "watch = 5": "watch: input should be a valid list, found 5",
    "watch = [5]": "watch[0]: a table is expected, found 5",
    '[watch]\nurl = "/jobs/uk/java.do"': "watch: write [[watch]] with double brackets, because there can be several",
    '[[watch]]\nterms = "Java"\nregions = ["UK"]': "watch[0].terms: input should be a valid list, found 'Java'",
    '[[watch]]\nterms = [1]\nregions = ["UK"]': "watch[0].terms[0]: input should be a valid string, found 1",
}
OUT_OF_RANGE = {
    "[crawl]\ndelay_seconds = -1": "crawl.delay_seconds: input should be greater than or equal to 0, found -1",
    "[crawl]\ndelay_seconds = 601": "crawl.delay_seconds: input should be less than or equal to 600, found 601",
    "[crawl]\ndelay_seconds = nan": "crawl.delay_seconds: input should be less than or equal to 600, found nan",
    "[crawl]\ntimeout_minutes = 0": "crawl.timeout_minutes: input should be greater than 0, found 0",
    "[store]\nkeep_pages_days = 0": "store.keep_pages_days: input should be greater than or equal to 1, found 0",
}
CONTROL_CHARACTER = "store.path: the path contains a control character"
DIRECTORY = "store.path: this is the path of a directory"
INVALID_PATHS = {
    '[store]\npath = ""': "store.path: string should have at least 1 character, found ''",
    '[store]\npath = "a\\u0000b"': CONTROL_CHARACTER,
    '[store]\npath = "data\\new.db"': CONTROL_CHARACTER,
    '[store]\npath = "/"': DIRECTORY,
    '[store]\npath = "."': DIRECTORY,
    '[store]\npath = "data/.."': DIRECTORY,
    '[store]\npath = "data/' + "\u00e4" * 101 + '"': "store.path: the path is too long",
    '[store]\npath = "' + "data/" * 400 + 'x"': "store.path: the path is too long",
}
NO_PAGES = 'watch[0]: give terms = ["Backend Developer"] and regions = ["North West"], or url = "..."'
INVALID_WATCHES = {
    "[[watch]]": NO_PAGES,
    '[[watch]]\nterms = ["a"]': NO_PAGES,
    '[[watch]]\nterms = ["a"]\nregions = ["uk"]\nwindows = []': NO_PAGES,
    '[[watch]]\nterms = ["a"]\nregions = ["uk"]\nwindows = [6, 12]': (
        "watch[0].windows[1]: input should be 3 or 6, found 12"
    ),
    '[[watch]]\nterms = ["a"]\nregions = ["uk"]\njob_types = ["temp"]': (
        "watch[0].job_types[0]: input should be 'permanent' or 'contract', found 'temp'"
    ),
    '[[watch]]\nurl = "/jobs/uk/java.do"\nterms = ["a"]': (
        "watch[0]: the url selects the page, its job type and its window: remove terms"
    ),
    '[[watch]]\nurl = "/jobs/uk/java.do"\nwindows = [3]\njob_types = ["permanent"]\nexclude = []': (
        "watch[0]: the url selects the page, its job type and its window: remove job_types, windows, exclude"
    ),
    '[[watch]]\nterms = ["x"]\nregions = ["uk"]\n[[watch]]\nurl = "https://me:s3cret@jobs.example/jobs/uk/java.do"': (
        "watch[1].url: the host jobs.example is not the configured site: use a URL on www.itjobswatch.co.uk"
    ),
    '[[watch]]\nurl = "java"': "watch[0]: 'java' is not the URL of a role or skill page",
    '[[watch]]\nurl = "http://["': "watch[0]: 'http://[' is not a URL",
    '[[watch]]\nterms = ["../x"]\nregions = ["uk"]': "watch[0]: term '../x' is not a term",
    '[[watch]]\nterms = ["x"]\nregions = ["a/b"]': "watch[0]: region 'a/b' is not a region",
    '[[market]]\nregion = "a/b"': "market[0]: region 'a/b' is not a region",
}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return text_loader(config.load, tmp_path)


@pytest.mark.parametrize(
    "expected",
    [UNKNOWN_KEYS, WRONG_TYPES, OUT_OF_RANGE, INVALID_PATHS, INVALID_WATCHES],
    ids=["unknown keys", "types", "ranges", "paths", "watches"],
)
def test_invalid_section_reports_key_and_accepted_values(load: Load, expected: dict[str, str]) -> None:
    assert_mistakes(load, expected)


def test_empty_file_has_defaults(load: Load) -> None:
    loaded = load("")
    assert loaded.site.base_url == LIVE
    assert loaded.crawl.delay_seconds == 2.0
    assert loaded.store.keep_pages_days == 90
    assert loaded.subjects() == ()


def test_load_ignores_sections_of_alerts(load: Load) -> None:
    assert load('[schedule]\ntimezone = 5\n[[digest]]\nnonsense = true\n[[channel]]\ntype = "pigeon"\n') == load("")


def test_loaded_configuration_is_immutable(load: Load) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load("").crawl.delay_seconds = 0


def test_database_path_is_relative_to_file(load: Load, tmp_path: Path) -> None:
    assert load('[store]\npath = "data/x.db"').database_path == tmp_path.resolve() / "data" / "x.db"
    assert load(f'[store]\npath = "{tmp_path.parent}/y.db"').database_path == tmp_path.parent / "y.db"


def test_store_accepts_unusual_paths(load: Load) -> None:
    for path in ("x.db", "../x.db", " ", "~/J\u00e4ger\u00a0jobs/x", "a/" * 999 + "b", "/" + "x" * 200):
        assert load(f'[store]\npath = "{path}"').store.path == path


def test_short_delay_is_refused_for_remote_site(load: Load) -> None:
    message = "crawl.delay_seconds: must be at least 1.0, except for a site on this machine"
    for site in ("", f'[site]\nbase_url = "{LIVE}"\n', '[site]\nbase_url = "http://127.0.0.1.example.org"\n'):
        assert_mistakes(load, {f"{site}[crawl]\ndelay_seconds = {delay}": message for delay in ("0", "0.999")})
    for delay in ("1", "1.0", "600"):
        assert load(f"[crawl]\ndelay_seconds = {delay}").crawl.delay_seconds >= 1


def test_local_site_needs_no_delay_and_no_contact(load: Load) -> None:
    for host in ("127.0.0.1:8000", "localhost", "LOCALHOST:1"):
        loaded = load(f'[site]\nbase_url = "http://{host}"\n[crawl]\ndelay_seconds = 0')
        assert loaded.site.is_local
        loaded.require_contact()


def test_remote_site_needs_contact(load: Load) -> None:
    for text in ("", f'[site]\ncontact = "{config.PLACEHOLDER_CONTACT}"'):
        with pytest.raises(ConfigError, match=r"site\.contact: enter your own .* owner of www\.itjobswatch\.co\.uk"):
            load(text).require_contact()
    load('[site]\ncontact = "someone@example.com"').require_contact()


def test_contact_is_plain_ascii_mail_address(load: Load) -> None:
    invalid = (
        "", "nobody", "@", "me@", "@example.org", "a b@example.org", "a@b@c", "m\u00fcller@example.org",
        "me@example.org (me)", "me@example.org\\r\\nX-Evil: 1", "me@example.org\\u0000",
    )  # fmt: skip
    message = "site.contact: an e-mail address is expected; it is sent in the user agent"
    assert_mistakes(load, {f'[site]\ncontact = "{contact}"': message for contact in invalid})
    for contact in ("someone@example.com", "some.one+jobs@mail.example.com", "root@localhost"):
        assert load(f'[site]\ncontact = "{contact}"').site.contact == contact


def test_base_url_is_web_server_without_path(load: Load) -> None:
    invalid = (
        "", "www.itjobswatch.co.uk", "//www.itjobswatch.co.uk", "ftp://example.org", "http://", "https:///x",
        f"{LIVE}/jobs", f"{LIVE}?x=1", f"{LIVE}/#x", f"{LIVE}?", f"{LIVE}#", f"{LIVE}/?", " " + LIVE, f"{LIVE}\\t",
        "file:///etc", "http://a b", "http://[::1", "http://localhost:99999", "http://localhost:x",
        "http://localhost:0", "https://me@example.org", "https://me:s3cret@example.org",
        "https://me:s3cret\u2100@example.org",
    )  # fmt: skip
    message = f"site.base_url: a URL like {LIVE} is expected, without a path"
    assert_mistakes(load, {f'[site]\nbase_url = "{url}"': message for url in invalid})
    ipv6 = "site.base_url: a host name or an IPv4 address is expected: Scrapy does not support IPv6 addresses"
    assert_mistakes(load, {f'[site]\nbase_url = "{url}"': ipv6 for url in ("http://[::1]:80", "https://[2001:db8::1]")})
    for url, host in ((f"{LIVE}/", "www.itjobswatch.co.uk"), ("http://127.0.0.1:8000/", "127.0.0.1")):
        site = load(f'[site]\nbase_url = "{url}"').site
        assert (site.base_url, site.host) == (url.rstrip("/"), host)


def test_watch_is_every_combination_in_file_order(load: Load) -> None:
    loaded = load(
        """
        [[watch]]
        terms = ["A", "B"]
        regions = ["North West", "UK"]
        job_types = ["permanent", "contract"]
        windows = [3, 6]
        """
    )
    assert [subject.key for subject in loaded.subjects()] == [
        f"{job_type}/{region}/{term}/{window}"
        for term in ("a", "b")
        for region in ("north west", "uk")
        for job_type in ("permanent", "contract")
        for window in (3, 6)
    ]


def test_watched_subjects_are_normalised_and_unique(load: Load) -> None:
    loaded = load(
        f"""
        [[watch]]
        terms = ["Backend Developer", "backend  developer"]
        regions = ["North West", "the north%20west"]
        [[watch]]
        url = "{LIVE}/jobs/london/java.do"
        [[watch]]
        url = "http://itjobswatch.co.uk/jobs/north%2520west/Backend%20Developer.do?p=6"
        """
    )
    assert loaded.subjects() == (
        Subject(JobType.PERMANENT, "north west", "backend developer", 6),
        Subject(JobType.PERMANENT, "london", "java", 6),
    )


def test_watched_url_includes_the_window(load: Load) -> None:
    page = f"{LIVE}/jobs/london/java.do"
    loaded = load(f'[[watch]]\nurl = "{page}"\n[[watch]]\nurl = "{page}?p=3"\n[[watch]]\nurl = "{page}?p=6"')
    assert [subject.window_months for subject in loaded.subjects()] == [6, 3]


def test_shipped_configuration_is_valid() -> None:
    shipped = config.load(ROOT / "config.toml")
    assert len(shipped.subjects()) == 12
    assert shipped.database_path == ROOT / "data" / "jobspider.db"
    assert shipped.site.contact == config.PLACEHOLDER_CONTACT
