"""``scrapy crawl`` with a plan, a lock, a ledger and a true exit code. Scrapy's own exits 0 whatever happens."""

import argparse
import os
import sys
from pathlib import Path

from scrapy.commands import crawl as scrapys
from scrapy.exceptions import UsageError

from jobspider import config, crawl
from jobspider.errors import JobspiderError
from jobspider.errors import UsageError as OwnUsageError
from jobspider.plan import SPIDERS
from jobspider.scraping.addon import RUN_SETTING


class Command(scrapys.Command):
    """Runs a spider on the pages that config.toml watches, or on the one that ``-a`` arguments name."""

    def long_desc(self) -> str:
        """Say what the command does."""
        return (
            "Fetch every watched page and store it; or, with -a term=... -a region=... [-a job_type=contract] "
            "[-a window=3] or -a url=..., that page, watched or not. -O out.json writes the pages as documents."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the crawl; the exit code says how it went: 0 complete, 3 partial, 4 failed, 5 interrupted."""
        assert self.settings is not None, "Scrapy sets it before it runs a command"
        assert self.crawler_process is not None, "as above"
        if args not in ([name] for name in SPIDERS):
            raise UsageError(f"give the name of one spider: {' or '.join(SPIDERS)}", print_help=False)
        try:
            loaded = config.load(config.find(Path.cwd(), None, os.environ))
            # scrapyd names its job among the spider's arguments; by that name the crawl is then found in the database.
            token = opts.spargs.pop("_job", None) or crawl.new_token()
            order = crawl.CrawlRequest(token, args[0], opts.spargs)
            with crawl.crawl_context(loaded, order) as run:
                self.settings.set(RUN_SETTING, run, priority="cmdline")
                self.crawler_process.crawl(self._create_crawler(order.spider), **opts.spargs)
                self.crawler_process.start(install_signal_handlers=False)  # `running` has ours
                verdict = crawl.finish_crawl(run).verdict
        except OwnUsageError as error:
            raise UsageError(str(error), print_help=False) from None
        except JobspiderError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = error.exit_code
            return
        if verdict is not None:
            self.exitcode = verdict.exit_code
