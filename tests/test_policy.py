"""Manners and secrets: each rule by its name, held against the settings that a crawl really gets."""

import asyncio
import random
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.settings import SETTINGS_PRIORITIES, Settings
from scrapy.utils.misc import load_object

from jobspider import __version__
from jobspider.config import Crawl, CrawlConfig, Site, Store, validated
from jobspider.errors import ConfigError
from jobspider.scraping import retry_after_file
from jobspider.scraping.addon import CrawlContext, JobspiderAddon
from jobspider.scraping.backoff import backoff_seconds, parse_retry_after
from jobspider.scraping.middlewares import OtherHostError, RateLimitMiddleware, SingleHostMiddleware
from jobspider.scraping.spiders.market import MarketSpider
from jobspider.scraping.spiders.roles import RolesSpider
from jobspider.site.urls import SITE
from jobspider.store.database import Database
from tests.support.fake_event_loop import leap

ROOT = Path(__file__).parents[1]
CONTACT = "someone@example.com"
NOW = datetime(2025, 11, 24, tzinfo=UTC)
PAGE = Request(f"{SITE}/jobs/uk/java.do")
TEXT_SUFFIXES = {
    ".py",
    ".toml",
    ".md",
    ".txt",
    ".html",
    ".j2",
    ".css",
    ".json",
    ".cfg",
    ".lock",
    ".yml",
    ".yaml",
    ".sh",
    "",
}


def run_in(folder: Path, crawl: Crawl | None = None) -> CrawlContext:
    """Return a run against the live site; settings are made before anything is asked or stored."""
    config = CrawlConfig(site=Site(contact=CONTACT), crawl=crawl or Crawl(), folder=folder)
    with Database.open(config.database_path) as database:
        return CrawlContext(config, database, 1, "token", (), lambda: NOW)


def settings_of(folder: Path, crawl: Crawl | None = None) -> Settings:
    """Return a crawl's settings as the project and its add-on leave them to Scrapy."""
    settings = Settings()
    settings.setmodule("jobspider.scraping.settings", priority="project")
    JobspiderAddon(run_in(folder, crawl)).update_settings(settings)
    return settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


# Manners: the pages are somebody else's, and so is the machine that serves them.


def test_robots_txt_is_obeyed(settings: Settings) -> None:
    assert settings.getbool("ROBOTSTXT_OBEY")


def test_one_request_is_made_at_a_time(settings: Settings) -> None:
    """The limit per domain alone lets the start requests queue up in flight when there is no delay."""
    assert settings.getint("CONCURRENT_REQUESTS") == 1


@pytest.mark.parametrize("delay_seconds", [1.0, 2.0, 7.5])
def test_the_pause_between_requests_is_the_configured_one(tmp_path: Path, delay_seconds: float) -> None:
    """Not a random one around it: half of the pause that was agreed would be too short."""
    settings = settings_of(tmp_path, Crawl(delay_seconds=delay_seconds))
    assert settings.getfloat("DOWNLOAD_DELAY") == delay_seconds
    assert not settings.getfloat("DOWNLOAD_DELAY_JITTER")


@pytest.mark.parametrize(
    "elsewhere", [SITE, "http://192.168.0.5", "http://localhost.example.com", "http://127.0.0.1.example.com"]
)
def test_a_site_that_is_someone_else_s_is_asked_once_a_second_at_most(elsewhere: str) -> None:
    """Nobody who runs a server has agreed to more; only what this machine serves to itself may be asked without end."""
    for seconds in (0.0, 0.99):
        with pytest.raises(ConfigError, match=r"at least 1\.0 is owed"):
            configured(base_url=elsewhere, delay_seconds=seconds)
    assert configured(base_url=elsewhere, delay_seconds=1.0).crawl.delay_seconds == 1.0
    assert configured(base_url="http://127.0.0.1:8000", delay_seconds=0.0).site.is_local


