"""Frames from process to process through a real Valkey. The poll of heads does not run here: only streams deliver."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.logs import make_timeline, make_workspace, new_event
from timeline_service.editing import streams
from timeline_service.editing.announce import Frame, Hub
from timeline_service.editing.streams import Streams, key_of
from timeline_service.eventstore.items import encode_events_frame
from timeline_service.eventstore.memory import MemoryStore
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import EventStore, StoredEvent
from timeline_service.kit import clock, redis

WITHIN_S = 20
ACTOR = clock.new_id()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():
            await asyncio.sleep(0.005)


class Log:
    """A timeline to append to."""

    def __init__(self, store: EventStore, timeline_id: uuid.UUID, workspace_id: uuid.UUID) -> None:
        self.store, self.timeline_id, self.workspace_id = store, timeline_id, workspace_id
        self.version = 1

    async def append(self, count: int = 1) -> list[StoredEvent]:
        events = [new_event() for _ in range(count)]
        where = (self.timeline_id, self.workspace_id)
        answer = await self.store.append(*where, [ACTOR] * count, events, expected_version=self.version)
        assert answer.outcome == "appended"
        self.version += count
        return await self.store.read(*where, after_version=self.version - count)

    def listen(self, hub: Hub, version: int | None = None) -> list[Frame]:
        frames: list[Frame] = []
        at = self.version if version is None else version
        hub.attach(self.timeline_id, frames.append, workspace_id=self.workspace_id, version=at)
        return frames


def assert_in_order(frames: list[Frame], first: int, last: int) -> None:
    versions = [version for frame in frames for version in range(frame.from_version, frame.to_version + 1)]
    assert versions == list(range(first, last + 1))


class Process:
    """Hub and streams as a process has them, without the poll."""

    def __init__(self, store: EventStore, url: str, *, answer_timeout_s: float) -> None:
        self.client = redis.create_client(url, client_name="tests", answer_timeout_s=answer_timeout_s)
        self.streams = Streams(self.client)
        self.hub = Hub(store, self.streams.publish)
        self.tasks = [
            asyncio.create_task(self.streams.write()),
            asyncio.create_task(self.streams.read(self.hub)),
        ]

    async def close(self) -> None:
        left = {*self.tasks}
        while left:  # as the composition root does
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=1)
        await self.client.aclose()


StartProcess = Callable[[], Process]


@pytest.fixture
async def start_process(engine, redis_url: str) -> AsyncIterator[StartProcess]:
    made: list[Process] = []

    def start() -> Process:
        made.append(Process(PostgresStore(engine), redis_url, answer_timeout_s=60))
        return made[-1]

    yield start
    for process in made:
        await process.close()


@pytest.fixture
def make_log(engine, owner_engine) -> Callable[[], Awaitable[Log]]:
    async def make() -> Log:
        store = PostgresStore(engine)
        workspace_id = await make_workspace(owner_engine)
        timeline_id, _ = await make_timeline(store, workspace_id)
        return Log(store, timeline_id, workspace_id)

    return make


async def test_what_one_process_commits_the_other_hears(start_process: StartProcess, make_log) -> None:
    here, there, log = start_process(), start_process(), await make_log()
    ours, theirs = log.listen(here.hub), log.listen(there.hub)
    for count in (1, 3, 1):
        here.hub.committed(await log.append(count))
    assert_in_order(ours, 2, 6)
    await until(lambda: there.hub.version_of(log.timeline_id) == 6)
    assert_in_order(theirs, 2, 6)


async def test_a_timeline_that_is_opened_while_the_reader_waits_is_heard_at_once(
    start_process: StartProcess, make_log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader would wait for half an hour: only being woken lets it hear the second timeline."""
    monkeypatch.setattr(streams, "BLOCK_MS", 1_800_000)
    here, there, first, second = start_process(), start_process(), await make_log(), await make_log()
    heard = first.listen(there.hub)
    here.hub.committed(await first.append())
    await until(lambda: len(heard) == 1)
    heard = second.listen(there.hub)
    for _ in range(3):
        here.hub.committed(await second.append())
    await until(lambda: there.hub.version_of(second.timeline_id) == 4)
    assert_in_order(heard, 2, 4)


async def test_what_was_committed_between_the_look_at_the_head_and_the_listening_is_not_missed(
    start_process: StartProcess, make_log
) -> None:
    here, there, log = start_process(), start_process(), await make_log()
    here.hub.committed(await log.append(2))
    await until(lambda: not here.streams._waiting)
    await until_streamed(here, log, 3)
    heard = log.listen(there.hub, version=1)  # as if the head had been read before
    await until(lambda: there.hub.version_of(log.timeline_id) == 3)
    assert_in_order(heard, 2, 3)


async def test_what_the_stream_lost_is_read_from_the_store(start_process: StartProcess, make_log) -> None:
    here, there, log = start_process(), start_process(), await make_log()
    heard = log.listen(there.hub)
    for turn in range(30):
        committed = await log.append()
        if turn % 3 == 2:  # two of three never reach Redis
            here.hub.committed(committed)
    await until(lambda: there.hub.version_of(log.timeline_id) == 31)
    assert_in_order(heard, 2, 31)


