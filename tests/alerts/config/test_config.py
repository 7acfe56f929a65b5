import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts import config
from alerts.config import Config, DigestConfig, EmailChannel, FileChannel, SlackChannel
from jobspider.config import Section
from jobspider.errors import ConfigError
from jobspider.site.urls import make_subject

Load = Callable[[str], Config]
SHIPPED = Path(__file__).parents[3] / "config.toml"
SECRET = "s3cret"  # noqa: S105 - no one's

FOLDER = """
[[channel]]
name = "folder"
type = "file"
path = "out"
"""
WEEKLY = """
[[digest]]
name = "weekly"
channels = ["folder"]
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(text: str) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return config.load(path)

    return loaded


def mistakes(load: Load, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as error:
        load(text)
    return error.value.mistakes


def mistake(load: Load, text: str) -> str:
    (only,) = mistakes(load, text)
    return only


def mail(**changed: str) -> str:
    keys = {"to": '["team@example.org"]', "from": '"jobs@example.org"', "smtp": '"smtp://localhost:1025"'} | changed
    return "[[channel]]\nname = 'mail'\ntype = 'email'\n" + "".join(
        f"{key} = {value}\n" for key, value in keys.items() if value
    )


# What stands in it.


def test_a_whole_file_is_read_into_both_halves(load: Load) -> None:
    loaded = load(f"{FOLDER}{WEEKLY}\n[store]\npath = 'x.db'\n[schedule]\ntimezone = 'America/New_York'\n")
    assert loaded.store.path == "x.db"
    assert str(loaded.schedule.zone) == "America/New_York"
    (digest,) = loaded.digest
    assert digest.channels == ["folder"]
    assert loaded.channel_named("folder") is loaded.channel[0]
    assert isinstance(loaded.channel[0], FileChannel)


def test_each_kind_of_channel_is_known_by_its_type(load: Load) -> None:
    loaded = load(f"{FOLDER}{mail()}[[channel]]\nname = 'slack'\ntype = 'slack'\n")
    assert [type(channel) for channel in loaded.channel] == [FileChannel, EmailChannel, SlackChannel]


def test_a_digest_is_found_by_its_name(load: Load) -> None:
    loaded = load(FOLDER + WEEKLY)
    assert loaded.digest_named("weekly") is loaded.digest[0]
    assert loaded.digest_named("daily") is None


def test_a_digest_says_when_it_is_due(load: Load) -> None:
    assert load(f"{FOLDER}{WEEKLY}when = 'mon,thu 07:30'").digest[0].schedule.days == ("mon", "thu")
    assert load(f"{FOLDER}{WEEKLY}when = 'after crawl'").digest[0].schedule.after_crawl


@pytest.mark.parametrize("rule", ["median", "percentiles", "rank", "vacancies", "skills", "locations"])
def test_a_rule_set_to_false_is_off_and_one_left_out_is_on(load: Load, rule: str) -> None:
    rules = load(f"{FOLDER}{WEEKLY}[digest.rules]\n{rule} = false").digest[0].rules
    assert {name for name, value in rules if value is False} == {rule}


@pytest.mark.parametrize(
    ("channel", "secrets"),
    [
        (mail(smtp='"smtp://localhost:1025"'), ()),
        (mail(smtp='"smtp+starttls://jobs@mail.example.org:587"'), ("PASSWORD",)),
        (FOLDER, ()),
        ("[[channel]]\nname = 'x'\ntype = 'feed'\npath = 'feed.xml'", ()),
        ("[[channel]]\nname = 'x'\ntype = 'slack'", ("WEBHOOK_URL",)),
        ("[[channel]]\nname = 'x'\ntype = 'webhook'", ("WEBHOOK_URL", "SIGNING_KEY")),
        ("[[channel]]\nname = 'x'\ntype = 'apprise'", ("APPRISE_URL",)),
    ],
)
def test_a_channel_says_which_secrets_it_needs(load: Load, channel: str, secrets: tuple[str, ...]) -> None:
    assert load(channel).channel[0].secrets == secrets


def test_a_folder_of_templates_counts_from_that_of_the_file(load: Load, tmp_path: Path) -> None:
    loaded = load(f"{FOLDER}templates = 'own'\n{mail()}[[channel]]\nname = 'slack'\ntype = 'slack'\n")
    assert [loaded.templates_of(name) for name in ("folder", "mail", "slack")] == [tmp_path / "own", None, None]


@pytest.mark.parametrize(
    ("patterns", "covered"),
    [
        (["*"], {"perm nw", "perm uk 3", "contract nw"}),
        (["permanent/*"], {"perm nw", "perm uk 3"}),
        (["*/north west/*"], {"perm nw", "contract nw"}),
        (["permanent/North West/*"], {"perm nw"}),
        (["*/3"], {"perm uk 3"}),
        (["contract/*", "*/3"], {"perm uk 3", "contract nw"}),
        (["permanent/north west/backend developer/6"], {"perm nw"}),
        (["permanent/north west/backend developer"], set()),
        (["north west"], set()),
        (["*backend*"], {"perm nw", "contract nw"}),
        (["*/c++/*"], {"perm uk 3"}),
    ],
)
def test_a_digest_covers_what_any_of_its_patterns_matches(load: Load, patterns: list[str], covered: set[str]) -> None:
    subjects = {
        "perm nw": make_subject("permanent", "North West", "Backend Developer"),
        "perm uk 3": make_subject("permanent", "UK", "C++", 3),
        "contract nw": make_subject("contract", "North West", "Backend Developer"),
    }
    digest = load(f"{FOLDER}{WEEKLY}watch = {patterns}").digest[0]
    assert {name for name, each in subjects.items() if digest.includes(each)} == covered


# Mistakes.


def known(section: type[Section]) -> str:
    """Return the keys that a section may have, as people write them."""
    return ", ".join(sorted(field.alias or name for name, field in section.model_fields.items()))


DIGEST_MISTAKES = {
    'when = "monday"': (
        '.when: \'monday\' is no schedule: write "daily 06:30", "mon 07:30", "mon,thu 07:30", '
        '"monthly 1 08:00" or "after crawl"'
    ),
    "when = 7": ".when: input should be a valid string, found 7",
    "watch = []": ".watch: list should have at least 1 item after validation, not 0",
    'watch = "*"': ".watch: input should be a valid list, found '*'",
    'when_quiet = "maybe"': ".when_quiet: input should be 'send' or 'skip', found 'maybe'",
    'recipients = ["x"]': f".recipients: unknown key: known here are {known(DigestConfig)}",
    'chanels = ["folder"]': ".chanels: unknown key: did you mean channels?",
    "noise = 5": ".noise: a table is expected, found 5",
    "noise = {min_quotes = 0}": ".noise.min_quotes: input should be greater than or equal to 1, found 0",
    "noise = {min_quotes = true}": ".noise.min_quotes: input should be a valid integer, found True",
    "noise = {false_alarm_budget = 0}": ".noise.false_alarm_budget: input should be greater than 0, found 0",
    "noise = {false_alarm_budget = 1.5}": (
        ".noise.false_alarm_budget: input should be less than or equal to 1, found 1.5"
    ),
    'noise = {false_alarm_budget = "0.1"}': ".noise.false_alarm_budget: input should be a valid number, found '0.1'",
    "noise = {false_alarm = 0.1}": ".noise.false_alarm: unknown key: did you mean false_alarm_budget?",
    "rules = false": ".rules: a table is expected, found False",
    "rules = {medain = {percent = 2}}": ".rules.medain: unknown key: did you mean median?",
    "rules = {median = {percent = 0}}": ".rules.median.percent: input should be greater than 0, found 0",
    "rules = {median = {percent = true}}": ".rules.median.percent: input should be a valid number, found True",
    'rules = {median = {percent = "2"}}': ".rules.median.percent: input should be a valid number, found '2'",
    "rules = {median = {percnt = 2, percent = 2}}": ".rules.median.percnt: unknown key: did you mean percent?",
    "rules = {median = {}}": ".rules.median.percent: is missing",
    "rules = {median = 2}": ".rules.median: a table is expected, found 2",
    "rules = {median = true}": ".rules.median: input should be False, found True",
    "rules = {rank = {places = 2.5}}": ".rules.rank.places: input should be a valid integer, found 2.5",
    "rules = {skills = {top = 31, share_points = 5}}": (
        ".rules.skills.top: input should be less than or equal to 30, found 31"
    ),
    "rules = {skills = {top = 10}}": ".rules.skills.share_points: is missing",
}


@pytest.mark.parametrize(("line", "said"), DIGEST_MISTAKES.items())
def test_a_mistake_in_a_digest_is_one_line_with_its_key_and_what_is_accepted(load: Load, line: str, said: str) -> None:
    assert mistake(load, f"{FOLDER}{WEEKLY}{line}\n") == f"config.toml: digest[0]{said}"


NO_CONTROL = r"a path without control characters is expected; between double quotes, TOML reads \t as one"
CHANNEL_MISTAKES = {
    "[[channel]]\nname = 'x'": "channel[0]: 'type' is missing",
    "[[channel]]\nname = 'x'\ntype = 'emial'": (
        "channel[0]: 'type' is one of 'email', 'slack', 'file', 'feed', 'webhook', 'apprise'"
    ),
    "[[channel]]\nname = 'x'\ntype = 'file'": "channel[0].path: is missing",
    "[[channel]]\ntype = 'slack'": "channel[0].name: is missing",
    "[[channel]]\nname = 'x'\ntype = 'slack'\ntimeout = 3": (
        "channel[0].timeout: unknown key: did you mean timeout_seconds?"
    ),
    "[[channel]]\nname = 'x'\ntype = 'slack'\nto = []": (
        f"channel[0].to: unknown key: known here are {known(SlackChannel)}"
    ),
    f"{FOLDER}formats = ['pdf']": "channel[0].formats[0]: input should be 'txt', 'html', 'eml' or 'slack', found 'pdf'",
    f"{FOLDER}formats = []": "channel[0].formats: list should have at least 1 item after validation, not 0",
    mail(to="[]"): "channel[0].to: list should have at least 1 item after validation, not 0",
    mail(to='"team@example.org"'): "channel[0].to: input should be a valid list, found 'team@example.org'",
    mail(**{"from": ""}): "channel[0].from: is missing",
    mail(sender='"x@example.org"'): (f"channel[0].sender: unknown key: known here are {known(EmailChannel)}"),
    mail(timeout_seconds="0"): "channel[0].timeout_seconds: input should be greater than 0, found 0",
    mail(timeout_seconds="601"): "channel[0].timeout_seconds: input should be less than or equal to 600, found 601",
    "[[channel]]\nname = 'x'\ntype = 'file'\npath = \"a\\u0000b\"": f"channel[0].path: {NO_CONTROL}",
    "[[channel]]\nname = 'x'\ntype = 'feed'\npath = \"a\\u0000b\"": f"channel[0].path: {NO_CONTROL}",
    "[[channel]]\nname = 'x'\ntype = 'feed'\npath = '/'": (
        "channel[0].path: the path of a file is expected, and this is that of a folder"
    ),
    f'{FOLDER}templates = "a\\u0000b"': f"channel[0].templates: {NO_CONTROL}",
    f"{FOLDER}templates = '{'x' * 201}'": (
        "channel[0].templates: a path of at most 2,000 bytes is expected, 200 for each name in it"
    ),
    "[channel]\nname = 'x'": "channel: write [[channel]], with double brackets: there can be several",
    "[digest]\nname = 'x'": "digest: write [[digest]], with double brackets: there can be several",
    "[schedule]\ntime_zone = 'UTC'": "schedule.time_zone: unknown key: did you mean timezone?",
}


@pytest.mark.parametrize(("text", "said"), CHANNEL_MISTAKES.items())
def test_a_mistake_in_a_channel_is_one_line_with_its_key_and_what_is_accepted(load: Load, text: str, said: str) -> None:
    assert mistake(load, text) == f"config.toml: {said}"


@pytest.mark.parametrize(
    "name", ["", "Team", "team mail", "team_mail", "-team", "t\u00e9am", "a" * 64, "team/mail", "team\\n"]
)
@pytest.mark.parametrize("kind", ["channel", "digest"])
def test_a_name_is_one_that_a_variable_and_a_message_id_can_carry(load: Load, kind: str, name: str) -> None:
    text = f"{FOLDER}{WEEKLY}"
    renamed = text.replace('name = "folder"' if kind == "channel" else 'name = "weekly"', f'name = "{name}"')
    assert mistakes(load, renamed)[0] == (
        f"config.toml: {kind}[0].name: a name of lower-case letters, digits and hyphens is expected, like team-mail"
    )


@pytest.mark.parametrize(
    "zone", ["", "Europe/Lundon", "Europe", "../../../etc/passwd", "/etc/localtime", "07:30", "a\\u0000b"]
)
def test_a_time_zone_that_does_not_exist_is_refused(load: Load, zone: str) -> None:
    assert "is no time zone: write one like Europe/London" in mistake(load, f'[schedule]\ntimezone = "{zone}"')


@pytest.mark.parametrize("mailbox", ["", "team", "@example.org", "a@b@c", "a@example.org, b@example.org", "Team <team>",
                                     "a@example.org\\nBcc: b@example.org", "a b@example.org"])  # fmt: skip
@pytest.mark.parametrize("key", ["to", "from"])
def test_what_is_no_mailbox_is_refused(load: Load, key: str, mailbox: str) -> None:
    said = mistake(load, mail(**{key: f'["{mailbox}"]' if key == "to" else f'"{mailbox}"'}))
    place = "to[0]" if key == "to" else "from"
    assert said == (
        f"config.toml: channel[0].{place}: an e-mail address is expected, "
        "like team@example.org or Team <team@example.org>"
    )


@pytest.mark.parametrize("mailbox", ["zo\u00eb@example.org", "Zoe <zoe@ex\u00e4mple.org>"])
def test_a_mailbox_that_most_servers_cannot_take_is_refused_before_it_matters(load: Load, mailbox: str) -> None:
    assert mistake(load, mail(to=f'["{mailbox}"]')) == (
        "config.toml: channel[0].to[0]: an address of ASCII letters is expected; a domain of others is written xn--..."
    )


@pytest.mark.parametrize(
    "mailbox",
    [
        "team@example.org",
        "Zo\u00eb <zoe@example.org>",
        "Team <team@example.org>",
        "Job market <jobs+uk@mail.example.org>",
    ],
)
def test_a_mailbox_may_carry_a_name(load: Load, mailbox: str) -> None:
    channel = load(mail(**{"to": f'["{mailbox}"]', "from": f'"{mailbox}"'})).channel[0]
    assert isinstance(channel, EmailChannel)
    assert [*channel.to, channel.sender] == [mailbox, mailbox]


@pytest.mark.parametrize("smtp", ["", "localhost:1025", "localhost", "http://localhost", "smtp:localhost", "smtp://", "smtp://:25",
                                  "smtp://host:0", "smtp://host:99999", "smtp://host:x", "smtp://[::1", "smtp://host/path",
                                  "smtp://user@host?x=1", "starttls://user@host"])  # fmt: skip
def test_what_is_no_mail_server_is_refused_with_what_would_be(load: Load, smtp: str) -> None:
    assert mistake(load, mail(smtp=f'"{smtp}"')) == (
        "config.toml: channel[0].smtp: an address like smtp://localhost:1025, smtp+starttls://user@host:587 "
        "or smtps://user@host is expected"
    )


@pytest.mark.parametrize("smtp", ["smtp://localhost:1025", "smtp+starttls://jobs@mail.example.org:587",
                                  "smtps://mail.example.org", "smtp://[::1]:25",
                                  "smtp+starttls://jobs%40example.org@mail.example.org"])  # fmt: skip
def test_a_mail_server_is_named_by_its_address(load: Load, smtp: str) -> None:
    assert load(mail(smtp=f'"{smtp}"')).channel


def test_a_name_used_twice_is_a_mistake_at_the_second(load: Load) -> None:
    assert mistakes(load, FOLDER + FOLDER + WEEKLY + WEEKLY) == (
        "config.toml: channel[1].name: 'folder' is used twice",
        "config.toml: digest[1].name: 'weekly' is used twice",
    )


def test_a_channel_that_does_not_exist_is_named_with_those_that_do(load: Load) -> None:
    text = FOLDER + mail() + WEEKLY.replace('["folder"]', '["folder", "slak", "email"]')
    assert mistakes(load, text) == (
        "config.toml: digest[0].channels: 'slak' is no channel of this file; it has folder, mail",
        "config.toml: digest[0].channels: 'email' is no channel of this file; it has folder, mail",
    )
    assert mistake(load, WEEKLY).endswith("'folder' is no channel of this file; it has none")


WATCH = "[[watch]]\nterms = ['Java']\nregions = ['London']\n"


def test_a_pattern_that_fits_no_watched_page_could_never_tell_anything(load: Load) -> None:
    said = mistake(load, f"{FOLDER}{WEEKLY}watch = ['permanent/*', 'Londn/*']\n{WATCH}")
    assert said == (
        "config.toml: digest[0].watch: 'Londn/*' fits no watched page; patterns are over \"permanent/london/java/6\""
    )
    assert load(f"{FOLDER}{WEEKLY}watch = ['*/London/*']\n{WATCH}").digest


def test_where_nothing_is_watched_no_pattern_is_to_blame(load: Load) -> None:
    assert load(f"{FOLDER}{WEEKLY}watch = ['contract/*']").digest
    broken = WATCH.replace("terms", "trems")
    assert all("fits no" not in said for said in mistakes(load, f"{FOLDER}{WEEKLY}watch = ['contract/*']\n{broken}"))


def test_the_operator_s_channel_is_one_of_the_file_s(load: Load) -> None:
    assert load(f"{FOLDER}[operator]\nchannel = 'folder'").operator.channel == "folder"
    assert load(FOLDER).operator.channel == ""
    assert mistake(load, f"{FOLDER}[operator]\nchannel = 'mail'") == (
        "config.toml: operator.channel: 'mail' is no channel of this file; it has folder"
    )


def test_a_digest_without_channels_is_a_mistake(load: Load) -> None:
    assert mistake(load, "[[digest]]\nname = 'x'") == "config.toml: digest[0].channels: is missing"
    assert mistake(load, "[[digest]]\nname = 'x'\nchannels = []") == (
        "config.toml: digest[0].channels: list should have at least 1 item after validation, not 0"
    )


def test_the_mistakes_of_both_halves_are_reported_together(load: Load) -> None:
    said = mistakes(
        load,
        """
        colour = "blue"
        [crawl]
        delay_seconds = 0.1
        [store]
        keep_pages_days = "90"
        [schedule]
        timezone = "Europe/Lundon"
        [[digest]]
        name = "weekly"
        when = "monday"
        channels = ["folder"]
        [digest.rules]
        median = { percent = 0 }
        rank = { palces = 10 }
        [[channel]]
        name = "mail"
        type = "email"
        to = ["nobody"]
        from = "jobs@example.org"
        smtp = "localhost"
        """,
    )
    assert [line.split(": ")[1] for line in said] == [
        "store.keep_pages_days",
        "schedule.timezone",
        "digest[0].when",
        "digest[0].rules.median.percent",
        "digest[0].rules.rank.places",
        "digest[0].rules.rank.palces",
        "channel[0].to[0]",
        "channel[0].smtp",
        "colour",
        "crawl.delay_seconds",
    ]


def test_an_unknown_channel_is_reported_beside_any_other_mistake(load: Load) -> None:
    assert mistakes(load, f"{FOLDER}[store]\npath = 5\n{WEEKLY.replace('folder', 'mail')}") == (
        "config.toml: store.path: input should be a valid string, found 5",
        "config.toml: digest[0].channels: 'mail' is no channel of this file; it has folder",
    )


def test_no_channel_is_called_unknown_while_the_channels_are_not_understood(load: Load) -> None:
    said = mistake(load, FOLDER.replace("path", "paht") + 'path = "x"' + WEEKLY)
    assert said == "config.toml: channel[0].paht: unknown key: did you mean path?"


# Secrets.


@pytest.mark.parametrize(
    "text",
    [
        mail(smtp=f'"smtp://jobs:{SECRET}@mail.example.org:587"'),
        mail(smtp=f'"smtp+starttls://jobs:{SECRET}@mail.example.org:587"'),
        mail(smtp=f'"smtps://:{SECRET}@mail.example.org"'),
        mail(smtp=f'"smtp://jobs:{SECRET}\u2100@mail.example.org"'),
        mail(smtp=f'"smtp://jobs:{SECRET}/x@mail.example.org"'),
        mail(smtp=f'"smtp://jobs:12/{SECRET}@mail.example.org"'),
        mail(smtp=f'"smtp://jobs:{SECRET}#x@mail.example.org"'),
        mail(smtp=f'"smtp://jobs:{SECRET}?x@mail.example.org"'),
        mail(smtp=f'"smtp://jobs:{SECRET}@[mail.example.org"'),
        mail(smtp=f'"smtp://jobs:{SECRET}@mail.example.org:0"'),
        mail(smtp=f'"http://jobs:{SECRET}@mail.example.org"'),
        mail(smtp=f'["{SECRET}"]'),
        mail(password=f'"{SECRET}"'),
        mail(to=f'["https://hooks.example/{SECRET}"]'),
        mail(timeout_seconds=f'"https://hooks.example/{SECRET}"'),
        f"[[channel]]\nname = 'x'\ntype = 'slack'\nwebhook_url = 'https://hooks.example/{SECRET}'",
        f"[[channel]]\nname = 'x'\ntype = 'slack'\n[channel.webhook]\nurl = '{SECRET}'",
        f"[[channel]]\nname = 'https://hooks.example/{SECRET}'\ntype = 'slack'",
        f"[[channel]]\nname = 'x'\ntype = 'https://hooks.example/{SECRET}'",
        f"{FOLDER}formats = ['https://hooks.example/{SECRET}']",
        f"[[channel]]\npassword = '{SECRET}'",
        f"channel = 'https://hooks.example/{SECRET}'",
        f"channel = [['{SECRET}']]",
        f"[channel]\npassword = '{SECRET}'",
        f"password = '{SECRET}'",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_echoed(load: Load, text: str) -> None:
    said = mistake(load, text)
    assert SECRET not in said
    assert said.startswith("config.toml: ")


def test_a_password_in_the_file_is_refused_with_where_it_belongs(load: Load) -> None:
    assert mistake(load, mail(smtp=f'"smtp://jobs:{SECRET}@localhost"')) == (
        "config.toml: channel[0].smtp: a password does not belong into this file: leave it out and set "
        "JOBSPIDER_<CHANNEL>_PASSWORD or ..._FILE"
    )


# The file that the project ships.


def commented_out(text: str) -> Iterator[str]:
    """Return each example that the file holds as a comment, uncommented: tables and keys, and their own comments."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("# [") or (block and line.startswith("#")):
            block.append(line.removeprefix("#").removeprefix(" "))
        elif block:
            yield "\n".join(block)
            block = []


