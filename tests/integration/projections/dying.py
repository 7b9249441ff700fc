"""A process that decides and appends a gesture and is killed before it projects it.

python -m tests.integration.projections.dying DATABASE_URL WORKSPACE TIMELINE ACTOR
"""

import asyncio
import os
import signal
import sys
from uuid import UUID

from projections.reader import Reader
from timeline_service.domain import decide, event, registry
from timeline_service.domain.draft import Facts
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import NewEvent
from timeline_service.kit import database


async def main(url: str, workspace_id: UUID, timeline_id: UUID, actor: UUID) -> None:
    store = PostgresStore(database.create_engine(url, application_name="dying"))
    state = await Reader(store).state_at(timeline_id, workspace_id)
    gesture = registry.parse({"type": "add_track", "track_id": "late", "kind": "audio"})
    decided = decide.decide(state, gesture, Facts("late"), actor=str(actor))
    new = NewEvent("late", "add_track", event.SCHEMA_VERSION, event.encode(decided.body), bytes(32))
    done = await store.append(timeline_id, workspace_id, [actor], [new], expected_version=state.version)
    assert done.outcome == "appended"
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *(UUID(text) for text in sys.argv[2:])))
