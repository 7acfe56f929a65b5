"""What the service holds while it waits, and how fast it ends: ``python benchmarks/scheduler.py``.

Starts ``jobspider schedule`` on the bundled site, lets it crawl and send a digest, and reads how much memory it holds
then, with everything imported that it ever needs for digests as files. Exits with 1 if that is over the budget.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.cli import environment
from tests.support.fake_site import PROJECT, LiveSite

MOST_MEGABYTES = 60.0
MOST_SECONDS_TO_END = 5.0
SERVED = """
[schedule]
crawl = "daily 00:00"
[[channel]]
name = "folder"
type = "file"
path = "out"
[[digest]]
name = "weekly"
channels = ["folder"]
"""


def megabytes(process: int) -> float:
    """Return how much of the machine's memory a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


def main() -> int:
    """Print the figures, and return 1 if a budget is overrun."""
    with TemporaryDirectory() as folder, LiveSite() as site:
        config = site.config(Path(folder))
        config.write_text(config.read_text(encoding="utf-8") + SERVED, encoding="utf-8")
        command = [sys.executable, "-m", "alerts.cli", "schedule", "--log-format", "json", "--config", str(config)]
        with subprocess.Popen(command, cwd=PROJECT, env=environment(), stderr=subprocess.PIPE, text=True) as service:  # noqa: S603 - our own program
            assert service.stderr is not None
            sent = next((line for line in service.stderr if json.loads(line)["event"] == "delivery"), None)
            assert sent is not None, "it ended without a digest"
            held, began = megabytes(service.pid), perf_counter()
            service.terminate()
            service.communicate()
            seconds = perf_counter() - began
    print(f"idle, after a crawl and a digest   {held:6.1f} MB  (budget {MOST_MEGABYTES:g})")
    print(f"from SIGTERM to its end            {seconds:6.2f} s   (budget {MOST_SECONDS_TO_END:g})")
    return int(held > MOST_MEGABYTES or seconds > MOST_SECONDS_TO_END)


if __name__ == "__main__":
    sys.exit(main())