def configured(*, base_url: str, delay_seconds: float) -> CrawlConfig:
    """Return a configuration as a file with these values would give it."""
    site, crawl = {"base_url": base_url, "contact": CONTACT}, {"delay_seconds": delay_seconds}
    return validated(CrawlConfig, {"site": site, "crawl": crawl}, Path("config.toml"))


@pytest.mark.parametrize(("asked", "kept"), [(7.5, 7.5), (1.0, 2.0)])
def test_a_longer_pause_that_robots_txt_asks_for_is_kept(tmp_path: Path, asked: float, kept: float) -> None:
    """Scrapy reads Crawl-delay and does nothing about it. It holds from robots.txt itself on: that is a request too."""

    async def first_page() -> float:
        pace = RateLimitMiddleware(run_in(tmp_path), "jobspider")
        await pace.process_request(Request(f"{SITE}/robots.txt"))
        pace.robots_parsed(ProtegoRobotParser(f"User-agent: *\nCrawl-delay: {asked}".encode(), None))
        await pace.process_request(PAGE)
        return asyncio.get_running_loop().time()

    assert leap(first_page()) == pytest.approx(kept)


def test_the_live_site_is_not_asked_in_nobody_s_name() -> None:
    """Its owner must be able to write to whoever runs this; the contact that is shipped is nobody's."""
    with pytest.raises(ConfigError, match=r"site\.contact"):
        CrawlConfig().require_contact()
    CrawlConfig(site=Site(contact=CONTACT)).require_contact()


def test_a_request_says_what_asks_and_whom_to_write_to(settings: Settings) -> None:
    assert settings.get("USER_AGENT") == f"jobspider/{__version__} (+mailto:{CONTACT})"


def test_a_request_carries_no_cookies_and_no_referrer(settings: Settings) -> None:
    assert not settings.getbool("COOKIES_ENABLED")
    assert settings.get("REFERRER_POLICY") == "no-referrer"


def test_no_other_host_is_asked_and_nothing_after_a_refusal_not_even_robots_txt(settings: Settings) -> None:
    """Both stand before Scrapy's robots.txt middleware, which asks for a file of its own."""
    own = settings.getdict("DOWNLOADER_MIDDLEWARES")
    robots = settings.getdict("DOWNLOADER_MIDDLEWARES_BASE")[
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"
    ]
    for middleware in (
        "jobspider.scraping.middlewares.SingleHostMiddleware",
        "jobspider.scraping.middlewares.StopMiddleware",
    ):
        assert own[middleware] < robots


LIVE_HOST = SITE.partition("://")[2]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://itjobswatch.co.uk/x",
        "https://a.www.itjobswatch.co.uk/",
        "http://x/",
        f"https://{LIVE_HOST}:8443/x",
        f"https://{LIVE_HOST}:80/x",
        f"http://{LIVE_HOST}:443/x",
    ],
)
def test_what_leads_to_another_host_is_not_sent_not_even_to_a_subdomain(elsewhere: str, tmp_path: Path) -> None:
    """A redirect is a request like any other and passes here too; Scrapy's own list lets subdomains through."""
    only = SingleHostMiddleware(run_in(tmp_path).config.site.base_url)
    only.process_request(PAGE)
    with pytest.raises(OtherHostError):
        only.process_request(Request(elsewhere))


@pytest.mark.parametrize("usual", [f"http://{LIVE_HOST}/x", f"http://{LIVE_HOST}:80/x", f"https://{LIVE_HOST}:443/x"])
def test_the_host_by_its_usual_ports_is_the_host(usual: str, tmp_path: Path) -> None:
    SingleHostMiddleware(run_in(tmp_path).config.site.base_url).process_request(Request(usual))


def test_a_refusal_is_not_answered_by_asking_again(settings: Settings) -> None:
    assert not {401, 403, 404, 410, 451} & set(settings.getlist("RETRY_HTTP_CODES"))
    assert settings.getint("RETRY_TIMES") <= 2


