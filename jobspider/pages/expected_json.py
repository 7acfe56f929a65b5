"""Format the JSON document of a page for ``expected.json``, so that a person can compare it with the page."""

import json
from collections.abc import Mapping
from typing import Final

_LINE_LENGTH: Final = 120
_INDENT: Final = "  "


def dumped(document: Mapping[str, object]) -> str:
    """Return the document as JSON text. Each value that fits on one line is on one line."""
    return _format_value(document, "") + "\n"


def _format_value(value: object, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) < _LINE_LENGTH or not isinstance(value, Mapping | list):
        return flat
    inner = indent + _INDENT
    if isinstance(value, Mapping):
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {_format_value(item, inner)}" for key, item in value.items()]
        return _join_lines("{", [inner + line for line in lines], f"{indent}}}")
    return _join_lines("[", [inner + _format_value(item, inner) for item in value], f"{indent}]")


def _join_lines(opening: str, lines: list[str], closing: str) -> str:
    return "\n".join([opening, ",\n".join(lines), closing])
