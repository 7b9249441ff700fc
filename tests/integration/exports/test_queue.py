"""The known failure modes of arq (numbers as in workers/queue.py), against a real Valkey.

3 (a Redis restart ends the worker): test_restarts. 4 (exceptions are final): test_exports, test_faults.
9 (no turns, no caps): test_dispatch.
"""

import asyncio
import contextlib
import pickle
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from arq.connections import ArqRedis
from arq.constants import (
    abort_jobs_ss,
    in_progress_key_prefix,
    job_key_prefix,
    result_key_prefix,
)

from tests.integration.exports.stage import eventually
from timeline_service.kit import clock, redis
from timeline_service.settings import Exports
from workers import queue, relay, tasks


class Bench:
    """A queue with one worker whose jobs end when they are told to."""

    def __init__(self, arq: ArqRedis) -> None:
        self.arq = arq
        self.begun: list[tuple[UUID, int]] = []
        self.go_on = asyncio.Event()
        self.running: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        self.settings = Exports(concurrency=4)

    def start(self, job_id: UUID, attempt: int) -> "asyncio.Task[None]":
        ticket = (job_id, attempt)
        if ticket not in self.running:
            self.begun.append(ticket)
            self.running[ticket] = asyncio.create_task(self._work())
        return self.running[ticket]

    async def _work(self) -> None:
        await self.go_on.wait()

    @contextlib.asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        task = asyncio.create_task(queue.supervise(lambda: queue.make_worker(self.arq, self.start, self.settings)))
        try:
            yield
        finally:
            self.go_on.set()
            await tasks.end([task])

    async def has_begun(self, *tickets: tuple[UUID, int]) -> None:
        async def begun() -> bool:
            return set(tickets) <= set(self.begun)

        await eventually(begun)

    async def is_empty(self) -> None:
        async def empty() -> bool:
            return await self.arq.zcard(queue.QUEUE) == 0

        await eventually(empty)


@pytest.fixture
async def bench(redis_url: str) -> AsyncIterator[Bench]:
    client = redis.create_client(redis_url, client_name="tests")
    await client.flushdb()
    yield Bench(queue.connect(client))
    await client.flushdb()
    await client.aclose()


async def test_1_a_mark_of_work_in_progress_is_short_and_renewed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "IN_PROGRESS_BEAT_S", 0.05)
    ticket = (clock.new_id(), 1)
    key = f"{in_progress_key_prefix}{ticket[0]}:1"
    async with bench.worker():
        await relay.hand_over(bench.arq, [ticket])
        await bench.has_begun(ticket)
        assert 0 < await bench.arq.pttl(key) <= queue.IN_PROGRESS_S * 1000
        await bench.arq.pexpire(key, 1000)

        async def renewed() -> bool:
            return await bench.arq.pttl(key) > 2000

        await eventually(renewed)


async def test_2_many_jobs_in_progress_elsewhere_do_not_stop_the_queue(bench: Bench) -> None:
    for _ in range(150):
        other = clock.new_id()
        await relay.hand_over(bench.arq, [(other, 1)])
        await bench.arq.psetex(f"{in_progress_key_prefix}{other}:1", 60_000, b"1")
    ticket = (clock.new_id(), 1)
    await relay.hand_over(bench.arq, [ticket])
    async with bench.worker():
        await bench.has_begun(ticket)
    assert bench.begun == [ticket]


async def test_5_an_attempt_that_ran_may_be_handed_over_again(bench: Bench) -> None:
    ticket = (clock.new_id(), 1)
    bench.go_on.set()
    async with bench.worker():
        for _ in range(2):
            await relay.hand_over(bench.arq, [ticket])
            await bench.has_begun(ticket)
            await bench.is_empty()
    assert [key async for key in bench.arq.scan_iter(f"{result_key_prefix}*")] == []


async def test_6_an_abort_of_arq_means_nothing(bench: Bench) -> None:
    ticket = (clock.new_id(), 1)
    await bench.arq.zadd(abort_jobs_ss, {f"{ticket[0]}:1": 1})
    async with bench.worker():
        await relay.hand_over(bench.arq, [ticket])
        await bench.has_begun(ticket)


async def test_7_a_ticket_that_expired_in_the_queue_is_handed_over_again(bench: Bench) -> None:
    ticket = (clock.new_id(), 1)
    await relay.hand_over(bench.arq, [ticket])
    assert 0 < await bench.arq.ttl(f"{job_key_prefix}{ticket[0]}:1") <= relay.EXPIRES_S
    await bench.arq.delete(f"{job_key_prefix}{ticket[0]}:1")  # what expiry does
    async with bench.worker():
        await bench.is_empty()
        assert bench.begun == []
        await relay.hand_over(bench.arq, [ticket])
        await bench.has_begun(ticket)


class Bomb:
    """What a hand with access to Redis would like to see unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('unpickled')",)


async def test_8_nothing_is_unpickled(bench: Bench) -> None:
    for number, data in enumerate((pickle.dumps(Bomb()), b"\x00", b"[]", b'{"f":"export"}', b'{"f":"os.system"}')):
        await bench.arq.set(f"{job_key_prefix}evil-{number}", data)
        await bench.arq.zadd(queue.QUEUE, {f"evil-{number}": 1})
    await bench.arq.enqueue_job("export", "no uuid", 1, _job_id="evil-id")
    await bench.arq.enqueue_job("something_else", _job_id="evil-name")
    ticket = (clock.new_id(), 1)
    await relay.hand_over(bench.arq, [ticket])
    async with bench.worker():
        await bench.has_begun(ticket)
        bench.go_on.set()
        await bench.is_empty()
    assert bench.begun == [ticket]
