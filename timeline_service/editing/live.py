"""The timelines this process has open: their state at the head, kept within a bound of bytes."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from timeline_service.domain.state import State
from timeline_service.editing.leases import NONE, Standing
from timeline_service.eventstore.store import Head

RECORD_BYTES: Final = 1_600
"""Measured: a clip with its owners, its keys and its place in the index."""
SHIFT_BYTES: Final = 260
RECENT_IDS: Final = 2_000


@dataclass(slots=True)
class Live:
    """One open timeline: the state at `head.version`, and the gestures accepted lately (id → version).

    `leases`: what stands in the way of the edits that are being decided.
    """

    timeline_id: UUID
    workspace_id: UUID
    head: Head
    state: State
    snapshot_version: int = 0
    recent: OrderedDict[str, int] = field(default_factory=OrderedDict)
    leases: Standing = NONE

    def remember(self, gesture_id: str, version: int) -> None:
        self.recent[gesture_id] = version
        while len(self.recent) > RECENT_IDS:
            self.recent.popitem(last=False)

    def size(self) -> int:
        """Bytes, estimated: cheap enough to ask after every flush."""
        state = self.state
        return len(state.records) * RECORD_BYTES + len(state.shifts) * SHIFT_BYTES + len(state.authors) * 8


class LiveCache:
    """Least recently used timelines leave when the bound is passed; the one just used always stays."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._entries: OrderedDict[UUID, tuple[Live, int]] = OrderedDict()
        self._bytes = 0

    def get(self, timeline_id: UUID) -> Live | None:
        entry = self._entries.get(timeline_id)
        if entry is None:
            return None
        self._entries.move_to_end(timeline_id)
        return entry[0]

    def put(self, live: Live) -> None:
        """Keep (or re-measure) a timeline as the most recently used."""
        self.drop(live.timeline_id)
        size = live.size()
        self._entries[live.timeline_id] = (live, size)
        self._bytes += size
        while self._bytes > self.max_bytes and len(self._entries) > 1:
            _, (_, freed) = self._entries.popitem(last=False)
            self._bytes -= freed

    def drop(self, timeline_id: UUID) -> None:
        entry = self._entries.pop(timeline_id, None)
        if entry is not None:
            self._bytes -= entry[1]

    @property
    def bytes(self) -> int:
        return self._bytes

    def timelines(self) -> list[UUID]:
        return list(self._entries)
