"""Render Jinja templates: HTML is escaped, unknown names are errors, and a directory may replace templates."""

import textwrap
from functools import cache
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)

from alerts.errors import DigestError
from alerts.render import presenter, view_models
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text
from jobspider.site import attribution

TEMPLATES: Final = ("digest.html.j2", "digest.txt.j2", "digest.css", "media.css")
"""Files that a user's directory may replace; missing ones come from the project."""

_TEXT_WIDTH: Final = 78
# What an expression in a template can raise, in addition to the errors of Jinja.
_TEMPLATE_ERRORS: Final = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, OSError)


def render(template: str, digest: view_models.DigestView, folder: Path | None = None) -> str:
    """Render a template with a digest.

    Args:
        template: One of :data:`TEMPLATES`.
        digest: The digest as view model.
        folder: Directory with the user's templates; ``None`` for the project's.

    Raises:
        DigestError: A user template is invalid; the message names the file and line.
    """
    try:
        return _environment(folder).get_template(template).render(digest=digest)
    except _TEMPLATE_ERRORS as error:
        if folder is None:
            raise
        raise DigestError(_template_error(error, template, folder)) from None


def render_page(package: str, template: str, **values: object) -> str:
    """Fill a template of a package with named values; the user cannot replace it.

    Args:
        package: Dotted name of the package that contains a directory ``templates``.
        template: File name in that directory.
        values: The names that the template uses.
    """
    return _environment(None, package).get_template(template).render(**values)


def read_template(name: str, folder: Path | None = None) -> str:
    """Return the source of a template file.

    Raises:
        DigestError: The user's file cannot be read.
    """
    if folder is not None and (folder / name).is_file():
        try:
            return (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DigestError(f"{folder / name}: {type(error).__name__}") from None
    return (resources.files("alerts.render") / "templates" / name).read_text(encoding="utf-8")


def _template_error(error: Exception, template: str, folder: Path) -> str:
    message = clean_text(str(error), SENTENCE_LIMIT) or type(error).__name__
    if isinstance(error, TemplateNotFound):
        message = f"there is no template {message}"
    if isinstance(error, TemplateSyntaxError):
        return f"{folder / (error.name or template)}, line {error.lineno}: {message}"
    location = _innermost_line(error.__traceback__, folder)
    return f"{location or folder / template}: {message}"


def _innermost_line(trace: TracebackType | None, folder: Path) -> str:
    """Return file and line of the innermost frame in a user template; Jinja maps frames to template lines."""
    location = ""
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(folder):
            location = f"{path}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return location


def _wrap(text: str, indent: int = 0, hang: int = 0) -> str:
    """Wrap a paragraph; a word that is longer than a line, such as a URL, is not broken."""
    return textwrap.fill(
        text,
        _TEXT_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=False,
        break_on_hyphens=False,
    )


@cache
def _environment(folder: Path | None, package: str = "alerts.render") -> Environment:
    user_loaders = [FileSystemLoader(folder)] if folder is not None else []
    environment = Environment(
        loader=ChoiceLoader([*user_loaders, PackageLoader(package)]),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrap
    environment.globals.update(
        attribution=attribution.ATTRIBUTION,
        site_url=presenter.SITE_URL,
        licence=attribution.LICENCE,
        licence_url=attribution.LICENCE_URL,
    )
    return environment
