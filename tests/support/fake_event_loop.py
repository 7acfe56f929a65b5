"""An event loop whose time leaps to whatever is waited for, so that no test waits."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class LeapingLoop(asyncio.SelectorEventLoop):
    """Has nothing to wait for but its own timers: it lets the seconds until the next one pass at once."""

    def __init__(self) -> None:
        self._now = 0.0
        loop = self

        class Leap(selectors.SelectSelector):
            def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
                if timeout:
                    loop._now += timeout
                return super().select(0)

        super().__init__(Leap())

    def time(self) -> float:
        return self._now


def leap(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in leaping time."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(coroutine)
