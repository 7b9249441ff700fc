"""Opening a timeline of 100,000 events that no process has in memory: from the hello to the last part of the snapshot.

A real socket to an API process that has just started, and the same steps in this process one by one. The limit beside
it: reading the snapshot's row, which has to cross from PostgreSQL whatever is made of it.

    python -m tests.benchmarks.bench_reload [events]
"""

import asyncio
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import orjson
import uvloop
from websockets.asyncio.client import connect

from projections import checkpoints, snapshots
from projections.reader import Reader
from tests.benchmarks.stream import dialects
from tests.benchmarks.stream.service import Ground, Service, ground, process_on
from timeline_service.api import parts
from timeline_service.domain import event, registry
from timeline_service.domain.decide import decide
from timeline_service.domain.draft import Facts
from timeline_service.domain.state import State
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import NewEvent
from timeline_service.kit import database

EVENTS: Final = 100_000
TAIL: Final = 250
"""Events after the newest snapshot: the half of what lies between two of them."""
BATCH: Final = 500
ROUNDS: Final = 5
WRITERS: Final = 8


def decided(state: State, turn: int, actor: UUID) -> tuple[NewEvent, State]:
    """The next gesture of the same mix as the stream's benchmark, decided."""
    clip = turn % dialects.CLIPS
    name = str(uuid.uuid4())
    gesture = registry.parse(dialects.gesture(clip, turn // dialects.CLIPS, turn))
    decision = decide(state, gesture, Facts(name, {}), actor=str(actor))
    body = event.encode(decision.body)
    return NewEvent(name, gesture.type, event.SCHEMA_VERSION, body, bytes(32)), decision.state


async def grow(store: PostgresStore, service: Service, timeline_id: UUID, count: int) -> None:
    """Append gestures of several people, and save a snapshot a little before the end, as the service does."""
    workspace_id = UUID(service.workspace_id)
    state = await Reader(store).state_at(timeline_id, workspace_id)
    people = [UUID(person) for person in service.people_ids[:WRITERS]]
    turn = 0
    while state.version < count:
        events, actors, before = [], [], state.version
        until = min(BATCH, count - before, max(0, count - TAIL - before) or BATCH)
        for _ in range(until):
            actor = people[turn // 7 % len(people)]
            new, state = decided(state, turn, actor)
            events.append(new)
            actors.append(actor)
            turn += 1
        await store.append(timeline_id, workspace_id, actors, events, expected_version=before)
        if state.version == count - TAIL:
            await checkpoints.snapshot(store, state, workspace_id)


async def opened(service: Service, timeline_id: UUID, token: str) -> dict[str, float]:
    """Seconds from the hello to the welcome and to the whole snapshot."""
    address = f"ws://127.0.0.1:{service.port}/api/v1/timelines/{timeline_id}/stream"
    async with connect(address, max_size=2**24, max_queue=None) as socket:
        began = time.perf_counter()
        await socket.send(orjson.dumps({"t": "hello", "proto": 1, "token": token}).decode())
        taken = {}
        while True:
            message = orjson.loads(await socket.recv())
            taken[message["t"]] = time.perf_counter() - began
            if message["t"] == "snapshot" and message["part"] == message["parts"]:
                return taken


class Steps:
    """Milliseconds of named steps, round by round."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    async def time(self, name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        answer = work()
        if asyncio.iscoroutine(answer):
            answer = await answer
        self.taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        return answer

    def show(self) -> None:
        for name, values in self.taken.items():
            print(f"  {name:58} {statistics.median(values):7.1f} ms")


async def by_steps(store: PostgresStore, service: Service, timeline_id: UUID, steps: Steps) -> None:
    """What opening does, one thing after the other."""
    where = (timeline_id, UUID(service.workspace_id))
    head = await store.head(*where)
    assert head is not None
    saved = await steps.time(
        "the snapshot's row from PostgreSQL", lambda: store.snapshot_at(*where, head.version, snapshots.FOLD_VERSION)
    )
    await steps.time("  its bytes to a state, checked", lambda: snapshots.load(saved.state, saved.state_hash))
    state = await steps.time("head, snapshot, tail and fold together", lambda: Reader(store).state_at(*where))
    await steps.time("the state as parts of JSON", lambda: parts.cut(state, head.head_hash, where[1]))


async def measure(under: Ground, count: int) -> None:
    engine = database.create_engine(under.settings.database.url, application_name="bench")
    store = PostgresStore(engine)
    async with process_on(under, "timeline_service.embedded.web") as service:
        await service.people()
        timeline_id = UUID((await service.timeline())[0])
        who = service
    await grow(store, who, timeline_id, count)
    first, again, steps = Steps(), Steps(), Steps()
    for _ in range(ROUNDS):
        async with process_on(under, "timeline_service.embedded.web") as service:
            for kind in (first, again):
                for name, seconds in (await opened(service, timeline_id, who.tokens[0])).items():
                    kind.taken.setdefault(f"hello to {name}", []).append(seconds * 1000)
        await by_steps(store, who, timeline_id, steps)
    await engine.dispose()
    print(f"a timeline of {count:,} events and {dialects.CLIPS} clips (load {os.getloadavg()[0]:.1f})")
    print("in a process that has just started, over its socket")
    first.show()
    print("the same, which has it in memory now")
    again.show()
    print("step by step")
    steps.show()


async def main() -> None:
    """Medians of some rounds, each with a process of its own."""
    async with ground() as under:
        await measure(under, int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)


if __name__ == "__main__":
    uvloop.run(main())
