"""The commands that try, send and look after digests, on a database with figures and real ways out."""

import json
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.cli import jobspider
from alerts.delivery.outbox import Outbox
from alerts.model.delivery import DeliveryState
from jobspider.errors import JobspiderError, UsageError
from jobspider.store.database import Database
from tests.support.digest_scenarios import MORNING, NORTH_WEST, WEEK, DigestScenario, content
from tests.support.mail_server import Manners, serving

CONFIG = """
[site]
base_url = "http://127.0.0.1:9"
[store]
path = "jobs.db"
[[watch]]
terms = ["Backend Developer"]
regions = ["North West"]
[[digest]]
name = "weekly"
channels = ["mail", "folder"]
note = "Of our own."
[operator]
channel = "notes"
[[channel]]
name = "mail"
type = "email"
to = ["team@example.org"]
from = "Job market <jobs@example.org>"
smtp = "smtp://127.0.0.1:{port}"
attach_csv = true
[[channel]]
name = "folder"
type = "file"
path = "out"
[[channel]]
name = "notes"
type = "file"
path = "notes"
"""

Command = Callable[..., Result]


@pytest.fixture
def mailbox() -> Iterator[tuple[Manners, int]]:
    manners = Manners()
    with serving(manners) as port:
        yield manners, port


@pytest.fixture
def command(tmp_path: Path, mailbox: tuple[Manners, int]) -> Command:
    """Return what gives a command; there are figures of three dates, and the first ones were told."""
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(port=mailbox[1]), encoding="utf-8")
    with Database.open(tmp_path / "jobs.db") as database:
        stage = DigestScenario(database)
        for week, median in enumerate((60_000, 61_000, 80_000)):
            figures = content(median=median, p25=50_000 + 12_000 * (week > 1), p75=72_500 + 15_000 * (week > 1))
            stage.crawl(MORNING + week * WEEK, {NORTH_WEST: figures})
            if not week:
                stage.tell(MORNING, "mail")
                stage.tell(MORNING, "folder")

    def give(*arguments: str) -> Result:
        return CliRunner().invoke(jobspider, [*arguments, "--config", str(config)])

    return give


def outbox(folder: Path) -> list[tuple[str, str, DeliveryState]]:
    with Database.open(folder / "jobs.db", read_only=True) as database:
        return [(each.digest_name, each.channel, each.state) for each in reversed(Outbox(database).deliveries())]


def refusal(given: Result) -> str:
    assert isinstance(given.exception, JobspiderError)
    assert "\n" not in str(given.exception)
    return str(given.exception)


def mail(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


# Trying it.


def test_a_dry_run_for_a_channel_writes_exactly_what_would_be_sent(
    command: Command, tmp_path: Path, mailbox: tuple[Manners, int]
) -> None:
    before = (tmp_path / "jobs.db").read_bytes()
    tried = command("digest", "weekly", "--dry-run", "--channel", "mail")
    assert tried.exit_code == 0, tried.exception
    assert (tmp_path / "jobs.db").read_bytes() == before
    assert not mailbox[0].received
    assert command("digest", "weekly").exit_code == 0
    (sent,) = mailbox[0].received
    dry, real = mail(tried.stdout_bytes), mail(sent.original_content or b"")
    assert "is up £20,000 to £80,000" in dry["Subject"]
    for header in ("Subject", "From", "To", "List-Id", "References"):
        assert dry[header] == real[header]
    shown = [(part.get_content_type(), part.get_filename()) for part in dry.walk() if not part.is_multipart()]
    assert shown == [(part.get_content_type(), part.get_filename()) for part in real.walk() if not part.is_multipart()]
    assert [kind for kind, _ in shown] == ["text/plain", "text/html", "image/png", "text/csv"]
    bodies = [message.get_body(("plain",)) for message in (dry, real)]
    assert bodies[0] is not None
    assert bodies[1] is not None
    assert bodies[0].get_content() == bodies[1].get_content()
    assert "Note: Of our own." in bodies[0].get_content()


def test_a_preview_is_a_page_with_its_pictures_beside_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shown = command("digest", "weekly", "--preview")
    page = Path(shown.stdout.strip())
    assert opened == [page.as_uri()]
    html = page.read_text(encoding="utf-8")
    assert "is up £20,000 to £80,000" in html
    assert 'src="chart-1.png"' in html
    assert (page.parent / "chart-1.png").read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "out").exists()