def test_a_wish_for_a_pause_is_granted_before_asking_again(settings: Settings) -> None:
    """Scrapy's own middleware asks again within milliseconds, whatever Retry-After says: ours stands in its place."""
    assert not settings.getbool("RETRY_ENABLED")
    own = settings.getdict("DOWNLOADER_MIDDLEWARES")
    assert {
        "jobspider.scraping.middlewares.RetryMiddleware",
        "jobspider.scraping.middlewares.RateLimitMiddleware",
    } <= own.keys()


@pytest.mark.parametrize("retry_after", ["120", "Mon, 24 Nov 2025 00:02:00 GMT"])
def test_a_wish_for_a_pause_is_understood_in_either_spelling_and_by_the_next_crawl_too(
    retry_after: str, tmp_path: Path, settings: Settings
) -> None:
    """Who is asked to come back in two minutes and comes earlier is what the answer was meant to keep away."""
    assert {429, 503} <= set(settings.getlist("RETRY_HTTP_CODES"))
    seconds = parse_retry_after(retry_after, NOW)
    assert seconds == 120
    config = run_in(tmp_path).config
    retry_after_file.save_retry_after(config, seconds, NOW)
    assert retry_after_file.load_retry_after(config, NOW) == NOW + timedelta(seconds=120)


def test_each_failure_makes_the_next_pause_longer_and_chance_spreads_it(settings: Settings) -> None:
    """A server in trouble gets air, and those who failed together do not come back together."""
    chance = random.Random(20251124)  # noqa: S311 - nothing secret hangs on it
    first, second = ([backoff_seconds(failures, 2.0, chance) for _ in range(50)] for failures in (1, 2))
    assert settings.getint("RETRY_TIMES") == 2
    assert min(first) >= 4
    assert max(first) < 8 <= min(second)
    assert len({*first, *second}) == 100


def test_scrapys_own_retries_have_ours_in_their_place(settings: Settings) -> None:
    own = settings.getdict("DOWNLOADER_MIDDLEWARES")
    assert own["jobspider.scraping.middlewares.RetryMiddleware"] == place_of("retry.RetryMiddleware")


def test_every_request_waits_its_turn_next_to_the_wire(settings: Settings) -> None:
    """Redirects, further tries and robots.txt too: nothing stands between the pace and the downloader."""
    own = {name: place for name, place in settings.getdict("DOWNLOADER_MIDDLEWARES").items() if place is not None}
    every = {**settings.getdict("DOWNLOADER_MIDDLEWARES_BASE"), **own}
    assert max(every, key=lambda name: every[name]) == "jobspider.scraping.middlewares.RateLimitMiddleware"


def test_no_page_is_asked_for_before_robots_txt_has_been_read(settings: Settings) -> None:
    """Scrapy takes a server that fails on robots.txt for one that allows everything."""
    own = settings.getdict("DOWNLOADER_MIDDLEWARES")
    robots = own["jobspider.scraping.robots.RobotsRequiredMiddleware"]
    assert place_of("robotstxt.RobotsTxtMiddleware") < robots < own["jobspider.scraping.middlewares.RetryMiddleware"]


def test_a_way_through_redirects_is_short_and_a_challenge_s_is_not_taken(settings: Settings) -> None:
    assert settings.getint("REDIRECT_MAX_TIMES") <= 5
    assert not settings.getbool("METAREFRESH_ENABLED")


def test_a_failure_is_not_hidden_behind_the_page_of_yesterday(settings: Settings) -> None:
    """Scrapy's cache gives the page that it has where the site does not answer, or calls it fresh."""
    own = settings.getdict("DOWNLOADER_MIDDLEWARES")
    assert own["scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware"] is None
    assert own["jobspider.scraping.http_cache.ConditionalRequestMiddleware"] == place_of(
        "httpcache.HttpCacheMiddleware"
    )
    assert settings["HTTPCACHE_POLICY"] == "jobspider.scraping.http_cache.RevalidatePolicy"


def test_what_is_kept_for_conditional_requests_is_bounded_in_time(settings: Settings) -> None:
    assert settings.getint("HTTPCACHE_EXPIRATION_SECS") == Store().keep_pages_days * 24 * 60 * 60


