"""A digest as HTML that mail programs show: tables for layout, styles on the elements, nothing loaded from anywhere."""

import quopri
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import css_inline

from alerts.model.changes import Digest
from alerts.render import presenter, templating, view_models
from alerts.render.truncation import fit_digest

MOST_BYTES: Final = 80_000
"""As encoded for mail. Gmail clips a message at 102 KB and hides what follows (seen 2020 to 2026)."""


def render_html(digest: Digest, charts: Mapping[int, str] = presenter.NO_CHARTS, templates: Path | None = None) -> str:
    """Return a digest as an HTML document that is at most :data:`MOST_BYTES` long in quoted-printable.

    Args:
        digest: What to tell.
        charts: Where the pictures of its groups are, by the id of the subject.
        templates: The folder of the user's own templates, if any.

    Raises:
        DigestError: One of them has a mistake.
    """

    def rendered(candidate: view_models.DigestView) -> str:
        return _inliner(templates).inline(templating.render("digest.html.j2", candidate, templates))

    whole = presenter.present_digest(digest, charts)
    return rendered(fit_digest(whole, lambda candidate: _encoded_size(rendered(candidate)) <= MOST_BYTES))


@cache
def _inliner(templates: Path | None) -> css_inline.CSSInliner:
    # Media queries cannot stand on an element: the document's own style sheet holds them and nothing else, and stays.
    return css_inline.CSSInliner(
        extra_css=templating.read_template("digest.css", templates),
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
    )


def _encoded_size(html: str) -> int:
    return len(quopri.encodestring(html.encode()))