def test_a_channel_goes_with_a_trial_alone_and_must_be_the_digests(command: Command) -> None:
    assert "--channel goes with --dry-run or --preview" in refusal(command("digest", "weekly", "--channel", "mail"))
    said = refusal(command("digest", "weekly", "--dry-run", "--channel", "notes"))
    assert said == "digest 'weekly' has no channel 'notes'; it has mail, folder"


def test_a_test_message_says_that_it_is_one_and_nothing_counts_as_told(
    command: Command, tmp_path: Path, mailbox: tuple[Manners, int]
) -> None:
    before = outbox(tmp_path)
    said = command("check", "--send-test", "mail")
    assert said.exit_code == 0, said.exception
    (sent,) = mailbox[0].received
    message = mail(sent.original_content or b"")
    assert message["Subject"] == "Test: jobspider reaches mail"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Note: This is a test" in body.get_content()
    assert "Median salary: £80,000" in body.get_content()
    assert outbox(tmp_path) == before


def test_a_test_message_that_does_not_arrive_is_said_in_one_line(
    command: Command, mailbox: tuple[Manners, int]
) -> None:
    mailbox[0].data = "554 looks like spam"
    assert "554 looks like spam" in refusal(command("check", "--send-test", "mail"))
    assert "has no channel 'pigeon'; it has mail, folder, notes" in refusal(command("check", "--send-test", "pigeon"))


def test_before_there_are_figures_there_is_nothing_to_make_a_test_of(command: Command, tmp_path: Path) -> None:
    (tmp_path / "jobs.db").unlink()
    assert "run a crawl first" in refusal(command("check", "--send-test", "mail"))
    Database.open(tmp_path / "jobs.db").close()
    assert "no figures yet" in refusal(command("check", "--send-test", "mail"))


# Templates of one's own.


def own_template(folder: Path, source: str) -> None:
    (folder / "own").mkdir()
    (folder / "own" / "digest.txt.j2").write_text(source, encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace('path = "out"', 'path = "out"\ntemplates = "own"'), "utf-8")


def test_a_template_of_ones_own_is_used(command: Command, tmp_path: Path) -> None:
    own_template(tmp_path, "{{ digest.headline }}!\n")
    assert "the templates in" in command("check").stdout
    assert command("digest", "weekly").exit_code == 0
    assert (tmp_path / "out" / "digest.txt").read_text("utf-8").endswith("to £80,000; 2 more changes!\n")


def test_a_mistake_in_a_template_is_shown_and_keeps_no_digest_from_going_out(command: Command, tmp_path: Path) -> None:
    own_template(tmp_path, "\n{{ digest.headlin }}\n")
    checked = command("check")
    said = "digest.txt.j2, line 2: 'alerts.render.view_models.DigestView object' has no attribute 'headlin'"
    assert checked.exit_code == 2
    assert said in checked.stdout
    assert said in refusal(command("digest", "weekly", "--dry-run", "--channel", "folder"))
    assert command("digest", "weekly").exit_code == 0
    told = " ".join((tmp_path / "out" / "digest.txt").read_text("utf-8").split())
    assert "to £80,000" in told
    assert "Note: This digest has its usual look: a template has a mistake." in told


def test_a_folder_of_templates_that_is_not_there_is_named(command: Command, tmp_path: Path) -> None:
    own_template(tmp_path, "x")
    (tmp_path / "own").rename(tmp_path / "other")
    assert f"channel folder: there is no folder {tmp_path / 'own'}" in command("check").stdout


# The outbox.


