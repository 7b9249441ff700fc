"""Rows that jobs need around them: a person, a workspace, a timeline."""

import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from timeline_service.access.service import Actor
from timeline_service.domain.preset import Preset
from timeline_service.exports import ledger
from timeline_service.exports.job import Job, Request
from timeline_service.kit import clock, database


@dataclasses.dataclass(frozen=True)
class Place:
    """Somewhere to export from."""

    workspace_id: UUID
    timeline_id: UUID
    actor: Actor


async def make_place(owner: AsyncEngine, *, beside: Place | None = None) -> Place:
    """A workspace with a timeline at version 1; `beside` another one: in its workspace."""
    workspace_id = beside.workspace_id if beside else clock.new_id()
    timeline_id, person_id = clock.new_id(), clock.new_id()
    async with database.transaction(owner, workspace_id=workspace_id) as connection:
        await connection.execute(
            sa.text("insert into workspace (id, name) values (:id, 'w') on conflict do nothing"), {"id": workspace_id}
        )
        await connection.execute(
            sa.text("insert into person (id, issuer, subject, name) values (:id, 'tests', :subject, 'Ann')"),
            {"id": person_id, "subject": str(person_id)},
        )
        await connection.execute(
            sa.text("insert into member (workspace_id, person_id, role) values (:w, :p, 'editor')"),
            {"w": workspace_id, "p": person_id},
        )
        await connection.execute(
            sa.text("insert into timeline_head (timeline_id, workspace_id, version, head_hash) values (:t, :w, 9, :h)"),
            {"t": timeline_id, "w": workspace_id, "h": bytes(32)},
        )
    expires = datetime.now(UTC) + timedelta(hours=1)
    return Place(workspace_id, timeline_id, Actor(person_id, str(person_id), "Ann", expires))


def asked(place: Place, version: int = 1, preset: str = "source") -> Request:
    return Request(place.timeline_id, version, Preset(preset), "1")


async def enter(app: AsyncEngine, place: Place, version: int = 1, *, max_attempts: int = 3) -> Job:
    """A queued job, as the service makes it."""
    async with database.transaction(app, workspace_id=place.workspace_id) as connection:
        job, _ = await ledger.enter(
            connection,
            clock.new_id(),
            place.workspace_id,
            place.actor.id,
            asked(place, version),
            max_attempts=max_attempts,
        )
    return job


async def cancel(app: AsyncEngine, job: Job) -> Job:
    async with database.transaction(app, workspace_id=job.workspace_id) as connection:
        return await ledger.cancel(connection, job.id, job.workspace_id)


async def load(app: AsyncEngine, job: Job) -> Job:
    async with database.transaction(app, workspace_id=job.workspace_id) as connection:
        return await ledger.load(connection, job.id, job.workspace_id)


async def expire(worker: AsyncEngine, job: Job) -> None:
    """As if the worker had been silent for longer than its lease."""
    async with database.transaction(worker) as connection:
        await connection.execute(
            sa.text("update job set lease_until = clock_timestamp() - interval '1 second' where id = :id"),
            {"id": job.id},
        )
