"""The database computes the very bytes of the golden chain."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from tests.logs import digest, make_workspace
from timeline_service.domain import chain
from timeline_service.eventstore import tables
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import NewEvent

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "chain.json").read_text())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def test_append_events_gives_the_golden_hashes(engine, owner_engine):
    """Its clock is pinned by a head from the future: an event is never recorded before the one before it."""
    store, timeline = PostgresStore(engine), UUID(GOLDEN["timeline_id"])
    workspace = await make_workspace(owner_engine)
    head = {"timeline_id": timeline, "workspace_id": workspace, "head_hash": chain.genesis(timeline)}
    async with owner_engine.begin() as connection:
        await connection.execute(sa.insert(tables.timeline_head).values(**head))
    for row in GOLDEN["events"]:
        at = EPOCH + timedelta(microseconds=row["recorded_at_us"])
        async with owner_engine.begin() as connection:
            await connection.execute(
                sa.update(tables.timeline_head)
                .where(tables.timeline_head.c.timeline_id == timeline)
                .values(recorded_at=at)
            )
        event = NewEvent(
            gesture_id=row["gesture_id"],
            type=row["type"],
            schema_version=row["schema_version"],
            body=bytes.fromhex(row["body"]),
            request_digest=digest(row["gesture_id"]),
        )
        actor = UUID(row["actor_id"])
        answer = await store.append(timeline, workspace, [actor], [event], expected_version=row["version"] - 1)
        assert answer.head.head_hash.hex() == row["hash"]
        assert answer.rows[0].recorded_at_us == row["recorded_at_us"]
    stored = await store.read(timeline, workspace)
    assert chain.verify(stored) is None
    assert [event.recorded_at_us for event in stored] == [row["recorded_at_us"] for row in GOLDEN["events"]]
