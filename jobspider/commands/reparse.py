"""Command ``jobspider reparse``: parse stored pages again after the parser has changed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import click

from jobspider import config, pages
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.model import CrawlResult
from jobspider.reparse import Difference, ReparseResult, ReparseStatus, preview_reparse, reparse
from jobspider.store.database import Database
from jobspider.store.reparsing import ReparseCandidate, ReparseStore


@dataclass
class _ReparseSummary:
    """Result of a preview. For each subject and figure: the number of changed pages, and the newest change."""

    statuses: Counter[ReparseStatus] = field(default_factory=Counter)
    rejected: list[ReparseResult] = field(default_factory=list)
    deleted: list[ReparseCandidate] = field(default_factory=list)
    accepted: list[ReparseCandidate] = field(default_factory=list)
    page_counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    newest: dict[tuple[str, str], tuple[ReparseCandidate, Difference]] = field(default_factory=dict)

    def add(self, result: ReparseResult) -> None:
        """Add one page. Pages must be added by subject, the oldest first."""
        page = result.page
        self.statuses[result.outcome] += 1
        if result.outcome is ReparseStatus.REFUSED:
            self.rejected.append(result)
        elif result.outcome is ReparseStatus.NOT_KEPT:
            self.deleted.append(page)
        else:
            self.accepted.append(page)
        first_differences: dict[str, Difference] = {}
        for difference in result.differences:
            first_differences.setdefault(difference.figure, difference)
        for figure, difference in first_differences.items():
            self.page_counts[page.subject.key, figure] += 1
            self.newest[page.subject.key, figure] = page, difference

    @property
    def exit_code(self) -> int:
        return (CrawlResult.PARTIAL if self.rejected else CrawlResult.COMPLETE).exit_code


@click.command("reparse")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only pages as of DATE or later.")
@click.option("--all", "all_pages", is_flag=True, help="Include pages that the current parser has already parsed.")
@click.option("--dry-run", is_flag=True, help="Print the differences and write nothing.")
@config_option
@json_option
def command(since: datetime | None, config_name: str | None, *, all_pages: bool, dry_run: bool, as_json: bool) -> None:
    """Parse the stored pages of older parser versions again, and update the stored figures.

    The command prints all differences before it writes to the database. It sends no requests. No digest reports the
    differences, because the parser changed and not the market. A page that is no longer accepted is not changed.

    Every crawl does the same at its start, so that figures to be compared come from one parser version.

    \b
    Exit codes: 0 done, 2 usage, 3 some pages are no longer accepted, 4 failed.

    \b
    Examples:
      jobspider reparse --dry-run
      jobspider reparse --since 2025-11-01
    """
    path = config.load(config_path(config_name)).database_path
    with Database.open(path, read_only=dry_run, create=False) as database:
        before = None if all_pages else pages.PARSER_VERSION
        summary = _ReparseSummary()
        for result in preview_reparse(database, ReparseStore(database).pages(before, since and since.date())):
            summary.add(result)
        if as_json:
            print_json(_summary_to_json(summary, dry_run=dry_run))
        else:
            click.echo(_summary_to_text(summary))
        if summary.accepted and not dry_run:
            written_count = sum(1 for _ in reparse(database, summary.accepted))
            click.echo(f"Written: {written_count} pages.", err=as_json)
    raise SystemExit(summary.exit_code)


def _summary_to_text(summary: _ReparseSummary) -> str:
    statuses = summary.statuses
    if not statuses:
        return f"No stored page needs to be parsed again: the parser has version {pages.PARSER_VERSION}."
    headline = (
        f"{statuses.total()} pages for parser version {pages.PARSER_VERSION}:"
        f" {statuses[ReparseStatus.SAME]} unchanged, {statuses[ReparseStatus.CHANGED]} changed,"
        f" {statuses[ReparseStatus.REFUSED]} no longer accepted, {statuses[ReparseStatus.NOT_KEPT]} no longer stored"
    )
    lines = [headline]
    previous_subject = None
    for (subject, figure), (page, difference) in summary.newest.items():
        if subject != previous_subject:
            lines.append(f"  {subject}")
            previous_subject = subject
        item = f", {difference.item}" if difference.item else ""
        page_count = _page_count_text(summary.page_counts[subject, figure])
        lines.append(
            f"    {figure}{item}: {_value_text(difference.old)} -> {_value_text(difference.new)}"
            f" (as of {page.as_of}; differs on {page_count})"
        )
    lines += [
        f"  no longer accepted: {result.page.subject.key} as of {result.page.as_of}: {result.reason}"
        for result in summary.rejected
    ]
    lines += [
        f"  no longer stored: {subject}: {_page_count_text(count)}"
        for subject, count in _counts_by_subject(summary.deleted).items()
    ]
    return "\n".join(lines)


def _page_count_text(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


def _value_text(value: str | None) -> str:
    return "no such row" if value is None else value


def _counts_by_subject(candidates: Iterable[ReparseCandidate]) -> Counter[str]:
    return Counter(candidate.subject.key for candidate in candidates)


def _summary_to_json(summary: _ReparseSummary, *, dry_run: bool) -> dict[str, object]:
    return {
        "parser_version": pages.PARSER_VERSION,
        "dry_run": dry_run,
        "pages": {status.value: summary.statuses[status] for status in ReparseStatus},
        "changes": [
            {
                "subject": subject,
                "figure": figure,
                "pages": summary.page_counts[subject, figure],
                "newest": {
                    "as_of": page.as_of.isoformat(),
                    "item": difference.item or None,
                    "old": difference.old,
                    "new": difference.new,
                },
            }
            for (subject, figure), (page, difference) in summary.newest.items()
        ],
        "refused": [
            {
                "subject": result.page.subject.key,
                "as_of": result.page.as_of.isoformat(),
                "reason": result.reason,
            }
            for result in summary.rejected
        ],
        "not_kept": dict(_counts_by_subject(summary.deleted)),
    }
