"""Telling live sessions what was committed, in the order of versions and exactly once per session.

In this process a frame goes straight to the sockets. Other processes learn of it from one Redis stream per timeline;
what Redis loses they read from the store: by the gap when the next frame comes, by the poll of heads at the latest.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from timeline_service.eventstore.items import encode_events_frame
from timeline_service.eventstore.store import EventStore, StoredEvent

STREAM_LENGTH: Final = 1_000
POLL_S: Final = 1.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """The encoded `events` frame of the versions [from_version, to_version] of a timeline."""

    timeline_id: UUID
    from_version: int
    to_version: int
    data: bytes


Receive = Callable[[Frame], None]
Publish = Callable[[Frame], Awaitable[None]]


@dataclass(slots=True)
class Room:
    """The sessions of one timeline in this process, and the last version they were sent."""

    workspace_id: UUID
    version: int
    receivers: list[Receive]


class Hub:
    """Who listens to which timeline in this process."""

    def __init__(self, store: EventStore, publish: Publish | None = None) -> None:
        self._store = store
        self._publish = publish
        self._rooms: dict[UUID, Room] = {}
        self._catching_up: dict[UUID, asyncio.Lock] = {}

    def attach(self, timeline_id: UUID, receive: Receive, *, workspace_id: UUID, version: int) -> Callable[[], None]:
        """Send every frame above `version` to `receive`, which must not block. Returns how to detach.

        The caller reads what lies between its own version and the room's (`version_of`) from the store.
        """
        room = self._rooms.get(timeline_id)
        if room is None:
            room = self._rooms[timeline_id] = Room(workspace_id, version, [])
        room.receivers.append(receive)

        def detach() -> None:
            if receive in room.receivers:
                room.receivers.remove(receive)
            if not room.receivers and self._rooms.get(timeline_id) is room:
                del self._rooms[timeline_id]

        return detach

    def version_of(self, timeline_id: UUID) -> int | None:
        """The last version sent to the sessions of a timeline; None when nobody listens."""
        room = self._rooms.get(timeline_id)
        return None if room is None else room.version

    def timelines(self) -> list[UUID]:
        return list(self._rooms)

    async def committed(self, events: list[StoredEvent]) -> None:
        """Events that this process has just appended, contiguous."""
        frame = Frame(events[0].timeline_id, events[0].version, events[-1].version, encode_events_frame(events))
        await self.offer(frame)
        if self._publish is not None:
            await self._publish(frame)

    async def offer(self, frame: Frame) -> None:
        """A frame from wherever: sent if it is the next, completed from the store if there is a gap before it."""
        room = self._rooms.get(frame.timeline_id)
        if room is None or frame.to_version <= room.version:
            return
        if frame.from_version == room.version + 1:
            self._send(room, frame)
        else:
            await self.catch_up(frame.timeline_id, frame.to_version)

    async def catch_up(self, timeline_id: UUID, to_version: int) -> None:
        """Send what is missing up to a version, from the store."""
        lock = self._catching_up.setdefault(timeline_id, asyncio.Lock())
        async with lock:
            room = self._rooms.get(timeline_id)
            while room is not None and room.version < to_version:
                events = await self._store.read(
                    timeline_id, room.workspace_id, after_version=room.version, to_version=to_version, limit=200
                )
                fresh = [stored for stored in events if stored.version > room.version]
                if not fresh or fresh[0].version != room.version + 1:
                    break
                data = encode_events_frame(fresh)
                self._send(room, Frame(timeline_id, fresh[0].version, fresh[-1].version, data))
        if not lock.locked():
            self._catching_up.pop(timeline_id, None)

    async def poll(self) -> None:
        """Once a second for ever: ask the heads of the open timelines, so that nothing depends on Redis."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                open_timelines = self.timelines()
                if open_timelines:
                    for timeline_id, head in (await self._store.heads(open_timelines)).items():
                        await self.catch_up(timeline_id, head.version)
            except Exception:
                log.warning("poll_failed", exc_info=True)

    def _send(self, room: Room, frame: Frame) -> None:
        room.version = frame.to_version
        for receive in tuple(room.receivers):
            receive(frame)
