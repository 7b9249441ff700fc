"""The leases of one open timeline as this process knows them, and who is told when they change."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import orjson

from timeline_service.editing.lease_store import Page, lease_of
from timeline_service.editing.leases import NONE, Lease, Standing

Tell = Callable[[str, str | None], None]
"""Takes a record and its `lease` frame, must not block; a later one of the same record replaces it.

None: the session is answered itself, and what still waits for it about this record is older than the answer.
"""


def frame(record: str, lease: Lease | None) -> dict[str, Any]:
    """The `lease` message about a record."""
    gone = {"record": record, "holder": None, "until": None, "ttl_ms": None}
    return {"t": "lease", **(gone if lease is None else lease.shown())}


class LeaseBook:
    """Announcements and pages in whatever order they come; the revision says which is newer."""

    def __init__(self) -> None:
        self.revision = ""
        self.loaded = asyncio.Event()
        self.closed = False
        self.listeners: dict[str, Tell] = {}
        self._leases: dict[str, Lease] = {}  # replaced, never written to: a thread may be deciding by it
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._seen: dict[str, int] = {}
        self._floor = 0

    def standing(self) -> Standing:
        """What holds now."""
        return Standing(self._leases, time.monotonic()) if self._leases else NONE

    def shown(self) -> list[dict[str, Any]]:
        """For a welcome."""
        now = time.monotonic()
        return [lease.shown() for lease in self._leases.values() if lease.deadline > now]

    def hear(self, data: bytes) -> None:
        """An announcement."""
        value = orjson.loads(data)
        gone = value.get("gone", False)
        self.apply(value["record"], None if gone else lease_of(value), int(value["revision"]))

    def apply(self, record: str, lease: Lease | None, revision: int, *, but: str | None = None) -> None:
        """A change. `but`: the session that needs not be told."""
        if self.closed or revision <= max(self._floor, self._seen.get(record, 0)):
            return
        self._seen[record] = revision
        self._put(record, lease, but)

    def turn(self, page: Page) -> None:
        """All leases as they were read. What was heard since then is kept."""
        self.loaded.set()
        if page.leases is None or self.closed:
            return
        revision = int(page.revision or 0)
        read = {lease.record: lease for lease in page.leases}
        for record in [*self._leases, *(name for name in read if name not in self._leases)]:
            if self._seen.get(record, 0) > revision and revision:
                continue
            before, after = self._leases.get(record), read.get(record)
            if (before and before.revision) != (after and after.revision):
                self._put(record, after, None)
        self.revision, self._floor = page.revision, revision
        self._seen = {record: seen for record, seen in self._seen.items() if seen > revision and revision}

    def clear(self) -> None:
        """Redis is away: there are no leases."""
        self.revision = ""
        for record in list(self._leases):
            self._put(record, None, None)

    def close(self) -> None:
        """Nobody listens any more."""
        self.closed = True
        for end in self._ends.values():
            end.cancel()
        self._ends.clear()
        self._leases = {}

    def _put(self, record: str, lease: Lease | None, but: str | None) -> None:
        end = self._ends.pop(record, None)
        if end is not None:
            end.cancel()
        if lease is None:
            if record not in self._leases:
                return
            self._leases = {name: held for name, held in self._leases.items() if name != record}
        else:
            self._leases = {**self._leases, record: lease}
            left = max(0.0, lease.deadline - time.monotonic())
            self._ends[record] = asyncio.get_running_loop().call_later(left, self._end, record)
        text = orjson.dumps(frame(record, lease)).decode()
        for session_id, tell in tuple(self.listeners.items()):
            tell(record, None if session_id == but else text)

    def _end(self, record: str) -> None:
        self._put(record, None, None)
