from collections.abc import Callable
from pathlib import Path

import pytest

from jobspider import config
from jobspider.config.error_messages import ALERTS_SECTIONS
from jobspider.errors import ConfigError, UsageError
from jobspider.model import JobType, Subject

Load = Callable[[str], config.CrawlConfig]
ROOT = Path(__file__).parents[3]
LIVE = "https://www.itjobswatch.co.uk"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(text: str) -> config.CrawlConfig:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return config.load(path)

    return loaded


def mistakes(load: Load, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as error:
        load(text)
    assert error.value.exit_code == 2
    assert isinstance(error.value, UsageError)
    assert str(error.value) == "\n".join(error.value.mistakes)
    return error.value.mistakes


def mistake(load: Load, text: str) -> str:
    (only,) = mistakes(load, text)
    return only


# Where the file is.


def test_the_file_named_on_the_command_line_comes_first(tmp_path: Path) -> None:
    environ = {config.VARIABLE: "other.toml"}
    assert config.find(tmp_path, "mine.toml", environ) == tmp_path / "mine.toml"
    assert config.find(tmp_path, str(tmp_path / "x" / "mine.toml"), environ) == tmp_path / "x" / "mine.toml"


def test_the_file_that_the_variable_names_comes_next(tmp_path: Path) -> None:
    (tmp_path / "scrapy.cfg").touch()
    assert config.find(tmp_path, None, {config.VARIABLE: "other.toml"}) == tmp_path / "other.toml"


@pytest.mark.parametrize("environ", [{}, {config.VARIABLE: ""}])
def test_else_it_stands_beside_scrapy_cfg_in_this_folder_or_the_nearest_above(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    inner = tmp_path / "project"
    deep = inner / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "scrapy.cfg").touch()
    assert config.find(deep, None, environ) == tmp_path / "config.toml"
    (inner / "scrapy.cfg").touch()
    assert config.find(deep, None, environ) == inner / "config.toml"
    assert config.find(inner, None, environ) == inner / "config.toml"


def test_a_config_toml_without_scrapy_cfg_is_not_taken_for_the_project_s(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "config.toml").touch()
    with pytest.raises(ConfigError, match=r"/config\.toml has no scrapy\.cfg beside it: name it with --config or"):
        config.find(tmp_path, None, {})
    with pytest.raises(ConfigError, match=r"^no config\.toml found: .*--config or JOBSPIDER_CONFIG$"):
        config.find(tmp_path / "below", None, {})


# Whether it can be read.


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such file: jobspider init makes one$"):
        config.load(tmp_path / "nowhere.toml")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory$"):
        config.load(tmp_path)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe[\x00s\x00", "[site]\ncontact = 'm\u00fcller@example.org'".encode("latin-1")]
)
def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "config.toml").write_bytes(body)
    with pytest.raises(ConfigError, match=r"config\.toml: is not UTF-8 text$"):
        config.load(tmp_path / "config.toml")


def test_a_byte_order_mark_as_windows_editors_write_it_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[crawl]\r\ndelay_seconds = 3\r\n")
    assert config.load(tmp_path / "config.toml").crawl.delay_seconds == 3


@pytest.mark.parametrize("text", ["[site", "contact = ", "a = 1\na = 2", "[site]\n[site]", "<html>", "\x00"])
def test_a_file_that_is_not_toml_is_refused_with_the_place(load: Load, text: str) -> None:
    said = mistake(load, text)
    assert "config.toml: is not valid TOML: " in said
    assert "line" in said or "end of document" in said


# What stands in it.


def test_an_empty_file_is_the_defaults(load: Load) -> None:
    loaded = load("")
    assert loaded.site.base_url == LIVE
    assert loaded.crawl.delay_seconds == 2.0
    assert loaded.store.keep_pages_days == 90
    assert loaded.subjects() == ()


def test_the_other_half_s_sections_are_left_to_it(load: Load) -> None:
    assert load('[schedule]\ntimezone = 5\n[[digest]]\nnonsense = true\n[[channel]]\ntype = "pigeon"\n') == load("")


def test_the_database_path_counts_from_the_file_s_folder(load: Load, tmp_path: Path) -> None:
    assert load('[store]\npath = "data/x.db"').database_path == tmp_path.resolve() / "data" / "x.db"
    assert load(f'[store]\npath = "{tmp_path.parent}/y.db"').database_path == tmp_path.parent / "y.db"


@pytest.mark.parametrize(
    "path", ["x.db", "../x.db", " ", "~/J\u00e4ger\u00a0jobs/x", "a/" * 999 + "b", "/" + "x" * 200]
)
def test_a_path_that_a_file_can_have_is_accepted(load: Load, path: str) -> None:
    assert load(f'[store]\npath = "{path}"').store.path == path


