"""``jobspider digest`` and ``jobspider changes``: tell now, or show what would be told."""

import tempfile
import webbrowser
from pathlib import Path

import click

from alerts.commands import delivery_status_line, digest_config, open_context
from alerts.config import DigestConfig
from alerts.model.changes import AssessedChange, Digest
from alerts.model.delivery import Delivery
from alerts.render import charts
from alerts.render.explanation import explanation_data, matching_changes, render_explained
from alerts.render.formats.html import render_html
from alerts.render.formats.json_data import digest_data
from alerts.render.formats.text import render_text
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text
from alerts.service.context import ServiceContext
from alerts.service.preview import dry_run, preview
from alerts.service.publish import delivery_exit_code, send_digest_now
from jobspider.commands import config_option, json_option, print_json
from jobspider.errors import UsageError


@click.command("digest")
@click.argument("name")
@click.option("--dry-run", "is_dry", is_flag=True, help="Print what would be told; send and write nothing.")
@click.option("--preview", "is_preview", is_flag=True, help="Open it as HTML in a browser; send and record nothing.")
@click.option(
    "--channel", help="With --dry-run: write exactly what this channel would send. With --preview: its edition."
)
@config_option
@json_option
def digest_command(
    name: str, channel: str | None, config_name: str | None, *, is_dry: bool, is_preview: bool, as_json: bool
) -> None:
    """Send the digest NAME now, due or not, to each of its channels.

    The exit code is 0 if everything was sent, 3 if some of it was, 4 if nothing was; what could not be sent is kept and
    tried again by the next run.

    \b
    Examples:
      jobspider digest weekly --dry-run
      jobspider digest weekly --dry-run --channel team-mail
      jobspider digest weekly --preview
      jobspider digest weekly
    """
    context = open_context(config_name)
    definition = digest_config(context, name)
    if channel is not None:
        _refuse_idle(channel, definition, is_dry=is_dry, is_preview=is_preview)
    if is_preview:
        _preview(context, definition, channel or definition.channels[0])
    elif is_dry and channel is not None:
        click.echo(dry_run(context, definition, channel), nl=False)
    elif is_dry:
        _print_digests(preview(context, definition), as_json=as_json)
    else:
        _tell(context, definition, as_json=as_json)


@click.command("changes")
@click.option("--digest", "name", help="Only by the rules of this digest, and against what its channels were told.")
@click.option("--explain", metavar="TEXT", help="Show every number behind the changes that have TEXT in their name.")
@config_option
@json_option
def changes_command(name: str | None, explain: str | None, config_name: str | None, *, as_json: bool) -> None:
    """Show what has changed since each digest was last told; send and write nothing.

    \b
    Examples:
      jobspider changes
      jobspider changes --digest weekly --json
      jobspider changes --explain "north west/backend developer"
    """
    context = open_context(config_name)
    definitions = [digest_config(context, name)] if name else context.config.digest
    if not definitions:
        raise UsageError("config.toml defines no digest: add a [[digest]], whose rules say what a change is")
    digests = {
        f"{definition.name} to {channel}": digest
        for definition in definitions
        for channel, digest in preview(context, definition).items()
    }
    if explain is None:
        _print_digests(digests, as_json=as_json)
    else:
        lines = {recipient: [*matching_changes(digest, explain)] for recipient, digest in digests.items()}
        if as_json:
            print_json({recipient: [*map(explanation_data, of)] for recipient, of in lines.items()})
            return
        for recipient, of in lines.items():
            click.echo("\n\n".join([f"== {recipient}", *_explained(of, digests[recipient]), ""]))


def _explained(lines: list[AssessedChange], digest: Digest) -> list[str]:
    if not lines:
        # A quiet digest's headline says why there may be none: nothing moved, nothing was read, or nobody asked.
        why = f" {clean_text(digest.headline, SENTENCE_LIMIT)}." if digest.is_empty else ""
        return [f"No change of that name is told, nearly there or held back.{why}"]
    return [render_explained(line, digest.created_at.tzinfo) for line in lines]


def _refuse_idle(channel: str, definition: DigestConfig, *, is_dry: bool, is_preview: bool) -> None:
    if not is_dry and not is_preview:
        raise UsageError("--channel goes with --dry-run or --preview: a digest is sent to all of its channels")
    if channel not in definition.channels:
        raise UsageError(
            f"digest {definition.name!r} has no channel {channel!r}; it has {', '.join(definition.channels)}"
        )


def _tell(context: ServiceContext, definition: DigestConfig, *, as_json: bool) -> None:
    digests, deliveries = send_digest_now(context, definition)
    if as_json:
        print_json({"queued": sorted(channel for _, channel in digests), "deliveries": [*map(_json_data, deliveries)]})
    else:
        if not digests:
            click.echo("Nothing to tell, and this digest is skipped when quiet.")
        for delivery in deliveries:
            click.echo(delivery_status_line(delivery))
    raise SystemExit(delivery_exit_code(deliveries))


def _preview(context: ServiceContext, definition: DigestConfig, channel: str) -> None:
    """Write the HTML and its pictures into a new folder of the system's, and show it."""
    digest = preview(context, definition)[channel]
    folder = Path(tempfile.mkdtemp(prefix="jobspider-"))
    names = {}
    for subject, picture in charts.render_png_charts(digest).items():
        names[subject] = f"chart-{subject}.png"
        (folder / names[subject]).write_bytes(picture)
    page = folder / f"{definition.name}.html"
    own = context.config.templates_of(channel)
    page.write_text(render_html(digest, names, own), encoding="utf-8")
    click.echo(page)
    webbrowser.open(page.as_uri())


def _json_data(delivery: Delivery) -> dict[str, object]:
    return {
        "digest": delivery.digest_name,
        "channel": delivery.channel,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "reason": delivery.reason,
    }


def _print_digests(digests: dict[str, Digest], *, as_json: bool) -> None:
    if as_json:
        print_json({recipient: digest_data(digest) for recipient, digest in digests.items()})
        return
    for recipient, digest in digests.items():
        click.echo(f"== {recipient}\n\n{render_text(digest)}")
