"""Jobs in PostgreSQL as those who ask for them see them: enter, read, cancel.

All functions work inside the caller's transaction, which is bound to the workspace.
"""

import hashlib
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from timeline_service.exports import tables
from timeline_service.exports.job import Artifact, Failure, Job, Request
from timeline_service.kit import errors

NOW = sa.func.clock_timestamp()
_JOB, _EXPORT, _OUTBOX = tables.job.c, tables.export.c, tables.outbox.c
_BOTH = sa.select(tables.job, tables.export).join_from(tables.job, tables.export, _EXPORT.job_id == _JOB.id)
_OPEN_OR_DONE = _JOB.state.in_(("queued", "running", "completed"))


class JobFinished(errors.Conflict):
    """The job is over already; there is nothing left to cancel."""

    code = "job_finished"


def digest(request: Request) -> bytes:
    """SHA-256 of all that decides the artifact: the identity of the request within its workspace."""
    return hashlib.sha256(orjson.dumps(request.identity(), option=orjson.OPT_SORT_KEYS)).digest()


async def enter(
    connection: AsyncConnection,
    job_id: UUID,
    workspace_id: UUID,
    actor_id: UUID,
    request: Request,
    *,
    max_attempts: int,
) -> tuple[Job, bool]:
    """The job of this request, and whether it is new: then it stands in the outbox too.

    While a job of the same request is queued, running or completed, that is the one. Two who ask at once get the same:
    the unique index makes the later one wait for the earlier one's commit.
    """
    hashed = digest(request)
    while True:
        new = (
            postgresql.insert(tables.job)
            .values(
                id=job_id,
                workspace_id=workspace_id,
                kind="export",
                max_attempts=max_attempts,
                request_hash=hashed,
                created_by=actor_id,
            )
            .on_conflict_do_nothing()
            .returning(_JOB.id)
        )
        if (await connection.execute(new)).first() is not None:
            await _enter_export(connection, job_id, workspace_id, request)
            return await load(connection, job_id, workspace_id), True
        known = _BOTH.where(_JOB.workspace_id == workspace_id, _JOB.request_hash == hashed, _OPEN_OR_DONE)
        row = (await connection.execute(known)).mappings().first()
        if row is not None:
            return _job(row), False
        # It failed or was canceled between the two statements: the way is free now.


async def load(connection: AsyncConnection, job_id: UUID, workspace_id: UUID) -> Job:
    """The job as it is now. Raises NotFound."""
    row = (await connection.execute(_BOTH.where(_mine(job_id, workspace_id)))).mappings().first()
    if row is None:
        raise missing(job_id)
    return _job(row)


async def listed(connection: AsyncConnection, timeline_id: UUID, workspace_id: UUID, *, limit: int) -> list[Job]:
    """The newest jobs of a timeline."""
    theirs = _BOTH.where(_EXPORT.timeline_id == timeline_id, _JOB.workspace_id == workspace_id)
    newest = theirs.order_by(_JOB.created_at.desc(), _JOB.id).limit(limit)
    return [_job(row) for row in (await connection.execute(newest)).mappings()]


async def workspace_of(connection: AsyncConnection, job_id: UUID) -> UUID | None:
    """Whose the job is; None when there is no such job. Needs no workspace to be set."""
    found: UUID | None = (await connection.execute(sa.select(sa.func.job_workspace(job_id)))).scalar_one()
    return found


async def cancel(connection: AsyncConnection, job_id: UUID, workspace_id: UUID) -> Job:
    """End a queued job at once; ask whoever runs a running one to stop. Canceling twice is fine.

    Raises NotFound, and JobFinished for a job that completed or failed.
    """
    locked = sa.select(_JOB.state).where(_mine(job_id, workspace_id)).with_for_update()
    state = (await connection.execute(locked)).scalar_one_or_none()
    if state in ("completed", "failed"):
        raise JobFinished(state=state)
    changed: dict[str, Any] = {"cancel_requested": True, "revision": _JOB.revision + 1, "updated_at": NOW}
    if state == "queued":
        changed |= {"state": "canceled", "phase": "canceled", "finished_at": NOW}
        await connection.execute(sa.delete(tables.outbox).where(_OUTBOX.job_id == job_id))
    if state in ("queued", "running"):
        once = sa.update(tables.job).where(_JOB.id == job_id, ~_JOB.cancel_requested)
        await connection.execute(once.values(changed))
    return await load(connection, job_id, workspace_id)


def missing(job_id: UUID) -> errors.NotFound:
    """The error for a job that is not there."""
    return errors.NotFound("There is no such job, or it is not yours.", code="job_not_found", job_id=str(job_id))


def _mine(job_id: UUID, workspace_id: UUID) -> sa.ColumnElement[bool]:
    # The workspace is named although row level security adds it: two walls.
    return sa.and_(_JOB.id == job_id, _JOB.workspace_id == workspace_id)


async def _enter_export(connection: AsyncConnection, job_id: UUID, workspace_id: UUID, request: Request) -> None:
    identity = request.identity()
    await connection.execute(
        sa.insert(tables.export).values(
            job_id=job_id,
            workspace_id=workspace_id,
            timeline_id=request.timeline_id,
            version=request.version,
            preset=request.preset.name,
            preset_values=identity["preset"],
            engine_version=request.engine_version,
        )
    )
    await connection.execute(sa.insert(tables.outbox).values(workspace_id=workspace_id, job_id=job_id, attempt=1))


def _job(row: sa.RowMapping) -> Job:
    return Job(
        id=row[_JOB.id],
        workspace_id=row[_JOB.workspace_id],
        error=_failure(row),
        timeline_id=row[_EXPORT.timeline_id],
        version=row[_EXPORT.version],
        preset=row[_EXPORT.preset],
        engine_version=row[_EXPORT.engine_version],
        artifact=_artifact(row),
        **{name: row[_JOB[name]] for name in _PLAIN},
    )


_PLAIN = (
    "kind", "state", "phase", "progress", "frames_done", "frames_total", "attempt", "max_attempts",
    "cancel_requested", "created_by", "created_at", "started_at", "finished_at", "updated_at", "revision",
)  # fmt: skip


def _failure(row: sa.RowMapping) -> Failure | None:
    if row[_JOB.error_code] is None:
        return None
    return Failure(
        code=row[_JOB.error_code],
        message=row[_JOB.error_message] or "",
        retryable=bool(row[_JOB.error_retryable]),
        details=row[_JOB.error_details] or {},
    )


def _artifact(row: sa.RowMapping) -> Artifact | None:
    if row[_EXPORT.artifact_key] is None:
        return None
    return Artifact(
        key=row[_EXPORT.artifact_key],
        filename=row[_EXPORT.filename],
        content_type=row[_EXPORT.content_type],
        size=row[_EXPORT.size],
        sha256=row[_EXPORT.sha256],
        duration=row[_EXPORT.duration],
        frames=row[_EXPORT.frames],
        report=tuple(row[_EXPORT.report] or ()),
    )