def test_a_configuration_cannot_be_changed_once_read(load: Load) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load("").crawl.delay_seconds = 0


SECTIONS = ", ".join(sorted({*config.CrawlConfig.model_fields, *ALERTS_SECTIONS} - {"folder"}))
NO_PAGES = 'watch[0]: give terms = ["Backend Developer"] and regions = ["North West"], or url = "..."'
NO_CONTROL = r"a path without control characters is expected; between double quotes, TOML reads \t as one"
NO_FOLDER = "the path of a file is expected, and this is that of a folder"
TOO_LONG = "a path of at most 2,000 bytes is expected, 200 for each name in it"
MISTAKES = {
    # An unknown key names its nearest neighbour, else all there are.
    "[sites]": "sites: unknown key: did you mean site?",
    "[digests]": "digests: unknown key: did you mean digest?",
    "[zzz]": f"zzz: unknown key: known here are {SECTIONS}",
    'folder = "/"': f"folder: unknown key: known here are {SECTIONS}",
    "[crawl]\ndelay_second = 3": "crawl.delay_second: unknown key: did you mean delay_seconds?",
    "[store]\nretention = 3": "store.retention: unknown key: known here are keep_pages_days, path",
    '[[watch]]\nurl = "/jobs/uk/java.do"\nregion = ["UK"]': "watch[0].region: unknown key: did you mean regions?",
    # Another type is a mistake, however close: a bool is no number, and neither is a text of digits.
    '[crawl]\ndelay_seconds = "2"': "crawl.delay_seconds: input should be a valid number, found '2'",
    "[crawl]\ndelay_seconds = true": "crawl.delay_seconds: input should be a valid number, found True",
    "[crawl]\ntimeout_minutes = [60]": "crawl.timeout_minutes: input should be a valid number",
    "[store]\nkeep_pages_days = true": "store.keep_pages_days: input should be a valid integer, found True",
    '[store]\nkeep_pages_days = "90"': "store.keep_pages_days: input should be a valid integer, found '90'",
    "[store]\nkeep_pages_days = 90.5": "store.keep_pages_days: input should be a valid integer, found 90.5",
    "[store]\npath = 5": "store.path: input should be a valid string, found 5",
    "[site]\ncontact = 5": "site.contact: input should be a valid string, found 5",
    "site = 5": "site: a table is expected, found 5",
    "watch = 5": "watch: input should be a valid list, found 5",
    "watch = [5]": "watch[0]: a table is expected, found 5",
    '[watch]\nurl = "/jobs/uk/java.do"': "watch: write [[watch]], with double brackets: there can be several",
    '[[watch]]\nterms = "Java"\nregions = ["UK"]': "watch[0].terms: input should be a valid list, found 'Java'",
    '[[watch]]\nterms = [1]\nregions = ["UK"]': "watch[0].terms[0]: input should be a valid string, found 1",
    # A value out of its range says the range.
    "[crawl]\ndelay_seconds = -1": "crawl.delay_seconds: input should be greater than or equal to 0, found -1",
    "[crawl]\ndelay_seconds = 601": "crawl.delay_seconds: input should be less than or equal to 600, found 601",
    "[crawl]\ndelay_seconds = nan": "crawl.delay_seconds: input should be less than or equal to 600, found nan",
    "[crawl]\ndelay_seconds = inf": "crawl.delay_seconds: input should be less than or equal to 600, found inf",
    "[crawl]\ntimeout_minutes = 0": "crawl.timeout_minutes: input should be greater than 0, found 0",
    "[store]\nkeep_pages_days = 0": "store.keep_pages_days: input should be greater than or equal to 1, found 0",
    '[store]\npath = ""': "store.path: string should have at least 1 character, found ''",
    '[store]\npath = "a\\u0000b"': f"store.path: {NO_CONTROL}",
    '[store]\npath = "data\\new.db"': f"store.path: {NO_CONTROL}",
    '[store]\npath = "/"': f"store.path: {NO_FOLDER}",
    '[store]\npath = "."': f"store.path: {NO_FOLDER}",
    '[store]\npath = "data/.."': f"store.path: {NO_FOLDER}",
    '[store]\npath = "data/' + "\u00e4" * 101 + '"': f"store.path: {TOO_LONG}",
    '[store]\npath = "' + "data/" * 400 + 'x"': f"store.path: {TOO_LONG}",
    '[[watch]]\nterms = ["a"]\nregions = ["uk"]\nwindows = [6, 12]': (
        "watch[0].windows[1]: input should be 3 or 6, found 12"
    ),
    '[[watch]]\nterms = ["a"]\nregions = ["uk"]\njob_types = ["temp"]': (
        "watch[0].job_types[0]: input should be 'permanent' or 'contract', found 'temp'"
    ),
    # A watch names pages.
    "[[watch]]": NO_PAGES,
    '[[watch]]\nterms = ["a"]': NO_PAGES,
    '[[watch]]\nterms = ["a"]\nregions = ["uk"]\nwindows = []': NO_PAGES,
    '[[watch]]\nurl = "/jobs/uk/java.do"\nterms = ["a"]': (
        "watch[0]: url alone names the page, its job type and window too: leave terms out"
    ),
    '[[watch]]\nurl = "/jobs/uk/java.do"\nwindows = [3]\njob_types = ["permanent"]\nexclude = []': (
        "watch[0]: url alone names the page, its job type and window too: leave job_types, windows, exclude out"
    ),
    '[[watch]]\nterms = ["x"]\nregions = ["uk"]\n[[watch]]\nurl = "https://me:s3cret@jobs.example/jobs/uk/java.do"': (
        "watch[1].url: an address on jobs.example is none of this site: give one on www.itjobswatch.co.uk"
    ),
    '[[watch]]\nurl = "java"': (
        "watch[0]: 'java' is not the URL of a role or skill page: expected "
        "https://www.itjobswatch.co.uk/jobs/REGION/TERM.do or /contracts/..."
    ),
    '[[watch]]\nurl = "http://["': (
        "watch[0]: 'http://[' is not a URL: expected one like https://www.itjobswatch.co.uk/jobs/REGION/TERM.do"
    ),
    '[[watch]]\nterms = ["../x"]\nregions = ["uk"]': (
        "watch[0]: term '../x' is not a term: use a name as in the site's URLs, like 'backend developer'"
    ),
    '[[watch]]\nterms = ["x"]\nregions = ["a/b"]': (
        "watch[0]: region 'a/b' is not a region: use a name as in the site's URLs, like 'north west'"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), MISTAKES.items())
