"""Which attempts go to the queue next, and what becomes of those whose worker is gone.

Over all workspaces, so it needs the worker role. Several processes may do this at once: they take turns.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.exports.failures import AttemptsExhausted, WorkerLost
from timeline_service.exports.job import State, Ticket
from timeline_service.kit import database

_RELEASE = sa.text("select job_id, attempt from release_attempts(:per_workspace, :over_all, :again_after_s)")

# After a restart of the server nobody could renew a lease for a while, so everybody gets one lease's time to do it.
_REAP = sa.text("""
    with expired as (
        select id, cancel_requested, attempt < max_attempts as again, renderer_handle
          from job
         where state = 'running' and lease_until < clock_timestamp()
           and pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => :lease_s)
         order by lease_until
         limit :most
           for update skip locked
    ), ended as (
        update job j
           set state = case when e.cancel_requested then 'canceled' when e.again then 'queued' else 'failed' end,
               phase = case when e.cancel_requested then 'canceled' when e.again then 'queued' else 'failed' end,
               attempt = case when e.again and not e.cancel_requested then j.attempt + 1 else j.attempt end,
               finished_at = case when e.again and not e.cancel_requested then null else clock_timestamp() end,
               error_code = case when e.cancel_requested then j.error_code when e.again then :lost
                                 else :exhausted end,
               error_message = case when e.cancel_requested then j.error_message
                                    when e.again then :lost_message
                                    else 'The worker died in the last of ' || j.attempt || ' attempts.' end,
               error_retryable = e.again,
               error_details = jsonb_build_object(
                   'attempts', j.attempt, 'last', jsonb_build_object('code', cast(:lost as text))),
               fencing_token = j.fencing_token + 1,
               lease_owner = null, lease_until = null,
               -- Whoever takes over may find the call of the lost attempt still going on.
               renderer_handle = case when e.again and not e.cancel_requested then j.renderer_handle end,
               revision = j.revision + 1, updated_at = clock_timestamp()
          from expired e where j.id = e.id
        returning j.id, j.workspace_id, j.attempt, j.state, e.renderer_handle
    ), requeued as (
        insert into outbox (workspace_id, job_id, attempt)
        select workspace_id, id, attempt from ended where state = 'queued'
    )
    select id, state, attempt, renderer_handle from ended
""")


@dataclass(frozen=True, slots=True)
class Caps:
    """How many jobs may be out at once, in the queue or running; released again when unstarted for `again_after_s`."""

    per_workspace: int = 2
    over_all: int = 16
    again_after_s: float = 5


@dataclass(frozen=True, slots=True)
class Reaped:
    """A job whose worker is gone, and what became of it. `attempt` is the one to come when it is queued again.

    `handle`: what the renderer answered to the lost attempt; its call may still be going on somewhere.
    """

    job_id: UUID
    state: State
    attempt: int
    handle: dict[str, Any] | None


async def release(engine: AsyncEngine, caps: Caps) -> list[Ticket]:
    """Give free places away, round-robin over workspaces; the attempts to hand to the queue now, in order.

    They count as handed over from here on. Whoever cannot hand them over may forget them: they come again.
    Raises Unavailable, like `reap`.
    """

    async def work(connection: AsyncConnection) -> list[Ticket]:
        given = {"per_workspace": caps.per_workspace, "over_all": caps.over_all, "again_after_s": caps.again_after_s}
        return [(row.job_id, row.attempt) for row in await connection.execute(_RELEASE, given)]

    return await database.run_statement(engine, work)


async def reap(engine: AsyncEngine, *, lease_s: float, most: int = 100) -> list[Reaped]:
    """Queue again what is running under an expired lease, or end it: canceled when asked, failed after max_attempts."""

    async def work(connection: AsyncConnection) -> list[Reaped]:
        given: dict[str, Any] = {"lease_s": lease_s, "most": most, "exhausted": AttemptsExhausted.code}
        given |= {"lost": WorkerLost.code, "lost_message": WorkerLost.failure().message}
        return [Reaped(*row) for row in await connection.execute(_REAP, given)]

    return await database.run_statement(engine, work)
