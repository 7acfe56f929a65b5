"""Tests of what was read "today", where today may end under way."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any


def on_one_day(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test that has a ``tmp_path`` again, elsewhere in it, if it failed while midnight (UTC) passed."""

    @wraps(test)
    def run(*, tmp_path: Path, **fixtures: Any) -> None:
        day = _today()
        try:
            test(tmp_path=tmp_path, **fixtures)
        except AssertionError:
            if _today() == day:
                raise
            another = tmp_path / "another-day"
            another.mkdir()
            test(tmp_path=another, **fixtures)

    return run


def _today() -> object:
    return datetime.now(UTC).date()
