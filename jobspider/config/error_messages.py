"""Say what is wrong in config.toml, a line a mistake: where, what was found, what is accepted."""

import difflib
from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

ALERTS_SECTIONS: Final = frozenset({"schedule", "derived", "digest", "channel", "operator"})
"""Sections that belong to ``alerts`` and are validated there."""


def format_error(model: type[BaseModel], tables: Mapping[str, Any], error: ErrorDetails) -> str:
    """Say one mistake in one line: where, what is wrong, what is accepted."""
    kind, loc, found, context = error["type"], error["loc"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"{_key_path(tables, loc[:-1])}.{loc[-1]}: is missing"
    place = f"{_key_path(tables, loc)}: "
    if kind in ("extra_forbidden", "is_instance_of"):  # the second: a field that no file can fill
        return f"{place}unknown key{_nearest(model, loc)}"
    if kind == "union_tag_not_found":
        return f"{place}{context['discriminator']} is missing"
    if kind == "union_tag_invalid":
        return f"{place}{context['discriminator']} is one of {context['expected_tags']}"
    said = error["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return place + said
    if kind == "model_type":
        said = "a table is expected"
    elif kind == "list_type" and len(loc) == 1 and isinstance(found, Mapping):
        said = f"write [[{loc[-1]}]], with double brackets: there can be several"
    # A whole table is never echoed, nor an address: either may hold a secret.
    is_harmless = isinstance(found, str | int | float) and "://" not in str(found)
    return f"{place}{said[0].lower()}{said[1:]}{f', found {found!r}' if is_harmless else ''}"


def _key_path(tables: Any, loc: tuple[int | str, ...]) -> str:
    """Write a location as ``digest[0].rules.median``.

    pydantic puts a union's tag into the location (``channel, 0, email, to``); what is no key of the file is left out.
    """
    path = ""
    at = tables
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
            at = at[part] if isinstance(at, list) and part < len(at) else None
        elif isinstance(at, Mapping) and part in at:
            path += f".{part}" if path else part
            at = at[part]
    return path


def _nearest(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Name the known key that an unknown one at ``loc`` resembles, and else all known keys."""
    known = sorted(_known_keys(model, loc[:-1]) | (ALERTS_SECTIONS if len(loc) == 1 else frozenset()))
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f": did you mean {close[0]}?" if close else f": known here are {', '.join(known)}"


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys that a table at ``loc`` may have, following lists, options and tagged unions."""
    candidates: list[type[BaseModel]] = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        fields = [candidate.model_fields[part] for candidate in candidates if part in candidate.model_fields]
        if fields:
            candidates = [each for field in fields for each in _models_in(field.annotation)]
        else:  # a union's tag: keep the members that carry it, if it is that kind of tag
            tagged = [each for each in candidates if part in get_args(_annotation(each, "type"))]
            candidates = tagged or candidates
    return {
        field.alias or name for each in candidates for name, field in each.model_fields.items() if not field.exclude
    }


def _annotation(model: type[BaseModel], field: str) -> Any:
    return model.model_fields[field].annotation if field in model.model_fields else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]
