import uuid
from dataclasses import replace
from datetime import timedelta

import lxml.etree
import lxml.html
import pytest
from hypothesis import given, settings

from alerts.model.changes import Digest
from alerts.render.formats.atom import Entry, read_feed, render_feed
from tests.support import digest_factories
from tests.support.digest_factories import CREATED_AT, ENVELOPE

ATOM = {"a": "http://www.w3.org/2005/Atom"}
OLDER = replace(ENVELOPE, message_id="<delivery-0@jobspider.invalid>", created_at=CREATED_AT - timedelta(weeks=1))


def test_an_entry_says_what_the_digest_says() -> None:
    feed = lxml.etree.fromstring(render_feed([Entry.of(digest_factories.sample(), ENVELOPE)]))
    (entry,) = feed.findall("a:entry", ATOM)
    assert entry.findtext("a:title", "", ATOM).startswith("Backend Developer pay in the North West is up £2,500")
    assert entry.findtext("a:updated", "", ATOM) == feed.findtext("a:updated", "", ATOM) == CREATED_AT.isoformat()
    assert "12 pages watched" in entry.findtext("a:summary", "", ATOM)
    content = lxml.html.fragment_fromstring(entry.findtext("a:content", "", ATOM), create_parent=True)
    assert "£60,000 →" in content.text_content()
    assert not list(content.iter("html", "head", "body", "style"))
    assert "IT Jobs Watch" in feed.findtext("a:rights", "", ATOM)


def test_ids_are_those_of_the_delivery_and_of_the_definition() -> None:
    first, again, older = (Entry.of(digest_factories.sample(), each) for each in (ENVELOPE, ENVELOPE, OLDER))
    assert first == again
    assert first.entry_id != older.entry_id
    assert first.feed_id == older.feed_id
    assert {uuid.UUID(each).version for each in (first.entry_id, first.feed_id)} == {5}


def test_a_feed_is_read_back_as_it_was_written() -> None:
    entries = [Entry.of(digest_factories.sample(), ENVELOPE), Entry.of(digest_factories.quiet(), OLDER)]
    assert read_feed(render_feed(entries)) == entries


@pytest.mark.parametrize(
    "feed", [b"", b"notes", b"<rss/>", b'<feed xmlns="http://www.w3.org/2005/Atom"><generator>x</generator></feed>']
)
def test_what_is_no_feed_of_ours_is_not_taken_for_one(feed: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_feed(feed)


@settings(max_examples=25)
@given(digest_factories.digests())
def test_any_digest_makes_a_feed_that_can_be_read(digest: Digest) -> None:
    entry = Entry.of(digest, ENVELOPE)
    (read,) = read_feed(render_feed([entry]))
    assert replace(read, content="") == replace(entry, content="")
    content = lxml.html.fragment_fromstring(read.content, create_parent=True)
    assert not list(content.iter("script", "iframe", "object"))
