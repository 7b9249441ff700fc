"""What may happen to a job, on a real PostgreSQL: claims, leases, fencing, retries, cancels."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.exports import rows
from timeline_service.exports import attempts, dispatch, ledger
from timeline_service.exports.attempts import Standing
from timeline_service.exports.job import Artifact, Attempt, Beat, Failure, Job
from timeline_service.kit import clock, database, errors

LEASE_S = 30
BROKEN = Failure("engine_crashed", "The rendering process died.", retryable=True, details={})
WRONG = Failure("missing_media", "A clip has no media.", retryable=False, details={"clip_id": "c1"})


def artifact(attempt: Attempt) -> Artifact:
    key = f"ws/{attempt.workspace_id}/exports/{attempt.job_id}/{attempt.attempt}/a.mp4"
    return Artifact(key, "a.mp4", "video/mp4", 10, "0" * 64, 1000, 7, ({"code": "note"},))


async def claimed(worker: AsyncEngine, job: Job, owner: str = "w1") -> Attempt:
    found = await attempts.claim(worker, job.id, job.attempt, owner, LEASE_S)
    assert found is not None
    return found


async def test_a_job_is_claimed_once(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    job = await rows.enter(engine, await rows.make_place(owner_engine))
    assert (job.state, job.attempt, job.progress) == ("queued", 1, 0)
    found = await asyncio.gather(*(attempts.claim(worker_engine, job.id, 1, f"w{n}", LEASE_S) for n in range(5)))
    winners = [attempt for attempt in found if attempt is not None]
    assert len(winners) == 1
    assert winners[0].request == rows.asked(rows.Place(job.workspace_id, job.timeline_id, None))  # type: ignore[arg-type]
    assert await attempts.claim(worker_engine, job.id, 1, winners[0].owner, LEASE_S) == winners[0]
    assert (await rows.load(engine, job)).state == "running"


async def test_progress_is_kept_and_never_goes_back(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    job = await rows.enter(engine, await rows.make_place(owner_engine))
    held = await claimed(worker_engine, job)
    seen = []
    for progress, frames in ((0.2, 20), (0.5, 50), (0.3, 30), (0.5, 50)):
        assert await attempts.beat(worker_engine, held, Beat("video", progress, frames, 100), LEASE_S) is Standing.HELD
        now = await rows.load(engine, job)
        seen.append((now.progress, now.frames_done, now.revision))
    assert [row[:2] for row in seen] == [(0.2, 20), (0.5, 50), (0.5, 50), (0.5, 50)]
    assert seen[1][2] == seen[2][2] == seen[3][2] > seen[0][2]  # nothing that a reader could see has changed


async def test_publishing(engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine) -> None:
    job = await rows.enter(engine, await rows.make_place(owner_engine))
    held = await claimed(worker_engine, job)
    assert await attempts.publish(worker_engine, held, artifact(held)) is Standing.HELD
    assert await attempts.publish(worker_engine, held, artifact(held)) is Standing.HELD  # the first answer was lost
    done = await rows.load(engine, job)
    assert (done.state, done.progress, done.error, done.artifact) == ("completed", 1.0, None, artifact(held))
    with pytest.raises(ledger.JobFinished):
        await rows.cancel(engine, job)


async def test_the_same_request_is_the_same_job_until_it_failed(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    place = await rows.make_place(owner_engine)
    first = await rows.enter(engine, place)
    assert (await rows.enter(engine, place)).id == first.id
    assert (await rows.enter(engine, place, version=2)).id != first.id
    held = await claimed(worker_engine, first)
    assert await attempts.give_up(worker_engine, held, WRONG, retry_in_s=0) == "failed"
    failed = await rows.load(engine, first)
    assert failed.error == WRONG
    second = await rows.enter(engine, place)
    assert second.id != first.id
    held = await claimed(worker_engine, second)
    await attempts.publish(worker_engine, held, artifact(held))
    assert (await rows.enter(engine, place)).artifact == artifact(held)


async def test_eight_at_once_get_one_job(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    place = await rows.make_place(owner_engine)
    jobs = await asyncio.gather(*(rows.enter(engine, place) for _ in range(8)))
    assert len({job.id for job in jobs}) == 1
    tickets = await dispatch.release(worker_engine, dispatch.Caps(per_workspace=10, over_all=1000))
    assert [ticket for ticket in tickets if ticket[0] == jobs[0].id] == [(jobs[0].id, 1)]


async def test_a_zombie_is_fenced_off(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    job = await rows.enter(engine, await rows.make_place(owner_engine))
    zombie = await claimed(worker_engine, job)
    await rows.expire(worker_engine, job)
    reaped = {found.job_id: found for found in await dispatch.reap(worker_engine, lease_s=0)}
    assert (reaped[job.id].state, reaped[job.id].attempt) == ("queued", 2)
    queued = await rows.load(engine, job)
    assert queued.error is not None and queued.error.code == "worker_lost"
    second = await claimed(worker_engine, queued, "w2")
    assert second.token > zombie.token
    assert await attempts.claim(worker_engine, job.id, 1, "w3", LEASE_S) is None  # the queue delivers the old one again
    assert await attempts.beat(worker_engine, zombie, Beat("video", 0.9), LEASE_S) is Standing.LOST
    assert await attempts.publish(worker_engine, zombie, artifact(zombie)) is Standing.LOST
    assert await attempts.give_up(worker_engine, zombie, WRONG, retry_in_s=0) is None
    assert await attempts.give_back(worker_engine, zombie) is None
    assert await attempts.stop(worker_engine, zombie) is None
    assert await attempts.publish(worker_engine, second, artifact(second)) is Standing.HELD
    assert await attempts.publish(worker_engine, zombie, artifact(zombie)) is Standing.LOST
    done = await rows.load(engine, job)
    assert done.artifact == artifact(second)


async def test_attempts_end(engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine) -> None:
    job = await rows.enter(engine, await rows.make_place(owner_engine), max_attempts=2)
    held = await claimed(worker_engine, job)
    assert await attempts.give_up(worker_engine, held, BROKEN, retry_in_s=0) == "queued"
    job = await rows.load(engine, job)
    assert (job.state, job.attempt, job.error) == ("queued", 2, BROKEN)
    held = await claimed(worker_engine, job)
    assert await attempts.give_up(worker_engine, held, BROKEN, retry_in_s=0) == "failed"
    error = (await rows.load(engine, job)).error
    assert error is not None and (error.code, error.retryable) == ("attempts_exhausted", False)
    assert error.details["last"]["code"] == "engine_crashed"


async def test_workers_that_die_each_time(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    job = await rows.enter(engine, await rows.make_place(owner_engine), max_attempts=2)
    for state in ("queued", "failed"):
        await claimed(worker_engine, await rows.load(engine, job))
        await rows.expire(worker_engine, job)
        reaped = {found.job_id: found.state for found in await dispatch.reap(worker_engine, lease_s=0)}
        assert reaped[job.id] == state
    error = (await rows.load(engine, job)).error
    assert error is not None and error.code == "attempts_exhausted"


async def test_a_worker_that_stops_does_not_use_an_attempt_up(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    job = await rows.enter(engine, await rows.make_place(owner_engine), max_attempts=1)
    held = await claimed(worker_engine, job)
    assert await attempts.give_back(worker_engine, held) == "queued"
    job = await rows.load(engine, job)
    assert (job.attempt, job.max_attempts) == (2, 2)


async def test_canceling(engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine) -> None:
    place = await rows.make_place(owner_engine)
    queued = await rows.enter(engine, place)
    assert (await rows.cancel(engine, queued)).state == "canceled"
    assert (await rows.cancel(engine, queued)).state == "canceled"
    assert await attempts.claim(worker_engine, queued.id, 1, "w", LEASE_S) is None
    assert queued.id not in {ticket[0] for ticket in await release(worker_engine)}

    running = await rows.enter(engine, place)
    assert running.id != queued.id
    held = await claimed(worker_engine, running)
    asked = await rows.cancel(engine, running)
    assert (asked.state, asked.cancel_requested) == ("running", True)
    assert await attempts.beat(worker_engine, held, Beat("video", 0.5), LEASE_S) is Standing.CANCELED
    assert await attempts.publish(worker_engine, held, artifact(held)) is Standing.CANCELED
    assert await attempts.stop(worker_engine, held) == "canceled"
    ended = await rows.load(engine, running)
    assert (ended.state, ended.artifact) == ("canceled", None)

    lost = await rows.enter(engine, place)
    await claimed(worker_engine, lost)
    await rows.cancel(engine, lost)
    await rows.expire(worker_engine, lost)
    assert (lost.id, "canceled") in {(r.job_id, r.state) for r in await dispatch.reap(worker_engine, lease_s=0)}


async def test_a_young_server_reaps_nothing(
    engine: AsyncEngine, worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    """After a restart workers get one lease's time to say that they are there."""
    job = await rows.enter(engine, await rows.make_place(owner_engine))
    await claimed(worker_engine, job)
    await rows.expire(worker_engine, job)
    assert await dispatch.reap(worker_engine, lease_s=10 * 365 * 86400) == []
    assert (await rows.load(engine, job)).state == "running"


