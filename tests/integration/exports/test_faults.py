"""What may happen to workers: each way, one effective result, and nothing left behind."""

import os
import signal
from pathlib import Path

from tests.integration.exports.rows import Place
from tests.integration.exports.stage import Stage, eventually
from timeline_service.exports import dispatch
from timeline_service.exports.job import Job
from timeline_service.kit import database, redis
from workers import queue

LONG = 150  # frames; a few seconds of rendering


async def half_done(stage: Stage, *, frames: int = LONG) -> tuple[Place, Job]:
    """A job that a worker has rendered about half of."""
    place = await stage.place()
    await stage.film(place, frames=frames)
    job = await stage.exports.request(place.actor, place.timeline_id, preset="landscape_720p")
    await stage.until(place, job, lambda now: now.phase == "video" and now.progress > 0.4)
    return place, job


async def test_kill_9_of_a_worker_half_way(stage: Stage) -> None:
    first = stage.start_worker()
    place, job = await half_done(stage)
    await first.kill()
    stage.start_worker()
    done = await stage.until(place, job)
    assert (done.state, done.attempt) == ("completed", 2), stage.logs()
    assert done.artifact is not None and done.artifact.frames == LONG
    assert await stage.claims(job) == 2 + 1  # two claims, and the reaper's fence
    assert await stage.keys(job) == [done.artifact.key]
    assert await stage.cleared(), stage.scratch()


async def test_a_worker_that_slept_through_its_lease_cannot_publish(stage: Stage) -> None:
    zombie = stage.start_worker("execute", "relay")
    place, job = await half_done(stage)
    zombie.send(signal.SIGSTOP)  # its rendering goes on in the child, so that there is something to publish
    stage.start_worker()
    done = await stage.until(place, job)
    assert (done.state, done.attempt) == ("completed", 2), stage.logs()
    zombie.send(signal.SIGCONT)
    await zombie.says("attempt lost to another worker")
    assert await stage.exports.get(place.actor, job.id) == done
    zombie.send(signal.SIGTERM)
    assert await zombie.ended() == 0
    assert done.artifact is not None and await stage.keys(job) == [done.artifact.key]


async def test_sigterm_hands_the_job_over(stage: Stage) -> None:
    first = stage.start_worker()
    place, job = await half_done(stage)
    first.send(signal.SIGTERM)
    assert await first.ended() == 0
    back = await stage.exports.get(place.actor, job.id)
    assert (back.state, back.attempt, back.max_attempts) == ("queued", 2, 4)
    assert await stage.cleared(), stage.scratch()
    stage.start_worker()
    assert (await stage.until(place, job)).state == "completed"


async def test_kill_9_of_the_relay(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place)
    relay = stage.start_worker("relay")
    job = await stage.exports.request(place.actor, place.timeline_id, preset="source")

    async def handed_over() -> bool:
        return await stage.outbox() == [(1, True)]

    await eventually(handed_over)
    await relay.kill()
    other = await stage.exports.request(place.actor, place.timeline_id, preset="square_720p")
    # A relay that dies after it has taken tickets and before it has handed them over:
    tickets = await released(stage)
    assert tickets == [(other.id, 1)]
    stage.start_worker()
    for asked in (job, other):
        done = await stage.until(place, asked)
        assert (done.state, done.attempt, await stage.claims(asked)) == ("completed", 1, 1)
    assert await stage.outbox() == []


async def test_tickets_that_are_delivered_twice(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place)
    job = await stage.exports.request(place.actor, place.timeline_id, preset="source")
    client = redis.create_client(stage.redis_url, client_name="tests")
    arq = queue.connect(client)
    for copy in range(6):
        await arq.enqueue_job("export", str(job.id), 1, _job_id=f"copy-{copy}-{job.id}")
    for _ in range(2):
        stage.start_worker()
    done = await stage.until(place, job)
    assert (done.state, done.attempt, await stage.claims(job)) == ("completed", 1, 1)

    async def empty() -> bool:
        return await arq.zcard(queue.QUEUE) == 0

    await eventually(empty)
    await client.aclose()
    assert (await stage.exports.get(place.actor, job.id)) == done


async def test_a_rendering_process_that_dies_is_tried_again(stage: Stage) -> None:
    worker = stage.start_worker()
    place, job = await half_done(stage)
    children = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    again = await stage.until(place, job, lambda now: now.attempt == 2)
    assert again.error is not None and again.error.code == "engine_crashed"
    done = await stage.until(place, job)
    assert (done.state, done.error, done.attempt) == ("completed", None, 2)


async def released(stage: Stage) -> list[tuple[object, int]]:
    engine = database.create_engine(stage.urls.worker, application_name="tests")
    try:
        return list(await dispatch.release(engine, dispatch.Caps(again_after_s=3600)))
    finally:
        await engine.dispose()
