import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path

import pytest
import trustme

from alerts.config import EmailChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.delivery.channels.smtp import Mail
from alerts.errors import (
    CredentialError,
    DeliveryBlockedError,
    DeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from alerts.render.formats.text import render_text
from tests.support import digest_factories
from tests.support.mail_server import Manners, serving

PASSWORD = {"JOBSPIDER_TEAM_MAIL_PASSWORD": "s3cret"}
TEAM, ZOE = "team@example.org", "zoe@example.org"


def channel(
    port: int,
    scheme: str = "smtp",
    user: str = "",
    timeout_seconds: float = 5.0,
    environ: Mapping[str, str] | None = None,
    host: str = "127.0.0.1",
) -> Channel:
    config = EmailChannel.model_validate(
        {
            "type": "email",
            "name": "team-mail",
            "to": [TEAM, f"Zoë <{ZOE}>"],
            "from": "Job market <jobs@example.org>",
            "smtp": f"{scheme}://{user}{host}:{port}",
            "timeout_seconds": timeout_seconds,
        }
    )
    return open_channel(config, Path("unused"), environ or {})


def payload() -> bytes:
    return channel(25).render(
        replace(digest_factories.sample(), headline=".a line that begins with a dot"), digest_factories.ENVELOPE
    )


def send(to: Channel) -> str:
    return to.send(payload(), now=digest_factories.CREATED_AT, possible_repeat=False)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def test_a_message_arrives_as_it_was_rendered() -> None:
    manners = Manners()
    with serving(manners) as port:
        assert send(channel(port)) == ""
    (arrived,) = manners.received
    assert arrived.content == payload()
    assert (arrived.mail_from, arrived.rcpt_tos) == ("jobs@example.org", [TEAM, ZOE])
    message = message_from_bytes(payload(), policy=SMTP_POLICY)
    body = message.get_body(("plain",))
    assert body is not None
    told = replace(digest_factories.sample(), headline=".a line that begins with a dot")
    assert body.get_content().replace("\r\n", "\n") == render_text(told)


@pytest.mark.usefixtures("trusted")
def test_starttls_encrypts_before_it_logs_in(server_tls: ssl.SSLContext) -> None:
    manners = Manners()
    with serving(manners, starttls=server_tls) as port:
        send(channel(port, "smtp+starttls", "jobs%40example.org@", environ=PASSWORD))
    assert manners.encrypted == [True]
    assert manners.logins == [(b"jobs@example.org", b"s3cret")]


@pytest.mark.usefixtures("trusted")
def test_smtps_is_encrypted_from_the_first_byte(server_tls: ssl.SSLContext) -> None:
    manners = Manners()
    with serving(manners, implicit_tls=server_tls) as port:
        send(channel(port, "smtps", "jobs@", environ=PASSWORD))
    assert len(manners.received) == 1
    assert manners.logins == [(b"jobs", b"s3cret")]


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_not_believed(scheme: str, server_tls: ssl.SSLContext) -> None:
    manners = Manners()
    tls = {"starttls": server_tls} if scheme == "smtp+starttls" else {"implicit_tls": server_tls}
    with serving(manners, **tls) as port, pytest.raises(DeliveryBlockedError, match="the certificate of 127"):
        send(channel(port, scheme, "jobs@", environ=PASSWORD))
    assert not manners.logins


def test_a_server_without_starttls_is_never_sent_anything_in_the_clear() -> None:
    manners = Manners()
    with serving(manners) as port, pytest.raises(PermanentDeliveryError, match="STARTTLS"):
        send(channel(port, "smtp+starttls", "jobs@", environ=PASSWORD))
    assert not manners.logins
    assert not manners.received


def test_a_refused_password_is_the_users_to_mend() -> None:
    with serving(Manners(password=b"another")) as port, pytest.raises(CredentialError) as caught:
        send(channel(port, user="jobs@", environ=PASSWORD))
    assert "correct JOBSPIDER_TEAM_MAIL_PASSWORD" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_login_that_fails_for_now_is_tried_again() -> None:
    manners = Manners(login_answer="454 4.7.0 Temporary authentication failure")
    with serving(manners) as port, pytest.raises(TransientDeliveryError, match="454"):
        send(channel(port, user="jobs@", environ=PASSWORD))


def test_a_missing_password_is_said_before_anything_is_connected() -> None:
    with pytest.raises(CredentialError, match="set JOBSPIDER_TEAM_MAIL_PASSWORD"):
        send(channel(1, user="jobs@"))


def test_a_password_never_crosses_the_network_in_the_clear() -> None:
    with pytest.raises(CredentialError, match="unencrypted"):
        send(channel(25, user="jobs@", host="mail.invalid", environ=PASSWORD))


def test_a_password_beyond_ascii_is_refused_without_showing_it() -> None:
    with pytest.raises(CredentialError, match="must be ASCII") as caught:
        send(channel(25, user="jobs@", environ={"JOBSPIDER_TEAM_MAIL_PASSWORD": "pässwort"}))
    assert "pässwort" not in str(caught.value)


def test_one_refused_recipient_is_remarked_and_the_others_have_their_mail() -> None:
    manners = Manners(recipients={ZOE: "550 5.1.1 no such user"})
    with serving(manners) as port:
        note = send(channel(port))
    assert note == f"refused: {ZOE} (550 5.1.1 no such user)"
    assert [arrived.rcpt_tos for arrived in manners.received] == [[TEAM]]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (("550 no such user", "553 no"), PermanentDeliveryError),
        (("450 greylisted", "550 no such user"), TransientDeliveryError),
        (("451 later", "451 later"), TransientDeliveryError),
        (("421 closing", "421 closing"), TransientDeliveryError),
    ],
)
def test_all_recipients_refused_is_permanent_only_if_all_are_so_for_good(
    answers: tuple[str, str], kind: type[DeliveryError]
) -> None:
    manners = Manners(recipients=dict(zip((TEAM, ZOE), answers, strict=True)))
    with serving(manners) as port, pytest.raises(kind, match=f"every recipient was refused: {TEAM}"):
        send(channel(port))
    assert not manners.received


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("554 5.7.1 looks like spam", PermanentDeliveryError),
        ("552 too large", PermanentDeliveryError),
        ("452 4.3.1 disk full", TransientDeliveryError),
        ("421 4.3.2 shutting down", TransientDeliveryError),
    ],
)
def test_a_message_refused_after_its_last_line_is_not_sent(answer: str, kind: type[DeliveryError]) -> None:
    with serving(Manners(data=answer)) as port, pytest.raises(kind, match=answer):
        send(channel(port))


