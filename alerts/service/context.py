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
from alerts.service.crawl_process import Spider, crawl_in_child
from jobspider.model import CrawlOutcome


@dataclass(frozen=True, slots=True)
class House:
    """What a cycle works with.

    ``clock`` returns the present in UTC, ``free_bytes`` the space that is left where a path is; ``stopping`` is set
    when what is under way is to be ended.
    """

    config: Config
    config_path: Path
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    jitter: random.Random = field(default_factory=random.SystemRandom)
    wait: Callable[[float], None] = time.sleep
    crawl: Callable[["House", Spider], CrawlOutcome] = lambda house, spider: crawl_in_child(
        house.config, house.config_path, house.environ, spider, house.stopping.is_set
    )
    free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    stopping: Event = field(default_factory=Event)

    def channels(self, names: Mapping[str, object] | None = None) -> dict[str, Channel]:
        """Open the ways out, all of them or those named."""
        return {
            each.name: open_channel(each, self.config.folder, self.environ)
            for each in self.config.channel
            if names is None or each.name in names
        }
