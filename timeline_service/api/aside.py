"""Work on large states is done aside, so that one reader of a long film does not keep everybody else waiting."""

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from timeline_service.domain.state import State

LARGE: Final = 2_000
"""Records that are looked at in some 20 ms."""

P = ParamSpec("P")
T = TypeVar("T")


async def on(state: State, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What pure work comes to; in another thread if the state is large. Nobody may write to the state meanwhile."""
    if len(state.records) < LARGE:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
