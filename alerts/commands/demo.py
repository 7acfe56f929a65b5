"""``jobspider demo``: the whole thing on bundled pages, offline."""

import os
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click

from alerts.demo import DATABASE, DIGESTS, DemoStep, run_demo
from jobspider.commands.crawl import summary_to_text
from jobspider.config import FILE_NAME


@click.command("demo")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where the digests and the database go; what an earlier demo left there is replaced.",
)
def command(folder: Path) -> None:
    """Show the whole job on bundled pages, offline: crawl two dates over HTTP, keep, compare, tell.

    \b
    Example:
      jobspider demo --to try-it
    """
    run_demo(folder, os.environ, lambda: datetime.now(UTC), _narrate)
    click.echo(f"\n{'=' * 72}\n")
    click.echo((folder / "digest.txt").read_text(encoding="utf-8"))
    click.echo("=" * 72)
    click.echo("\nWritten:")
    for name in (*DIGESTS, DATABASE):
        click.echo(f"  {folder / name}")
    click.echo(f"\nLook at what it has kept: jobspider report --config {shlex.quote(str(folder / FILE_NAME))}")
    click.echo(
        "Next: a configuration of your own. A checkout has one, config.toml; elsewhere jobspider init my-market makes\n"
        "one. Put your e-mail address into its [site] contact, choose what to watch there, then, in its folder:\n"
        "jobspider check && jobspider run"
    )


def _narrate(act: DemoStep) -> None:
    origins = ", ".join(f"{count} {origin}" for origin, count in act.site.origins.items())
    click.echo(f"\n-- The bundled site as of {act.date} (figures of its pages: {origins})")
    click.echo(summary_to_text(act.report.crawl))
    if not act.report.conclusion.digests:
        click.echo("Nothing new to tell; nothing was sent.")
    for digest in act.report.conclusion.digests.values():
        click.echo(f"Told: {digest.headline}")