def place_of(scrapys: str) -> int:
    """Return where Scrapy puts one of its downloader middlewares."""
    return int(Settings().getdict("DOWNLOADER_MIDDLEWARES_BASE")[f"scrapy.downloadermiddlewares.{scrapys}"])


def test_a_page_that_has_not_changed_is_asked_for_conditionally(settings: Settings) -> None:
    assert settings.getbool("HTTPCACHE_ENABLED")
    assert issubclass(load_object(settings["HTTPCACHE_POLICY"]), RFC2616Policy)
    assert not settings.getbool("HTTPCACHE_IGNORE_MISSING")


def test_the_cache_stands_beside_the_database(settings: Settings, tmp_path: Path) -> None:
    """An absolute path: Scrapy takes a relative one for a place in its own data folder."""
    assert settings.get("HTTPCACHE_DIR") == str(tmp_path / "data" / "httpcache")


# Safety: what comes over the wire is not trusted, and nobody gets in.


def test_certificates_are_verified(settings: Settings) -> None:
    """Scrapy does not by default."""
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")


def test_nothing_listens_on_a_port_of_the_crawler(settings: Settings) -> None:
    """Scrapy's telnet console and its remote control are on by default, and run whatever code they are sent."""
    assert not settings.getbool("TELNETCONSOLE_ENABLED", default=True)
    assert not settings.getbool("REMOTE_CONTROL_ENABLED", default=True)


def test_an_answer_without_end_is_cut_off_in_size_and_in_time(settings: Settings) -> None:
    assert 0 < settings.getint("DOWNLOAD_MAXSIZE") <= 10 * 1024 * 1024
    assert 0 < settings.getint("DOWNLOAD_TIMEOUT") <= 60


def test_a_crawl_that_is_told_to_end_does_not_wait_for_an_answer(settings: Settings) -> None:
    """Scrapy by itself waits for it, and for every pause before it."""
    assert "jobspider.scraping.shutdown.GracefulShutdown" in settings.getdict("EXTENSIONS")


def test_a_crawl_ends_after_its_configured_minutes(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, Crawl(timeout_minutes=1.5))
    assert settings.getfloat("CLOSESPIDER_TIMEOUT") == 90


def test_what_the_add_on_decides_is_decided_nowhere_else(tmp_path: Path) -> None:
    """One place says how the site is treated: what another says of it would be without effect, and without a word."""
    project, addon = Settings(), Settings()
    project.setmodule("jobspider.scraping.settings", priority="project")
    JobspiderAddon(run_in(tmp_path)).update_settings(addon)
    theirs = {str(key) for key in project if project.getpriority(str(key)) == SETTINGS_PRIORITIES["project"]}
    decided = decided_in(addon)
    assert {"ADDONS", "ITEM_PIPELINES"} <= theirs
    assert {"DOWNLOAD_DELAY", "ROBOTSTXT_OBEY", "USER_AGENT"} <= decided.keys()
    assert not theirs & decided.keys()
    for spider in (RolesSpider, MarketSpider):
        assert not spider.custom_settings
        assert not hasattr(spider, "download_delay")


def test_no_option_of_the_command_line_switches_a_manner_off(tmp_path: Path) -> None:
    """``scrapy crawl roles -s USER_AGENT=Mozilla`` would ask in a browser's name."""
    ours = settings_of(tmp_path)
    theirs = Settings()
    for key in decided_in(ours):
        theirs.set(key, "otherwise", priority="cmdline")
    JobspiderAddon(run_in(tmp_path)).update_settings(theirs)
    assert {key: theirs[key] for key in decided_in(ours)} == decided_in(ours)
    assert {"USER_AGENT", "ROBOTSTXT_OBEY", "ROBOTSTXT_USER_AGENT"} <= decided_in(ours).keys()


