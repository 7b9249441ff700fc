"""Events and workspaces for tests of the store."""

import hashlib
import json

import sqlalchemy as sa

from timeline_service.access import tables as access_tables
from timeline_service.eventstore.store import NewEvent
from timeline_service.kit import clock


def new_event(gesture_id=None, *, record="c1", type="trim", **given):
    """An event whose body names `record`; its digest follows from the id."""
    gesture_id = gesture_id or str(clock.new_id())
    body = json.dumps(
        {"gesture": {"type": type}, "changes": [{"op": "set", "kind": "clip", "id": record, "fields": {}}]},
        separators=(",", ":"),
    )
    defaults = {"schema_version": 1, "body": body.encode(), "request_digest": digest(gesture_id)}
    return NewEvent(gesture_id=gesture_id, type=type, **(defaults | given))


def new_events(count):
    """A batch; each event names another record, so that no two bodies are alike."""
    return [new_event(record=f"c{number}") for number in range(1, count + 1)]


def digest(text):
    return hashlib.sha256(text.encode()).digest()


async def make_workspace(owner_engine):
    """A workspace; returns its id."""
    workspace_id = clock.new_id()
    async with owner_engine.begin() as connection:
        await connection.execute(sa.insert(access_tables.workspace).values(id=workspace_id, name="test"))
    return workspace_id


async def make_timeline(store, workspace_id, *, events=0):
    """A timeline with `events` events after its first; returns its id and its head."""
    timeline_id, actor = clock.new_id(), clock.new_id()
    answer = await store.create(timeline_id, workspace_id, actor, new_event(type="create_timeline", record="root"))
    if events:
        answer = await store.append(timeline_id, workspace_id, [actor] * events, new_events(events), expected_version=1)
    assert answer.outcome == "appended"
    return timeline_id, answer.head
