"""Search for the configuration file, and errors while reading it."""

from pathlib import Path

import pytest

from jobspider import config
from jobspider.errors import ConfigError, UsageError
from tests.support.config_files import LoadText, mistakes, text_loader


@pytest.fixture
def load(tmp_path: Path) -> LoadText[config.CrawlConfig]:
    return text_loader(config.load, tmp_path)


def test_find_config_file_prefers_option_to_variable(tmp_path: Path) -> None:
    environ = {config.CONFIG_VARIABLE: "other.toml"}
    assert config.find_config_file(tmp_path, "mine.toml", environ) == tmp_path / "mine.toml"
    absolute = tmp_path / "x" / "mine.toml"
    assert config.find_config_file(tmp_path, str(absolute), environ) == absolute


def test_find_config_file_prefers_variable_to_scrapy_cfg(tmp_path: Path) -> None:
    (tmp_path / "scrapy.cfg").touch()
    environ = {config.CONFIG_VARIABLE: "other.toml"}
    assert config.find_config_file(tmp_path, None, environ) == tmp_path / "other.toml"


def test_find_config_file_uses_nearest_scrapy_cfg(tmp_path: Path) -> None:
    inner = tmp_path / "project"
    deep = inner / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "scrapy.cfg").touch()
    for environ in ({}, {config.CONFIG_VARIABLE: ""}):
        assert config.find_config_file(deep, None, environ) == tmp_path / "config.toml"
    (inner / "scrapy.cfg").touch()
    assert config.find_config_file(deep, None, {}) == inner / "config.toml"
    assert config.find_config_file(inner, None, {}) == inner / "config.toml"


def test_find_config_file_requires_scrapy_cfg(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "config.toml").touch()
    with pytest.raises(ConfigError, match=r"/config\.toml has no scrapy\.cfg next to it: name the file with --config"):
        config.find_config_file(tmp_path, None, {})
    with pytest.raises(ConfigError, match=r"^no config\.toml found: .*--config or JOBSPIDER_CONFIG$"):
        config.find_config_file(tmp_path / "below", None, {})


def test_load_unreadable_file_is_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such file: create one with jobspider init$"):
        config.load(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory$"):
        config.load(tmp_path)
    for body in (b"\xff\xfe[\x00s\x00", "[site]\ncontact = 'm\u00fcller@example.org'".encode("latin-1")):
        (tmp_path / "config.toml").write_bytes(body)
        with pytest.raises(ConfigError, match=r"config\.toml: is not UTF-8 text"):
            config.load(tmp_path / "config.toml")


def test_load_accepts_byte_order_mark(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[crawl]\r\ndelay_seconds = 3\r\n")
    assert config.load(tmp_path / "config.toml").crawl.delay_seconds == 3


def test_load_invalid_toml_names_the_line(load: LoadText[config.CrawlConfig]) -> None:
    for text in ("[site", "contact = ", "a = 1\na = 2", "[site]\n[site]", "<html>", "\x00"):
        with pytest.raises(ConfigError, match=r"config\.toml: is not valid TOML: .*(line|end of document)"):
            load(text)


def test_config_error_contains_all_mistakes(load: LoadText[config.CrawlConfig]) -> None:
    with pytest.raises(ConfigError) as error:
        load("[sites]\n[crawl]\ndelay_seconds = -1")
    assert error.value.exit_code == 2
    assert isinstance(error.value, UsageError)
    assert len(error.value.mistakes) == 2
    assert str(error.value) == "\n".join(error.value.mistakes)


def test_load_reports_mistakes_in_order_of_sections(load: LoadText[config.CrawlConfig]) -> None:
    text = """
        colour = "blue"
        [site]
        contact = "nobody"
        [crawl]
        delay_seconds = "2"
        [store]
        keep_pages_days = true
        paht = "x"
        [[watch]]
        url = "https://www.itjobswatch.co.uk/jobs/uk/java.do"
        [[watch]]
        terms = ["a"]
        regions = ["uk"]
        windows = [9]
        """
    assert [mistake.split(": ")[0] for mistake in mistakes(load, text)] == [
        "site.contact",
        "crawl.delay_seconds",
        "store.keep_pages_days",
        "store.paht",
        "watch[1].windows[0]",
        "colour",
    ]


def test_load_reports_cross_section_errors_of_valid_sections(load: LoadText[config.CrawlConfig]) -> None:
    assert mistakes(load, "[crawl]\ndelay_seconds = 0.5\n[store]\npath = 5") == (
        "store.path: input should be a valid string, found 5",
        "crawl.delay_seconds: must be at least 1.0, except for a site on this machine",
    )
    invalid_site = '[site]\nbase_url = "127.0.0.1:8000"\n'
    watch = '[[watch]]\nurl = "http://127.0.0.1:8000/jobs/uk/java.do"'
    for text in ("[crawl]\ndelay_seconds = 0", watch):
        (mistake,) = mistakes(load, invalid_site + text)
        assert mistake.startswith("site.base_url: ")


def test_mistakes_never_contain_urls_or_tables(load: LoadText[config.CrawlConfig]) -> None:
    """They may contain a secret."""
    text = 'store = "https://hooks.example/T0/B0/s3cret"\nsite = {contact = ["s3cret"], x = "s3cret"}'
    reported = mistakes(load, text)
    assert len(reported) == 3
    assert "s3cret" not in "".join(reported)
