"""Render a digest as HTML for mail programs: tables for layout, inline styles, no external resources."""

import quopri
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import css_inline

from alerts.model.changes import Digest
from alerts.render import presenter, templating, view_models
from alerts.render.truncation import fit_digest

MAX_BYTES: Final = 80_000
"""Size limit after quoted-printable encoding. Gmail clips a message at 102 KB and hides the rest (2020 to 2026)."""


def render_html(digest: Digest, charts: Mapping[int, str] = presenter.NO_CHARTS, templates: Path | None = None) -> str:
    """Return a digest as an HTML document of at most :data:`MAX_BYTES` in quoted-printable.

    Args:
        digest: The digest.
        charts: Addresses of chart images by subject id.
        templates: Directory with the user's templates, if any.

    Raises:
        DigestError: A user template is invalid.
    """

    def render_view(candidate: view_models.DigestView) -> str:
        return _inliner(templates).inline(templating.render("digest.html.j2", candidate, templates))

    whole = presenter.present_digest(digest, charts)
    return render_view(fit_digest(whole, lambda candidate: _encoded_size(render_view(candidate)) <= MAX_BYTES))


@cache
def _inliner(templates: Path | None) -> css_inline.CSSInliner:
    # Media queries cannot be inlined, so they are in the style element of the document, which is kept.
    return css_inline.CSSInliner(
        extra_css=templating.read_template("digest.css", templates),
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
    )


def _encoded_size(html: str) -> int:
    return len(quopri.encodestring(html.encode()))