def test_what_waits_is_listed_shown_tried_again_and_then_gone(
    command: Command, tmp_path: Path, mailbox: tuple[Manners, int]
) -> None:
    mailbox[0].data = "451 later"
    assert command("digest", "weekly").exit_code == 3
    (waiting,) = json.loads(command("outbox", "list", "--json").stdout)
    assert (waiting["channel"], waiting["state"]) == ("mail", "retry")
    number = str(waiting["id"])
    assert "weekly to mail: retry (the mail server answered 451 later" in command("outbox", "list").stdout
    assert "451 later" in command("outbox", "show", number).stdout
    assert "is up £20,000" in mail(command("outbox", "show", number, "--payload").stdout_bytes)["Subject"]
    assert command("deliver").stdout == "Nothing is due.\n"
    mailbox[0].data = "250 OK"
    tried = command("outbox", "retry", number)
    assert (tried.exit_code, tried.stdout) == (0, "weekly to mail: sent\n")
    assert "Nothing waits (" in command("outbox", "list").stdout
    assert len(json.loads(command("outbox", "list", "--all", "--json").stdout)) == len(outbox(tmp_path))
    assert "is sent: there is nothing to try again" in refusal(command("outbox", "retry", number))
    assert "is sent: there is nothing to cancel" in refusal(command("outbox", "cancel", number))


def test_what_was_given_up_is_told_to_the_operator_once_and_its_end_too(
    command: Command, tmp_path: Path, mailbox: tuple[Manners, int]
) -> None:
    mailbox[0].data = "554 no thanks"
    for _ in range(2):
        command("digest", "weekly")
        note = (tmp_path / "notes" / "digest.txt").read_text("utf-8")
        assert "The digest weekly could not be delivered to mail" in " ".join(note.split())
        assert "554 no thanks" in note
    assert sum(name.startswith("operator.") for name, _, _ in outbox(tmp_path)) == 1
    mailbox[0].data = "250 OK"
    tried = command("outbox", "retry", "--all")
    assert tried.stdout == "weekly to mail: sent\n"
    assert "is delivered to mail again" in " ".join((tmp_path / "notes" / "digest.txt").read_text("utf-8").split())
    assert "The digest" not in (tmp_path / "out" / "digest.txt").read_text("utf-8")


def test_what_was_cancelled_comes_with_the_next_digest(command: Command, mailbox: tuple[Manners, int]) -> None:
    mailbox[0].data = "451 later"
    command("digest", "weekly")
    (waiting,) = json.loads(command("outbox", "list", "--json").stdout)
    cancelled = command("outbox", "cancel", str(waiting["id"]))
    assert cancelled.stdout == "weekly to mail: cancelled (cancelled by hand)\n"
    mailbox[0].data = "250 OK"
    command("digest", "weekly")
    assert "is up £20,000" in mail(mailbox[0].received[-1].original_content or b"")["Subject"]


def test_an_older_delivery_is_out_of_date(command: Command, mailbox: tuple[Manners, int]) -> None:
    mailbox[0].data = "554 no thanks"
    command("digest", "weekly")
    older = min(each["id"] for each in json.loads(command("outbox", "list", "--json").stdout))
    command("digest", "weekly")
    assert "is out of date: a newer one to mail holds its news" in refusal(command("outbox", "retry", str(older)))


def test_of_a_delivery_that_is_over_its_state_is_said_even_where_there_is_a_newer_one(command: Command) -> None:
    assert command("digest", "weekly").exit_code == 0
    every = json.loads(command("outbox", "list", "--all", "--json").stdout)
    older = min(each["id"] for each in every if each["channel"] == "mail")
    said = refusal(command("outbox", "retry", str(older)))
    assert said == f"delivery {older} is sent: there is nothing to try again"


def test_a_delivery_that_is_not_there_and_a_wish_without_one_are_refused(command: Command) -> None:
    for arguments in (("show", "99"), ("retry", "99"), ("cancel", "99")):
        assert "there is no delivery 99" in refusal(command("outbox", *arguments))
    for wish in (("retry",), ("retry", "1", "--all")):
        given = command("outbox", *wish)
        assert isinstance(given.exception, UsageError)
        assert "or say --all" in str(given.exception)
