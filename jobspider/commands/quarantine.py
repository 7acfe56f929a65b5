"""Commands ``jobspider quarantine``: list, show, retry and dismiss pages that were fetched but not accepted."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.commands.text_tables import format_table
from jobspider.errors import StoreError, UsageError
from jobspider.model import CrawlResult
from jobspider.reparse import RetryResult, retry
from jobspider.store.database import Database
from jobspider.store.quarantine import CaseState, Quarantine, QuarantineCase
from jobspider.store.reader import Reader


@click.group("quarantine")
def group() -> None:
    """Handle pages that were fetched but not accepted: list, show, retry, dismiss."""


@group.command("list")
@click.option("--all", "all_cases", is_flag=True, help="Include resolved and dismissed cases.")
@config_option
@json_option
def list_command(config_name: str | None, *, all_cases: bool, as_json: bool) -> None:
    """List the open cases, the oldest first. Writes nothing.

    \b
    Exit codes: 0 done, 2 configuration, 4 the database cannot be read.

    \b
    Example:
      jobspider quarantine list
    """
    with _open_database(config_name, read_only=True) as database:
        cases = Quarantine(database).cases(None if all_cases else CaseState.OPEN)
    if as_json:
        print_json([_case_to_json(case) for case in cases])
    else:
        click.echo(_cases_to_text(cases) if cases else "The quarantine is empty.")


@group.command("show")
@click.argument("case_id", metavar="ID", type=int)
@click.option("--page", "as_page", is_flag=True, help="Write the unchanged bytes of the page to stdout, nothing else.")
@config_option
@json_option
def show_command(case_id: int, config_name: str | None, *, as_page: bool, as_json: bool) -> None:
    """Show why the page of case ID was not accepted: the expected and the actual content. Writes nothing.

    \b
    Exit codes: 0 done, 2 usage, 4 the page is no longer stored.

    \b
    Examples:
      jobspider quarantine show 7
      jobspider quarantine show 7 --page
    """
    if as_page and as_json:
        raise UsageError("--page and --json exclude each other: use one of them")
    with _open_database(config_name, read_only=True) as database:
        case = _load_case(Quarantine(database), case_id)
        capture = Reader(database).capture(case.sha256) if as_page and case.sha256 else None
    if as_page:
        if capture is None:
            raise StoreError(f"the page of case {case_id} is no longer stored")
        sys.stdout.buffer.write(capture.body)
    elif as_json:
        print_json(_case_to_json(case))
    else:
        click.echo(_case_to_text(case))


@group.command("retry")
@click.argument("case_id", metavar="[ID]", type=int, required=False)
@click.option("--all", "all_cases", is_flag=True, help="Retry every open case.")
@config_option
@json_option
def retry_command(case_id: int | None, config_name: str | None, *, all_cases: bool, as_json: bool) -> None:
    """Parse the page of case ID again with the current parser, and store it if it is accepted.

    The page is stored as of its own date. It does not replace a page of the same date that was fetched later. The
    ledger of the crawl does not change. The command sends no requests.

    \b
    Exit codes: 0 every page was accepted, 2 usage, 3 some were accepted, 4 none was accepted.

    \b
    Examples:
      jobspider quarantine retry 7
      jobspider quarantine retry --all
    """
    with _open_database(config_name) as database:
        cases = _select_cases(Quarantine(database), case_id, all_cases=all_cases)
        results = [retry(database, case) for case in cases]
    if as_json:
        print_json([_retry_to_json(result) for result in results])
    else:
        click.echo(_retries_to_text(results) if results else "The quarantine is empty.")
    accepted_count = sum(result.status is not None for result in results)
    if accepted_count == len(results):
        outcome = CrawlResult.COMPLETE
    else:
        outcome = CrawlResult.PARTIAL if accepted_count else CrawlResult.FAILED
    raise SystemExit(outcome.exit_code)


@group.command("dismiss")
@click.argument("case_id", metavar="[ID]", type=int, required=False)
@click.option("--all", "all_cases", is_flag=True, help="Dismiss every open case.")
@config_option
@json_option
def dismiss_command(case_id: int | None, config_name: str | None, *, all_cases: bool, as_json: bool) -> None:
    """Mark case ID as dismissed. Its page is then deleted after [store] keep_pages_days, like all raw pages.

    \b
    Exit codes: 0 done, 2 usage, 4 the database cannot be written.

    \b
    Example:
      jobspider quarantine dismiss 7
    """
    with _open_database(config_name) as database:
        quarantine = Quarantine(database)
        cases = _select_cases(quarantine, case_id, all_cases=all_cases)
        for case in cases:
            quarantine.dismiss(case)
    if as_json:
        print_json({"dismissed": [case.case_id for case in cases]})
    else:
        click.echo(f"{len(cases)} dismissed.")


@contextmanager
def _open_database(config_name: str | None, *, read_only: bool = False) -> Iterator[Database]:
    path = config.load(config_path(config_name)).database_path
    with Database.open(path, read_only=read_only, create=False) as database:
        yield database


def _load_case(quarantine: Quarantine, case_id: int) -> QuarantineCase:
    case = quarantine.case(case_id)
    if case is None:
        raise UsageError(f"case {case_id} does not exist: see jobspider quarantine list --all")
    return case


def _select_cases(quarantine: Quarantine, case_id: int | None, *, all_cases: bool) -> Sequence[QuarantineCase]:
    """Return one unresolved case, or all open cases."""
    if (case_id is None) != all_cases:
        raise UsageError("give either the ID of one case or --all")
    if case_id is None:
        return quarantine.cases(CaseState.OPEN)
    case = _load_case(quarantine, case_id)
    if case.state is CaseState.RESOLVED:
        raise UsageError(f"case {case_id} is already resolved: its page was accepted")
    return [case]


def _status_text(case: QuarantineCase) -> str:
    return case.status.replace("_", " ")


def _cases_to_text(cases: Sequence[QuarantineCase]) -> str:
    rows = [
        (case.case_id, f"{case.fetched_at:%Y-%m-%d}", case.state, _status_text(case), f"{case.url}: {case.reason}")
        for case in cases
    ]
    return format_table(rows, "><<<<", ["ID", "Fetched", "State", "Status", "Page and reason"])


def _case_to_text(case: QuarantineCase) -> str:
    rows = [
        ("", "page", case.url),
        ("", "fetched", f"{case.fetched_at:%Y-%m-%d %H:%M} UTC, by crawl {case.crawl_id}"),
        ("", "reason", case.reason),
    ]
    for finding in case.findings:
        hint = "" if finding.rejects_page else " (does not reject the page)"
        rows.append(("", "finding", f"{finding.identity}{hint}: expected {finding.expected}, found {finding.found}"))
    show_page = f"jobspider quarantine show {case.case_id} --page > page.html"
    rows.append(("", "bytes", show_page if case.has_body else "no longer stored"))
    return f"Case {case.case_id} ({case.state}): {_status_text(case)}\n{format_table(rows, '<<<')}"


def _case_to_json(case: QuarantineCase) -> dict[str, object]:
    return {
        "id": case.case_id,
        "state": case.state,
        "url": case.url,
        "status": case.status,
        "reason": case.reason,
        "findings": [finding.to_json() for finding in case.findings],
        "crawl_id": case.crawl_id,
        "fetched_at": case.fetched_at.isoformat(),
        "sha256": case.sha256,
        "page_is_kept": case.has_body,
    }


def _retries_to_text(results: Sequence[RetryResult]) -> str:
    rows = [(result.case.case_id, f"{result.case.url}: {_result_text(result)}") for result in results]
    return format_table(rows, "><")


def _result_text(result: RetryResult) -> str:
    if result.status is None:
        return f"still not accepted: {result.reason}"
    return {
        "stored": "accepted and stored as of its date",
        "unchanged": "accepted; its figures were already stored",
        "stale": "accepted but not stored: the stored page of its date was fetched later",
    }[result.status]


def _retry_to_json(result: RetryResult) -> dict[str, object]:
    """Return the case with the result. The key ``reason`` keeps the reason from the crawl."""
    state = CaseState.RESOLVED if result.status else result.case.state
    outcome = {"state": state, "stored_as": result.status, "still_refused": result.reason or None}
    return _case_to_json(result.case) | outcome
