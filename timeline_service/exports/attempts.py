"""Attempts as workers write them: claim, beat, publish, give up, give back.

Every write names the fencing token of the claim and changes nothing once somebody holds a higher one: a worker that
slept through its lease can neither publish nor fail what another one took over. Leases run on the database's clock.
"""

import enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.exports import failures, presets, tables
from timeline_service.exports.job import Artifact, Attempt, Beat, Failure, Request, State
from timeline_service.kit import database

LAST_WORD_BUDGET_S = 60.0
"""What a long rendering came to is worth a longer wait for a database that restarts."""

NOW = sa.func.clock_timestamp()
_JOB, _EXPORT, _OUTBOX = tables.job.c, tables.export.c, tables.outbox.c
_LEASE_OVER: dict[str, Any] = {"lease_owner": None, "lease_until": None}
_CHANGED: dict[str, Any] = {"revision": _JOB.revision + 1, "updated_at": NOW}


class Standing(enum.Enum):
    """What a worker learns about its attempt each time it writes."""

    HELD = "held"
    CANCELED = "canceled"  # still held, but somebody asked to stop
    LOST = "lost"  # somebody else has the job, or it is over


async def claim(engine: AsyncEngine, job_id: UUID, attempt: int, owner: str, lease_s: float) -> Attempt | None:
    """Take a queued attempt; None when it is not there to be taken (any more). `owner` is unique for each call."""

    async def work(connection: AsyncConnection) -> Attempt | None:
        taken = (
            sa.update(tables.job)
            .where(_JOB.id == job_id, _JOB.attempt == attempt, _JOB.state == "queued")
            .values(
                state="running",
                phase="resolve",
                lease_owner=owner,
                lease_until=_from_now(lease_s),
                fencing_token=_JOB.fencing_token + 1,
                started_at=sa.func.coalesce(_JOB.started_at, NOW),
                **_CHANGED,
            )
        )
        await connection.execute(taken)
        # Read back by owner: when the first commit went through and its answer was lost, this finds our own claim.
        mine = (
            sa.select(tables.job, tables.export)
            .join_from(tables.job, tables.export, _EXPORT.job_id == _JOB.id)
            .where(_JOB.id == job_id, _JOB.attempt == attempt, _JOB.lease_owner == owner)
        )
        row = (await connection.execute(mine)).mappings().first()
        if row is None:
            return None
        await connection.execute(sa.delete(tables.outbox).where(_OUTBOX.job_id == job_id))
        return _attempt(row)

    return await database.run_transaction(engine, work)


async def beat(engine: AsyncEngine, held: Attempt, progress: Beat, lease_s: float) -> Standing:
    """Renew the lease and write how far the attempt is. Progress never goes back, not even over attempts.

    Raises Unavailable at once: the next beat comes soon.
    """
    seen = sa.or_(
        _JOB.phase != progress.phase,
        _JOB.progress < progress.progress,
        _JOB.frames_done < progress.frames_done,
        _JOB.frames_total.is_distinct_from(progress.frames_total),
    )
    values = {
        "lease_until": _from_now(lease_s),
        "phase": progress.phase,
        "progress": sa.func.greatest(_JOB.progress, progress.progress),
        "frames_done": sa.func.greatest(_JOB.frames_done, progress.frames_done),
        "frames_total": progress.frames_total,
        "revision": _JOB.revision + sa.cast(seen, sa.Integer),
        "updated_at": sa.case((seen, NOW), else_=_JOB.updated_at),
    }

    async def work(connection: AsyncConnection) -> Standing:
        written = sa.update(tables.job).where(*_held(held)).values(values).returning(_JOB.cancel_requested)
        row = (await connection.execute(written)).first()
        if row is None:
            return Standing.LOST
        return Standing.CANCELED if row.cancel_requested else Standing.HELD

    return await database.run_statement(engine, work)


async def keep_handle(engine: AsyncEngine, held: Attempt, handle: dict[str, Any] | None) -> Standing:
    """Remember what the renderer answered, before waiting for it: whoever takes over finds its call again."""

    async def work(connection: AsyncConnection) -> Standing:
        return await _write(connection, held, {"renderer_handle": handle if handle is not None else sa.null()})

    return await database.run_transaction(engine, work)


async def publish(engine: AsyncEngine, held: Attempt, artifact: Artifact) -> Standing:
    """Make the artifact the job's result: HELD means published. A request to cancel that came before wins."""

    async def work(connection: AsyncConnection) -> Standing:
        done = {"state": "completed", "phase": "done", "progress": 1.0, "finished_at": NOW, "error_code": None}
        done |= {"frames_done": artifact.frames, "frames_total": artifact.frames}
        done |= {"error_message": None, "error_retryable": None, "error_details": sa.null()}
        standing = await _write(connection, held, {**done, **_LEASE_OVER}, ~_JOB.cancel_requested)
        if standing is Standing.HELD:
            await connection.execute(
                sa.update(tables.export)
                .where(_EXPORT.job_id == held.job_id)
                .values(
                    artifact_key=artifact.key,
                    filename=artifact.filename,
                    content_type=artifact.content_type,
                    size=artifact.size,
                    sha256=artifact.sha256,
                    duration=artifact.duration,
                    frames=artifact.frames,
                    report=list(artifact.report),
                )
            )
            return standing
        return await _why_not(connection, held, artifact)

    return await database.run_transaction(engine, work, budget_s=LAST_WORD_BUDGET_S)


