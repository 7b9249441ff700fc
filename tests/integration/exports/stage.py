"""Everything around an export, for real: a database, Valkey, an object store, footage, a timeline, worker processes."""

import asyncio
import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests import media
from tests.fixtures_servers import DatabaseUrls
from tests.integration.exports import rows
from tests.integration.exports.rows import Place
from timeline_service.access import tokens
from timeline_service.access.service import Access
from timeline_service.assets.service import Assets
from timeline_service.domain import creation
from timeline_service.domain.media import RateValue
from timeline_service.editing.announce import Hub
from timeline_service.editing.requests import Submission
from timeline_service.editing.service import Editing
from timeline_service.embedded import launch
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.exports.job import Job
from timeline_service.exports.service import Exports
from timeline_service.exports.wakeups import Wakeups
from timeline_service.kit import clock, database, redis
from timeline_service.kit.storage.filesystem import FilesystemStore
from timeline_service.kit.storage.protocol import ObjectStore
from timeline_service.settings import Settings

SIGNING_KEY = "a signing key for tests only"
FRAME = 29_400_000
"""Ticks of a frame at 24 per second."""
PATIENCE_S = 90
QUICK = {
    "TIMELINE_EXPORT_LEASE_S": "2",
    "TIMELINE_EXPORT_HEARTBEAT_S": "0.4",
    "TIMELINE_EXPORT_PROGRESS_S": "0.1",
    "TIMELINE_EXPORT_POLL_S": "0.2",
    "TIMELINE_EXPORT_AGAIN_AFTER_S": "1",
    "TIMELINE_EXPORT_RETRY_BASE_S": "0.1",
}


