"""Ending asyncio tasks for sure."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

CANCEL_EVERY_S: Final = 0.5


async def end(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until they have ended; what they raise is of no interest any more.

    Again and again, because on its way through arq and the Redis client a single cancellation may get lost.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=CANCEL_EVERY_S)
        await asyncio.gather(*ended, return_exceptions=True)