async def test_others_do_not_see_it(engine: AsyncEngine, owner_engine: AsyncEngine) -> None:
    mine, theirs = await rows.make_place(owner_engine), await rows.make_place(owner_engine)
    job = await rows.enter(engine, mine)
    async with database.transaction(engine, workspace_id=theirs.workspace_id) as connection:
        for workspace_id in (theirs.workspace_id, mine.workspace_id):
            with pytest.raises(errors.NotFound):
                await ledger.load(connection, job.id, workspace_id)
            with pytest.raises(errors.NotFound):
                await ledger.cancel(connection, job.id, workspace_id)
        assert await ledger.listed(connection, mine.timeline_id, theirs.workspace_id, limit=9) == []
        assert await ledger.workspace_of(connection, job.id) == mine.workspace_id
        assert await ledger.workspace_of(connection, clock.new_id()) is None
    async with database.transaction(engine, workspace_id=mine.workspace_id) as connection:
        assert [
            found.id for found in await ledger.listed(connection, mine.timeline_id, mine.workspace_id, limit=9)
        ] == [job.id]


async def release(
    worker: AsyncEngine, per_workspace: int = 2, over_all: int = 10**6, again_after_s: float = 60
) -> list[tuple[UUID, int]]:
    return await dispatch.release(worker, dispatch.Caps(per_workspace, over_all, again_after_s))
