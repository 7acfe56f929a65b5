"""Format pydantic's validation errors as one line each: the key, what is wrong, what is accepted.

Called by the loader. No I/O. Messages never contain whole tables or URLs, because these may contain a secret.
"""

import difflib
from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

ALERTS_SECTIONS: Final = frozenset({"schedule", "derived", "digest", "channel", "operator"})
"""Sections that the package ``alerts`` defines and validates."""

Location = tuple[int | str, ...]


def format_error(model: type[BaseModel], tables: Mapping[str, Any], error: ErrorDetails) -> str:
    """Return one validation error as one line."""
    kind, location, value, context = error["type"], error["loc"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"{_key_path(tables, location[:-1])}.{location[-1]}: is missing"
    prefix = f"{_key_path(tables, location)}: "
    if kind in ("extra_forbidden", "is_instance_of"):  # is_instance_of: a field that the file must not set
        return f"{prefix}unknown key{_suggest_key(model, location)}"
    if kind == "union_tag_not_found":
        return f"{prefix}{context['discriminator']} is missing"
    if kind == "union_tag_invalid":
        return f"{prefix}{context['discriminator']} must be one of {context['expected_tags']}"
    message = error["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return prefix + message
    if kind == "model_type":
        message = "a table is expected"
    elif kind == "list_type" and len(location) == 1 and isinstance(value, Mapping):
        message = f"write [[{location[-1]}]] with double brackets, because there can be several"
    is_harmless = isinstance(value, str | int | float) and "://" not in str(value)
    return f"{prefix}{message[0].lower()}{message[1:]}{f', found {value!r}' if is_harmless else ''}"


def _key_path(tables: Any, location: Location) -> str:
    """Return a location as a path like ``digest[0].rules.median``.

    pydantic adds the tag of a union to the location (``channel, 0, email, to``). The path contains only keys of the
    file.
    """
    path = ""
    node = tables
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
            node = node[part] if isinstance(node, list) and part < len(node) else None
        elif isinstance(node, Mapping) and part in node:
            path += f".{part}" if path else part
            node = node[part]
    return path


def _suggest_key(model: type[BaseModel], location: Location) -> str:
    """Return the known key that is most similar to an unknown one, or all known keys."""
    known_keys = sorted(_known_keys(model, location[:-1]) | (ALERTS_SECTIONS if len(location) == 1 else frozenset()))
    similar = difflib.get_close_matches(str(location[-1]), known_keys, n=1)
    return f": did you mean {similar[0]}?" if similar else f": known keys are {', '.join(known_keys)}"


def _known_keys(model: type[BaseModel], location: Location) -> set[str]:
    """Return the keys that the table at ``location`` may have. Follows lists, optional fields and tagged unions."""
    candidates: list[type[BaseModel]] = [model]
    for part in location:
        if isinstance(part, int):
            continue
        fields = [candidate.model_fields[part] for candidate in candidates if part in candidate.model_fields]
        if fields:
            candidates = [nested for field in fields for nested in _nested_models(field.annotation)]
        else:  # the tag of a union: select its members with this tag
            tagged = [candidate for candidate in candidates if part in get_args(_field_annotation(candidate, "type"))]
            candidates = tagged or candidates
    return {
        field.alias or name
        for candidate in candidates
        for name, field in candidate.model_fields.items()
        if not field.exclude
    }


def _field_annotation(model: type[BaseModel], field: str) -> Any:
    return model.model_fields[field].annotation if field in model.model_fields else None


def _nested_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _nested_models(argument)]
