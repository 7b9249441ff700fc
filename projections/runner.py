"""The projector for what was left behind: a process died between an append and its projection, or projecting failed.

Safe to run beside everything else, twice, and to kill: the checkpoint only moves forward, with its rows.
"""

from dataclasses import dataclass
from uuid import UUID

from projections import checkpoints
from projections.reader import Reader, TimelineHeld
from projections.walk import Stop, Walk
from timeline_service.domain.state import State
from timeline_service.eventstore.store import EventStore


@dataclass(frozen=True, slots=True)
class Caught:
    """Where the projection stands now, and what holds it there when that is not the head."""

    current_version: int
    version: int
    stop: Stop | None


async def catch_up(store: EventStore, timeline_id: UUID, workspace_id: UUID) -> Caught:
    """Project a timeline up to its head, or up to the event before one that this code cannot fold.

    Raises NotFound, Unavailable.
    """
    reader = Reader(store)
    head = await reader.head(timeline_id, workspace_id)
    current = head.current_version
    if current == head.version:
        return Caught(current, head.version, None)
    try:
        start = await reader.state_at(timeline_id, workspace_id, current) if current else State()
    except TimelineHeld as held:  # newer code has come further than this one can go
        return Caught(current, head.version, Stop(held.version, held.reason))
    walk = Walk(store, timeline_id, workspace_id, start)
    missed = 0
    while walk.state.version < head.version and walk.stop is None:
        events = await walk.page(head.version)
        if events:
            summary, touched = checkpoints.summary_of(walk.state), checkpoints.touched(events)
            current = await store.advance(timeline_id, workspace_id, walk.state.version, summary, touched)
            missed += len(events)
    if missed >= checkpoints.SNAPSHOT_EVENTS:
        await checkpoints.snapshot(store, walk.state, workspace_id)
    return Caught(current, head.version, walk.stop)
