"""Render a digest as plain text."""

from pathlib import Path
from typing import Final

from alerts.model.changes import Digest
from alerts.render import presenter, templating, view_models
from alerts.render.truncation import fit_digest

_TEMPLATE: Final = "digest.txt.j2"


def render_text(digest: Digest, templates: Path | None = None) -> str:
    """Return the complete digest as text.

    Args:
        digest: The digest.
        templates: Directory with the user's templates, if any.

    Raises:
        DigestError: A user template is invalid.
    """
    return templating.render(_TEMPLATE, presenter.present_digest(digest), templates)


def render_short_text(digest: Digest, limit: int, templates: Path | None = None) -> str:
    """Return a digest as text of at most ``limit`` characters: cut by whole subjects, if necessary to the headline.

    The other arguments are those of :func:`render_text`.
    """

    def render_view(candidate: view_models.DigestView) -> str:
        return templating.render(_TEMPLATE, candidate, templates)

    whole = presenter.present_digest(digest)
    text = render_view(fit_digest(whole, lambda candidate: len(render_view(candidate)) <= limit))
    if len(text) <= limit:
        return text
    headline = whole.headline
    return headline if len(headline) <= limit else headline[: limit - 1] + "…"
