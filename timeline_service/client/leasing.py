"""Leases as a client asks for them, and as they end by themselves, also where the news of it is lost."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from timeline_service.client.company import Lease

NO_LEASES: Final = "leases_unavailable"
GRACE_S: Final = 1.0
"""The service tells of the end first, where it can."""


class Asked:
    """Questions that are not answered yet, by record."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def answer(self, record: str) -> dict[str, Any]:
        """The frame that says what became of it; a refusal has a `code`. Raises what `stop` was told."""
        future = self._waiting.setdefault(record, asyncio.get_running_loop().create_future())
        try:
            return await asyncio.shield(future)
        finally:
            if self._waiting.get(record) is future:
                del self._waiting[record]

    def hear(self, frame: dict[str, Any], session_id: str | None) -> None:
        """News of a lease, or an error."""
        future = self._waiting.get(frame.get("record") or frame.get("details", {}).get("record", ""))
        if frame.get("code") == NO_LEASES:
            self.give_up()
        elif future is not None and not future.done():
            holder = (frame.get("holder") or {}).get("session_id")
            if frame.get("code") or holder in {None, session_id}:
                future.set_result(frame)

    def give_up(self) -> None:
        """There are no leases at the moment."""
        for future in self._waiting.values():
            if not future.done():
                future.set_result({"code": NO_LEASES})

    def stop(self, error: Exception) -> None:
        """There will be no more answers."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)
                future.exception()  # nobody need ask


class Lapsing:
    """`lapsed` is told a record whose lease was not renewed in its time."""

    def __init__(self, lapsed: Callable[[str], None]) -> None:
        self._lapsed = lapsed
        self._timers: dict[str, tuple[Lease, asyncio.TimerHandle]] = {}

    def watch(self, leases: Mapping[str, Lease]) -> None:
        """These are the leases now."""
        for record, (lease, timer) in [*self._timers.items()]:
            if leases.get(record) is not lease:
                timer.cancel()
                del self._timers[record]
        loop = asyncio.get_running_loop()
        for record, lease in leases.items():
            if record not in self._timers:
                wait = (lease.get("ttl_ms") or 0) / 1000 + GRACE_S
                self._timers[record] = (lease, loop.call_later(wait, self._lapsed, record))