EXAMPLES = list(commented_out(SHIPPED.read_text(encoding="utf-8")))


def test_the_shipped_file_is_in_order_and_needs_no_account() -> None:
    shipped = config.load(SHIPPED)
    assert [digest.name for digest in shipped.digest] == ["weekly"]
    assert all(isinstance(channel, FileChannel) for channel in shipped.channel)
    assert all(shipped.digest[0].includes(each) for each in shipped.subjects())


def test_the_shipped_file_shows_every_kind_of_channel() -> None:
    shown = "".join(EXAMPLES) + SHIPPED.read_text(encoding="utf-8")
    assert all(f'type = "{kind}"' in shown for kind in ("email", "slack", "file", "feed", "webhook", "apprise"))
    assert len(EXAMPLES) >= 2


def with_those_it_names(example: str) -> list[str]:
    """Return an example with those whose names stand in it: an operator's channel is one of the file's."""
    others = {each: re.search(r'^name = ("[^"]+")', each, re.MULTILINE) for each in EXAMPLES if each != example}
    return [*(each for each, name in others.items() if name and name[1] in example), example]


@pytest.mark.parametrize("examples", [*map(with_those_it_names, EXAMPLES), EXAMPLES], ids=lambda each: each[-1][:30])
def test_the_shipped_examples_are_in_order_once_uncommented(load: Load, examples: list[str]) -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    more = load("\n".join([shipped, *examples]))
    assert more != load(shipped)


