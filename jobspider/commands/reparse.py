"""``jobspider reparse``: what today's parser makes of the pages that an older one has read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import click

from jobspider import config, pages
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.reparse import Difference, ReparseResult, ReparseStatus, preview_reparse, reparse
from jobspider.store.database import Database
from jobspider.store.reparsing import ReparseCandidate, ReparseStore

_DONE, _IN_PART = 0, 3


@dataclass
class _Report:
    """What reading anew changes; of each subject and figure, on how many pages and an example from the newest."""

    outcomes: Counter[ReparseStatus] = field(default_factory=Counter)
    refused: list[ReparseResult] = field(default_factory=list)
    not_kept: list[ReparseCandidate] = field(default_factory=list)
    to_write: list[ReparseCandidate] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    newest: dict[tuple[str, str], tuple[ReparseCandidate, Difference]] = field(default_factory=dict)

    def add(self, reread: ReparseResult) -> None:
        """Count one page in; they come subject by subject, the oldest first."""
        page = reread.page
        self.outcomes[reread.outcome] += 1
        if reread.outcome is ReparseStatus.REFUSED:
            self.refused.append(reread)
        elif reread.outcome is ReparseStatus.NOT_KEPT:
            self.not_kept.append(page)
        else:
            self.to_write.append(page)
        first_of_figure = {each.figure: each for each in reversed(reread.differences)}
        for figure, difference in reversed(first_of_figure.items()):
            self.counts[page.subject.key, figure] += 1
            self.newest[page.subject.key, figure] = page, difference

    @property
    def exit_code(self) -> int:
        return _IN_PART if self.refused else _DONE


@click.command("reparse")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only pages as of this date or later.")
@click.option("--all", "every", is_flag=True, help="Those too that today's parser has read.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@config_option
@json_option
def command(since: datetime | None, config_name: str | None, *, every: bool, dry_run: bool, as_json: bool) -> None:
    """Read the kept pages anew that an older parser has read, and put right what it has read otherwise.

    What changes is reported before anything is written. No digest ever tells it: it is the parser that moved, not the
    market. A page that is not accepted any more stays as it is, and the exit code is then 3. Every crawl begins by
    doing the same, so that its figures are compared with what the same parser has read.

    \b
    Examples:
      jobspider reparse --dry-run
      jobspider reparse --since 2025-11-01
    """
    path = config.load(config_path(config_name)).database_path
    with Database.open(path, read_only=dry_run, create=False) as database:
        before = None if every else pages.PARSER_VERSION
        report = _Report()
        for reread in preview_reparse(database, ReparseStore(database).pages(before, since and since.date())):
            report.add(reread)
        if as_json:
            print_json(_as_data(report, dry_run=dry_run))
        else:
            _print(report)
        if report.to_write and not dry_run:
            written = sum(1 for _ in reparse(database, report.to_write))
            click.echo(f"Written: {written} pages.", err=as_json)
    raise SystemExit(report.exit_code)


def _print(report: _Report) -> None:
    counts = report.outcomes
    if not counts:
        click.echo(f"No stored page is to be read anew: today's parser is version {pages.PARSER_VERSION}.")
        return
    click.echo(
        f"{counts.total()} pages for parser version {pages.PARSER_VERSION}:"
        f" {counts[ReparseStatus.SAME]} read the same, {counts[ReparseStatus.CHANGED]} otherwise,"
        f" {counts[ReparseStatus.REFUSED]} are not accepted any more,"
        f" {counts[ReparseStatus.NOT_KEPT]} are not kept any more"
    )
    told = None
    for (subject, figure), (page, difference) in report.newest.items():
        if subject != told:
            click.echo(f"  {subject}")
            told = subject
        item = f", {difference.item}" if difference.item else ""
        click.echo(
            f"    {figure}{item}: {_side(difference.old)} -> {_side(difference.new)} (to {page.as_of};"
            f" differs on {_pages(report.counts[subject, figure])})"
        )
    for reread in report.refused:
        click.echo(f"  not accepted any more: {reread.page.subject.key} to {reread.page.as_of}: {reread.reason}")
    for subject, number in _by_subject(report.not_kept).items():
        click.echo(f"  not kept any more: {subject}: {_pages(number)}")


def _pages(number: int) -> str:
    return "1 page" if number == 1 else f"{number} pages"


def _side(value: str | None) -> str:
    return "no such row" if value is None else value


def _by_subject(stored: Iterable[ReparseCandidate]) -> Counter[str]:
    return Counter(page.subject.key for page in stored)


def _as_data(report: _Report, *, dry_run: bool) -> dict[str, object]:
    return {
        "parser_version": pages.PARSER_VERSION,
        "dry_run": dry_run,
        "pages": {outcome.value: report.outcomes[outcome] for outcome in ReparseStatus},
        "changes": [
            {
                "subject": subject,
                "figure": figure,
                "pages": report.counts[subject, figure],
                "newest": {
                    "as_of": page.as_of.isoformat(),
                    "item": difference.item or None,
                    "old": difference.old,
                    "new": difference.new,
                },
            }
            for (subject, figure), (page, difference) in report.newest.items()
        ],
        "refused": [
            {"subject": each.page.subject.key, "as_of": each.page.as_of.isoformat(), "reason": each.reason}
            for each in report.refused
        ],
        "not_kept": dict(_by_subject(report.not_kept)),
    }
