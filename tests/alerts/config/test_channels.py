"""Validation of ``[[channel]]``."""

from pathlib import Path

import pytest

from alerts import config
from alerts.config import Config, EmailChannel, FileChannel, SlackChannel
from tests.support.config_files import LoadText, assert_mistakes, mistakes, text_loader
from tests.support.config_texts import FOLDER, channel, known_keys, mail

Load = LoadText[Config]
SECRET = "s3cret"  # noqa: S105 - not a real secret
CONTROL_CHARACTER = "the path contains a control character"
CHANNEL_MISTAKES = {
    "[[channel]]\nname = 'x'": "channel[0]: 'type' is missing",
    channel("emial"): "channel[0]: 'type' must be one of 'email', 'slack', 'file', 'feed', 'webhook', 'apprise'",
    channel("file"): "channel[0].path: is missing",
    "[[channel]]\ntype = 'slack'": "channel[0].name: is missing",
    channel("slack") + "timeout = 3": "channel[0].timeout: unknown key: did you mean timeout_seconds?",
    channel("slack") + "to = []": f"channel[0].to: unknown key: known keys are {known_keys(SlackChannel)}",
    f"{FOLDER}formats = ['pdf']": "channel[0].formats[0]: input should be 'txt', 'html', 'eml' or 'slack', found 'pdf'",
    f"{FOLDER}formats = []": "channel[0].formats: list should have at least 1 item after validation, not 0",
    mail(to="[]"): "channel[0].to: list should have at least 1 item after validation, not 0",
    mail(to='"team@example.org"'): "channel[0].to: input should be a valid list, found 'team@example.org'",
    mail(**{"from": ""}): "channel[0].from: is missing",
    mail(sender='"x@example.org"'): f"channel[0].sender: unknown key: known keys are {known_keys(EmailChannel)}",
    mail(timeout_seconds="0"): "channel[0].timeout_seconds: input should be greater than 0, found 0",
    mail(timeout_seconds="601"): "channel[0].timeout_seconds: input should be less than or equal to 600, found 601",
    channel("file") + 'path = "a\\u0000b"': f"channel[0].path: {CONTROL_CHARACTER}",
    channel("feed") + 'path = "a\\u0000b"': f"channel[0].path: {CONTROL_CHARACTER}",
    channel("feed") + "path = '/'": "channel[0].path: this is the path of a directory",
    f'{FOLDER}templates = "a\\u0000b"': f"channel[0].templates: {CONTROL_CHARACTER}",
    f"{FOLDER}templates = '{'x' * 201}'": "channel[0].templates: the path is too long",
    "[channel]\nname = 'x'": "channel: write [[channel]] with double brackets, because there can be several",
}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return text_loader(config.load, tmp_path)


def test_invalid_channel_reports_key_and_accepted_values(load: Load) -> None:
    assert_mistakes(load, CHANNEL_MISTAKES)


def test_channel_type_selects_the_class(load: Load) -> None:
    loaded = load(f"{FOLDER}{mail()}{channel('slack')}")
    assert [type(item) for item in loaded.channel] == [FileChannel, EmailChannel, SlackChannel]


def test_channel_names_its_secrets(load: Load) -> None:
    secrets = {
        mail(smtp='"smtp://localhost:1025"'): (),
        mail(smtp='"smtp+starttls://jobs@mail.example.org:587"'): ("PASSWORD",),
        FOLDER: (),
        channel("feed") + "path = 'feed.xml'": (),
        channel("slack"): ("WEBHOOK_URL",),
        channel("webhook"): ("WEBHOOK_URL", "SIGNING_KEY"),
        channel("apprise"): ("APPRISE_URL",),
    }
    assert {text: load(text).channel[0].secrets for text in secrets} == secrets


def test_templates_folder_is_relative_to_file(load: Load, tmp_path: Path) -> None:
    loaded = load(f"{FOLDER}templates = 'own'\n{mail()}{channel('slack')}")
    folders = [loaded.channel_templates_folder(name) for name in ("folder", "mail", "x")]
    assert folders == [tmp_path / "own", None, None]