# Derived watches.

WATCHED = """
[[watch]]
terms = ["Java"]
regions = ["London", "North West"]
job_types = ["permanent", "contract"]
windows = [3, 6]
"""


def derived(**changed: str) -> str:
    keys = {"of": '"permanent/london/java/6"', "against": '"permanent/north west/java/6"'} | changed
    rest = "".join(f"{key} = {value}\n" for key, value in keys.items() if value)
    return f"{WATCHED}[[derived]]\nname = 'London premium'\n{rest}"


def test_a_derived_watch_sets_one_watched_page_against_another(load: Load) -> None:
    (watch,) = load(derived()).derived_watches()
    assert (watch.of.key, watch.against.key) == ("permanent/london/java/6", "permanent/north west/java/6")
    assert (watch.key, watch.statistic, watch.is_ratio) == ("derived/london premium", "median", True)


def test_a_derived_watch_is_a_difference_where_that_is_asked_for(load: Load) -> None:
    (watch,) = load(derived(**{"as": '"difference"', "statistic": '"vacancies"'})).derived_watches()
    assert (watch.is_ratio, watch.statistic) == (False, "vacancies")


def test_a_day_rate_against_a_salary_says_by_how_many_days(load: Load) -> None:
    (watch,) = load(derived(of='"contract/london/java/6"', days_a_year="220")).derived_watches()
    assert watch.days_a_year == 220


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"of": '"permanent/londn/java/6"'},
            "of: 'permanent/londn/java/6' is no page that a [[watch]] names; did you ",
        ),
        ({"against": '"permanent/london/java/6"'}, "against: this is the same page as of"),
        ({"against": '"permanent/london/java/3"'}, "against: both pages must be of the same window"),
        ({"of": '"contract/london/java/6"'}, "days_a_year: is missing: to set a day rate against a salary"),
        ({"of": '"contract/london/java/6"', "as": '"difference"'}, "as: a day rate and a salary have no difference"),
        ({"days_a_year": "220"}, "days_a_year: goes with a day rate against a salary only"),
        ({"statistic": '"rank"'}, "statistic: input should be 'median', 'p10', 'p25', 'p75', 'p90' or 'vacancies'"),
        ({"as": '"share"'}, "as: input should be 'ratio' or 'difference'"),
        ({"against": ""}, "against: is missing"),
        ({"unit": '"ratio"'}, "unit: unknown key"),
    ],
)
def test_what_two_pages_cannot_be_set_against_each_other_for_is_a_mistake(
    load: Load, changed: dict[str, str], said: str
) -> None:
    assert mistake(load, derived(**changed)).startswith(f"config.toml: derived[0].{said}")