async def give_up(engine: AsyncEngine, held: Attempt, failure: Failure, *, retry_in_s: float) -> State | None:
    """The attempt failed. A retryable one is queued again, to start after `retry_in_s`, while attempts are left.

    Answers the job's new state; None when the attempt is not ours any more.
    """

    async def work(connection: AsyncConnection) -> State | None:
        row = await _locked(connection, held)
        if row is None:
            return None
        error = _error(failure)
        if row.cancel_requested:
            await _write(connection, held, _canceled())
            return "canceled"
        if not failure.retryable:
            await _write(connection, held, {**error, **_failed()})
            return "failed"
        if row.attempt >= row.max_attempts:
            await _write(connection, held, {**_error(exhausted(failure, row.attempt)), **_failed()})
            return "failed"
        await _requeue(connection, held, {**error, "renderer_handle": sa.null()}, retry_in_s, more=0)
        return "queued"

    return await database.run_transaction(engine, work, budget_s=LAST_WORD_BUDGET_S)


async def give_back(engine: AsyncEngine, held: Attempt, handle: dict[str, Any] | None = None) -> State | None:
    """The worker is told to stop: somebody else starts the job at once, and the attempt does not count.

    `handle` is kept for them when the renderer goes on without us.
    """

    async def work(connection: AsyncConnection) -> State | None:
        row = await _locked(connection, held)
        if row is None:
            return None
        if row.cancel_requested:
            await _write(connection, held, _canceled())
            return "canceled"
        await _requeue(connection, held, {"renderer_handle": handle or sa.null()}, 0, more=1)
        return "queued"

    return await database.run_transaction(engine, work)


async def stop(engine: AsyncEngine, held: Attempt) -> State | None:
    """The attempt was canceled and has cleaned up."""

    async def work(connection: AsyncConnection) -> State | None:
        standing = await _write(connection, held, _canceled())
        return "canceled" if standing is Standing.HELD else None

    return await database.run_transaction(engine, work)


def exhausted(last: Failure, attempts: int) -> Failure:
    """The failure of a job whose last attempt failed too."""
    return failures.AttemptsExhausted.failure(
        f"The job failed {attempts} times, the last time with: {last.message}",
        attempts=attempts,
        last={"code": last.code, "details": last.details},
    )


def _held(held: Attempt) -> tuple[sa.ColumnElement[bool], ...]:
    return (_JOB.id == held.job_id, _JOB.fencing_token == held.token, _JOB.state == "running")


def _from_now(seconds: float) -> sa.ColumnElement[Any]:
    return NOW + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


async def _write(
    connection: AsyncConnection, held: Attempt, values: dict[str, Any], *conditions: sa.ColumnElement[bool]
) -> Standing:
    changed = sa.update(tables.job).where(*_held(held), *conditions).values({**values, **_CHANGED}).returning(_JOB.id)
    return Standing.LOST if (await connection.execute(changed)).first() is None else Standing.HELD


async def _why_not(connection: AsyncConnection, held: Attempt, artifact: Artifact) -> Standing:
    """Why a publication changed nothing: it is there already (the answer was lost), we are canceled, or fenced off."""
    query = (
        sa.select(_JOB.state, _JOB.fencing_token, _EXPORT.artifact_key)
        .join_from(tables.job, tables.export, _EXPORT.job_id == _JOB.id)
        .where(_JOB.id == held.job_id)
    )
    row = (await connection.execute(query)).first()
    if row is None or row.fencing_token != held.token:
        return Standing.LOST
    if row.state == "completed" and row.artifact_key == artifact.key:
        return Standing.HELD
    return Standing.CANCELED if row.state == "running" else Standing.LOST


async def _locked(connection: AsyncConnection, held: Attempt) -> sa.Row[Any, Any, Any] | None:
    query = sa.select(_JOB.attempt, _JOB.max_attempts, _JOB.cancel_requested).where(*_held(held)).with_for_update()
    return (await connection.execute(query)).first()


async def _requeue(
    connection: AsyncConnection, held: Attempt, changes: dict[str, Any], delay_s: float, *, more: int
) -> None:
    values = {
        "state": "queued",
        "phase": "queued",
        "attempt": _JOB.attempt + 1,
        "max_attempts": _JOB.max_attempts + more,
    }
    await _write(connection, held, {**values, **changes, **_LEASE_OVER})
    row = {"workspace_id": held.workspace_id, "job_id": held.job_id, "attempt": held.attempt + 1}
    await connection.execute(sa.insert(tables.outbox).values({**row, "available_at": _from_now(delay_s)}))


def _error(failure: Failure) -> dict[str, Any]:
    return {
        "error_code": failure.code,
        "error_message": failure.message,
        "error_retryable": failure.retryable,
        "error_details": failure.details,
    }


def _failed() -> dict[str, Any]:
    return {"state": "failed", "phase": "failed", "finished_at": NOW, **_LEASE_OVER}


def _canceled() -> dict[str, Any]:
    return {"state": "canceled", "phase": "canceled", "finished_at": NOW, **_LEASE_OVER}


def _attempt(row: sa.RowMapping) -> Attempt:
    return Attempt(
        job_id=row[_JOB.id],
        workspace_id=row[_JOB.workspace_id],
        attempt=row[_JOB.attempt],
        token=row[_JOB.fencing_token],
        owner=row[_JOB.lease_owner],
        request=Request(
            row[_EXPORT.timeline_id],
            row[_EXPORT.version],
            presets.from_dict(row[_EXPORT.preset_values]),
            row[_EXPORT.engine_version],
        ),
        handle=row[_JOB.renderer_handle],
    )
