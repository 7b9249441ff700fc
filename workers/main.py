"""A worker process: runs exports, hands attempts to the queue, takes over from dead workers, projects, probes media.

    timeline-service worker                       # everything
    python -m workers.main --roles relay,reap     # parts of it, where they are run apart

It ends on SIGTERM and SIGINT, giving back what it was doing; after kill -9 others find it when its leases run out.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arq.connections import ArqRedis

from projections.reader import Reader
from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.eventstore.maintenance import Maintenance
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.exports.wakeups import Wakeups
from timeline_service.kit import database, logging, redis
from timeline_service.kit.storage import choice
from timeline_service.kit.storage.protocol import ObjectStore
from timeline_service.settings import Settings
from workers import queue, reaper, relay, tasks, upkeep
from workers.exports import Exporter, Tools
from workers.render import renderer as renderers

ROLES: Final = ("execute", "relay", "reap", "project", "probe", "sweep")
PROBES: Final = "probes"  # in the data directory: beside a folder store, so that its files are linked and not copied

log = logging.get("workers")


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the parts of one process share."""

    settings: Settings
    engine: database.Engine
    queue: ArqRedis
    hints: Wakeups
    assets: Assets
    objects: ObjectStore
    renderer: renderers.Renderer
    exporter: Exporter
    scratch: Path


async def serve(settings: Settings, roles: Sequence[str] = ROLES) -> None:
    """Work until cancelled."""
    async with contextlib.AsyncExitStack() as stack:
        rooms = await _open(settings, stack)
        await asyncio.to_thread(upkeep.clear, rooms.scratch / "jobs", settings.data_dir.resolve() / PROBES)
        log.info("worker ready", roles=list(roles))
        parts = [asyncio.create_task(_part(role, rooms)) for role in roles]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await tasks.end(parts)
        for part in parts:  # none ends but by a defect
            part.result()


async def _open(settings: Settings, stack: contextlib.AsyncExitStack) -> Rooms:
    """Everything a worker needs; the stack closes it in reverse order."""
    name = f"{socket.gethostname()}/{os.getpid()}"
    url = settings.database.worker_url or settings.database.url
    engine = database.create_engine(url, pool_size=settings.database.pool_size, application_name="worker")
    stack.push_async_callback(engine.dispose)
    await database.check_durability(engine)
    client = redis.create_client(settings.redis.url, client_name="worker")
    stack.push_async_callback(client.aclose)
    hints = Wakeups(client)
    hints.start()
    stack.push_async_callback(hints.close)
    objects = choice.create(settings)
    stack.push_async_callback(objects.close)
    renderer = renderers.choose(settings)
    stack.push_async_callback(renderer.close)
    scratch = settings.data_dir.resolve() / "exports"
    assets = Assets(engine, objects, scratch=settings.data_dir.resolve() / PROBES)
    reader = Reader(PostgresStore(engine))
    tools = Tools(engine, reader, assets, objects, renderer, hints, scratch, name)
    exporter = await stack.enter_async_context(Exporter(tools, settings.exports))
    return Rooms(settings, engine, queue.connect(client), hints, assets, objects, renderer, exporter, scratch)


async def _part(role: str, rooms: Rooms) -> None:
    exports = rooms.settings.exports
    match role:
        case "execute":
            await queue.supervise(lambda: queue.make_worker(rooms.queue, rooms.exporter.start, exports))
        case "relay":
            await relay.run(rooms.engine, rooms.queue, rooms.hints, exports)
        case "reap":
            await reaper.run(rooms.engine, rooms.renderer, rooms.hints, exports)
        case "project":
            await upkeep.project(upkeep.Projector(PostgresStore(rooms.engine), Maintenance(rooms.engine)))
        case "probe":
            await upkeep.probe(rooms.assets)
        case "sweep":
            await upkeep.sweep(Uploads(rooms.engine, rooms.objects, rooms.assets), rooms.objects)
        case _:
            raise ValueError(f"no such role: {role}; there are {', '.join(ROLES)}")


async def until_signal(settings: Settings, roles: Sequence[str] = ROLES) -> None:
    """Work until SIGTERM or SIGINT, then give back what is running and return."""
    working = asyncio.ensure_future(serve(settings, roles))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working


def run(settings: Settings, roles: Sequence[str] = ROLES) -> None:
    """The whole life of a worker process."""
    logging.configure(level=settings.log_level)
    asyncio.run(until_signal(settings, roles))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m workers.main", description="Run a timeline-service worker.")
    parser.add_argument("--roles", default=",".join(ROLES), help="what it does, by commas (default: everything)")
    run(Settings(), parser.parse_args(arguments).roles.split(","))


if __name__ == "__main__":
    main()
