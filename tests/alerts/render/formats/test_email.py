from dataclasses import replace
from datetime import UTC
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import lxml.html
import pytest
from hypothesis import given, settings

from alerts.model.changes import Digest
from alerts.render.charts import render_png_charts
from alerts.render.formats.csv_table import render_csv
from alerts.render.formats.email import EmailOptions, render_email
from alerts.render.formats.html import render_html
from alerts.render.formats.text import render_text
from tests.support import digest_factories
from tests.support.digest_factories import ENVELOPE

SENDER = "Job market <jobs@example.org>"
TO = ("team@example.org", "Zoë Ångström <zoe@example.org>")
GMAIL_CLIPS_AT = 102 * 1024


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def mail(digest: Digest) -> bytes:
    return render_email(digest, ENVELOPE, SENDER, TO)


def test_the_text_comes_first_and_the_html_last() -> None:
    message = parsed(mail(digest_factories.sample()))
    text, html = message.iter_parts()
    assert message.get_content_type() == "multipart/alternative"
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content().replace("\r\n", "\n") == render_text(digest_factories.sample())
    assert html.get_content().replace("\r\n", "\n").rstrip() == render_html(digest_factories.sample()).rstrip()


def test_the_headers_are_those_of_a_machine_that_threads_and_can_be_unsubscribed() -> None:
    message = parsed(mail(digest_factories.sample()))
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": SENDER,
        "To": ", ".join(TO),
        "Subject": "Backend Developer pay in the North West is up £2,500 to £62,500; 7 more changes",
        "Date": "Mon, 24 Nov 2025 07:30:00 +0000",
        "Message-ID": ENVELOPE.message_id,
        "In-Reply-To": ENVELOPE.thread_root,
        "References": ENVELOPE.thread_root,
        "Auto-Submitted": "auto-generated",
        "List-Id": "<weekly.jobspider.example.org>",
        "List-Unsubscribe": "<mailto:jobs@example.org?subject=unsubscribe%20weekly>",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }
    assert message["Date"].datetime == ENVELOPE.created_at.astimezone(UTC)


def test_the_same_delivery_is_the_same_bytes() -> None:
    assert mail(digest_factories.sample()) == mail(digest_factories.sample())


def test_lines_end_as_the_wire_wants_them_and_are_short() -> None:
    raw = mail(digest_factories.sample())
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("name", ["", "Weekly Digest!", "\r\nBcc: everyone@evil.example", "x" * 500])
def test_any_digests_name_makes_a_list_id(name: str) -> None:
    message = parsed(mail(replace(digest_factories.quiet(), name=name)))
    assert message["List-Id"].startswith("<")
    assert message["List-Id"].endswith(".jobspider.example.org>")
    assert message["Bcc"] is None


@settings(max_examples=25)
@given(digest_factories.digests())
def test_any_digest_is_one_message_that_can_be_sent_and_read(digest: Digest) -> None:
    raw = mail(digest)
    message = parsed(raw)
    _, html = message.iter_parts()
    assert message["Bcc"] is None
    assert not message.defects
    assert len(message["Subject"]) <= 200
    assert len(html.as_bytes()) <= 80 * 1024 < GMAIL_CLIPS_AT
    assert message.get_body(("plain",)) is not None


def test_pictures_go_with_the_html_and_say_in_words_what_they_show() -> None:
    told = digest_factories.with_history()
    pictures = render_png_charts(told)
    message = parsed(render_email(told, ENVELOPE, SENDER, TO, charts=pictures))
    text, related = message.iter_parts()
    assert (text.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    assert isinstance(related, EmailMessage)
    html, *images = related.iter_parts()
    assert isinstance(html, EmailMessage)
    shown = lxml.html.document_fromstring(html.get_content())
    sources = {f"<{image.get('src', '').removeprefix('cid:')}>": image.get("alt", "") for image in shown.iter("img")}
    assert [image["Content-ID"] for image in images] == list(sources)
    assert [image.get_payload(decode=True) for image in images] == list(pictures.values())
    assert all(image.get_content_disposition() == "inline" for image in images)
    assert all(alt.startswith("Median ") and "£" in alt for alt in sources.values())
    assert len(set(sources)) == 2


def test_the_changes_come_as_a_table_where_that_is_asked_for() -> None:
    message = parsed(render_email(digest_factories.sample(), ENVELOPE, SENDER, TO, EmailOptions(attach_csv=True)))
    (attached,) = message.iter_attachments()
    assert isinstance(attached, EmailMessage)
    assert (attached.get_filename(), attached.get_content_type()) == ("changes.csv", "text/csv")
    assert attached.get_content().splitlines() == render_csv(digest_factories.sample()).splitlines()
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == render_text(digest_factories.sample())


def test_a_mail_with_all_that_it_can_have_is_the_same_bytes_each_time() -> None:
    told = digest_factories.with_history()
    mails = [
        render_email(told, ENVELOPE, SENDER, TO, EmailOptions(attach_csv=True), render_png_charts(told))
        for _ in range(2)
    ]
    assert mails[0] == mails[1]
    boundaries = [part.get_boundary() for part in parsed(mails[0]).walk() if part.is_multipart()]
    assert len(boundaries) == len(set(boundaries)) == 3
