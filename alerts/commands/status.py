"""``jobspider status`` and ``jobspider check``: how it stands, and whether it could."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from alerts.commands import delivery_status_line, open_context
from alerts.delivery.channels import CheckedChannel, credentials, open_channel
from alerts.errors import DigestError
from alerts.service.context import ServiceContext
from alerts.service.health import DEGRADED, FAILING, HEALTHY, ServiceHealth, check_health, prometheus_metrics, upcoming
from alerts.service.preview import example_digest, send_test
from alerts.service.publish import new_message_metadata
from jobspider import __version__
from jobspider.commands import config_option, json_option, print_json
from jobspider.commands.crawl import summary_to_json, summary_to_text
from jobspider.config import PLACEHOLDER_CONTACT
from jobspider.errors import JobspiderError, StoreError, StoreLockedError, UsageError
from jobspider.files import replace_file, unwritable
from jobspider.store.database import Database

_WORDS = {HEALTHY: "healthy", DEGRADED: "degraded", FAILING: "failing"}
_PATIENCE_SECONDS = 0.2


@click.command("status")
@click.option(
    "--prometheus",
    "textfile",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write metrics into this file instead, for the textfile collector of Prometheus' node_exporter.",
)
@config_option
@json_option
def status_command(config_name: str | None, textfile: Path | None, *, as_json: bool) -> None:
    """Show the last crawl, what is kept, what waits to be sent, what comes next and what is wrong.

    The exit code is for monitors: 0 healthy, 3 degraded (a page was not read, a delivery waits, nobody crawls), 4
    failing (nothing could be read, a recipient is not reached, the database cannot be used).

    \b
    Examples:
      jobspider status --json
      jobspider status --prometheus /var/lib/node_exporter/jobspider.prom
    """
    context = open_context(config_name)
    try:
        status = check_health(context)
    except StoreError:
        # What was written when all was well must not go on saying so.
        if textfile is not None:
            _write(textfile, f"# TYPE jobspider_status gauge\njobspider_status {FAILING}\n")
        raise
    if textfile is not None:
        _write(textfile, prometheus_metrics(status))
    elif as_json:
        print_json(_json_data(status))
    else:
        _print(status, context)
    raise SystemExit(status.exit_code)


def _write(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}: name another file") from error


@click.command("check")
@click.option("--send-test", "channel", metavar="CHANNEL", help="Send a message marked as a test through this channel.")
@config_option
def check_command(channel: str | None, config_name: str | None) -> None:
    """Check the configuration, the database, the secrets and templates, without asking the site or sending anything.

    With --send-test a message made of the last figures goes out through one channel, and nothing else is checked.

    \b
    Examples:
      jobspider check
      jobspider check --send-test team-mail
    """
    context = open_context(config_name)
    if channel is not None:
        _send_test(context, channel)
        return
    config = context.config
    click.echo(f"ok  {context.config_path}: {len(config.subjects())} pages watched, {len(config.digest)} digests")
    mistakes = [
        *_database_mistakes(context),
        *_contact_mistakes(context),
        *_channel_mistakes(context),
        *_template_mistakes(context),
    ]
    _print_hours(context)
    for mistake in mistakes:
        click.echo(f"!!  {mistake}")
    if mistakes:
        raise SystemExit(2)
    click.echo("ok  everything is in place: jobspider run")


def _database_mistakes(context: ServiceContext) -> list[str]:
    path = context.config.database_path
    # Where a link leads: there the locks and the log of the database lie, too.
    real = Path(os.path.realpath(path))
    if why := unwritable(real):
        return [f"{path} cannot be written: {why}"]
    if not real.exists():
        click.echo(f"ok  {path}: will be made by the first crawl")
        return []
    # SQLite opens for reading what cannot be written, and even begins a transaction on it as if it could.
    if not os.access(real, os.W_OK):
        return [f"{path} is read-only: make the file writable"]
    try:
        with (
            Database.open(path, create=False, busy_timeout_seconds=_PATIENCE_SECONDS) as database,
            database.immediate(),
        ):
            pass
        click.echo(f"ok  {path}: opens for writing")
    except StoreLockedError:
        click.echo(f"ok  {path}: another process is writing to it")
    except JobspiderError as error:
        return [str(error)]
    return []


def _contact_mistakes(context: ServiceContext) -> list[str]:
    site = context.config.site
    if site.is_local or site.contact != PLACEHOLDER_CONTACT:
        click.echo(f"ok  {site.base_url} will be asked every {context.config.crawl.delay_seconds:g} s")
        return []
    return [f"site.contact: put your own e-mail address here before asking {site.host}"]


def _channel_mistakes(context: ServiceContext) -> list[str]:
    """Ask each way out whether it could send, and so whether its secrets are what they should be."""
    mistakes: list[str] = []
    for channel in context.config.channel:
        found = _failed_preconditions(open_channel(channel, context.config.folder, context.environ))
        mistakes += found
        for secret in channel.secrets if not found else ():
            click.echo(f"ok  channel {channel.name}: {credentials.env_var_name(channel.name, secret)} is set")
    return mistakes


def _failed_preconditions(channel: CheckedChannel) -> list[str]:
    found = []
    for ask in channel.preconditions():
        try:
            ask()
        except JobspiderError as error:
            found.append(str(error))
    return [*dict.fromkeys(found)]  # a secret that is missing is missed by whatever needs it


def _template_mistakes(context: ServiceContext) -> list[str]:
    """Try one's own templates on the last figures, if there are any."""
    mistakes = []
    for channel, out in context.channels().items():
        folder = context.config.templates_of(channel)
        if folder is None:
            continue
        if not folder.is_dir():
            mistakes.append(f"channel {channel}: there is no folder {folder}")
        elif context.config.database_path.exists():
            try:
                out.render(example_digest(context, channel), new_message_metadata("test", channel, context.clock()))
                click.echo(f"ok  channel {channel}: the templates in {folder} are in order")
            except DigestError as error:
                mistakes.append(f"channel {channel}: {error}")
    return mistakes