class Worker:
    """A worker process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def kill(self) -> None:
        """As the kernel does it when memory runs out."""
        self.process.kill()
        await self.ended()

    async def ended(self) -> int:
        try:
            return await asyncio.to_thread(self.process.wait, 30)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"it does not end\n{self.log.read_text()[-6000:]}") from error

    async def says(self, text: str) -> None:
        """Wait until a line of its log has this in it."""

        async def said() -> bool:
            return text in self.log.read_text()

        try:
            await eventually(said)
        except TimeoutError as error:
            raise AssertionError(f"it never says so\n{self.log.read_text()[-6000:]}") from error


@dataclasses.dataclass
class Stage:
    """One installation of the service. `data` is shared by all its processes, as the folder of one machine is."""

    urls: DatabaseUrls
    redis_url: str
    data: Path
    engine: AsyncEngine
    owner: AsyncEngine
    exports: Exports
    editing: Editing
    objects: ObjectStore
    assets: Assets
    workers: list[Worker] = dataclasses.field(default_factory=list)

    def start_worker(self, *roles: str, **environment: str) -> Worker:
        """A process of its own; without roles it does everything."""
        log = self.data / f"worker-{len(self.workers)}.log"
        arguments = ["--roles", ",".join(roles)] if roles else []
        with log.open("wb") as output:
            process = launch.start(
                [sys.executable, "-m", "workers.main", *arguments],
                death_signal=signal.SIGKILL,
                env={**os.environ, **self.environment(), **environment},
                stdout=output,
                stderr=output,
            )
        self.workers.append(Worker(process, log))
        return self.workers[-1]

    def environment(self) -> dict[str, str]:
        return {
            **QUICK,
            "DATABASE_URL": self.urls.app,
            "WORKER_DATABASE_URL": self.urls.worker,
            "REDIS_URL": self.redis_url,
            "TIMELINE_DATA_DIR": str(self.data),
            "TIMELINE_SIGNING_KEY": SIGNING_KEY,
        }

    async def place(self) -> Place:
        """A person in a workspace, with an empty timeline of 24 frames per second."""
        empty = await rows.make_place(self.owner)
        request = creation.NewTimeline(name="Film", rate=RateValue(num=24, den=1), width=96, height=64)
        answer = await self.editing.create_timeline(empty.actor, empty.workspace_id, request, gesture_id=None)
        return dataclasses.replace(empty, timeline_id=answer.timeline_id)

    async def asset(self, place: Place, path: Path, *, key: str | None = None) -> UUID:
        """An uploaded and probed asset; `key` names other bytes than those of the file."""
        asset_id = clock.new_id()
        key = key or f"ws/{place.workspace_id}/uploads/{asset_id}"
        await self.objects.put_file(key, path, "video/mp4")
        values = {"id": asset_id, "w": place.workspace_id, "a": place.actor.id, "size": path.stat().st_size, "key": key}
        async with database.transaction(self.owner) as connection:
            await connection.execute(
                sa.text(
                    "insert into upload (id, workspace_id, actor_id, filename, size, content_type, key, state,"
                    " expires_at) values (:id, :w, :a, 'film.mp4', :size, 'video/mp4', :key, 'completed', now())"
                ),
                values,
            )
            await connection.execute(
                sa.text(
                    "insert into asset (id, workspace_id, upload_id, filename, content_type, size, key)"
                    " values (:id, :w, :id, 'film.mp4', 'video/mp4', :size, :key)"
                ),
                values,
            )
        settled = await self.assets.settle(await self.assets.get(asset_id, place.workspace_id))
        assert settled.status == "ready", settled
        return asset_id

    async def film(self, place: Place, frames: int = 48) -> int:
        """A timeline of `frames` frames of footage; answers its version."""
        path = media.film(self.data / f"{clock.new_id()}.mp4", frames=frames, sound=True)
        asset_id = await self.asset(place, path)
        return await self.edit(
            place,
            {"type": "add_track", "track_id": "v1", "kind": "video", "name": "V1"},
            clip("c1", 0, frames, {"asset_id": str(asset_id)}),
        )

    async def edit(self, place: Place, *gestures: dict) -> int:
        answer = await self.editing.submit(place.actor, place.timeline_id, Submission(gestures=gestures))
        return answer.version

    async def until(self, place: Place, job: Job, wanted: Callable[[Job], bool] = lambda job: job.finished) -> Job:
        """The job as it was when `wanted` was first seen to hold."""
        with contextlib.suppress(TimeoutError):
            async with (
                asyncio.timeout(PATIENCE_S),
                contextlib.aclosing(self.exports.events(place.actor, job.id)) as seen,
            ):
                async for job in seen:
                    if wanted(job):
                        return job
        raise AssertionError(f"it does not get there: {job}\n{self.logs()}")

    async def claims(self, job: Job) -> int:
        """How often a worker has begun with the job."""
        async with database.transaction(self.owner) as connection:
            query = sa.text("select fencing_token from job where id = :id")
            return (await connection.execute(query, {"id": job.id})).scalar_one()

    async def outbox(self) -> list[tuple[int, bool]]:
        """Attempts that wait, and whether they were handed to the queue."""
        async with database.transaction(self.owner) as connection:
            query = sa.text("select attempt, sent_at is not null from outbox order by created_at")
            return [tuple(row) for row in await connection.execute(query)]

    async def keys(self, job: Job) -> list[str]:
        """What lies in the object store of this job."""
        return [key async for key in self.objects.list(f"ws/{job.workspace_id}/exports/{job.id}/")]

    def scratch(self) -> list[Path]:
        """What lies in the workers' folders, but for the cache of sources."""
        return [*(self.data / "exports" / "jobs").glob("*"), *(self.data / "render").glob("*")]

    async def cleared(self) -> bool:
        """The scratch is empty, soon: an attempt tells of its film first and clears its folders after."""
        with contextlib.suppress(TimeoutError):
            await eventually(self._is_clear)
        return self.scratch() == []

    async def _is_clear(self) -> bool:
        return self.scratch() == []

    def logs(self) -> str:
        return "\n".join(f"== {worker.log.name}\n{worker.log.read_text()[-6000:]}" for worker in self.workers)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what tells nobody when it happens: a file that grows, a row that comes, a queue that empties."""
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():
            await asyncio.sleep(0.05)


def clip(clip_id: str, start: int, frames: int, media: dict, **more: object) -> dict:
    where = {"track_id": "v1", "start": start, "duration": frames}
    return {"type": "add_clip", "clip_id": clip_id, "media": media, **where, **more}


@contextlib.asynccontextmanager
async def open_stage(
    urls: DatabaseUrls, redis_url: str, data: Path, objects: ObjectStore | None = None
) -> AsyncIterator[Stage]:
    """An installation without workers; those that a test starts are killed at its end."""
    async with contextlib.AsyncExitStack() as stack:
        engine = database.create_engine(urls.app, application_name="tests")
        owner = database.create_engine(urls.owner, application_name="tests")
        client = redis.create_client(redis_url, client_name="tests")
        hints = Wakeups(client)
        for close in (engine.dispose, owner.dispose, client.aclose, hints.close):
            stack.push_async_callback(close)
        hints.start()
        access = Access(engine, tokens.create_verifier(Settings()))
        store = PostgresStore(engine)
        objects = objects or FilesystemStore(data / "objects", SIGNING_KEY, "http://127.0.0.1:1")
        assets = Assets(engine, objects)
        editing = Editing(store, access, assets.facts_named, Hub(store), cache_bytes=2**24)
        stack.push_async_callback(editing.close)
        exports = Exports(engine, access, store, objects, hints, poll_s=0.2)
        stage = Stage(urls, redis_url, data, engine, owner, exports, editing, objects, assets)
        try:
            yield stage
        finally:
            for worker in stage.workers:
                worker.process.kill()
                worker.process.wait()
