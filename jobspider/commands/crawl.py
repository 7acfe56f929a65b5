"""``jobspider crawl``: fetch now, with progress, a summary and a true exit code."""

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
@click.option("--term", help="A role or skill as in the site's addresses: 'backend developer'.")
@click.option("--region", help="A region as in the site's addresses: 'north west'.")
@click.option("--job-type", type=click.Choice(["permanent", "contract"]), help="permanent if not given.")
@click.option("--window", type=click.Choice(["3", "6"]), help="Months; 6 if not given.")
@click.option("--url", help="A page's address, instead of the above.")
@click.option("--pages", help="How many pages of a market's index, 50 terms each; 1 if not given.")
@click.option("--resume", is_flag=True, help="Fetch only what has not been read today (UTC).")
@config_option
@json_option
def command(spider: str, config_name: str | None, *, resume: bool, as_json: bool, **asked: str | None) -> None:
    """Fetch and store every watched page, or the one that the options name.

    SPIDER is roles, or market: the index of every [[market]], or of the one that --region, --job-type, --window and
    --pages name.

    The exit code says how it went: 0 every page was read, 3 some were not, 4 none was (or fewer than
    crawl.min_stored_percent), 5 interrupted. What was read is kept in any case.

    While a pause is not over that the site has asked for (Retry-After), in this crawl or in an earlier one, nothing is
    asked: up to 15 minutes of it are waited for, and else every page ends as blocked, with the moment in its reason.

    \b
    Examples:
      jobspider crawl
      jobspider crawl --resume
      jobspider crawl --term "backend developer" --region "north west" --job-type contract
      jobspider crawl market --region london --pages 4
    """
    arguments = {name: value for name, value in asked.items() if value is not None}
    loaded = config.load(config_path(config_name))
    # Scrapy takes most of a second to import; the other commands need not wait for it.
    from jobspider.crawl import CrawlRequest, CrawlScope, new_token, run_crawl  # noqa: PLC0415 - as said above

    order = CrawlRequest(new_token(), spider, arguments, CrawlScope.UNREAD_TODAY if resume else CrawlScope.EVERYTHING)
    with ProgressDisplay.open(loaded, quiet=as_json) as watcher:
        # A program is told all in its JSON.
        log_level = "ERROR" if as_json else "WARNING"
        outcome = run_crawl(loaded, order, on_begin=watcher.on_start, on_page=watcher.on_page, log_level=log_level)
    if as_json:
        print_json({**summary(outcome), "read_earlier_today": watcher.read_before})
    else:
        print_summary(outcome, watcher.read_before)
    raise SystemExit((outcome.verdict or CrawlResult.FAILED).exit_code)


class ProgressDisplay:
    """Shows a crawl under way: a bar on a terminal, a line a page elsewhere, nothing where a program listens."""

    def __init__(self, loaded: CrawlConfig, progress: Progress, *, is_plain: bool) -> None:
        self._delay = loaded.crawl.delay_seconds
        self._progress = progress
        self._is_plain = is_plain
        self._task = progress.add_task("Fetching", total=None, forecast="")
        self._run: CrawlContext | None = None
        self._done = self._failed = 0

    @classmethod
    @contextmanager
    def open(cls, loaded: CrawlConfig, *, quiet: bool) -> "Iterator[ProgressDisplay]":
        """Show the crawl that is run inside."""
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
    def read_before(self) -> int:
        """How many pages of the plan were read earlier today, and not asked for again."""
        return self._run.already_read if self._run else 0

    def on_start(self, run: "CrawlContext") -> None:
        """Show the plan, and why it may take long or come to nothing."""
        self._run = run
        if run.retry_after_until is not None:
            said = f"{run.config.site.host} asked for no requests until {run.retry_after_until:%Y-%m-%d %H:%M:%S} UTC"
            self._progress.console.print(said, highlight=False, markup=False, soft_wrap=True)
        self._show(0)

    def on_page(self, row: LedgerRow) -> None:
        """Show a page that has ended in the ledger."""
        self._failed += not row.status.is_success
        self._show(1)
        if self._is_plain:
            reason = f": {row.reason}" if row.reason else ""
            click.echo(f"{row.status:>14}  {row.url}{reason}", err=True)

    def _show(self, advance: int) -> None:
        assert self._run is not None, "a crawl begins before its pages end"
        self._done += advance
        left = len(self._run.pending)
        elapsed = self._progress.tasks[0].elapsed or 0.0
        to_go = timedelta(seconds=round(remaining_seconds(left, self._delay, self._done, elapsed)))
        forecast = f"{self._failed} failed, {left} left, about {to_go} to go;"
        self._progress.update(self._task, completed=self._done, total=self._done + left, forecast=forecast)


def summary(outcome: CrawlRecord) -> dict[str, object]:
    """Return a crawl's outcome for programs."""
    return {
        "token": outcome.token,
        "spider": outcome.spider,
        "started_at": outcome.started_at.isoformat(),
        "finished_at": outcome.finished_at and outcome.finished_at.isoformat(),
        "outcome": outcome.verdict,
        "planned": len(outcome.ledger),
        "pages": {status.value: count for status, count in outcome.counts.items()},
        "failed": [
            {"url": row.url, "status": row.status.value, "reason": row.reason}
            for row in outcome.ledger
            if _has_failed(row.status)
        ],
        "not_fetched": [row.url for row in outcome.ledger if row.status is FetchStatus.PLANNED],
    }


def print_summary(outcome: CrawlRecord, read_before: int = 0) -> None:
    """Print how a crawl went, and every page that failed with its reason.

    Args:
        outcome: How it went.
        read_before: How many other pages of the same plan were read earlier in the day.
    """
    counts = ", ".join(f"{count} {_status_text(status)}" for status, count in outcome.counts.items())
    planned = f"{len(outcome.ledger)} planned: {counts}" if outcome.ledger else "nothing is missing of today"
    earlier = f"; {read_before} more were read earlier today" if outcome.ledger and read_before else ""
    # Whether it still goes on is not in the database: one that was killed has said nothing more.
    click.echo(f"{outcome.verdict or 'running or killed'}: {planned}{earlier}")
    for row in outcome.ledger:
        if _has_failed(row.status):
            click.echo(f"  {_status_text(row.status)}: {row.url}: {row.reason}")
    if outcome.verdict is not None and outcome.counts.get(FetchStatus.PLANNED):
        click.echo(f"  jobspider crawl {outcome.spider} --resume, with its other options, fetches what is missing")


def _has_failed(status: FetchStatus) -> bool:
    """Whether a page ended and was not read; one that an interrupted crawl has left planned has not failed."""
    return not status.is_success and status is not FetchStatus.PLANNED


def _status_text(status: FetchStatus) -> str:
    return "not fetched yet" if status is FetchStatus.PLANNED else status.value.replace("_", " ")
