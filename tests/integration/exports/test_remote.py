"""Exports on a renderer that does not see our disk: the real Modal SDK against a control plane of ours, and S3 (moto).

The exporter runs in this process: the SDK and the plane share its event loop.
"""

import contextlib
import gc
import uuid
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import av
import httpx2
import pytest
import sqlalchemy as sa
from moto.moto_server import threaded_moto_server

from projections.reader import Reader
from tests.fakes.modal_plane import ModalPlane
from tests.fixtures_servers import DatabaseUrls
from tests.integration.exports import stage as stages
from tests.integration.exports.rows import Place
from tests.integration.exports.stage import Stage, eventually
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.exports import dispatch, wakeups
from timeline_service.exports.job import Job
from timeline_service.kit import database, redis
from timeline_service.kit.storage.s3 import S3Store
from timeline_service.settings import Exports
from workers import reaper
from workers.exports import Exporter, Tools
from workers.render.modal import ModalRenderer

LONG = 1200  # frames: long enough to be interrupted
QUICK = Exports(lease_s=2, heartbeat_s=0.3, progress_s=0.1, poll_s=0.1, retry_base_s=0.1)


pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def given_up() -> Iterator[None]:
    """The store is served by threads of this process: of a transfer that a cancelled rendering gives up, the server's
    end is left to the collector, which is to find it here and not in the test of somebody else.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = threaded_moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
async def plane(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModalPlane]:
    made = ModalPlane()
    monkeypatch.setenv("MODAL_SERVER_URL", await made.start())
    yield made
    await made.stop()


@pytest.fixture
async def stage(
    fresh_database: Callable[[], Awaitable[DatabaseUrls]],
    redis_url: str,
    tmp_path: Path,
    endpoint: str,
    plane: ModalPlane,
) -> AsyncIterator[Stage]:
    bucket = f"b-{uuid.uuid4().hex}"
    async with httpx2.AsyncClient() as http:
        (await http.put(f"{endpoint}/{bucket}")).raise_for_status()
    keys = {"access_key_id": "test", "secret_access_key": "test"}
    store = S3Store(bucket, endpoint_url=endpoint, region="us-east-1", **keys)
    async with stages.open_stage(await fresh_database(), redis_url, tmp_path, store) as opened:
        yield opened
    await store.close()


@contextlib.asynccontextmanager
async def worker(stage: Stage, name: str) -> AsyncIterator[tuple[Exporter, Tools]]:
    """A worker without its queue."""
    async with contextlib.AsyncExitStack() as stack:
        engine = database.create_engine(stage.urls.worker, application_name=name)
        client = redis.create_client(stage.redis_url, client_name=name)
        hints = wakeups.Wakeups(client)
        renderer = ModalRenderer(app_name="timeline-render", token_id="ak-test", token_secret="as-test")
        for close in (engine.dispose, client.aclose, hints.close, renderer.close):
            stack.push_async_callback(close)
        hints.start()
        reader = Reader(PostgresStore(engine))
        tools = Tools(engine, reader, stage.assets, stage.objects, renderer, hints, stage.data / name, name)
        yield await stack.enter_async_context(Exporter(tools, QUICK)), tools


async def asked(stage: Stage, frames: int) -> tuple[Place, Job]:
    place = await stage.place()
    await stage.film(place, frames=frames)
    return place, await stage.exports.request(place.actor, place.timeline_id, preset="source")


def rendered_some(job: Job) -> bool:
    return job.phase == "video" and job.frames_done > 0


async def test_sources_and_output_travel_by_url(stage: Stage, plane: ModalPlane) -> None:
    place, job = await asked(stage, 24)
    async with worker(stage, "one") as (exporter, _):
        await exporter.start(job.id, 1)
    done = await stage.exports.get(place.actor, job.id)
    assert (done.state, done.error, plane.runs) == ("completed", None, 1)
    assert done.artifact is not None
    path = stage.data / "result.mp4"
    assert await stage.objects.fetch(done.artifact.key, path) == done.artifact.sha256
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 24
    assert await stage.keys(done) == [done.artifact.key]


async def test_a_rendering_goes_on_while_workers_change(stage: Stage, plane: ModalPlane) -> None:
    place, job = await asked(stage, LONG)
    async with worker(stage, "one") as (exporter, _):
        exporter.start(job.id, 1)
        await stage.until(place, job, rendered_some)
    back = await stage.exports.get(place.actor, job.id)
    assert (back.state, back.attempt) == ("queued", 2)
    async with worker(stage, "two") as (exporter, tools):
        await dispatch.release(tools.engine, dispatch.Caps())
        await exporter.start(job.id, 2)
    done = await stage.exports.get(place.actor, job.id)
    assert (done.state, done.artifact and done.artifact.frames, plane.runs) == ("completed", LONG, 1)
    assert done.artifact is not None and await stage.keys(done) == [done.artifact.key]


async def test_cancel_reaches_the_renderer(stage: Stage, plane: ModalPlane) -> None:
    place, job = await asked(stage, LONG)
    async with worker(stage, "one") as (exporter, _):
        attempt = exporter.start(job.id, 1)
        await stage.until(place, job, rendered_some)
        await stage.exports.cancel(place.actor, job.id)
        await attempt
    assert (await stage.exports.get(place.actor, job.id)).state == "canceled"
    assert [call.canceled.is_set() for call in plane.calls.values()] == [True]
    assert await stage.keys(job) == []


async def test_a_call_whose_worker_died_is_ended_with_its_job(stage: Stage, plane: ModalPlane) -> None:
    place, job = await asked(stage, LONG)
    async with worker(stage, "one") as (exporter, tools):
        exporter.start(job.id, 1)
        await stage.until(place, job, rendered_some)
        lost = dispatch.Reaped(job.id, "canceled", 1, await handle_of(stage, job))
        await reaper.end_rendering(tools.renderer, lost)

        async def told() -> bool:
            return all(call.canceled.is_set() for call in plane.calls.values())

        await eventually(told)


async def handle_of(stage: Stage, job: Job) -> dict[str, str]:
    async with database.transaction(stage.owner) as connection:
        query = sa.text("select renderer_handle from job where id = :id")
        return (await connection.execute(query, {"id": job.id})).scalar_one()