@pytest.mark.parametrize("key", ["to", "from"])
def test_mailbox_must_be_one_mail_address(load: Load, key: str) -> None:
    invalid = (
        "", "team", "@example.org", "a@b@c", "a@example.org, b@example.org", "Team <team>",
        "a@example.org\\nBcc: b@example.org", "a b@example.org",
    )  # fmt: skip
    message = ": an e-mail address is expected, like team@example.org or Team <team@example.org>"
    for mailbox in invalid:
        text = mail(to=f'["{mailbox}"]') if key == "to" else mail(**{"from": f'"{mailbox}"'})
        assert_mistakes(load, {text: "channel[0]." + ("to[0]" if key == "to" else "from") + message})


def test_mailbox_must_be_ascii_except_for_its_name(load: Load) -> None:
    for mailbox in ("zo\u00eb@example.org", "Zoe <zoe@ex\u00e4mple.org>"):
        assert_mistakes(load, {mail(to=f'["{mailbox}"]'): "channel[0].to[0]: the address has characters outside ASCII"})
    for mailbox in ("team@example.org", "Zo\u00eb <zoe@example.org>", "Job market <jobs+uk@mail.example.org>"):
        loaded = load(mail(**{"to": f'["{mailbox}"]', "from": f'"{mailbox}"'})).channel[0]
        assert isinstance(loaded, EmailChannel)
        assert [*loaded.to, loaded.sender] == [mailbox, mailbox]


def test_smtp_is_server_url(load: Load) -> None:
    invalid = (
        "", "localhost:1025", "localhost", "http://localhost", "smtp:localhost", "smtp://", "smtp://:25",
        "smtp://host:0", "smtp://host:99999", "smtp://host:x", "smtp://[::1", "smtp://host/path",
        "smtp://user@host?x=1", "starttls://user@host",
    )  # fmt: skip
    message = "channel[0].smtp: a URL like smtp://localhost:1025, smtp+starttls://user@host:587 or smtps://user@host"
    assert_mistakes(load, {mail(smtp=f'"{url}"'): message for url in invalid})
    valid = (
        "smtp://localhost:1025", "smtp+starttls://jobs@mail.example.org:587", "smtps://mail.example.org",
        "smtp://[::1]:25", "smtp+starttls://jobs%40example.org@mail.example.org",
    )  # fmt: skip
    for url in valid:
        assert load(mail(smtp=f'"{url}"')).channel


def test_secret_in_file_is_refused_and_not_printed(load: Load) -> None:
    texts = [
        *(
            mail(smtp=f'"{url}"')
            for url in (
                f"smtp+starttls://jobs:{SECRET}@mail.example.org:587", f"smtps://:{SECRET}@mail.example.org",
                f"smtp://jobs:{SECRET}\u2100@mail.example.org", f"smtp://jobs:{SECRET}/x@mail.example.org",
                f"smtp://jobs:12/{SECRET}@mail.example.org", f"smtp://jobs:{SECRET}#x@mail.example.org",
                f"smtp://jobs:{SECRET}?x@mail.example.org", f"smtp://jobs:{SECRET}@[mail.example.org",
                f"smtp://jobs:{SECRET}@mail.example.org:0", f"http://jobs:{SECRET}@mail.example.org",
            )
        ),
        mail(smtp=f'["{SECRET}"]'),
        mail(password=f'"{SECRET}"'),
        mail(to=f'["https://hooks.example/{SECRET}"]'),
        mail(timeout_seconds=f'"https://hooks.example/{SECRET}"'),
        channel("slack") + f"webhook_url = 'https://hooks.example/{SECRET}'",
        channel("slack") + f"[channel.webhook]\nurl = '{SECRET}'",
        f"[[channel]]\nname = 'https://hooks.example/{SECRET}'\ntype = 'slack'",
        channel(f"https://hooks.example/{SECRET}"),
        f"{FOLDER}formats = ['https://hooks.example/{SECRET}']",
        f"[[channel]]\npassword = '{SECRET}'",
        f"channel = 'https://hooks.example/{SECRET}'",
        f"channel = [['{SECRET}']]",
        f"[channel]\npassword = '{SECRET}'",
        f"password = '{SECRET}'",
    ]  # fmt: skip
    for text in texts:
        (mistake,) = mistakes(load, text)
        assert SECRET not in mistake


def test_password_in_smtp_url_names_the_variable(load: Load) -> None:
    message = "channel[0].smtp: the URL contains a password: remove it and set JOBSPIDER_<CHANNEL>_PASSWORD or ..._FILE"
    assert_mistakes(load, {mail(smtp=f'"smtp://jobs:{SECRET}@localhost"'): message})
