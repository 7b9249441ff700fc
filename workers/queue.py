"""arq, with its known traps closed. It only carries tickets (job, attempt) to a process that runs them.

The numbers in this file and in relay.py are those of the nine failure modes that arq is known for; each has a test in
tests/integration/exports or its answer beside the setting.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, cast
from uuid import UUID

import orjson
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix
from arq.worker import Worker, func
from redis.asyncio import Redis
from redis.exceptions import RedisError

from timeline_service.kit import logging
from timeline_service.settings import Exports
from workers import relay, tasks

QUEUE: Final = "timeline:exports"
IN_PROGRESS_S: Final = 12.0
IN_PROGRESS_BEAT_S: Final = 4.0
FOREVER_S: Final = 7 * 86400
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0

log = logging.get("workers")

Start = Callable[[UUID, int], "asyncio.Task[None]"]
"""Begins with an attempt, or finds the task of one that has begun."""


def serialize(value: dict[str, Any]) -> bytes:
    """(8) arq's default is pickle: whoever writes into Redis would run code here. Of errors only their text is kept."""
    return orjson.dumps(value, default=repr)


def deserialize(data: bytes) -> dict[str, Any]:
    """The inverse of `serialize`."""
    value: dict[str, Any] = orjson.loads(data)
    return value


def connect(client: Redis) -> ArqRedis:
    """Our client as arq wants it; they share one connection pool, which is the client's to close."""
    return ArqRedis(
        client.connection_pool, job_serializer=serialize, job_deserializer=deserialize, default_queue_name=QUEUE
    )


def make_worker(queue: ArqRedis, start: Start, settings: Exports) -> Worker:
    """An arq worker that runs tickets through `start`."""

    async def export(_: dict[str, Any], job_id: str, attempt: int) -> None:
        # (4) A plain exception is final for arq, a crash uses a try up: this never raises, workers/retries.py decides.
        # (6) arq's abort() of an id that is not queued poisons the next job of that id: to cancel is to write a row.
        task = start(UUID(job_id), attempt)
        while not task.done():
            await asyncio.wait({task}, timeout=IN_PROGRESS_BEAT_S)
            with contextlib.suppress(RedisError, OSError):
                await queue.pexpire(in_progress_key_prefix + f"{job_id}:{attempt}", int(IN_PROGRESS_S * 1000))

    worker = Worker(
        functions=[func(cast(Any, export), name=relay.FUNCTION)],
        queue_name=QUEUE,
        redis_pool=queue,
        max_jobs=settings.concurrency,
        job_timeout=FOREVER_S,  # the deadline is the job's own (RenderJob.timeout_s)
        max_tries=1_000_000,  # (4) attempts are counted in the job's row
        keep_result=0,  # (5) a kept result makes enqueue_job(same id) answer None without a word
        poll_delay=0.1,  # (9) 0.5 s by default; caps and turns of workspaces are the dispatcher's
        queue_read_limit=1000,  # (2) with 100 (default) jobs in progress in all workers nothing else is started
        health_check_interval=10,  # (9) the key of a dead worker would stay for an hour
        expires_extra_ms=relay.EXPIRES_S * 1000,  # (7)
        allow_abort_jobs=False,  # (6)
        handle_signals=False,  # the process has other things to end too
        job_serializer=serialize,
        job_deserializer=deserialize,
        log_results=False,
    )
    # (1) The key's life is the longest timeout of all functions + 10 s, never renewed: either a dead worker's ticket
    # waits for a week, or a long job is started twice. Short, and renewed above.
    worker.in_progress_timeout_s = IN_PROGRESS_S
    return worker


async def supervise(make: Callable[[], Worker]) -> None:
    """(3) A restart of Redis ends an arq worker: make a new one, again and again. Runs until cancelled.

    What was running goes on meanwhile, in tasks that are not arq's.
    """
    pause_s = FIRST_PAUSE_S
    loop = asyncio.get_running_loop()
    while True:
        worker, began = make(), loop.time()
        running = worker.main_task = loop.create_task(worker.main())
        try:
            await asyncio.wait({running})
            _tell(running)
        finally:
            await retire(worker)
        pause_s = FIRST_PAUSE_S if loop.time() - began > LONGEST_PAUSE_S else min(pause_s * 2, LONGEST_PAUSE_S)
        await asyncio.sleep(pause_s)


async def retire(worker: Worker) -> None:
    """End the tasks of an arq worker; `Worker.close` would close our connections too."""
    await tasks.end([*worker.tasks.values(), *([worker.main_task] if worker.main_task else [])])


def _tell(ended: "asyncio.Task[None]") -> None:
    error = None if ended.cancelled() else ended.exception()
    if isinstance(error, RedisError | OSError):
        log.warning("queue lost", reason=str(error))
    else:
        log.error("queue worker ended", exc_info=error)
