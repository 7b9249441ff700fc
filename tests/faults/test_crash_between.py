"""The writer dies by kill -9 between append and checkpoint: what it leaves is whole, and the next try ends it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults import dying
from tests.logs import make_timeline, make_workspace
from timeline_service.domain import chain
from timeline_service.eventstore import tables
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit import database

LEFT = {  # point -> (events, current_version, snapshot) that it leaves behind
    "before the append": (1, 0, None),
    "appended, not committed": (1, 0, None),
    "committed": (2, 0, None),
    "checkpoint moved": (2, 2, None),
    "snapshot saved": (2, 2, 2),
}


async def run(urls, workspace, timeline, die_at=None):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.dying",
        urls.app,
        str(workspace),
        str(timeline),
        "the-gesture",
        env={**os.environ, **({"DIE_AT": die_at} if die_at else {})},
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def projected(engine, workspace, timeline):
    async with database.transaction(engine, workspace_id=workspace) as connection:
        row = (
            await connection.execute(
                sa.select(tables.timeline.c.name, tables.timeline.c.current_version).where(
                    tables.timeline.c.id == timeline
                )
            )
        ).one_or_none()
    return row and tuple(row)


@pytest.mark.parametrize("point", dying.POINTS)
async def test_death_at(point, engine, owner_engine, database_urls):
    store = PostgresStore(engine)
    workspace = await make_workspace(owner_engine)
    timeline, _ = await make_timeline(store, workspace)

    code, out = await run(database_urls, workspace, timeline, die_at=point)
    assert code == -signal.SIGKILL and out == ""
    # A dead client's open transaction ends when the server notices; the lock says when.
    async with store.locked(timeline, workspace) as held:
        head = held.head
    stored = await store.read(timeline, workspace)
    saved = await store.snapshot_at(timeline, workspace, 99, 1)
    assert (len(stored), head.current_version, saved and saved.version) == LEFT[point]
    assert head.version == len(stored) and chain.verify(stored) is None
    # The checkpoint and what it projects are one: both there or neither.
    assert await projected(engine, workspace, timeline) == (
        (f"at {head.current_version}", head.current_version) if head.current_version else None
    )
    records = await store.timelines_of_record(workspace, "record-2")
    assert records == ([timeline] if head.current_version else [])

    assert await run(database_urls, workspace, timeline) == (0, "acked 2\n")
    again = await store.read(timeline, workspace)
    assert [event.gesture_id for event in again[1:]] == ["the-gesture"] and chain.verify(again) is None
    assert (await store.head(timeline, workspace)).current_version == 2
    assert await projected(engine, workspace, timeline) == ("at 2", 2)
