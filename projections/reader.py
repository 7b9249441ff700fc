"""The one door to the past: the state of a timeline at any version.

    newest snapshot at or before ──► plus the tail ──► State

Time travel, diff, blame, restore, exports and OTIO all come through here.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

import structlog

from projections import fold, snapshots
from timeline_service.domain.state import State
from timeline_service.eventstore.store import EventStore, Head
from timeline_service.kit.errors import NotFound, Unavailable

PAGE: Final = 2_000
log = structlog.get_logger(__name__)

Recent = Callable[[UUID], State | None]
"""The state that this process holds of a timeline, at whatever version."""


def _nothing(timeline_id: UUID) -> State | None:
    del timeline_id
    return None


class TimelineHeld(Unavailable):
    """An event of this timeline cannot be read by this release of the service; versions before it can."""

    code = "timeline_held"
    retryable = False

    def __init__(self, poison: fold.Poison) -> None:
        super().__init__(readable_up_to=poison.version - 1)
        self.version = poison.version
        self.reason = poison.reason


class Reader:
    """Reads states from the store; `recent` saves it the work where the process has the timeline open."""

    def __init__(self, store: EventStore, recent: Recent = _nothing) -> None:
        self._store = store
        self._recent = recent

    async def head(self, timeline_id: UUID, workspace_id: UUID) -> Head:
        """The head of a timeline. Raises NotFound."""
        head = await self._store.head(timeline_id, workspace_id)
        if head is None:
            raise NotFound("There is no such timeline, or it is not yours.", code="timeline_missing")
        return head

    async def state_at(self, timeline_id: UUID, workspace_id: UUID, version: int | None = None) -> State:
        """The state at a version (None: the head). Raises NotFound for a version that is not there (yet)."""
        head = await self.head(timeline_id, workspace_id)
        wanted = head.version if version is None else version
        if not 1 <= wanted <= head.version:
            raise NotFound("The timeline has no such version.", code="version_missing", version=head.version)
        start = await self._start(timeline_id, workspace_id, wanted)
        return await self._replay(timeline_id, workspace_id, start, wanted)

    async def _start(self, timeline_id: UUID, workspace_id: UUID, wanted: int) -> State:
        held = self._recent(timeline_id)
        if held is not None and wanted - PAGE <= held.version <= wanted:
            return held.fork()
        saved = await self._snapshot(timeline_id, workspace_id, wanted)
        if held is not None and saved.version < held.version <= wanted:
            return held.fork()
        return saved

    async def _snapshot(self, timeline_id: UUID, workspace_id: UUID, wanted: int) -> State:
        """The newest sound snapshot; one that is damaged is passed over, for the events are the truth."""
        while wanted > 0:
            saved = await self._store.snapshot_at(timeline_id, workspace_id, wanted, snapshots.FOLD_VERSION)
            if saved is None:
                break
            try:
                return snapshots.load(saved.state, saved.state_hash)
            except snapshots.Damaged:
                log.exception("snapshot_damaged", timeline_id=str(timeline_id), version=saved.version)
                wanted = saved.version - 1
        return State()

    async def _replay(self, timeline_id: UUID, workspace_id: UUID, state: State, wanted: int) -> State:
        while state.version < wanted:
            page = await self._store.read(
                timeline_id, workspace_id, after_version=state.version, to_version=wanted, limit=PAGE
            )
            if not page:
                raise NotFound("The timeline has no such version.", code="version_missing")
            rows = ((event.version, str(event.actor_id), event.body, event.schema_version) for event in page)
            try:
                fold.extend(state, rows)  # ours: read a moment ago, or forked
            except fold.Poison as poison:
                log.exception("timeline_held", timeline_id=str(timeline_id), version=poison.version)
                raise TimelineHeld(poison) from poison
        return state