async def test_a_large_frame_travels_by_its_versions(
    start_process: StartProcess, make_log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LARGE", 100)
    here, there, log = start_process(), start_process(), await make_log()
    heard = log.listen(there.hub)
    here.hub.committed(await log.append(5))
    await until(lambda: there.hub.version_of(log.timeline_id) == 6)
    [entry] = await here.client.xrange(key_of(log.timeline_id))
    assert b"data" not in entry[1]
    assert_in_order(heard, 2, 6)


async def test_after_a_flush_a_position_in_the_future_is_given_up(start_process: StartProcess, make_log) -> None:
    """A clock that was ahead when Redis was emptied: ids begin anew below what the reader has seen."""
    here, there, log = start_process(), start_process(), await make_log()
    heard = log.listen(there.hub)
    [event] = await log.append()
    fields = {"from": 2, "to": 2, "data": encode_events_frame([event])}
    await here.client.xadd(key_of(log.timeline_id), fields, id="9999999999999-0")
    await until(lambda: len(heard) == 1)
    assert there.streams._positions[log.timeline_id] == b"9999999999999-0"
    await here.client.flushdb()
    here.hub.committed(await log.append())
    await until(lambda: there.hub.version_of(log.timeline_id) == 3)
    assert there.streams._positions[log.timeline_id] < b"9999999999999-0"
    here.hub.committed(await log.append())
    await until(lambda: there.hub.version_of(log.timeline_id) == 4)
    assert_in_order(heard, 2, 4)


async def test_what_is_no_entry_of_ours_is_passed_over(start_process: StartProcess, make_log) -> None:
    here, there, log = start_process(), start_process(), await make_log()
    await here.client.xadd(key_of(log.timeline_id), {"nonsense": "1"})
    heard = log.listen(there.hub)
    here.hub.committed(await log.append())
    await until(lambda: there.hub.version_of(log.timeline_id) == 2)
    await here.client.xadd(key_of(log.timeline_id), {"from": "x", "to": "9"})
    here.hub.committed(await log.append())
    await until(lambda: there.hub.version_of(log.timeline_id) == 3)
    assert_in_order(heard, 2, 3)


async def test_a_process_that_stops_sends_what_still_waits(start_process: StartProcess, make_log) -> None:
    here, there, log = start_process(), start_process(), await make_log()
    heard = log.listen(there.hub)
    for task in here.tasks:
        task.cancel()
    await asyncio.gather(*here.tasks, return_exceptions=True)
    for _ in range(3):
        here.hub.committed(await log.append())
    await here.streams.close()
    await until(lambda: there.hub.version_of(log.timeline_id) == 4)
    assert_in_order(heard, 2, 4)


async def test_publishing_never_waits_and_keeps_the_newest(engine, make_log) -> None:
    away = redis.create_client("redis://127.0.0.1:1/0", client_name="tests")
    publisher = Streams(away)
    timeline_id = clock.new_id()
    frames = [Frame(timeline_id, version, version, bytes(50_000)) for version in range(1, 3_001)]
    for frame in frames:
        publisher.publish(frame)
    kept = list(publisher._waiting)
    assert kept == frames[-len(kept) :]
    assert len(kept) <= streams.WAITING_FRAMES
    assert sum(len(frame.data) for frame in kept) == publisher._waiting_bytes <= streams.WAITING_BYTES
    await away.aclose()


@pytest.mark.parametrize("seed", range(20))
async def test_frames_in_any_order_and_number_come_once_each_and_in_turn(seed: int) -> None:
    chance = random.Random(seed)
    store, timeline_id, workspace_id = MemoryStore(), clock.new_id(), clock.new_id()
    await store.create(timeline_id, workspace_id, ACTOR, new_event(type="create_timeline"))
    log, hub = Log(store, timeline_id, workspace_id), Hub(store)
    heard = log.listen(hub)
    events = await log.append(40)
    frames = []
    for _ in range(60):  # overlapping runs, some versions in none of them
        begin = chance.randrange(40)
        run = events[begin : begin + chance.randrange(1, 6)]
        frames.append(Frame(timeline_id, run[0].version, run[-1].version, encode_events_frame(run)))
    for frame in frames * 2:
        hub.offer(frame)
        if chance.random() < 0.1:
            await asyncio.sleep(0.002)
    top = max(frame.to_version for frame in frames)
    await until(lambda: hub.version_of(timeline_id) == top)
    assert_in_order(heard, 2, top)


async def until_streamed(process: Process, log: Log, version: int) -> None:
    """Until a version stands in the stream."""
    async with asyncio.timeout(WITHIN_S):
        while not any(
            int(fields[b"to"]) >= version for _, fields in await process.client.xrange(key_of(log.timeline_id))
        ):
            await asyncio.sleep(0.005)
