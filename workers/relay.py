"""From the outbox to the queue. Redis may be flushed or restarted at any moment: what it loses is handed over again."""

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from timeline_service.exports import dispatch, wakeups
from timeline_service.exports.job import Ticket
from timeline_service.kit import database, errors, logging
from timeline_service.settings import Exports

FUNCTION = "export"
# (7) arq fails a job that waited longer than this as expired; the outbox hands it over again.
EXPIRES_S = 3600

log = logging.get("workers")


async def run(engine: database.Engine, queue: ArqRedis, hints: wakeups.Wakeups, settings: Exports) -> None:
    """Hand over whenever somebody says that there is something, and every `poll_s` anyway. Runs until cancelled."""
    caps = dispatch.Caps(settings.per_workspace, settings.over_all, settings.again_after_s)
    with hints.listen(wakeups.RELAY) as woken:
        while True:
            try:
                await hand_over(queue, await dispatch.release(engine, caps))
            except (errors.Unavailable, RedisError, OSError) as error:
                log.warning("relay waits", reason=str(error))
            await wakeups.heard(woken, settings.poll_s)


async def hand_over(queue: ArqRedis, tickets: list[Ticket]) -> None:
    """Enqueue attempts. One that is in the queue already stays there once: its id names job and attempt."""
    for job_id, attempt in tickets:
        # (5) arq drops an id whose result it still keeps, without a word: each attempt has its own id.
        await queue.enqueue_job(FUNCTION, str(job_id), attempt, _job_id=f"{job_id}:{attempt}", _expires=EXPIRES_S)
