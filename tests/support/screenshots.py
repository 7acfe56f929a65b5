"""Takes the pictures of digests in docs/ with a real browser: ``make pictures``."""

import base64
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.model.changes import Digest
from alerts.render.charts import render_png_charts
from alerts.render.formats.html import render_html
from tests.support import digest_factories
from tests.support.browser import CHROMIUM, browsing
from tests.support.cli import run
from tests.support.fake_site import PROJECT

WIDTHS = (360, 640, 1200)
_MOST_HEIGHT = {360: 760, 640: 640, 1200: 560}
_DEMO = (700, 900)


def as_mail_programs_show_it(digest: Digest) -> str:
    """Return a digest's HTML with its pictures in their places."""
    shown = {
        subject: f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        for subject, picture in render_png_charts(digest).items()
    }
    names = {subject: f"cid:{subject}" for subject in shown}
    html = render_html(digest, names)
    for subject, name in names.items():
        html = html.replace(f'src="{name}"', f'src="{shown[subject]}"')
    return html


def main() -> None:
    """Write every picture."""
    if CHROMIUM is None:
        sys.exit("Chromium is needed: apt-get install chromium")
    mail = as_mail_programs_show_it(digest_factories.with_history())
    with TemporaryDirectory() as folder, browsing() as page:
        run("demo", "--to", folder)
        width, height = _DEMO
        page.show((Path(folder) / "digest.html").read_text(encoding="utf-8"), width)
        (PROJECT / "docs" / "digest.png").write_bytes(page.picture(width, height))
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                page.show(mail, width, dark=scheme == "dark")
                path = PROJECT / "docs" / f"mail-{width}-{scheme}.png"
                path.write_bytes(page.picture(width, _MOST_HEIGHT[width]))


if __name__ == "__main__":
    main()
