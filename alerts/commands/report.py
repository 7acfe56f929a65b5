"""``jobspider report``: what is kept, as one page for people."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from alerts import wording
from alerts.commands import digest_config, open_context
from alerts.reports.builder import ReportRequest, WrittenReport, build_report, write_report
from jobspider.commands import config_option, json_option, print_json
from jobspider.commands.subject_arguments import resolve_subjects
from jobspider.errors import UsageError
from jobspider.store.database import Database
from jobspider.store.reader import Reader

_WEEKS: Final = re.compile(r"([1-9]\d{0,3})w")
_SUFFIXES: Final = (".html", ".htm")


@click.command("report")
@click.argument("words", nargs=-1, metavar="[SUBJECT]...")
@click.option("--digest", "name", help="About the pages that this digest watches.")
@click.option(
    "--since",
    default="13w",
    show_default=True,
    metavar="WHEN",
    help="Count moves from this day (2025-06-01), or from so many weeks ago (13w).",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    metavar="FILE",
    help="The file; what stands there is replaced.",
)
@config_option
@json_option
def command(
    words: tuple[str, ...], name: str | None, since: str, out: Path, config_name: str | None, *, as_json: bool
) -> None:
    """Write what is kept of every watched page as one HTML file: figures, moves, charts, skills.

    The file needs nothing but itself: no network, no server. Its charts need the extra "charts"; without it the tables
    say the same. A SUBJECT that is kept, watched or not, is written as in config.toml, "permanent/north west/backend
    developer/6", without the job type (permanent) or the window (6 months) if you like; as a pattern; or as the address
    of its page.

    \b
    Examples:
      jobspider report
      jobspider report --digest weekly --since 26w --out weekly.html
      jobspider report "permanent/*/backend developer/6" --since 2025-06-01
    """
    if words and name is not None:
        raise UsageError("--digest says which pages the report is about: name pages or a digest, not both")
    if out.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{out} would not be known as a page: let the name of --out end in .html")
    context = open_context(config_name)
    now = context.clock()
    digest, day = None if name is None else digest_config(context, name), _day(since, now)
    with Database.open(context.config.database_path, read_only=True) as database, database.read_transaction():
        named = [head.subject for head in resolve_subjects(Reader(database), words)] if words else []
        report = build_report(database, context.config, ReportRequest(digest, named, day), now)
    written = write_report(report, out)
    if as_json:
        print_json(_json_data(written))
    else:
        click.echo(_text_lines(written))


def _day(since: str, now: datetime) -> date:
    """Return the day that moves are counted from."""
    weeks = _WEEKS.fullmatch(since)
    try:
        day = now.date() - timedelta(weeks=int(weeks[1])) if weeks else date.fromisoformat(since)
    except (ValueError, OverflowError):
        raise UsageError(f"--since {since!r} is no day: write one like 2025-06-01, or weeks like 13w") from None
    if day >= now.date():
        raise UsageError(f"--since {since} is not past: moves are counted from an earlier day")
    return day


def _text_lines(written: WrittenReport) -> str:
    report = written.report
    parts = [wording.pluralize(len(report.subjects), "subject"), f"{written.size / 1000:,.0f} KB"]
    if written.charts:
        parts.append(wording.pluralize(written.charts, "chart"))
    if report.without_data:
        parts.append(f"of {len(report.without_data):,} nothing is kept yet")
    if written.charts is None:
        parts.append('without charts, which need the extra "charts"')
    return f"{written.path}: {', '.join(parts)}"


def _json_data(written: WrittenReport) -> dict[str, object]:
    report = written.report
    return {
        "file": str(written.path),
        "bytes": written.size,
        "charts": written.charts,
        "since": report.since.isoformat(),
        "subjects": [
            {
                "subject": portrait.newest.head.subject.key,
                "as_of": portrait.newest.head.as_of.isoformat(),
                "snapshots": len(portrait.history),
                "stale": portrait.is_stale,
            }
            for portrait in report.subjects
        ],
        "nothing_kept": [subject.key for subject, _ in report.without_data],
    }
