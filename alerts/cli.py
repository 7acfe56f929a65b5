"""Run the ``jobspider`` command: import the subcommand that is called, and turn errors into exit codes."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TextIO

import click

from jobspider import __version__
from jobspider.errors import JobspiderError
from jobspider.model import CrawlResult

COMMAND_PATHS: Final = {
    "init": "alerts.commands.init:command",
    "demo": "alerts.commands.demo:command",
    "replay": "jobspider.commands.replay:command",
    "crawl": "jobspider.commands.crawl:command",
    "parse": "jobspider.commands.parse:command",
    "save-page": "jobspider.commands.save_page:command",
    "quarantine": "jobspider.commands.quarantine:group",
    "reparse": "jobspider.commands.reparse:command",
    "changes": "alerts.commands.digest:changes_command",
    "digest": "alerts.commands.digest:digest_command",
    "deliver": "alerts.commands.outbox:deliver_command",
    "outbox": "alerts.commands.outbox:group",
    "backtest": "alerts.commands.backtest:command",
    "run": "alerts.commands.run:command",
    "schedule": "alerts.commands.schedule:command",
    "status": "alerts.commands.status:status_command",
    "check": "alerts.commands.status:check_command",
    "history": "alerts.commands.history:command",
    "compare": "alerts.commands.compare:command",
    "movers": "jobspider.commands.market:movers_command",
    "discover": "jobspider.commands.market:discover_command",
    "report": "alerts.commands.report:command",
    "export": "jobspider.commands.export:command",
    "db": "alerts.commands.db:group",
}
"""Import path of each command, ``module:attribute``."""

_DISK_FULL_ERRNOS: Final = (errno.ENOSPC, errno.EDQUOT)


class _LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name. Each is imported on first use, so that no command loads the libraries of all others."""

    def __init__(self, paths: dict[str, str]) -> None:
        self._loaders: dict[str, Callable[[], click.Command]] = {
            name: partial(_import_command, path) for name, path in paths.items()
        }

    def __getitem__(self, name: str) -> click.Command:
        return self._loaders[name]()

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaders[name] = lambda: command

    def __delitem__(self, name: str) -> None:
        del self._loaders[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaders)

    def __len__(self) -> int:
        return len(self._loaders)


def _import_command(path: str) -> click.Command:
    module, _, attribute = path.partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


@click.group(
    commands=_LazyCommands(COMMAND_PATHS),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="jobspider")
def jobspider() -> None:
    """Watch the UK tech job market on IT Jobs Watch and report significant changes.

    Exit codes: 0 success, 1 a bug in this program, 2 a usage or configuration error, 3 partial success, 4 failure,
    5 interrupted.

    \b
    First steps:
      jobspider demo        run the complete cycle on bundled pages, offline
      jobspider init        write a config.toml to start from
      jobspider check       check config.toml and everything it needs
      jobspider run         crawl, compare and send the digests that are due
    """


def main() -> None:
    """Run the command. Report an expected error as one line on stderr and an exit code, without a traceback."""
    sys.stdout, sys.stderr = _ignore_closed_pipe(sys.stdout), _ignore_closed_pipe(sys.stderr)
    try:
        jobspider.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(CrawlResult.INTERRUPTED.exit_code)
    except JobspiderError as error:
        click.echo(error, err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in _DISK_FULL_ERRNOS:
            raise
        with suppress(OSError):
            sys.stdout.close()  # otherwise the interpreter writes the buffered rest again when it exits
        click.echo(f"cannot write the output: {error.strerror}; free some space, then run the command again", err=True)
        sys.exit(CrawlResult.FAILED.exit_code)


class _PipeFile(io.FileIO):
    """File that continues as ``/dev/null`` when the reader closes the pipe (``jobspider status | head -1``).

    The command then completes its work and keeps its own exit code. Catching the error around the command would lose
    both, because ``click.echo`` flushes each line.
    """

    def write(self, data: Any, /) -> int:  # any buffer; Python 3.11 has no type for it
        try:
            return super().write(data)
        except BrokenPipeError:
            with Path(os.devnull).open("wb") as null:
                os.dup2(null.fileno(), self.fileno())
            return super().write(data)


def _ignore_closed_pipe(stream: TextIO | None) -> TextIO:
    """Return a stream to the same file that never raises ``BrokenPipeError``."""
    if stream is None:  # the shell closed it (``>&-``); open it, so that no other file gets its descriptor
        return Path(os.devnull).open("w", encoding="utf-8")
    buffer = io.BufferedWriter(_PipeFile(stream.fileno(), "wb", closefd=False))
    return io.TextIOWrapper(buffer, stream.encoding, stream.errors, line_buffering=True)


if __name__ == "__main__":
    main()
