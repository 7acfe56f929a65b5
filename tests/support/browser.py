"""A real Chromium without a window, spoken to through a pipe in its own protocol (DevTools)."""

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_OPTIONS: Final = (
    "--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--hide-scrollbars",
    "--disable-background-networking", "--disable-dev-shm-usage", "--disable-extensions", "--force-color-profile=srgb",
    "--no-sandbox",
)  # fmt: skip

LEAST_CONTRAST: Final = 4.5
"""Of small text, by the Web Content Accessibility Guidelines 2.2, level AA."""

# For every element with words of its own: what stands in it, and how far its colour is from what is behind it.
CONTRASTS: Final = """
(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const worded = [...document.body.querySelectorAll("*")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return worded.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    return [element.textContent.trim(), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
})()
"""


class Page:
    """A page of the browser, ``width`` pixels wide."""

    def __init__(self, to: BinaryIO, answers: BinaryIO) -> None:
        self._to, self._answers = to, answers
        self._last = 0
        self._session = ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """Call a method of the protocol and wait for its result."""
        self._last += 1
        session = {"sessionId": self._session} if self._session else {}
        self._to.write(json.dumps({"id": self._last, "method": method, "params": params, **session}).encode() + b"\0")
        self._to.flush()
        while (said := self._hear()).get("id") != self._last:
            pass
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    def show(self, html: str, width: int, *, dark: bool = False) -> None:
        """Show a document as on a screen of this width."""
        self._look(width, dark=dark)
        frame = self.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.ask("Page.setDocumentContent", frameId=frame, html=html)
        self.value("Promise.all([...document.images].map((image) => image.decode().catch(() => 0)))")

    def visit(self, path: Path, width: int, *, dark: bool = False) -> None:
        """Open a file as on a screen of this width, and wait until it has been loaded; its scripts run."""
        self._look(width, dark=dark)
        self.ask("Page.navigate", url=path.as_uri())
        self.value(
            "new Promise((go) => document.readyState === 'complete' ? go() : addEventListener('load', () => go()))"
        )

    def value(self, script: str) -> Any:
        """Return what a script's last expression is, or comes to."""
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)["result"].get(
            "value"
        )

    def picture(self, width: int, most_height: int) -> bytes:
        """Return what is shown as PNG, from its top."""
        height = min(most_height, int(self.value("document.documentElement.scrollHeight")))
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def _look(self, width: int, *, dark: bool) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def _hear(self) -> dict[str, Any]:
        said = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser has gone"
            said += byte
        found: dict[str, Any] = json.loads(said)
        return found


@contextmanager
def browsing() -> Iterator[Page]:
    """Start the browser with a profile of its own, and end it."""
    assert CHROMIUM, "there is no Chromium"
    hears, to = os.pipe()
    answers, says = os.pipe()
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        os.fdopen(to, "wb") as writing,
        os.fdopen(answers, "rb") as reading,
    ):
        # Its pipe is always at the descriptors 3 and 4.
        command = f'exec "$@" 3<&{hears} 4>&{says} {hears}<&- {says}>&-'
        child = subprocess.Popen(
            ["/bin/bash", "-c", command, "browser", CHROMIUM, *_OPTIONS, f"--user-data-dir={Path(profile) / 'p'}"],
            pass_fds=(hears, says), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(hears)
        os.close(says)
        try:
            yield Page(writing, reading)
        finally:
            os.killpg(child.pid, signal.SIGKILL)  # with all that it has started
            child.wait()
