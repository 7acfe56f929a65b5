"""How subjects are named on the command line."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from jobspider.commands.subject_arguments import parse_subject, resolve_subject, resolve_subjects
from jobspider.errors import StoreError, UsageError
from jobspider.model import FetchStatus, PlannedPage, Subject
from jobspider.site import urls
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.sample_pages import MORNING, crawl, page
from tests.support.strategies import subjects

KEPT = (
    urls.make_subject("permanent", "london", "java"),
    urls.make_subject("contract", "london", "java"),
    urls.make_subject("permanent", "north west", "java", 3),
    urls.make_subject("permanent", "uk", "tcp/ip"),
    urls.make_subject("contract", "uk", "python"),
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with Database.open(tmp_path_factory.mktemp("subjects") / "jobs.db") as database:
        for subject in KEPT:
            crawl(Writer(database), page(of=subject), subject.key)
        yield Reader(database)


def keys(reader: Reader, *words: str) -> list[str]:
    return [head.subject.key for head in resolve_subjects(reader, words)]


@given(subjects)
def test_every_subject_is_named_by_its_key_and_by_its_address(subject: Subject) -> None:
    assert parse_subject(subject.key) == subject
    assert parse_subject(subject.key.upper()) == subject
    assert parse_subject(urls.subject_url(subject)) == subject
    assert parse_subject(urls.subject_url(subject).removeprefix(urls.SITE)) == subject


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("london/java", "permanent/london/java/6"),
        ("contract/london/java", "contract/london/java/6"),
        ("london/java/3", "permanent/london/java/3"),
        ("the North West/Java", "permanent/north west/java/6"),
        ("north%20west/java", "permanent/north west/java/6"),
        ("uk/tcp/ip", "permanent/uk/tcp/ip/6"),
        (" Contract /uk/c++/ 3 ", "contract/uk/c++/3"),
    ],
)
def test_job_type_and_window_may_be_left_out(word: str, key: str) -> None:
    assert parse_subject(word).key == key


@pytest.mark.parametrize(
    "word", ["", "java", "/", "permanent", "permanent/6", "london/", "https://example.org/x", "a/../b"]
)
def test_what_names_no_page_is_refused(word: str) -> None:
    with pytest.raises(UsageError):
        parse_subject(word)


def test_words_stand_for_what_is_kept_each_once_and_in_their_order(reader: Reader) -> None:
    assert keys(reader, "uk/tcp/ip", "london/java", "uk/tcp/ip/6") == [
        "permanent/uk/tcp/ip/6",
        "permanent/london/java/6",
    ]
    assert keys(reader, "Contract/*") == ["contract/london/java/6", "contract/uk/python/6"]
    assert keys(reader, "*/java/*", "contract/*/python/6")[-1] == "contract/uk/python/6"
    assert keys(reader, "https://www.itjobswatch.co.uk/jobs/north%20west/java.do?p=3") == [
        "permanent/north west/java/3"
    ]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "north west/java",
            "nothing is kept of 'permanent/north west/java/6': did you mean 'permanent/north west/java/3'?",
        ),
        ("uk/python", "did you mean 'contract/uk/python/6'?"),
        ("london/jva", "did you mean 'permanent/london/java/6'"),
        (
            "jersey/rust developer",
            "jobspider crawl --url https://www.itjobswatch.co.uk/jobs/jersey/rust%20developer.do",
        ),
        ("java", "kept are 'contract/london/java/6', 'permanent/london/java/6' and 'permanent/north west/java/3'"),
        ("perl", "'perl' names no page: write"),
        ("*/perl/*", "fits no subject that is kept"),
        ("https://www.itjobswatch.co.uk/about", "is not the URL of a role or skill page"),
    ],
)
def test_an_unknown_subject_is_told_in_one_line_with_what_it_resembles(reader: Reader, word: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as raised:
        resolve_subjects(reader, ["london/java", word])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("status", [FetchStatus.NOT_FOUND, FetchStatus.AUDIT_FAILED, None])
def test_of_a_page_that_was_never_read_it_is_said_how_the_newest_try_ended(
    tmp_path: Path, status: FetchStatus | None
) -> None:
    """Spelt rightly, it must not be taken for another spelling of a page that is kept."""
    wanted = urls.make_subject("permanent", "leeds", "java")
    url = urls.subject_url(wanted)
    with Database.open(tmp_path / "jobs.db") as database:
        writer = Writer(database)
        crawl(writer, page(of=KEPT[0]), "kept")
        started = writer.begin_crawl("tried", "roles", MORNING, "0", [PlannedPage(url, wanted)])
        if status is not None:
            writer.record_failure(started, url, status, "said why", 200, MORNING)
        said = (
            f"nothing is kept of 'permanent/leeds/java/6': its page was never read, the newest try ended as"
            f" {status or 'planned'}; jobspider crawl --url {url} tries again"
        )
        with pytest.raises(UsageError, match=re.escape(said)):
            resolve_subjects(Reader(database), ["leeds/java"])


def test_where_one_subject_is_wanted_several_are_refused(reader: Reader) -> None:
    assert resolve_subject(reader, "*python*").subject.key == "contract/uk/python/6"
    with pytest.raises(UsageError, match="fits 3 subjects: name one of 'contract/london/java/6',"):
        resolve_subject(reader, "*java*")


def test_where_nothing_is_kept_a_crawl_is_advised(tmp_path: Path) -> None:
    with Database.open(tmp_path / "jobs.db") as database, pytest.raises(StoreError, match="run jobspider crawl first"):
        resolve_subjects(Reader(database), ["london/java"])
