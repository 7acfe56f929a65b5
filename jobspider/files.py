"""Write files atomically, and say why a path cannot be written."""

import os
from pathlib import Path


def unwritable(path: Path) -> str:
    """Return why a file cannot be written; empty where it seems that it can. Folders that are missing would be made."""
    nearest = next(each for each in path.absolute().parents if os.path.lexists(each))
    if not nearest.is_dir():
        return f"{nearest} is no folder"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} may not be written to"
    return f"{path} is a folder" if path.is_dir() else ""


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it sees the old one or the new one, whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
