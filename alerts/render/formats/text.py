"""A digest as plain text: complete in itself; nothing is cut but where a medium is too small for it."""

from pathlib import Path
from typing import Final

from alerts.model.changes import Digest
from alerts.render import presenter, templating, view_models
from alerts.render.truncation import fit_digest

_TEMPLATE: Final = "digest.txt.j2"


def render_text(digest: Digest, templates: Path | None = None) -> str:
    """Return a digest as lines of text that end in a line feed.

    Args:
        digest: What to tell.
        templates: The folder of the user's own templates, if any.

    Raises:
        DigestError: One of them has a mistake.
    """
    return templating.render(_TEMPLATE, presenter.present_digest(digest), templates)


def render_short_text(digest: Digest, most: int, templates: Path | None = None) -> str:
    """Return a digest as text of at most ``most`` characters: cut by whole subjects, and to its headline if need be.

    The other arguments are those of :func:`render_text`.
    """

    def rendered(candidate: view_models.DigestView) -> str:
        return templating.render(_TEMPLATE, candidate, templates)

    whole = presenter.present_digest(digest)
    text = rendered(fit_digest(whole, lambda candidate: len(rendered(candidate)) <= most))
    if len(text) <= most:
        return text
    headline = whole.headline
    return headline if len(headline) <= most else headline[: most - 1] + "…"
