"""A page's document as it stands in ``expected.json``: JSON that a person can compare with the page, line by line."""

import json
from collections.abc import Mapping
from typing import Final

_LINE_LENGTH: Final = 120
_STEP: Final = "  "


def dumped(document: Mapping[str, object]) -> str:
    """Return a document in its one form: whatever fits on one line stands on one."""
    return _dumped(document, "") + "\n"


def _dumped(value: object, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) < _LINE_LENGTH or not isinstance(value, Mapping | list):
        return flat
    inner = indent + _STEP
    if isinstance(value, Mapping):
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {_dumped(item, inner)}" for key, item in value.items()]
        return _between("{", [inner + line for line in lines], f"{indent}}}")
    return _between("[", [inner + _dumped(item, inner) for item in value], f"{indent}]")


def _between(opening: str, lines: list[str], closing: str) -> str:
    return "\n".join([opening, ",\n".join(lines), closing])
