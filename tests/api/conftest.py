"""The real service on a free port: real PostgreSQL, real Valkey, real HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from tests.fixtures_servers import DatabaseUrls
from tests.serving import SIGNING_KEY, address, listening
from timeline_service import main
from timeline_service.access import tokens
from timeline_service.api.rooms import Rooms
from timeline_service.embedded.sockets import FramesProtocol
from timeline_service.kit import clock
from timeline_service.settings import Database, Redis, Settings, Storage
from timeline_service.settings import Stream as StreamLimits

LARGEST_FRAME = 1024 * 1024


class Announcing(uvicorn.Server):
    """Says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.up.set()


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[FastAPI]:
    """The service of these settings, served where their public_url says."""
    app = main.create_app(settings)
    listener = SOCKETS.pop(settings.public_url)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws=FramesProtocol,
        ws_max_size=LARGEST_FRAME,
        http="httptools",
        timeout_graceful_shutdown=1,
        server_header=False,
        lifespan="on",
    )
    server = Announcing(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.wait({task, asyncio.ensure_future(server.up.wait())}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
            raise RuntimeError("the service did not start; see the log")
        yield app
    finally:
        server.should_exit = True
        await task
        listener.close()


SOCKETS: dict[str, Any] = {}


@pytest.fixture
def stream_limits() -> dict[str, Any]:
    """Limits of the stream for one test: parametrise over this name."""
    return {}


@pytest.fixture
def settings(tmp_path: Path, database_urls: DatabaseUrls, redis_url: str, stream_limits: dict[str, Any]) -> Settings:
    """Settings of a service that is not running yet, with a port of its own."""
    return make_settings(tmp_path, database_urls, redis_url, **stream_limits)


def make_settings(folder: Path, database_urls: DatabaseUrls, redis_url: str, **stream_limits: Any) -> Settings:
    listener = listening()
    SOCKETS[address(listener)] = listener
    return Settings(
        data_dir=folder,
        public_url=address(listener),
        allowed_origins=["https://editor.test"],
        database=Database(url=database_urls.app),
        redis=Redis(url=redis_url),
        storage=Storage(signing_key=SIGNING_KEY),
        stream=StreamLimits(**stream_limits),
    )


@dataclass
class Person:
    """Somebody with a token: speaks HTTP for the test."""

    id: UUID
    subject: str
    token: str
    http: httpx2.AsyncClient

    async def ok(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of a request that must succeed."""
        answer = await self.http.request(method, path, **request)
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, **request: Any) -> tuple[int, str]:
        """Status and code of a request that must be refused."""
        answer = await self.http.request(method, path, **request)
        assert not answer.is_success, (answer.status_code, answer.text)
        return answer.status_code, answer.json()["error"]["code"]


@dataclass
class Service:
    """The running service."""

    settings: Settings
    app: FastAPI
    connections: contextlib.AsyncExitStack

    @property
    def url(self) -> str:
        return self.settings.public_url

    @property
    def rooms(self) -> Rooms:
        rooms: Rooms = self.app.state.rooms
        return rooms

    def client(self, token: str | None = None) -> httpx2.AsyncClient:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=30)

    async def person(self, name: str = "p") -> Person:
        """Somebody who was never here before, without any workspace."""
        subject = f"{name}-{clock.new_id()}"
        token = tokens.development_issuer(self.settings).sign(subject)
        http = await self.connections.enter_async_context(self.client(token))
        me = (await http.get("/api/v1/me")).json()
        return Person(UUID(me["id"]), subject, token, http)


@dataclass
class Studio:
    """A workspace with its owner and a timeline at version 3: video track v1, clip c1 of 100 frames at 25 fps."""

    service: Service
    owner: Person
    workspace_id: str
    timeline_id: str

    @property
    def timeline(self) -> str:
        return f"/api/v1/timelines/{self.timeline_id}"

    async def member(self, role: str) -> Person:
        somebody = await self.service.person(role)
        body = {"person_id": str(somebody.id), "role": role}
        await self.owner.ok("POST", f"/api/v1/workspaces/{self.workspace_id}/members", json=body)
        return somebody

    async def version(self) -> int:
        """The newest version, past the API."""
        head = await self.service.rooms.store.head(UUID(self.timeline_id), UUID(self.workspace_id))
        assert head is not None
        return head.version

    async def apply(self, *gestures: dict[str, Any], by: Person | None = None, **more: Any) -> Any:
        body = {"gestures": list(gestures), **more}
        return await (by or self.owner).ok("POST", f"{self.timeline}/gestures", json=body)


MEDIA = {"url": "https://media.test/a.mp4", "available": {"start": 0, "duration": 705_600_000 * 60}}
MEDIA |= {"rate": {"num": 25, "den": 1}, "width": 1920, "height": 1080}


def add_clip(clip_id: str, start: int, duration: int = 100, track_id: str = "v1", **more: Any) -> dict[str, Any]:
    return {
        "type": "add_clip",
        "clip_id": clip_id,
        "track_id": track_id,
        "media": MEDIA,
        "start": start,
        "duration": duration,
        **more,
    }


def trim(clip_id: str, delta: int = -1, **more: Any) -> dict[str, Any]:
    return {"type": "trim", "clip_id": clip_id, "edge": "end", "delta": delta, **more}


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    async with running(settings) as app, contextlib.AsyncExitStack() as connections:
        yield Service(settings, app, connections)


async def open_studio(service: Service) -> Studio:
    """A new workspace with a timeline; see Studio."""
    owner = await service.person("owner")
    workspace = await owner.ok("POST", "/api/v1/workspaces", json={"name": "Film"})
    body = {
        "workspace_id": workspace["id"],
        "name": "Cut",
        "rate": {"num": 25, "den": 1},
        "width": 1920,
        "height": 1080,
    }
    timeline = await owner.ok("POST", "/api/v1/timelines", json=body)
    studio = Studio(service, owner, workspace["id"], timeline["id"])
    await studio.apply({"type": "add_track", "track_id": "v1", "kind": "video"}, add_clip("c1", 0))
    return studio


@pytest.fixture
def make_studio(service: Service) -> Callable[[], Awaitable[Studio]]:
    async def make() -> Studio:
        return await open_studio(service)

    return make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_studio(
    tmp_path_factory: pytest.TempPathFactory, database_urls: DatabaseUrls, redis_url: str
) -> AsyncIterator[Studio]:
    """One studio for all tests of a module, which must leave it as it is. Mark them asyncio(loop_scope="module")."""
    settings = make_settings(tmp_path_factory.mktemp("service"), database_urls, redis_url)
    async with running(settings) as app, contextlib.AsyncExitStack() as connections:
        yield await open_studio(Service(settings, app, connections))


@pytest.fixture
async def studio(make_studio: Callable[[], Awaitable[Studio]]) -> Studio:
    return await make_studio()
