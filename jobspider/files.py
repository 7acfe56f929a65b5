"""Write files atomically, and say why a path cannot be written."""

import os
from pathlib import Path


def unwritable(path: Path) -> str:
    """Return why a file cannot be written; empty if it probably can. Missing parent directories would be created."""
    nearest = next(parent for parent in path.absolute().parents if os.path.lexists(parent))
    if not nearest.is_dir():
        return f"{nearest} is no folder"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} may not be written to"
    return f"{path} is a folder" if path.is_dir() else ""


def replace_file(path: Path, content: bytes) -> None:
    """Write a file atomically: a reader sees the complete old or the complete new content."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
