"""A world whose time passes only when nothing else is left to do: the same seed is the same run, to the last frame.

The event loop is asyncio's own. Its selector does not sleep, it moves the clock to the next timer; threads' work is done
on the spot; `time.monotonic`, `time.time_ns` and `os.urandom` answer what the seed says.
"""

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")
SINCE_1970_NS = 1_800_000_000 * 10**9


class NothingLeft(Exception):
    """Everybody waits for somebody: in the real world this would hang for ever."""


class Selector(selectors.SelectSelector):
    """Never sleeps; `now` is the time in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            raise NothingLeft
        self.now += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop in virtual time. `crashes` are errors of tasks and callbacks that nobody took."""

    def __init__(self, selector: Selector) -> None:
        super().__init__(selector)
        self._virtual = selector
        self.crashes: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.crashes.append(context))

    def time(self) -> float:
        return self._virtual.now

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> "asyncio.Future[T]":  # type: ignore[override]
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


def run(seed: int, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a virtual world of its own. Raises what it raises, and what was left lying about."""
    selector = Selector()
    dice = random.Random(f"{seed}-os")
    with (
        patch("time.monotonic", lambda: selector.now),
        patch("time.time_ns", lambda: SINCE_1970_NS + round(selector.now * 1e9)),
        patch("os.urandom", dice.randbytes),
        asyncio.Runner(loop_factory=lambda: Loop(selector)) as runner,
    ):
        loop = runner.get_loop()
        assert isinstance(loop, Loop)
        result = runner.run(work())
        assert not loop.crashes, loop.crashes
        return result
