"""Resolution of SUBJECT arguments."""

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

STORED = (
    urls.make_subject("permanent", "london", "java"),
    urls.make_subject("contract", "london", "java"),
    urls.make_subject("permanent", "north west", "java", 3),
    urls.make_subject("permanent", "uk", "tcp/ip"),
    urls.make_subject("contract", "uk", "python"),
)
SIMILAR = "'contract/london/java/6', 'permanent/london/java/6' and 'permanent/north west/java/3'"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with Database.open(tmp_path_factory.mktemp("subjects") / "jobs.db") as database:
        for subject in STORED:
            crawl(Writer(database), page(of=subject), subject.key)
        yield Reader(database)


def resolved_keys(reader: Reader, *arguments: str) -> list[str]:
    return [snapshot.subject.key for snapshot in resolve_subjects(reader, arguments)]


@given(subjects)
def test_parse_subject_accepts_key_and_url_of_every_subject(subject: Subject) -> None:
    assert parse_subject(subject.key) == subject
    assert parse_subject(subject.key.upper()) == subject
    assert parse_subject(urls.subject_url(subject)) == subject
    assert parse_subject(urls.subject_url(subject).removeprefix(urls.SITE)) == subject


def test_parse_subject_fills_in_job_type_and_window() -> None:
    expected_keys = {
        "london/java": "permanent/london/java/6",
        "contract/london/java": "contract/london/java/6",
        "london/java/3": "permanent/london/java/3",
        "the North West/Java": "permanent/north west/java/6",
        "north%20west/java": "permanent/north west/java/6",
        "uk/tcp/ip": "permanent/uk/tcp/ip/6",
        " Contract /uk/c++/ 3 ": "contract/uk/c++/3",
    }
    assert {argument: parse_subject(argument).key for argument in expected_keys} == expected_keys


def test_parse_subject_refuses_incomplete_keys() -> None:
    for argument in ("", "java", "/", "permanent", "permanent/6", "london/", "https://example.org/x", "a/../b"):
        with pytest.raises(UsageError):
            parse_subject(argument)


def test_resolve_subjects_keeps_order_without_duplicates(reader: Reader) -> None:
    assert resolved_keys(reader, "uk/tcp/ip", "london/java", "uk/tcp/ip/6") == [
        "permanent/uk/tcp/ip/6",
        "permanent/london/java/6",
    ]
    assert resolved_keys(reader, "Contract/*") == ["contract/london/java/6", "contract/uk/python/6"]
    assert resolved_keys(reader, "*/java/*", "contract/*/python/6")[-1] == "contract/uk/python/6"
    assert resolved_keys(reader, "https://www.itjobswatch.co.uk/jobs/north%20west/java.do?p=3") == [
        "permanent/north west/java/3"
    ]


def test_resolve_subjects_unknown_argument_suggests_similar(reader: Reader) -> None:
    expected_messages = {
        "north west/java": (
            "no figures of 'permanent/north west/java/6' are stored: did you mean 'permanent/north west/java/3'?"
        ),
        "uk/python": "did you mean 'contract/uk/python/6'?",
        "london/jva": "did you mean 'permanent/london/java/6'",
        "jersey/rust developer": (
            "jobspider crawl --url https://www.itjobswatch.co.uk/jobs/jersey/rust%20developer.do"
        ),
        "java": f"similar stored subjects are {SIMILAR}",
        "perl": "'perl' is not a subject: write it like",
        "*/perl/*": "matches no stored subject",
        "https://www.itjobswatch.co.uk/about": "is not the URL of a role or skill page",
    }
    for argument, message in expected_messages.items():
        with pytest.raises(UsageError, match=re.escape(message)) as error:
            resolve_subjects(reader, ["london/java", argument])
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("status", [FetchStatus.AUDIT_FAILED, None], ids=["failed", "planned"])
def test_resolve_subjects_never_read_page_names_last_status(tmp_path: Path, status: FetchStatus | None) -> None:
    """The message must not suggest a similar key, because the spelling is correct."""
    subject = urls.make_subject("permanent", "leeds", "java")
    url = urls.subject_url(subject)
    with Database.open(tmp_path / "jobs.db") as database:
        writer = Writer(database)
        crawl(writer, page(of=STORED[0]), "stored")
        crawl_id = writer.begin_crawl("failed", "roles", MORNING, "0", [PlannedPage(url, subject)])
        if status is not None:
            writer.record_failure(crawl_id, url, status, "reason", 200, MORNING)
        message = (
            f"no figures of 'permanent/leeds/java/6' are stored: its last fetch ended as {status or 'planned'};"
            f" retry with jobspider crawl --url {url}"
        )
        with pytest.raises(UsageError, match=re.escape(message)):
            resolve_subjects(Reader(database), ["leeds/java"])


def test_resolve_subject_refuses_several_matches(reader: Reader) -> None:
    assert resolve_subject(reader, "*python*").subject.key == "contract/uk/python/6"
    with pytest.raises(UsageError, match="matches 3 subjects: choose one of 'contract/london/java/6',"):
        resolve_subject(reader, "*java*")


def test_resolve_subjects_empty_database_advises_crawl(tmp_path: Path) -> None:
    with Database.open(tmp_path / "jobs.db") as database, pytest.raises(StoreError, match="run jobspider crawl first"):
        resolve_subjects(Reader(database), ["london/java"])
