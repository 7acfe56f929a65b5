"""Sections of config.toml as text, for tests of the configuration of ``alerts``."""

from typing import Final

from jobspider.config import Section

FOLDER: Final = """
[[channel]]
name = "folder"
type = "file"
path = "out"
"""
WEEKLY: Final = """
[[digest]]
name = "weekly"
channels = ["folder"]
"""


def channel(type_name: str) -> str:
    """Return a channel named ``x`` without other keys."""
    return f"[[channel]]\nname = 'x'\ntype = '{type_name}'\n"


def mail(**changes: str) -> str:
    """Return an e-mail channel named ``mail`` with changed keys. An empty value removes the key."""
    keys = {"to": '["team@example.org"]', "from": '"jobs@example.org"', "smtp": '"smtp://localhost:1025"'} | changes
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items() if value)
    return f"[[channel]]\nname = 'mail'\ntype = 'email'\n{lines}"


def known_keys(section: type[Section]) -> str:
    """Return the keys of a section as an error message lists them."""
    return ", ".join(sorted(field.alias or name for name, field in section.model_fields.items()))
