"""32 writers on one timeline: durable gestures per second through sequencer and store.

Peers, in the same minute on the same server: the same writers with one transaction and a row lock each (what a
service without a sequencer does), and the physical limit, single-row commits of 32 connections to 32 timelines.

    python -m tests.benchmarks.bench_sequencer
"""

import asyncio
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

from migrations import runner
from tests.integration.editing.conftest import Desk, clip, desk_on, person
from timeline_service.access.service import Actor
from timeline_service.domain import creation
from timeline_service.domain.media import RateValue
from timeline_service.editing.requests import Submission
from timeline_service.embedded import databases, servers
from timeline_service.kit import database

WRITERS = 32
SECONDS = 3.0
ROUNDS = 3


async def for_a_while(write: Callable[[int, int], Awaitable[Any]]) -> float:
    """Writes per second of all writers together."""
    began = time.perf_counter()
    done = 0

    async def writer(number: int) -> None:
        nonlocal done
        turn = 0
        while time.perf_counter() - began < SECONDS:
            await write(number, turn)
            turn += 1
            done += 1

    await asyncio.gather(*(writer(n) for n in range(WRITERS)))
    return done / (time.perf_counter() - began)


async def prepare(desk: Desk) -> tuple[Actor, uuid.UUID]:
    actor = await person(desk, "writer")
    workspace = await desk.access.create_workspace(actor, "Bench")
    request = creation.NewTimeline(name="Hot", rate=RateValue(num=24, den=1), width=1920, height=1080)
    made = await desk.editing.create_timeline(actor, workspace.id, request)
    track = {"type": "add_track", "track_id": "v1", "kind": "video"}
    clips = [clip(f"c{n}", n * 20, 10) for n in range(WRITERS)]
    await desk.edit(actor, made.timeline_id, track, *clips)
    return actor, made.timeline_id


def gesture(number: int, turn: int) -> dict[str, Any]:
    """Trims, moves and crop keyframes, each writer on its own clip."""
    back = turn % 2 == 1
    kind = (turn // 2) % 3
    if kind == 0:
        return {"type": "trim", "clip_id": f"c{number}", "edge": "end", "delta": 1 if back else -1}
    if kind == 1:
        return {"type": "move", "clip_ids": [f"c{number}"], "delta": -2 if back else 2}
    frame = {"clip_id": f"c{number}", "frame": 3}
    if back:
        return {"type": "delete_crop_keyframe", **frame}
    window = {"x": 0, "y": 0, "width": 500_000, "height": 1_000_000, "unit": "ppm"}
    return {"type": "add_crop_keyframe", **frame, **window}


async def through_the_front_door(desk: Desk) -> float:
    actor, timeline_id = await prepare(desk)

    async def write(number: int, turn: int) -> None:
        submission = Submission(gestures=({**gesture(number, turn), "gesture_id": str(uuid.uuid4())},))
        await desk.editing.submit(actor, timeline_id, submission)

    return await for_a_while(write)


async def with_row_locks(pool: asyncpg.Pool) -> float:
    """The peer: each write its own transaction that locks the head, inserts one row, moves the head."""
    head = uuid.uuid4()
    await pool.execute("insert into bench_head values ($1, 0)", head)

    async def write(number: int, turn: int) -> None:
        async with pool.acquire() as connection, connection.transaction():
            version = await connection.fetchval(
                "update bench_head set version = version + 1 where id = $1 returning version", head
            )
            await connection.execute("insert into bench_event values ($1, $2, $3)", head, version, b"x" * 500)

    return await for_a_while(write)


async def single_rows(pool: asyncpg.Pool) -> float:
    """The limit: nothing but a row and its commit, nobody waiting for anybody."""
    heads = [uuid.uuid4() for _ in range(WRITERS)]

    async def write(number: int, turn: int) -> None:
        await pool.execute("insert into bench_event values ($1, $2, $3)", heads[number], turn, b"x" * 500)

    return await for_a_while(write)


async def main() -> None:
    """Interleaved rounds, medians, ratios."""
    with tempfile.TemporaryDirectory(prefix="timeline-bench-") as folder, servers.start(Path(folder)) as running:
        await runner.upgrade(running.migration_database_url)
        await databases.grant_roles(running.migration_database_url)
        engine = database.create_engine(running.database_url, application_name="bench")
        pool = await asyncpg.create_pool(running.migration_database_url, min_size=WRITERS, max_size=WRITERS)
        await pool.execute("create table bench_head (id uuid primary key, version bigint)")
        await pool.execute("create table bench_event (id uuid, version bigint, body bytea, primary key (id, version))")
        desk = desk_on(engine)
        figures: dict[str, list[float]] = {"front door": [], "row locks": [], "single rows": []}
        for _ in range(ROUNDS):
            figures["front door"].append(await through_the_front_door(desk))
            figures["row locks"].append(await with_row_locks(pool))
            figures["single rows"].append(await single_rows(pool))
        await desk.editing.close()
        await pool.close()
        await engine.dispose()
    medians = {name: statistics.median(values) for name, values in figures.items()}
    print(f"32 writers, one timeline, durable (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores)")
    for name, value in medians.items():
        print(f"  {name:12} {value:8,.0f}/s   {value / medians['single rows']:.2f} of single rows")
    print(f"  front door / row locks = {medians['front door'] / medians['row locks']:.1f}")


if __name__ == "__main__":
    asyncio.run(main())
