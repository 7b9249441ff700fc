"""Checkpoints: `Timeline.current_version`, the rows the projection writes with it, and when to take a snapshot."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from projections import snapshots, view
from timeline_service.domain import changes, event
from timeline_service.domain.state import State
from timeline_service.eventstore.store import EventStore, NewEvent, Projection, StoredEvent, TimelineSummary

SNAPSHOT_EVENTS: Final = 500
"""Events between snapshots; a fold of 500 takes a few milliseconds, and each snapshot costs a row."""
SNAPSHOT_FOLD_S: Final = 0.05
"""A read that had to fold longer than this asks for a snapshot whatever the number of events."""
PAGE: Final = 2_000
log = structlog.get_logger(__name__)


def summary_of(state: State) -> TimelineSummary:
    """What the list of timelines shows of one."""
    value = state.records[state.timeline_id].value
    return TimelineSummary(
        name=value["name"],
        rate_num=value["rate"]["num"],
        rate_den=value["rate"]["den"],
        width=value["width"],
        height=value["height"],
        duration=view.duration(state),
    )


def projection_of(state: State, events: Sequence[NewEvent]) -> Projection:
    """What appending these events, which lead to `state`, makes the projection write."""
    return Projection(summary_of(state), tuple(touched(events)))


def touched(events: Sequence[StoredEvent | NewEvent]) -> list[tuple[str, str, bool]]:
    """(record id, kind, alive) of every record that the events put or dropped, the last word on each."""
    rows: dict[str, tuple[str, str, bool]] = {}
    for stored in events:
        for change in event.decode_folded(stored.body, stored.schema_version).changes:
            if isinstance(change, changes.Put | changes.Drop):
                rows[change.id] = (change.id, change.kind, isinstance(change, changes.Put))
    return list(rows.values())


def records_of(state: State) -> list[tuple[str, str, bool]]:
    """(record id, kind, alive) of every record there ever was: what `touched` says of all events together."""
    return [(record.id, record.kind, record.alive) for record in state.records.values()]


async def snapshot(store: EventStore, state: State, workspace_id: UUID) -> None:
    """Save a snapshot of the present fold. Nobody may write to `state` meanwhile."""
    data, digest = await asyncio.to_thread(snapshots.dump, state)
    await store.save_snapshot(
        UUID(state.timeline_id), workspace_id, state.version, snapshots.FOLD_VERSION, data, digest
    )


class Checkpoints:
    """Writes the projection's rows and moves `current_version` forward with them, in one transaction."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    async def advance(
        self, state: State, workspace_id: UUID, events: Sequence[StoredEvent], current_version: int
    ) -> int:
        """Project up to `state.version`, given the newest events; earlier ones are read if they were missed."""
        timeline_id = UUID(state.timeline_id)
        fresh = list(events)
        if not fresh or fresh[0].version > current_version + 1:
            fresh = await self._missed(timeline_id, workspace_id, current_version, state.version)
        return await self._store.advance(timeline_id, workspace_id, state.version, summary_of(state), touched(fresh))

    async def _missed(self, timeline_id: UUID, workspace_id: UUID, after: int, to: int) -> list[StoredEvent]:
        found: list[StoredEvent] = []
        while after < to:
            page = await self._store.read(timeline_id, workspace_id, after_version=after, to_version=to, limit=PAGE)
            if not page:
                break
            found += page
            after = page[-1].version
        return found

    def snapshot_soon(self, state: State, workspace_id: UUID) -> None:
        """Save a snapshot in the background; the state is forked here and now."""
        task = asyncio.create_task(self._snapshot(state.fork(), workspace_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _snapshot(self, state: State, workspace_id: UUID) -> None:
        try:
            await snapshot(self._store, state, workspace_id)
        except Exception:
            log.warning("snapshot_failed", timeline_id=state.timeline_id, exc_info=True)

    async def close(self) -> None:
        """Wait for the snapshots under way."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
