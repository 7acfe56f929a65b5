"""The one command, ``jobspider``: assembled here and nothing else."""

import errno
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Final

import click

from alerts.broken_pipe import BrokenPipeSafeFile
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
"""Where each command is."""

_DISK_FULL_ERRNOS: Final = (errno.ENOSPC, errno.EDQUOT)
_INTERRUPTED = CrawlResult.INTERRUPTED.exit_code


class _LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name, each imported when it is asked for: none carries the libraries of all the others."""

    def __init__(self, places: dict[str, str]) -> None:
        self._load: dict[str, Callable[[], click.Command]] = {
            name: partial(_import_command, place) for name, place in places.items()
        }

    def __getitem__(self, name: str) -> click.Command:
        return self._load[name]()

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._load[name] = lambda: command

    def __delitem__(self, name: str) -> None:
        del self._load[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._load)

    def __len__(self) -> int:
        return len(self._load)


def _import_command(place: str) -> click.Command:
    module, _, name = place.partition(":")
    command: click.Command = getattr(import_module(module), name)
    return command


@click.group(
    commands=_LazyCommands(COMMAND_PATHS),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="jobspider")
def jobspider() -> None:
    """Watch the UK tech job market on IT Jobs Watch, and be told what moved.

    Exit codes: 0 done, 1 a fault of this program, 2 the request or config.toml is wrong, 3 done in part, 4 failed,
    5 interrupted.

    \b
    First steps:
      jobspider demo        the whole job on bundled pages, offline
      jobspider init        a config.toml to start from
      jobspider check       is config.toml in order?
      jobspider run         crawl, compare, send what is due
    """


def main() -> None:
    """Run the command; a mistake is one line on stderr and its exit code, never a traceback."""
    sys.stdout, sys.stderr = BrokenPipeSafeFile.wrap(sys.stdout), BrokenPipeSafeFile.wrap(sys.stderr)
    try:
        jobspider.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
    except JobspiderError as error:
        click.echo(error, err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in _DISK_FULL_ERRNOS:
            raise
        with suppress(OSError):
            sys.stdout.close()  # what could not be written would be tried again at the exit
        click.echo(f"the output cannot be written: {error.strerror}; make room, then run it again", err=True)
        sys.exit(CrawlResult.FAILED.exit_code)


if __name__ == "__main__":
    main()
