"""Tables in plain text."""

import pytest

from jobspider.commands.text_tables import format_table


def test_format_table_aligns_columns_and_strips_line_ends() -> None:
    shown = format_table([["a", 1, "x"], ["long name", 1_000, None]], "<><", ["Name", "Count", "Note"])
    assert shown.splitlines() == ["Name       Count  Note", "a              1  x", "long name   1000"]


def test_format_table_without_headers_or_rows() -> None:
    assert format_table([["a", "b"]], "<>") == "a  b"
    assert format_table([], "<>", ["A", "B"]) == ""


def test_format_table_on_narrow_colour_terminal_is_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COLUMNS": "10", "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}.items():
        monkeypatch.setenv(name, value)
    text = "[bold]1.5[/] " + "x" * 300
    assert format_table([[text, "1"]], "<>") == f"{text}  1"
