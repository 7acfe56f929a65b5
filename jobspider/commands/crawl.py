"""Command ``jobspider crawl``: fetch pages now, show the progress and print a summary.

``jobspider run``, ``status`` and the demo print the same summary of a crawl.
"""

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.config import CrawlConfig
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus, LedgerRow
from jobspider.plan import ROLES, SPIDERS
from jobspider.scraping.backoff import remaining_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobspider.scraping.addon import CrawlContext


@click.command("crawl")
@click.argument("spider", type=click.Choice(SPIDERS), default=ROLES)
@click.option("--term", help="Role or skill as in the site's URLs, for example 'backend developer'.")
@click.option("--region", help="Region as in the site's URLs, for example 'north west'.")
@click.option("--job-type", type=click.Choice(["permanent", "contract"]), help="Type of job. Default: permanent.")
@click.option("--window", type=click.Choice(["3", "6"]), help="Length of the window in months. Default: 6.")
@click.option("--url", help="URL of the page, instead of the options above.")
@click.option("--pages", help="Number of pages of a market index, 50 terms each. Default: 1.")
@click.option("--resume", is_flag=True, help="Fetch only the pages that were not read today (UTC).")
@config_option
@json_option
def command(spider: str, config_name: str | None, *, resume: bool, as_json: bool, **arguments: str | None) -> None:
    """Fetch and store every watched page, or the page that the options select.

    SPIDER is "roles" for role and skill pages, or "market" for market indexes: the index of every [[market]], or the
    one that --region, --job-type, --window and --pages select.

    The command sends requests to the configured site at the configured delay and writes to the database. It sends no
    digests. If the site has demanded a pause (Retry-After), also in an earlier crawl, the command waits up to 15
    minutes; after a longer pause is demanded, all remaining pages end as blocked.

    \b
    Exit codes: 0 every page was read, 2 usage or configuration, 3 some pages were not read,
    4 no page was read or fewer than crawl.min_stored_percent, 5 interrupted.
    Pages that were read stay stored in all cases.

    \b
    Examples:
      jobspider crawl
      jobspider crawl --resume
      jobspider crawl --term "backend developer" --region "north west" --job-type contract
      jobspider crawl market --region london --pages 4
    """
    selection = {name: value for name, value in arguments.items() if value is not None}
    loaded = config.load(config_path(config_name))
    # Importing Scrapy takes most of a second, so commands that do not crawl never import it.
    from jobspider.crawl import CrawlRequest, CrawlScope, new_token, run_crawl  # noqa: PLC0415 - see above

    request = CrawlRequest(new_token(), spider, selection, CrawlScope.UNREAD_TODAY if resume else CrawlScope.EVERYTHING)
    with ProgressDisplay.open(loaded, quiet=as_json) as display:
        # The JSON document contains all warnings, so stderr only gets errors.
        log_level = "ERROR" if as_json else "WARNING"
        record = run_crawl(loaded, request, on_begin=display.on_start, on_page=display.on_page, log_level=log_level)
    if as_json:
        print_json({**summary_to_json(record), "read_earlier_today": display.already_read})
    else:
        click.echo(summary_to_text(record, display.already_read))
    raise SystemExit((record.verdict or CrawlResult.FAILED).exit_code)


class ProgressDisplay:
    """Shows the progress of a crawl on stderr: a bar on a terminal, otherwise one line per page."""

    def __init__(self, loaded: CrawlConfig, progress: Progress, *, is_plain: bool) -> None:
        self._delay_seconds = loaded.crawl.delay_seconds
        self._progress = progress
        self._is_plain = is_plain
        self._task = progress.add_task("Fetching", total=None, forecast="")
        self._context: CrawlContext | None = None
        self._done = self._failed = 0

    @classmethod
    @contextmanager
    def open(cls, loaded: CrawlConfig, *, quiet: bool) -> "Iterator[ProgressDisplay]":
        """Show the progress of the crawl in the ``with`` block; show nothing if ``quiet``."""
        console = Console(stderr=True, quiet=quiet)
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[forecast]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress:
            yield cls(loaded, progress, is_plain=not quiet and not console.is_terminal)

    @property
    def already_read(self) -> int:
        """Number of planned pages that were read earlier today and are not requested again."""
        return self._context.already_read if self._context else 0

    def on_start(self, context: "CrawlContext") -> None:
        """Show the number of planned pages, and the pause that the site has demanded."""
        self._context = context
        if context.retry_after_until is not None:
            host, until = context.config.site.host, f"{context.retry_after_until:%Y-%m-%d %H:%M:%S}"
            message = f"{host} asked for no requests until {until} UTC"
            self._progress.console.print(message, highlight=False, markup=False, soft_wrap=True)
        self._update(0)

    def on_page(self, row: LedgerRow) -> None:
        """Show one finished page."""
        self._failed += not row.status.is_success
        self._update(1)
        if self._is_plain:
            reason = f": {row.reason}" if row.reason else ""
            click.echo(f"{row.status:>14}  {row.url}{reason}", err=True)

    def _update(self, advance: int) -> None:
        assert self._context is not None, "on_start() must be called before on_page()"
        self._done += advance
        left = len(self._context.pending)
        elapsed_seconds = self._progress.tasks[0].elapsed or 0.0
        seconds = round(remaining_seconds(left, self._delay_seconds, self._done, elapsed_seconds))
        forecast = f"{self._failed} failed, {left} left, about {timedelta(seconds=seconds)} to go;"
        self._progress.update(self._task, completed=self._done, total=self._done + left, forecast=forecast)


def summary_to_json(record: CrawlRecord) -> dict[str, object]:
    """Return the summary of a crawl as a JSON object."""
    return {
        "token": record.token,
        "spider": record.spider,
        "started_at": record.started_at.isoformat(),
        "finished_at": record.finished_at and record.finished_at.isoformat(),
        "outcome": record.verdict,
        "planned": len(record.ledger),
        "pages": {status.value: count for status, count in record.counts.items()},
        "failed": [
            {"url": row.url, "status": row.status.value, "reason": row.reason}
            for row in record.ledger
            if _has_failed(row.status)
        ],
        "not_fetched": [row.url for row in record.ledger if row.status is FetchStatus.PLANNED],
    }


def summary_to_text(record: CrawlRecord, already_read: int = 0) -> str:
    """Return the result of a crawl in one line, and one line for each failed page with its reason.

    Args:
        record: The crawl.
        already_read: Number of planned pages that were read earlier the same day.
    """
    counts = ", ".join(f"{count} {_status_text(status)}" for status, count in record.counts.items())
    planned = f"{len(record.ledger)} planned: {counts}" if record.ledger else "all pages were already read today"
    earlier = f"; {already_read} more were read earlier today" if record.ledger and already_read else ""
    # A crawl without a result may still run, or its process was killed. The database does not tell which.
    lines = [f"{record.verdict or 'running or killed'}: {planned}{earlier}"]
    lines += [
        f"  {_status_text(row.status)}: {row.url}: {row.reason}" for row in record.ledger if _has_failed(row.status)
    ]
    if record.verdict is not None and record.counts.get(FetchStatus.PLANNED):
        lines.append(f"  To fetch the missing pages: jobspider crawl {record.spider} --resume, with the same options")
    return "\n".join(lines)


def _has_failed(status: FetchStatus) -> bool:
    """Return whether a page ended without being read. Pages that were not requested yet have not failed."""
    return not status.is_success and status is not FetchStatus.PLANNED


def _status_text(status: FetchStatus) -> str:
    return "not fetched yet" if status is FetchStatus.PLANNED else status.value.replace("_", " ")
