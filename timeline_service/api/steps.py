"""What somebody may take back: for the buttons of their editor when it joins."""

from typing import Any
from uuid import UUID

from timeline_service.access.service import Actor
from timeline_service.api.rooms import Rooms
from timeline_service.domain import event
from timeline_service.domain.stacks import Pair
from timeline_service.eventstore.store import EventStore


async def undo(store: EventStore, timeline_id: UUID, workspace_id: UUID, mine: Pair | None) -> dict[str, Any]:
    """`{can_undo, can_redo, label}` of one person's stacks.

    `label` is the sentence of the audit log for the newest step to undo, of its last gesture; None without a step.
    """
    if mine is None:
        return {"can_undo": False, "can_redo": False, "label": None}
    label = None
    if mine.undo:
        [stored] = await store.read_versions(timeline_id, workspace_id, [mine.undo[-1].versions[-1]])
        label = event.decode(stored.body, stored.schema_version).description
    return {"can_undo": bool(mine.undo), "can_redo": bool(mine.redo), "label": label}


async def undo_now(rooms: Rooms, actor: Actor, timeline_id: UUID) -> dict[str, Any]:
    """The same, on the newest state."""
    workspace_id = (await rooms.access.grant(actor, timeline_id, "read")).workspace_id
    state = await rooms.editing.reader.state_at(timeline_id, workspace_id)
    return await undo(rooms.store, timeline_id, workspace_id, state.stacks.get(str(actor.id)))
