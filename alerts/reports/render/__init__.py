"""A report as one HTML page that needs nothing but itself: it asks nobody for anything, and a browser sees to that."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from importlib import resources

from alerts.model.report import ChartBundle, Report
from alerts.render.templating import render_page
from alerts.reports.render import presenter


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """An HTML document, and how many charts it has."""

    html: str
    charts: int


def render_report(report: Report, charts: ChartBundle | None) -> RenderedReport:
    """Return a report as an HTML document.

    Its Content-Security-Policy lets it load nothing, and lets run only the two scripts that are written into it here;
    so what a page may have smuggled into a name could not run even where it was not escaped.

    Args:
        report: What is kept.
        charts: What draws its charts; ``None``: its tables say all.
    """
    shown = presenter.of(report, has_charts=charts is not None)
    scripts: tuple[str, ...] = ()
    if charts is not None and shown.points:
        scripts = (_escape_script(charts.javascript), _start())
    kinds = charts.specs if charts else {}
    html = render_page(__name__, "report.html.j2", report=shown, kinds=kinds, scripts=scripts, policy=_policy(scripts))
    return RenderedReport(html, len(shown.points))


def _start() -> str:
    """Return the script that draws the charts when they come into view."""
    return (resources.files("alerts.reports.render") / "templates" / "report.js").read_text(encoding="utf-8")


def _escape_script(program: str) -> str:
    """Return a program that does not end the element that it stands in; both could only be in its strings."""
    program = re.sub("</(?=script)", r"<\\/", program, flags=re.IGNORECASE)
    return program.replace("<!--", r"\x3c!--").replace("\r\n", "\n")


def _policy(scripts: tuple[str, ...]) -> str:
    hashes = (b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; form-action 'none'"
