"""``jobspider replay``: serve saved pages as the site."""

import signal
import threading
from contextlib import suppress
from pathlib import Path

import click

from jobspider.replay import ReplayServer, load_site


@click.command("replay")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 takes any that is free."
)
def command(folder: Path, port: int) -> None:
    """Serve the saved pages in FOLDER as the site, on this machine only, until Ctrl-C.

    Nothing is fetched from the live site. Each request is logged on stderr.

    \b
    Example:
      jobspider replay fixtures/sites/backend-developer/2025-11-16 --port 8000
    and in config.toml:
      [site]
      base_url = "http://127.0.0.1:8000"
    """
    site = load_site(folder)
    # A service manager ends this as a terminal does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        suppress(KeyboardInterrupt),
        ReplayServer(site, port, on_request=lambda line: click.echo(line, err=True)) as server,
    ):
        origins = ", ".join(f"{number} {origin}" for origin, number in site.origins.items())
        click.echo(f"Serving {folder} at {server.base_url} (pages: {origins}). Ctrl-C ends it.")
        click.echo("To crawl it, write in config.toml:")
        click.echo(f'  [site]\n  base_url = "{server.base_url}"')
        threading.Event().wait()