def test_a_mistake_is_one_line_with_its_key_and_what_is_accepted(load: Load, text: str, said: str) -> None:
    assert mistake(load, text) == f"config.toml: {said}"


def test_all_mistakes_are_reported_together(load: Load) -> None:
    text = f"""
        colour = "blue"
        [site]
        contact = "nobody"
        [crawl]
        delay_seconds = "2"
        [store]
        keep_pages_days = true
        paht = "x"
        [[watch]]
        url = "{LIVE}/jobs/uk/java.do"
        [[watch]]
        terms = ["a"]
        regions = ["uk"]
        windows = [9]
        """
    assert [said.split(": ")[1] for said in mistakes(load, text)] == [
        "site.contact",
        "crawl.delay_seconds",
        "store.keep_pages_days",
        "store.paht",
        "watch[1].windows[0]",
        "colour",
    ]


def test_what_does_not_fit_together_is_reported_with_the_rest(load: Load) -> None:
    said = mistakes(load, "[crawl]\ndelay_seconds = 0.5\n[store]\npath = 5")
    assert said == (
        "config.toml: store.path: input should be a valid string, found 5",
        "config.toml: crawl.delay_seconds: at least 1.0 is owed to a site that is someone else's",
    )


def test_nothing_is_concluded_from_a_section_that_is_itself_wrong(load: Load) -> None:
    assert "someone else's" not in mistake(load, '[site]\nbase_url = "127.0.0.1:8000"\n[crawl]\ndelay_seconds = 0')
    watched = '[[watch]]\nurl = "http://127.0.0.1:8000/jobs/uk/java.do"'
    assert "none of this site" not in mistake(load, f'[site]\nbase_url = "127.0.0.1:8000"\n{watched}')


def test_an_address_is_never_echoed_for_it_may_be_a_secret(load: Load) -> None:
    said = mistakes(load, 'store = "https://hooks.example/T0/B0/s3cret"\nsite = {contact = ["s3cret"], x = "s3cret"}')
    assert len(said) == 3
    assert "s3cret" not in "".join(said)


# Manners.


@pytest.mark.parametrize("delay", ["0", "0.0", "0.5", "0.999"])
def test_a_site_that_is_someone_else_s_is_owed_a_second(load: Load, delay: str) -> None:
    for site in ("", f'[site]\nbase_url = "{LIVE}"\n', '[site]\nbase_url = "http://127.0.0.1.example.org"\n'):
        said = mistake(load, f"{site}[crawl]\ndelay_seconds = {delay}")
        assert said == "config.toml: crawl.delay_seconds: at least 1.0 is owed to a site that is someone else's"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1"])
def test_this_machine_itself_is_owed_none(load: Load, host: str) -> None:
    loaded = load(f'[site]\nbase_url = "http://{host}"\n[crawl]\ndelay_seconds = 0')
    assert loaded.site.is_local
    loaded.require_contact()