def _send_test(context: ServiceContext, channel: str) -> None:
    names = [each.name for each in context.config.channel]
    if channel not in names:
        raise UsageError(f"config.toml has no channel {channel!r}; it has {', '.join(names) or 'none'}")
    remark = send_test(context, channel)
    click.echo(f"A test was sent through {channel}{f' ({remark})' if remark else ''}: see whether it has arrived.")


def _print_hours(context: ServiceContext) -> None:
    """Print the next three times of everything, as the clock on the wall will show them and in UTC."""
    for name, times in upcoming(context.config, context.clock(), 3).items():
        click.echo(f"ok  {name}, next:")
        for each in times:
            click.echo(f"      {_local_time(each)}   {each.astimezone(UTC):%a %d %b %Y %H:%M} UTC")
    for digest in context.config.digest:
        if digest.schedule.after_crawl:
            click.echo(f"ok  digest {digest.name}, next: after the next crawl")


def _local_time(moment: datetime) -> str:
    return f"{moment:%a %d %b %Y %H:%M %Z}"


def _print(status: ServiceHealth, context: ServiceContext) -> None:
    zone = context.config.schedule.zone
    click.echo(f"jobspider {__version__}: {_WORDS[status.exit_code]}")
    for problem in status.problems:
        click.echo(f"!!  {problem.headline}")
        for sentence in problem.sentences:
            click.echo(f"      {sentence}")
    if status.crawl is None:
        click.echo("No crawl yet of all that is watched.")
    else:
        click.echo(f"Last crawl, {_local_time(status.crawl.started_at.astimezone(zone))}:")
        click.echo(summary_to_text(status.crawl))
    dates = f", as of {status.oldest_as_of} to {status.newest_as_of}" if status.subjects else ""
    click.echo(f"Pages kept: {status.subjects}{dates}")
    if status.source_age_days is not None:
        click.echo(f"The source's newest figures: {status.source_age_days} days old")
    click.echo(f"Quarantine: {status.quarantined} open")
    click.echo("Deliveries: " + (", ".join(f"{count} {state}" for state, count in status.states.items()) or "none"))
    if status.waiting_since is not None:
        click.echo(f"  the oldest waits since {_local_time(status.waiting_since.astimezone(zone))}")
    for delivery in status.troubled:
        click.echo(f"  {delivery_status_line(delivery)}")
    for name, times in status.upcoming.items():
        click.echo(f"Next {name}: {_local_time(times[0])}")
    click.echo(f"Database: {context.config.database_path}, {status.database_bytes / 1e6:.1f} MB")


def _json_data(status: ServiceHealth) -> dict[str, object]:
    return {
        "status": _WORDS[status.exit_code],
        "version": __version__,
        "problems": [
            {"name": each.name, "headline": each.headline, "sentences": each.sentences} for each in status.problems
        ],
        "crawl": summary_to_json(status.crawl) if status.crawl else None,
        "subjects": status.subjects,
        "oldest_as_of": status.oldest_as_of and status.oldest_as_of.isoformat(),
        "newest_as_of": status.newest_as_of and status.newest_as_of.isoformat(),
        "source_age_days": status.source_age_days,
        "quarantine_open": status.quarantined,
        "deliveries": status.states,
        "waiting_since": status.waiting_since and status.waiting_since.isoformat(),
        "troubled": [delivery_status_line(delivery) for delivery in status.troubled],
        "next": {name: times[0].isoformat() for name, times in status.upcoming.items()},
        "database_bytes": status.database_bytes,
    }
