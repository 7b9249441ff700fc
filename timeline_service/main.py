"""The composition root: settings in, FastAPI out. The only place where the rooms of the API process are wired."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from timeline_service.access import tokens
from timeline_service.access.service import Access
from timeline_service.access.tickets import Tickets
from timeline_service.api import app as api
from timeline_service.api.presence import Presence
from timeline_service.api.rooms import Rooms
from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.editing import announce, streams
from timeline_service.editing.leasing import Leases
from timeline_service.editing.service import Editing
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.exports.service import Exports
from timeline_service.exports.wakeups import Wakeups
from timeline_service.kit import channels, database, redis
from timeline_service.kit.storage import choice
from timeline_service.kit.storage.filesystem import FilesystemStore
from timeline_service.kit.storage.s3 import S3Store
from timeline_service.settings import Settings

AGAIN_S: Final = 1.0
"""Before a loop that failed is begun again."""
log = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API of this environment; it opens its connections when it is served.

    Raises RuntimeError for settings that are refused, such as the development issuer in production.
    """
    settings = settings or Settings()
    verifier = tokens.create_verifier(settings)
    objects = choice.create(settings)
    blobs = objects if isinstance(objects, FilesystemStore) else None

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with opened(settings, verifier, objects) as rooms:
            app.state.rooms = rooms

            async def drain() -> None:
                rooms.stopping = True
                await rooms.sessions.drain()

            try:
                yield {"drain": drain}  # the server calls it before it closes anything
            finally:
                rooms.stopping = True

    return api.create(settings, lifespan, blobs)


@contextlib.asynccontextmanager
async def opened(
    settings: Settings, verifier: tokens.Verifier, objects: FilesystemStore | S3Store
) -> AsyncIterator[Rooms]:
    """The rooms, with all that runs behind them; closed in the opposite order."""
    async with contextlib.AsyncExitStack() as stack:
        engine = database.create_engine(
            settings.database.url, pool_size=settings.database.pool_size, application_name="api"
        )
        stack.push_async_callback(engine.dispose)
        await database.check_durability(engine)
        client = redis.create_client(settings.redis.url, client_name="api")
        stack.push_async_callback(client.aclose)
        await verifier.keys.prefetch()
        stack.push_async_callback(verifier.keys.close)
        rooms = await _furnish(settings, verifier, objects, engine, client, stack)
        yield rooms


async def _furnish(
    settings: Settings,
    verifier: tokens.Verifier,
    objects: FilesystemStore | S3Store,
    engine: AsyncEngine,
    client: Redis,
    stack: contextlib.AsyncExitStack,
) -> Rooms:
    access = Access(engine, verifier)
    store = PostgresStore(engine)
    assets = Assets(engine, objects, scratch=settings.data_dir.resolve() / "probes")
    follow = streams.Streams(client)
    hub = announce.Hub(store, follow.publish, per_second=settings.stream.frames_per_second)
    live = channels.Channels(settings.redis.url, client_name="api")
    leases = Leases(client, live)
    presence = Presence(client, live, per_second=settings.stream.presence_per_second)
    editing = Editing(
        store, access, assets.facts_named, hub, cache_bytes=settings.state_cache_bytes, leases=leases.standing
    )
    stack.push_async_callback(editing.close)
    hints = Wakeups(client)
    hints.start()
    stack.push_async_callback(hints.close)
    stack.push_async_callback(follow.close)
    stack.push_async_callback(_run(announce_loops(hub, follow)))
    stack.push_async_callback(_run([live.run, leases.run, presence.run, presence.write]))
    stack.push_async_callback(presence.close)
    stack.push_async_callback(leases.close)
    return Rooms(
        settings=settings,
        access=access,
        tickets=Tickets(client),
        store=store,
        editing=editing,
        assets=assets,
        uploads=Uploads(engine, objects, assets),
        exports=Exports(engine, access, store, objects, hints, max_attempts=settings.exports.max_attempts),
        jwks=None if settings.tokens.jwks_url else tokens.development_issuer(settings).jwks,
        presence=presence,
        leases=leases,
        checks={"database": lambda: database.check_durability(engine), "redis": client.ping},
    )


def announce_loops(hub: announce.Hub, follow: streams.Streams) -> Sequence[Callable[[], Any]]:
    """What keeps live sessions up to date with other processes."""
    return streams.background(hub, follow)


async def _go_on(loop: Callable[[], Any]) -> None:
    """Keep a loop going: one that died in silence would be missed when it is too late."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("loop_failed", loop=getattr(loop, "__qualname__", repr(loop)))
        await asyncio.sleep(AGAIN_S)


def _run(loops: Sequence[Callable[[], Any]]) -> Callable[[], Awaitable[None]]:
    """Start loops that never end; answers how to end them."""
    tasks = [asyncio.ensure_future(_go_on(loop)) for loop in loops]

    async def end() -> None:
        left = {*tasks}
        while left:  # a driver that connects at this moment may swallow a cancellation
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=1)
        await asyncio.gather(*tasks, return_exceptions=True)

    return end
