"""An API process in memory: the real front door, hub, sessions and followers; its death; and what goes between two."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from redis.exceptions import ConnectionError as RedisGone
from starlette.websockets import WebSocket

from tests.convergence.network import Connection
from tests.fakes.access import OpenHouse, person
from tests.world import ASSETS
from timeline_service.access.service import Actor
from timeline_service.api import live
from timeline_service.api.buckets import Buckets
from timeline_service.api.presence import Presence
from timeline_service.api.sessions import Sessions
from timeline_service.domain.draft import Media
from timeline_service.editing.announce import Frame, Hub
from timeline_service.editing.leasing import Leases
from timeline_service.editing.service import Editing
from timeline_service.eventstore.store import EventStore
from timeline_service.kit.channels import Channels
from timeline_service.kit.errors import Unavailable
from timeline_service.settings import Settings
from timeline_service.settings import Stream as StreamLimits

LIMITS = StreamLimits(
    gestures_per_second=40,
    gestures_burst=20,
    messages_per_second=1e9,
    messages_burst=10**9,
    in_flight=4,
    outbox_frames=12,
)
"""Small ones, so that they are met."""


class House(OpenHouse):
    """Everybody is who they say."""

    async def authenticate(self, token: str) -> Actor:
        return person(token)


class Dead(Unavailable):
    """The process is no more; nobody hears this."""


class Mortal:
    """A store as one process sees it. `doom` names where its next append ends the process: before it or after it."""

    def __init__(self, store: EventStore, die: Callable[[], None]) -> None:
        self._store = store
        self._die = die
        self.dead = False
        self.doom: str | None = None

    def __getattr__(self, name: str) -> Any:
        if self.dead:
            raise Dead
        return getattr(self._store, name)

    async def append(self, *args: Any, **options: Any) -> Any:
        self._meet("before")
        answer = await self._store.append(*args, **options)
        self._meet("after")
        return answer

    @asynccontextmanager
    async def locked(self, timeline_id: UUID, workspace_id: UUID) -> AsyncIterator[Any]:
        self._meet("never")
        async with self._store.locked(timeline_id, workspace_id) as held:
            yield held
            self._meet("before")
        self._meet("after")

    def _meet(self, where: str) -> None:
        if self.doom == where:
            self._die()
        if self.dead:
            raise Dead


class Away:
    """Redis, which is not there: everything that is not in the log does without it."""

    def register_script(self, text: str) -> Any:
        async def call(*args: Any, **options: Any) -> Any:
            raise RedisGone(text[:20])

        return call

    def __getattr__(self, name: str) -> Any:
        return self.register_script(name)


async def asset_facts(ids: Sequence[str], workspace_id: UUID) -> dict[str, Media]:
    del workspace_id
    return {name: ASSETS[name] for name in ids if name in ASSETS}


class Node:
    """One process. `kill` ends it between two steps of whatever it does; its sockets break."""

    def __init__(self, place: int, store: EventStore, between: "Between", settings: Settings) -> None:
        self.place = place
        self.store = Mortal(store, self.kill)
        self._between = between
        hub = Hub(self.store, self._publish, per_second=LIMITS.frames_per_second)  # type: ignore[arg-type]
        redis: Any = Away()
        channels = Channels("redis://127.0.0.1:1", client_name="convergence")
        leases = Leases(redis, channels)
        self.rooms = SimpleNamespace(
            settings=settings,
            access=House(),
            store=self.store,
            editing=Editing(
                self.store,
                House(),
                asset_facts,
                hub,
                cache_bytes=2**24,
                leases=leases.standing,  # type: ignore[arg-type]
            ),
            presence=Presence(redis, channels, per_second=30),
            leases=leases,
            sessions=Sessions(),
            stopping=False,
            gestures=Buckets(LIMITS.gestures_per_second, LIMITS.gestures_burst, clock=asyncio.get_running_loop().time),
        )
        self.tasks = [asyncio.create_task(hub.poll())]
        self.connections: list[Connection] = []
        between.nodes.append(self)

    @property
    def editing(self) -> Editing:
        return self.rooms.editing

    @property
    def dead(self) -> bool:
        return self.store.dead

    def accept(self, connection: Connection, timeline_id: UUID) -> None:
        """A client connects."""
        scope = {
            "type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": [],
            "app": SimpleNamespace(state=SimpleNamespace(rooms=self.rooms)),
        }  # fmt: skip
        self.connections.append(connection)
        socket = WebSocket(scope, connection.receive, connection.asgi_send)
        self.tasks.append(asyncio.create_task(live.stream(socket, timeline_id)))

    def kill(self) -> None:
        """kill -9: nothing more is said, to nobody."""
        if self.dead:
            return
        self.store.dead = True
        self._between.nodes.remove(self)
        for connection in self.connections:
            connection.cut()
        for task in self.tasks:
            if task is not asyncio.current_task():
                task.cancel()

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if not self.dead:
            await self.editing.close()

    def _publish(self, frame: Frame) -> None:
        if not self.dead:
            self._between.carry(self, frame)


class Between:
    """What carries frames from process to process: it loses, repeats and delays them. The log does not."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.nodes: list[Node] = []
        self.loses = 0.2

    def carry(self, sender: Node, frame: Frame) -> None:
        loop = asyncio.get_running_loop()
        for node in self.nodes:
            if node is sender or self._chance.random() < self.loses:
                continue
            for _ in range(1 if self._chance.random() < 0.9 else 2):
                loop.call_later(self._chance.random() * 0.4, self._offer, node, frame)

    def _offer(self, node: Node, frame: Frame) -> None:
        if not node.dead:
            node.editing.hub.offer(frame)
