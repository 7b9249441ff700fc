"""Exports for those who want them: request, look, follow, cancel, download.

    job = await exports.request(actor, timeline_id, version=None, preset="vertical_1080p")
    async for job in exports.events(actor, job.id): …

Nothing is rendered here: a job and its place in the outbox are written in one transaction, workers do the rest.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.access.service import Access, Actor
from timeline_service.domain.preset import ENGINE_VERSION
from timeline_service.eventstore.store import EventStore
from timeline_service.exports import ledger, presets, wakeups
from timeline_service.exports.job import Job, Request
from timeline_service.kit import clock, database, errors
from timeline_service.kit.storage.protocol import ObjectStore, SignedUrl

MAX_ATTEMPTS = 3
POLL_S = 1.0
URL_EXPIRES_S = 15 * 60
MOST_LISTED = 100


class Exports:
    """Over the application's database role; every call is allowed or refused by the actor's role."""

    def __init__(
        self,
        engine: AsyncEngine,
        access: Access,
        store: EventStore,
        objects: ObjectStore,
        hints: wakeups.Wakeups,
        *,
        engine_version: str = ENGINE_VERSION,
        max_attempts: int = MAX_ATTEMPTS,
        poll_s: float = POLL_S,
    ) -> None:
        self._engine = engine
        self._access = access
        self._store = store
        self._objects = objects
        self._hints = hints
        self._engine_version = engine_version
        self._max_attempts = max_attempts
        self._poll_s = poll_s

    async def request(self, actor: Actor, timeline_id: UUID, *, version: int | None = None, preset: str) -> Job:
        """The job that renders this version (None: the head) in this format.

        It is the one there is already when the same was asked for before and did not fail; then nothing is rendered
        twice, and `artifact` may be there at once. Raises NotFound (also `version_missing`), Forbidden, PresetUnknown.
        """
        chosen = presets.find(preset)
        grant = await self._access.grant(actor, timeline_id, "export")
        head = await self._store.head(timeline_id, grant.workspace_id)
        if head is None:
            raise errors.NotFound("There is no such timeline, or it is not yours.", code="timeline_missing")
        wanted = head.version if version is None else version
        if not 1 <= wanted <= head.version:
            raise errors.NotFound("The timeline has no such version.", code="version_missing", version=head.version)
        request = Request(timeline_id, wanted, chosen, self._engine_version)
        job_id = clock.new_id()

        async def work(connection: AsyncConnection) -> tuple[Job, bool]:
            return await ledger.enter(
                connection, job_id, grant.workspace_id, actor.id, request, max_attempts=self._max_attempts
            )

        job, new = await database.run_transaction(self._engine, work, workspace_id=grant.workspace_id)
        if new:
            await self._hints.tell(wakeups.RELAY)
        return job

    async def get(self, actor: Actor, job_id: UUID) -> Job:
        """The job as it is now. Raises NotFound."""
        return await self._load(job_id, await self._workspace(actor, job_id, "read"))

    async def list(self, actor: Actor, timeline_id: UUID) -> list[Job]:
        """The newest jobs of a timeline. Raises NotFound."""
        grant = await self._access.grant(actor, timeline_id, "read")

        async def work(connection: AsyncConnection) -> list[Job]:
            return await ledger.listed(connection, timeline_id, grant.workspace_id, limit=MOST_LISTED)

        return await database.run_transaction(self._engine, work, workspace_id=grant.workspace_id)

    async def cancel(self, actor: Actor, job_id: UUID) -> Job:
        """Stop the job, for everybody who asked for it.

        A queued one is canceled at once; a running one has `cancel_requested` and is canceled when its worker has
        stopped and cleaned up. Raises NotFound, Forbidden, JobFinished.
        """
        workspace_id = await self._workspace(actor, job_id, "export")

        async def work(connection: AsyncConnection) -> Job:
            return await ledger.cancel(connection, job_id, workspace_id)

        job = await database.run_transaction(self._engine, work, workspace_id=workspace_id)
        await self._hints.tell(wakeups.cancel(job_id), wakeups.changed(job_id), wakeups.RELAY)
        return job

    async def events(self, actor: Actor, job_id: UUID, *, after: int = 0) -> AsyncIterator[Job]:
        """The job as it is, then again whenever it has changed, until it is finished.

        `after` is the revision that the reader has seen. Revisions grow; what changed twice in between is told once.
        Raises NotFound, also later when the actor is no member any more.
        """
        workspace_id = await self._workspace(actor, job_id, "read")
        with self._hints.listen(wakeups.changed(job_id)) as changed:
            while True:
                job = await self._load(job_id, workspace_id)
                if job.revision > after:
                    after = job.revision
                    yield job
                if job.finished:
                    return
                await wakeups.heard(changed, self._poll_s)
                await self._access.grant_workspace(actor, workspace_id, "read")

    async def download(self, job: Job) -> SignedUrl | None:
        """A URL that downloads the job's artifact under its file name, for a short time; None while there is none."""
        if job.artifact is None:
            return None
        return await self._objects.sign_get(job.artifact.key, filename=job.artifact.filename, expires_s=URL_EXPIRES_S)

    async def _workspace(self, actor: Actor, job_id: UUID, permission: str) -> UUID:
        async def work(connection: AsyncConnection) -> UUID | None:
            return await ledger.workspace_of(connection, job_id)

        workspace_id = await database.run_transaction(self._engine, work)
        if workspace_id is None:
            raise ledger.missing(job_id)
        try:
            await self._access.grant_workspace(actor, workspace_id, permission)
        except errors.NotFound as error:  # do not tell that there is one
            raise ledger.missing(job_id) from error
        return workspace_id

    async def _load(self, job_id: UUID, workspace_id: UUID) -> Job:
        async def work(connection: AsyncConnection) -> Job:
            return await ledger.load(connection, job_id, workspace_id)

        return await database.run_transaction(self._engine, work, workspace_id=workspace_id)