@pytest.mark.parametrize("code", [530, 534, 535, 538])
@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_an_answer_that_refuses_who_sends_is_the_operators_to_mend_wherever_it_comes(command: str, code: int) -> None:
    answer = f"{code} 5.7.0 authentication required"
    refusing = {
        "EHLO": Manners(greeting=answer),
        "MAIL": Manners(sender=answer),
        "RCPT": Manners(recipients={TEAM: answer, ZOE: "550 no such user"}),
        "DATA": Manners(data=answer),
    }
    with serving(refusing[command]) as port, pytest.raises(DeliveryBlockedError, match=answer):
        send(channel(port))


@pytest.mark.parametrize(
    ("answer", "kind"), [("421 too busy", TransientDeliveryError), ("554 go away", PermanentDeliveryError)]
)
def test_a_server_that_does_not_want_to_talk(answer: str, kind: type[DeliveryError]) -> None:
    with serving(Manners(greeting=answer)) as port, pytest.raises(kind, match=answer):
        send(channel(port))


def test_a_server_that_hangs_up_after_the_last_line_may_have_taken_the_message() -> None:
    with serving(Manners(hang_up_at="DATA")) as port, pytest.raises(TransientDeliveryError) as caught:
        send(channel(port))
    assert caught.value.may_have_arrived


def test_a_clumsy_farewell_does_not_unsend_a_message() -> None:
    manners = Manners(hang_up_at="QUIT")
    with serving(manners) as port:
        assert send(channel(port)) == ""
    assert len(manners.received) == 1


def test_a_server_may_think_longer_over_a_message_than_over_a_greeting() -> None:
    to = channel(25, timeout_seconds=0.25)
    assert isinstance(to, Mail)
    with serving(Manners()) as to._port, closing(to._connect(None)) as server:
        assert server.timeout == 0.25
        assert server.sock is not None
        assert server.sock.gettimeout() == 600


def test_a_server_that_never_answers_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TransientDeliveryError, match="timed out"):
        send(channel(silent.getsockname()[1], timeout_seconds=0.1))


def test_nobody_listening_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TransientDeliveryError, match=f"127.0.0.1:{port}: .*refused") as caught:
        send(channel(port))
    assert not caught.value.may_have_arrived


def test_a_host_that_cannot_be_written_is_refused_for_good() -> None:
    with pytest.raises(PermanentDeliveryError, match="must be ASCII"):
        send(channel(25, host=f"{'ä' * 70}.example"))


@pytest.mark.parametrize(
    ("smtp", "where"),
    [
        ("smtp://mail.invalid", "mail.invalid:25"),
        ("smtp+starttls://jobs@mail.invalid", "mail.invalid:587"),
        ("smtps://jobs@mail.invalid", "mail.invalid:465"),
        ("smtp://localhost:1025", "localhost:1025"),
    ],
)
def test_the_usual_port_is_taken_where_none_is_named(smtp: str, where: str) -> None:
    config = EmailChannel.model_validate({"type": "email", "name": "mail", "to": [TEAM], "from": TEAM, "smtp": smtp})
    assert Mail(config, Path(), {})._where == where