@pytest.mark.parametrize("name", ["", "a/b", "all*", "two\\nlines", "  spaced", "x" * 61])
def test_a_derived_watch_has_a_name_that_can_stand_in_a_pattern_and_on_a_line(load: Load, name: str) -> None:
    said = mistake(load, derived().replace("'London premium'", f'"{name}"'))
    assert said.startswith('config.toml: derived[0].name: a name like "London premium" is expected')


def test_two_derived_watches_of_one_name_are_a_mistake(load: Load) -> None:
    twice = derived() + derived().replace(WATCHED, "").replace("London premium", "london PREMIUM")
    assert mistake(load, twice) == "config.toml: derived[1].name: 'london premium' is used twice"


def test_a_digest_covers_derived_watches_by_its_patterns(load: Load) -> None:
    loaded = load(derived() + FOLDER + WEEKLY + 'watch = ["derived/london*"]\n')
    assert loaded.digest[0].includes(loaded.derived_watches()[0])


def test_a_derived_watch_that_no_digest_would_tell_is_a_mistake(load: Load) -> None:
    said = mistake(load, derived() + FOLDER + WEEKLY + 'watch = ["permanent/*"]\n')
    assert said == 'config.toml: derived[0]: no digest watches it: add "derived/london premium" to the watch of one'
