"""The context of a service step: configuration, clock and replaceable side effects."""

import random
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event

from alerts.config import Config
from alerts.delivery.channels import Channel, open_channel
from alerts.service.crawl_process import Spider, run_crawl_process
from jobspider.model import CrawlRecord


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """What a cycle works with.

    ``clock`` returns the present in UTC, ``free_bytes`` the space that is left where a path is; ``stopping`` is set
    when what is under way is to be ended.
    """

    config: Config
    config_path: Path
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    jitter: random.Random = field(default_factory=random.SystemRandom)
    sleep: Callable[[float], None] = time.sleep
    crawl: Callable[["ServiceContext", Spider], CrawlRecord] = lambda context, spider: run_crawl_process(
        context.config, context.config_path, context.environ, spider, context.stop_event.is_set
    )
    free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    stop_event: Event = field(default_factory=Event)

    def channels(self, names: Mapping[str, object] | None = None) -> dict[str, Channel]:
        """Open the ways out, all of them or those named."""
        return {
            each.name: open_channel(each, self.config.folder, self.environ)
            for each in self.config.channel
            if names is None or each.name in names
        }
