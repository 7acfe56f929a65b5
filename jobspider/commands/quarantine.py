"""``jobspider quarantine``: the pages that were fetched and not accepted."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.errors import StoreError, UsageError
from jobspider.reparse import RetryResult, retry
from jobspider.store.database import Database
from jobspider.store.quarantine import CaseState, Quarantine, QuarantineCase
from jobspider.store.reader import Reader

_DONE, _IN_PART, _NOT_DONE = 0, 3, 4


@click.group("quarantine")
def group() -> None:
    """Look after the pages that were fetched and not accepted: list, show, retry, dismiss."""


@group.command("list")
@click.option("--all", "every", is_flag=True, help="Resolved and dismissed cases too.")
@config_option
@json_option
def list_command(config_name: str | None, *, every: bool, as_json: bool) -> None:
    """List the open cases, the oldest first.

    \b
    Example:
      jobspider quarantine list
    """
    with _open(config_name, read_only=True) as database:
        cases = Quarantine(database).cases(None if every else CaseState.OPEN)
    if as_json:
        print_json([_as_data(case) for case in cases])
        return
    for case in cases:
        state = "" if case.state is CaseState.OPEN else f" ({case.state})"
        click.echo(
            f"{case.case_id:>4}  {case.fetched_at:%Y-%m-%d}  {_status_text(case)}: {case.url}: {case.reason}{state}"
        )
    if not cases:
        click.echo("Nothing is in quarantine.")


@group.command("show")
@click.argument("case_id", metavar="ID", type=int)
@click.option("--page", "as_page", is_flag=True, help="Write the page to stdout, as it came: redirect it into a file.")
@config_option
@json_option
def show_command(case_id: int, config_name: str | None, *, as_page: bool, as_json: bool) -> None:
    """Show why the page of case ID was not accepted: what was expected, and what was found.

    \b
    Examples:
      jobspider quarantine show 7
      jobspider quarantine show 7 --page
    """
    if as_page and as_json:
        raise UsageError("--page and --json: use one of them")
    with _open(config_name, read_only=True) as database:
        case = _case(Quarantine(database), case_id)
        capture = Reader(database).capture(case.sha256) if as_page and case.sha256 else None
    if as_page:
        if capture is None:
            raise StoreError(f"the page of case {case_id} is not kept any more")
        sys.stdout.buffer.write(capture.body)
    elif as_json:
        print_json(_as_data(case))
    else:
        _print(case)


@group.command("retry")
@click.argument("case_id", metavar="[ID]", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="Every open case.")
@config_option
@json_option
def retry_command(case_id: int | None, config_name: str | None, *, every: bool, as_json: bool) -> None:
    """Read the page of case ID anew with today's parser, and keep it if it is accepted now.

    It is kept as of its own date; a page of that date that was fetched later stays. The crawl's ledger is not changed.
    The exit code is 0 if every page was accepted, 3 if some were, 4 if none was.

    \b
    Examples:
      jobspider quarantine retry 7
      jobspider quarantine retry --all
    """
    with _open(config_name) as database:
        retried = [retry(database, case) for case in _select_cases(Quarantine(database), case_id, every=every)]
    if as_json:
        print_json([{**_as_data(each.case), **_ended(each)} for each in retried])
    else:
        for each in retried:
            click.echo(f"{each.case.case_id:>4}  {each.case.url}: {_said(each)}")
        if not retried:
            click.echo("Nothing is in quarantine.")
    accepted = sum(each.status is not None for each in retried)
    raise SystemExit(_DONE if accepted == len(retried) else _IN_PART if accepted else _NOT_DONE)


@group.command("dismiss")
@click.argument("case_id", metavar="[ID]", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="Every open case.")
@config_option
@json_option
def dismiss_command(case_id: int | None, config_name: str | None, *, every: bool, as_json: bool) -> None:
    """Put case ID away: nothing is to be done about it. Its page is then kept no longer than others.

    \b
    Example:
      jobspider quarantine dismiss 7
    """
    with _open(config_name) as database:
        quarantine = Quarantine(database)
        chosen = _select_cases(quarantine, case_id, every=every)
        for case in chosen:
            quarantine.dismiss(case)
    if as_json:
        print_json({"dismissed": [case.case_id for case in chosen]})
    else:
        click.echo(f"{len(chosen)} dismissed.")


@contextmanager
def _open(config_name: str | None, *, read_only: bool = False) -> Iterator[Database]:
    path = config.load(config_path(config_name)).database_path
    with Database.open(path, read_only=read_only, create=False) as database:
        yield database


def _case(quarantine: Quarantine, case_id: int) -> QuarantineCase:
    case = quarantine.case(case_id)
    if case is None:
        raise UsageError(f"there is no case {case_id}: see jobspider quarantine list --all")
    return case


def _select_cases(quarantine: Quarantine, case_id: int | None, *, every: bool) -> Sequence[QuarantineCase]:
    """Return the cases that a command is about: one, or all that are open."""
    if (case_id is None) != every:
        raise UsageError("name one case by its number, or --all")
    if case_id is None:
        return quarantine.cases(CaseState.OPEN)
    case = _case(quarantine, case_id)
    if case.state is CaseState.RESOLVED:
        raise UsageError(f"case {case_id} is resolved: its page was accepted")
    return [case]


def _status_text(case: QuarantineCase) -> str:
    return case.status.replace("_", " ")


def _print(case: QuarantineCase) -> None:
    click.echo(f"Case {case.case_id} ({case.state}): {_status_text(case)}")
    click.echo(f"  page     {case.url}")
    click.echo(f"  fetched  {case.fetched_at:%Y-%m-%d %H:%M} UTC, by crawl {case.crawl_id}")
    click.echo(f"  reason   {case.reason}")
    for finding in case.findings:
        hint = "" if finding.rejects_page else " (only a hint)"
        click.echo(f"  finding  {finding.identity}{hint}: expected {finding.expected}, found {finding.found}")
    kept = f"jobspider quarantine show {case.case_id} --page > page.html" if case.has_body else "not kept any more"
    click.echo(f"  bytes    {kept}")


def _said(retried: RetryResult) -> str:
    if retried.status is None:
        return f"still not accepted: {retried.reason}"
    return {
        "stored": "accepted, and kept as of its date",
        "unchanged": "accepted; its figures were known",
        "stale": "accepted; what is kept of its date was fetched later, and stays",
    }[retried.status]


def _ended(retried: RetryResult) -> dict[str, object]:
    """Return what has become of a case; its own reason is that of its crawl."""
    state = CaseState.RESOLVED if retried.status else retried.case.state
    return {"state": state, "stored_as": retried.status, "still_refused": retried.reason or None}


def _as_data(case: QuarantineCase) -> dict[str, object]:
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
