"""The templates' environments: HTML is escaped, an unknown name is an error, and a folder may hold one's own."""

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

TEMPLATES: Final = ("digest.html.j2", "digest.txt.j2", "digest.css", "media.css")
"""What a folder of one's own may hold; what it does not is the project's."""

_TEXT_WIDTH: Final = 78
# What an expression in a template can end in, beside what Jinja raises itself.
_TEMPLATE_ERRORS: Final = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, OSError)


def render(template: str, digest: view_models.DigestView, folder: Path | None = None) -> str:
    """Return a template filled with a digest.

    Args:
        template: One of :data:`TEMPLATES`.
        digest: What to tell.
        folder: Where the user's own templates are, if anywhere.

    Raises:
        DigestError: A template of the folder has a mistake; one line says which and where.
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
    """Return a file of the templates as it is.

    Raises:
        DigestError: The user's own cannot be read.
    """
    if folder is not None and (folder / name).is_file():
        try:
            return (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DigestError(f"{folder / name}: {type(error).__name__}") from None
    return (resources.files("alerts.render") / "templates" / name).read_text(encoding="utf-8")


def _template_error(error: Exception, template: str, folder: Path) -> str:
    said = clean_text(str(error), SENTENCE_LIMIT) or type(error).__name__
    if isinstance(error, TemplateNotFound):
        said = f"there is no template {said}"
    if isinstance(error, TemplateSyntaxError):
        return f"{folder / (error.name or template)}, line {error.lineno}: {said}"
    place = _line_in(error.__traceback__, folder)
    return f"{place or folder / template}: {said}"


def _line_in(trace: TracebackType | None, folder: Path) -> str:
    """Return the innermost line of the folder's templates that a fault went through; Jinja keeps their lines."""
    found = ""
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(folder):
            found = f"{path}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _wrapped(text: str, indent: int = 0, hang: int = 0) -> str:
    """Break a paragraph into lines; a word longer than a line, like an address, stays whole."""
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
    environment.filters["wrapped"] = _wrapped
    environment.globals.update(
        attribution=presenter.ATTRIBUTION,
        site_url=presenter.SITE_URL,
        licence=presenter.LICENCE,
        licence_url=presenter.LICENCE_URL,
    )
    return environment
