"""The heartbeat of a running attempt: renews the lease, writes progress, hears of a cancel, notices when it is lost.

When the database does not answer, the work goes on: nothing is published without the fencing token, and the lease may
still be ours when the database is back.
"""

import asyncio
from types import TracebackType
from typing import Self

from timeline_service.exports import attempts, wakeups
from timeline_service.exports.attempts import Standing
from timeline_service.exports.job import Attempt, Beat
from timeline_service.kit import database, errors, logging
from timeline_service.settings import Exports
from workers import tasks

log = logging.get("workers")


class Heartbeat:
    """Beats while the `async with` block runs; `ended` is set once `standing` is no longer HELD."""

    def __init__(self, engine: database.Engine, held: Attempt, hints: wakeups.Wakeups, settings: Exports) -> None:
        self.standing = Standing.HELD
        self.ended = asyncio.Event()
        self._engine = engine
        self._held = held
        self._hints = hints
        self._settings = settings
        self._progress = Beat("resolve", 0.0)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def report(self, progress: Beat) -> None:
        """Say how far the attempt is; it is written with the next beat, which comes soon."""
        if progress != self._progress:
            self._progress = progress
            self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        await tasks.end([self._task])

    async def _run(self) -> None:
        with self._hints.listen(wakeups.cancel(self._held.job_id)) as self._wake:
            while self.standing is not Standing.LOST:
                await wakeups.heard(self._wake, self._settings.heartbeat_s)
                await self._beat()
                await asyncio.sleep(self._settings.progress_s)

    async def _beat(self) -> None:
        try:
            standing = await attempts.beat(self._engine, self._held, self._progress, self._settings.lease_s)
        except errors.Unavailable:
            log.warning("heartbeat missed", job_id=str(self._held.job_id))
            return
        self.standing = standing
        if standing is not Standing.HELD:
            self.ended.set()
        await self._hints.tell(wakeups.changed(self._held.job_id))
