"""All open streams of this process, and how they are asked to go elsewhere when it stops."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final, Protocol

import structlog

from timeline_service.kit import errors

EDITS_S: Final = 2.5
"""How long edits in flight may take once the process stops; after it their clients ask again elsewhere."""
SENT_S: Final = 1.0
"""How long outboxes may take to be read after that; who has not read by then is cut off."""
log = structlog.get_logger(__name__)


class Draining(errors.Unavailable):
    """This process stops and takes no more edits; connect again and send this one there."""

    code = "draining"


class Drainable(Protocol):
    """What a session has to offer."""

    def drain(self) -> None:
        """Tell the client to go, and take no more edits."""

    async def settled(self) -> None:
        """Until the edits in flight are answered."""

    def move(self) -> None:
        """Close after what waits to be sent."""

    async def sent(self) -> None:
        """Until that has been handed to the socket, its close too."""


class Sessions:
    """`draining` is true from the moment the process begins to stop."""

    def __init__(self) -> None:
        self.draining = False
        self._open: set[Drainable] = set()

    @contextlib.contextmanager
    def entered(self, session: Drainable) -> Iterator[None]:
        """A session is open for as long as the block lasts."""
        self._open.add(session)
        try:
            yield
        finally:
            self._open.discard(session)

    async def drain(self) -> None:
        """Send everybody elsewhere. Takes `EDITS_S` + `SENT_S` at most, whatever clients and the database do."""
        self.draining = True
        leaving = list(self._open)
        if not leaving:
            return
        for session in leaving:
            session.drain()
        unsettled = await _wait([asyncio.create_task(session.settled()) for session in leaving], EDITS_S)
        for session in leaving:
            session.move()
        stuck = await _wait([asyncio.create_task(session.sent()) for session in leaving], SENT_S)
        tell = log.warning if unsettled or stuck else log.info
        tell("drained", streams=len(leaving), unsettled=unsettled, stuck=stuck)


async def _wait(tasks: list[asyncio.Task[None]], within_s: float) -> int:
    """How many are not done in time."""
    _, late = await asyncio.wait(tasks, timeout=within_s)
    for task in late:
        task.cancel()
    return len(late)
