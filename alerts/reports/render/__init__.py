"""Render a report as one self-contained HTML file that loads nothing."""

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
    """An HTML document and the number of its charts."""

    html: str
    charts: int


def render_report(report: Report, charts: ChartBundle | None) -> RenderedReport:
    """Return a report as an HTML document.

    Its Content-Security-Policy forbids loading anything and allows only the two scripts that are embedded here. So a
    script in scraped text could not run even if it were not escaped.

    Args:
        report: The report.
        charts: JavaScript and chart specifications; ``None`` for tables only.
    """
    view = presenter.present_report(report, has_charts=charts is not None)
    scripts: tuple[str, ...] = ()
    if charts is not None and view.points:
        scripts = (_escape_script(charts.javascript), _start_script())
    kinds = charts.specs if charts else {}
    html = render_page(__name__, "report.html.j2", report=view, kinds=kinds, scripts=scripts, policy=_policy(scripts))
    return RenderedReport(html, len(view.points))


def _start_script() -> str:
    """Return the script that draws the charts when they become visible."""
    return (resources.files("alerts.reports.render") / "templates" / "report.js").read_text(encoding="utf-8")


def _escape_script(javascript: str) -> str:
    """Escape what would end or comment out the script element; both occur only in strings."""
    source = re.sub("</(?=script)", r"<\\/", javascript, flags=re.IGNORECASE)
    return source.replace("<!--", r"\x3c!--").replace("\r\n", "\n")


def _policy(scripts: tuple[str, ...]) -> str:
    hashes = (b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; form-action 'none'"
