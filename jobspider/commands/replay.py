"""Command ``jobspider replay``: serve saved pages on a loopback address in place of the live site."""

import signal
import threading
from contextlib import suppress
from pathlib import Path

import click

from jobspider.replay import ReplayServer, load_site


@click.command("replay")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="TCP port. 0 selects a free port.",
)
def command(folder: Path, port: int) -> None:
    """Serve the saved pages in FOLDER as a website on 127.0.0.1, until Ctrl-C or SIGTERM.

    The server sends no requests to the live site and writes nothing. It logs each request on stderr.

    \b
    Exit codes: 0 stopped, 2 usage, 4 FOLDER or the port cannot be used.

    \b
    Example:
      jobspider replay fixtures/sites/backend-developer/2025-11-16 --port 8000
    Then in config.toml:
      [site]
      base_url = "http://127.0.0.1:8000"
    """
    site = load_site(folder)
    # A service manager sends SIGTERM. Handle it like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        suppress(KeyboardInterrupt),
        ReplayServer(site, port, on_request=lambda line: click.echo(line, err=True)) as server,
    ):
        origins = ", ".join(f"{count} {origin}" for origin, count in site.origins.items())
        click.echo(f"Serving {folder} at {server.base_url} (pages: {origins}). Press Ctrl-C to stop.")
        click.echo("To crawl it, set in config.toml:")
        click.echo(f'  [site]\n  base_url = "{server.base_url}"')
        threading.Event().wait()