@pytest.mark.parametrize("delay", ["1", "1.0", "600"])
def test_a_second_and_more_is_polite_enough(load: Load, delay: str) -> None:
    assert load(f"[crawl]\ndelay_seconds = {delay}").crawl.delay_seconds >= 1


def test_the_live_site_is_not_asked_in_nobody_s_name(load: Load) -> None:
    with pytest.raises(
        ConfigError, match=r"^config\.toml: site\.contact: put your own .* owner of www\.itjobswatch\.co\.uk"
    ):
        load("").require_contact()
    with pytest.raises(ConfigError):
        load(f'[site]\ncontact = "{config.PLACEHOLDER_CONTACT}"').require_contact()
    load('[site]\ncontact = "someone@example.com"').require_contact()


@pytest.mark.parametrize(
    "contact",
    [
        "", "nobody", "@", "me@", "@example.org", "a b@example.org", "a@b@c", "m\u00fcller@example.org",
        "me@example.org (me)", "me@example.org\\r\\nX-Evil: 1", "me@example.org\\u0000",
    ],
)  # fmt: skip
def test_a_contact_is_an_e_mail_address_that_a_header_can_carry(load: Load, contact: str) -> None:
    assert mistake(load, f'[site]\ncontact = "{contact}"') == (
        "config.toml: site.contact: an e-mail address is expected; it is sent in the user agent"
    )


@pytest.mark.parametrize("contact", ["someone@example.com", "some.one+jobs@mail.example.com", "root@localhost"])
def test_an_ordinary_contact_is_accepted(load: Load, contact: str) -> None:
    assert load(f'[site]\ncontact = "{contact}"').site.contact == contact


@pytest.mark.parametrize(
    "address",
    [
        "", "www.itjobswatch.co.uk", "//www.itjobswatch.co.uk", "ftp://example.org", "http://", "https:///x", "file:///etc",
        f"{LIVE}/jobs", f"{LIVE}?x=1", f"{LIVE}/#x", f"{LIVE}?", f"{LIVE}#", f"{LIVE}/?", " " + LIVE, f"{LIVE}\\t",
        "http://a b", "http://[::1", "http://localhost:99999", "http://localhost:x",
        "http://localhost:0", "https://me@example.org", "https://me:s3cret@example.org", "https://me:s3cret\u2100@example.org",
    ],
)  # fmt: skip
def test_a_site_is_a_web_server_and_nothing_on_it(load: Load, address: str) -> None:
    assert mistake(load, f'[site]\nbase_url = "{address}"') == (
        f"config.toml: site.base_url: an address like {LIVE} is expected, without a path"
    )


@pytest.mark.parametrize("address", [f"{LIVE}/", "http://127.0.0.1:8000/"])
def test_a_slash_at_the_end_of_the_site_s_address_is_no_mistake(load: Load, address: str) -> None:
    assert load(f'[site]\nbase_url = "{address}"').site.base_url == address.rstrip("/")


def test_the_one_host_that_is_asked_is_the_site_s(load: Load) -> None:
    assert load("").site.host == "www.itjobswatch.co.uk"
    assert load('[site]\nbase_url = "http://127.0.0.1:8000"').site.host == "127.0.0.1"


@pytest.mark.parametrize("address", ["http://[::1]", "http://[::1]:8000", "https://[2001:db8::1]"])
def test_a_site_that_could_not_be_found_by_its_address_is_refused_at_once(load: Load, address: str) -> None:
    assert mistake(load, f'[site]\nbase_url = "{address}"') == (
        "config.toml: site.base_url: a host's name or IPv4 address is expected: "
        "Scrapy does not find one by its IPv6 address"
    )


# What is watched.


def test_a_watch_is_every_combination_in_the_order_written(load: Load) -> None:
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


def test_a_page_watched_twice_under_whatever_spelling_is_watched_once(load: Load) -> None:
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


def test_a_watched_page_s_window_is_part_of_what_it_is(load: Load) -> None:
    page = f"{LIVE}/jobs/london/java.do"
    loaded = load(f'[[watch]]\nurl = "{page}"\n[[watch]]\nurl = "{page}?p=3"\n[[watch]]\nurl = "{page}?p=6"')
    assert [subject.window_months for subject in loaded.subjects()] == [6, 3]


def test_the_shipped_configuration_is_in_order() -> None:
    shipped = config.load(ROOT / "config.toml")
    assert len(shipped.subjects()) == 12
    assert shipped.database_path == ROOT / "data" / "jobspider.db"
    assert shipped.site.contact == config.PLACEHOLDER_CONTACT
