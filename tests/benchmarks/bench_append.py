"""Appends of 100 events beside raw COPY of the same rows: same server, same run, interleaved rounds, medians.

COPY goes into a table like timeline_event, all its indexes and checks included, without trigger, row security, chain,
dedupe, head or lock: the physical limit of storing these rows durably. `function` is append_events called on the
driver, to which the goal applies; `store` is PostgresStore.append, as the service calls it, the pool's check of
the connection in each call. Each connection has its own timeline.

    python -m tests.benchmarks.bench_append
"""

import asyncio
import hashlib
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from migrations import runner
from timeline_service.embedded import databases, servers
from timeline_service.eventstore import rows
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import NewEvent
from timeline_service.kit import clock, database

BATCH = 100
BODY_BYTES = 300
SECONDS = 0.5
ROUNDS = 25
CONNECTIONS = (1, 8)
GOAL = 0.5
COLUMNS = (
    "timeline_id", "version", "workspace_id", "gesture_id", "type", "schema_version", "actor_id", "recorded_at",
    "correlation_id", "transaction_id", "body", "request_digest", "hash",
)  # fmt: skip

Write = Callable[[int, uuid.UUID, int, list[NewEvent]], Awaitable[Any]]
ACTOR, WORKSPACE = clock.new_id(), clock.new_id()


def batch() -> list[NewEvent]:
    """New gestures; the bodies have the size of a trim's."""
    head = b'{"gesture":{"type":"trim","clip_id":"c7","edge":"end","delta":-29400000},"changes":[{"op":"set"}],"pad":"'
    return [
        NewEvent(
            gesture_id=str(uuid.uuid4()),
            type="trim",
            schema_version=1,
            body=head + os.urandom((BODY_BYTES - len(head)) // 2).hex().encode() + b'"}',
            request_digest=hashlib.sha256(number.to_bytes(4)).digest(),
            correlation_id=None,
            transaction_id=None,
        )
        for number in range(BATCH)
    ]


def as_rows(timeline_id: uuid.UUID, version: int, events: list[NewEvent]) -> list[tuple[Any, ...]]:
    """The rows that the same append makes, hashes given."""
    at = datetime.now(UTC)
    return [
        (
            timeline_id, place, WORKSPACE, event.gesture_id, event.type, event.schema_version, ACTOR, at,
            event.correlation_id, event.transaction_id, event.body, event.request_digest, event.request_digest,
        )
        for place, event in enumerate(events, version + 1)
    ]  # fmt: skip


async def rate(write: Write, timelines: list[uuid.UUID]) -> float:
    """Events per second of all connections together. Making the events is not counted: it is done before."""
    prepared = [batch() for _ in range(8)]
    began = time.perf_counter()

    async def writer(number: int, timeline_id: uuid.UUID) -> int:
        version = 1
        while time.perf_counter() - began < SECONDS:
            # The same bodies again under new ids; ids alone are made inside the clock, for every way alike.
            events = [
                NewEvent(str(uuid.uuid4()), event.type, event.schema_version, event.body, event.request_digest)
                for event in prepared[version // BATCH % 8]
            ]
            await write(number, timeline_id, version, events)
            version += BATCH
        return version - 1

    done = sum(await asyncio.gather(*(writer(*numbered) for numbered in enumerate(timelines))))
    return done / (time.perf_counter() - began)


class Ways:
    """The three ways to write. COPY and the function have one connection per writer, the store has a pool."""

    def __init__(self, owners: list[asyncpg.Connection], apps: list[asyncpg.Connection], store: PostgresStore) -> None:
        self.owners, self.apps, self.store = owners, apps, store

    async def copy(self, number: int, timeline_id: uuid.UUID, version: int, events: list[NewEvent]) -> None:
        records = as_rows(timeline_id, version, events)
        await self.owners[number].copy_records_to_table("bench_event", records=records, columns=COLUMNS)

    async def function(self, number: int, timeline_id: uuid.UUID, version: int, events: list[NewEvent]) -> None:
        arrays = rows.arguments_of([ACTOR] * len(events), events)
        row = await self.apps[number].fetchrow(rows.APPEND, WORKSPACE, timeline_id, version, *arrays)
        assert row["outcome"] == "appended"

    async def through_store(self, number: int, timeline_id: uuid.UUID, version: int, events: list[NewEvent]) -> None:
        actors = [ACTOR] * len(events)
        answer = await self.store.append(timeline_id, WORKSPACE, actors, events, expected_version=version)
        assert answer.outcome == "appended"


async def measure(running: servers.Servers, connections: int) -> dict[str, list[float]]:
    """Rounds of each way in turn, on new timelines."""
    engine = database.create_engine(running.database_url, pool_size=connections, application_name="bench")
    owners = [await asyncpg.connect(running.migration_database_url) for _ in range(connections)]
    apps = [await asyncpg.connect(running.database_url) for _ in range(connections)]
    ways = Ways(owners, apps, PostgresStore(engine))
    found: dict[str, list[float]] = {"copy": [], "function": [], "store": []}
    for turn in range(ROUNDS + 1):
        for name, write in (("copy", ways.copy), ("function", ways.function), ("store", ways.through_store)):
            timelines = [clock.new_id() for _ in range(connections)]
            for timeline_id in timelines:
                await ways.store.create(timeline_id, WORKSPACE, ACTOR, batch()[0])
            figure = await rate(write, timelines)
            if turn:  # the first round warms caches and statements
                found[name].append(figure)
    for connection in owners + apps:
        await connection.close()
    await engine.dispose()
    return found


async def main() -> bool:
    """Prints the figures; True when append_events reaches the goal at every number of connections."""
    reached = True
    with tempfile.TemporaryDirectory(prefix="timeline-bench-") as folder, servers.start(Path(folder)) as running:
        await runner.upgrade(running.migration_database_url)
        await databases.grant_roles(running.migration_database_url)
        owner = await asyncpg.connect(running.migration_database_url)
        await owner.execute("create table bench_event (like timeline_event including all)")
        await owner.execute("insert into workspace (id, name) values ($1, 'bench')", WORKSPACE)
        await owner.close()
        for connections in CONNECTIONS:
            found = await measure(running, connections)
            load = os.getloadavg()[0]
            print(f"append, batch {BATCH}, {connections} connection(s), load {load:.1f}, {os.cpu_count()} cores")
            copy = statistics.median(found["copy"])
            for name, figures in found.items():
                share = statistics.median(one / base for one, base in zip(figures, found["copy"], strict=True))
                reached = reached and (name != "function" or share >= GOAL)
                print(f"  {name:9} {statistics.median(figures):9,.0f} events/s   {share:5.0%} of COPY round by round, "
                      f"{statistics.median(figures) / copy:4.0%} of its median")  # fmt: skip
    print(f"  goal: append_events at {GOAL:.0%} of COPY or more: {'reached' if reached else 'MISSED'}")
    return reached


if __name__ == "__main__":
    asyncio.run(main())