def decided_in(settings: Settings) -> dict[str, object]:
    """Return what an add-on has set, of nothing but Scrapy's defaults."""
    above = SETTINGS_PRIORITIES["cmdline"]
    return {str(key): settings[str(key)] for key in settings if (settings.getpriority(str(key)) or 0) > above}


def test_the_add_on_is_part_of_every_crawl_of_the_project(settings: Settings) -> None:
    assert settings.getdict("ADDONS").keys() == {"jobspider.scraping.addon.JobspiderAddon"}


# Secrets: they come from the environment and stay there.


def repository() -> list[Path]:
    """Return what the repository holds or would hold; where it is none, every file that is not hidden."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.split("\0")  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        within = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        listed = [str(path) for path in within if not any(part.startswith(".") for part in path.parts)]
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8", errors="replace")
        for path in repository()
        if path.suffix in TEXT_SUFFIXES
    }


# Written so that this file itself holds none of them.
SECRETS = {
    "a Slack webhook": re.compile(r"hooks\.slack" + r"\.com/(services|workflows)/T[A-Z0-9]{8,}/"),
    "a Slack token": re.compile(r"\bxox" + r"[abeoprs]-[0-9A-Za-z-]{10,}"),
    "a private key": re.compile(r"-----BEGIN " + r"(?:[A-Z]+ )?PRIVATE KEY-----"),
    "an AWS key": re.compile(r"\bAKIA" + r"[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\bgh" + r"[pousr]_[0-9A-Za-z]{30,}"),
    # But for the names that can belong to nobody, and for this machine.
    "a password in an address": re.compile(
        r"(?:smtps?|smtp\+starttls|https?)://[^\s:/@\"'{}<>]+:[^\s:/@\"'{}<>]+"
        r"@(?!localhost|127\.|\[|(?:[\w-]+\.)*example\b|h\b)"
    ),
}
# In Python such a line names a variable; there ruff looks for secrets (S105 to S107).
IN_A_CONFIGURATION = re.compile(
    r"(?im)^[ \t#]*(?:export )?(?:\w*_)?(?:password|secret|token|api_?key|webhook_url)\s*=\s*"
    r"(?![.<$\s])[\"']?[^\"'{}\s]+"
)


@pytest.mark.parametrize("kind", SECRETS)
def test_no_file_of_the_repository_holds_a_secret(kind: str) -> None:
    assert not [
        f"{path}: {found[0][:20]}..." for path, text in texts().items() if (found := SECRETS[kind].search(text))
    ]


def test_no_configuration_or_document_shows_a_secret() -> None:
    assert not [
        f"{path}: {found[0][:20]}..."
        for path, text in texts().items()
        if not path.endswith(".py") and (found := IN_A_CONFIGURATION.search(text))
    ]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a Slack webhook", "https://hooks.slack" + ".com/services/T" + "0ABCDEFGH/B0ABCDEFGH/x"),
        ("a Slack token", "xox" + "b-1234567890-abcdef"),
        ("a private key", "-----BEGIN " + "RSA PRIVATE KEY-----"),
        ("a password in an address", "smtp://jobs" + ":hunter2@mail.acme.com"),
    ],
)
def test_a_secret_would_be_found(kind: str, text: str) -> None:
    assert SECRETS[kind].search(text)


@pytest.mark.parametrize("line", ["password = 'x'", 'webhook_url="x"', "# token = x", "export JOBSPIDER_X_PASSWORD=x"])
def test_a_secret_in_a_configuration_would_be_found(line: str) -> None:
    assert IN_A_CONFIGURATION.search(f"[channel]\n{line}\n")


def test_the_files_that_could_hold_one_are_looked_at() -> None:
    assert {
        "config.toml",
        "pyproject.toml",
        "tests/test_policy.py",
        "alerts/delivery/channels/credentials.py",
    } <= texts().keys()


def test_the_shipped_configuration_names_no_one() -> None:
    addresses = re.findall(r"[\w.+-]+@[\w.-]+", (ROOT / "config.toml").read_text(encoding="utf-8"))
    assert addresses
    assert all(address.partition("@")[2].endswith("example.org") for address in addresses)
