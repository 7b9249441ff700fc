"""The events of one timeline for one socket, in order and without a gap, from wherever the client was."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import orjson

from timeline_service.api import aside, parts, protocol
from timeline_service.api.outbox import Outbox
from timeline_service.api.protocol import Hello, Pull
from timeline_service.api.rooms import Rooms
from timeline_service.domain.state import State
from timeline_service.editing.pace import Frame
from timeline_service.eventstore.items import encode_events_frame, in_frames
from timeline_service.eventstore.store import Head

PAGE: Final = 100

Welcome = Callable[[int, int, str, State], Awaitable[None]]
"""Sends the welcome: head, epoch, mode, and the state at the head, to say of it what matters."""


class Follower:
    """`version` is the last one that was put into the outbox."""

    def __init__(self, rooms: Rooms, timeline_id: UUID, workspace_id: UUID, outbox: Outbox) -> None:
        self._rooms = rooms
        self._where = (timeline_id, workspace_id)
        self._outbox = outbox
        self._early: list[Frame] | None = []
        self._early_bytes = 0
        self._detach: Callable[[], None] = _nothing
        self.version = 0

    async def start(self, hello: Hello, welcome: Welcome) -> None:
        """Welcome the client, bring it up to the head, then pass on what comes.

        Frames that arrive meanwhile wait; what the client has or gets from the store is passed over in them.
        """
        timeline_id, workspace_id = self._where
        hub = self._rooms.editing.hub
        head = await self._rooms.editing.reader.head(*self._where)
        self._detach = hub.attach(timeline_id, self._receive, workspace_id=workspace_id, version=head.version)
        # The room may be behind what this client has seen elsewhere.
        await hub.catch_up(timeline_id, head.version)
        upto = max(hub.version_of(timeline_id) or 0, head.version)
        tail = await self._tail(hello, head, upto)
        state = await self._rooms.editing.reader.state_at(*self._where, upto)
        await welcome(upto, head.epoch, "snapshot" if tail is None else "replay", state)
        if tail is None:
            await self._snapshot(state)
        else:
            await self._replay(tail, upto)
        early, self._early = self._early or [], None
        for frame in early:
            self._pass_on(frame)

    def stop(self) -> None:
        """Hear no more."""
        self._detach()

    async def pull(self, message: Pull) -> None:
        """Events after a version, as the client asks; the flow from the hub is not touched."""
        events = await self._rooms.store.read(
            *self._where, after_version=message.after_version, limit=min(message.limit, PAGE)
        )
        await self._outbox.drained()
        if events:
            self._outbox.put(encode_events_frame(next(in_frames(events))))
        else:
            after = message.after_version
            self._outbox.put(orjson.dumps({"t": "events", "from": after + 1, "to": after, "items": []}))

    def _receive(self, frame: Frame) -> None:
        if self._early is not None:
            self._early.append(frame)
            self._early_bytes += len(frame.data)
            if not self._outbox.check_waiting(len(self._early), self._early_bytes):
                self._early.clear()
        else:
            self._pass_on(frame)

    def _pass_on(self, frame: Frame) -> None:
        if frame.from_version == self.version + 1:
            self._outbox.put(frame.data)
            self.version = frame.to_version
            return
        if frame.to_version <= self.version:
            return
        if frame.from_version <= self.version and frame.parts:  # the first of them were in the store already
            for part in frame.parts:
                self._pass_on(part)
            return
        # Cannot be mended here without waiting; the client knows how to.
        resync = {"t": "resync", "reason": "gap", "after_version": self.version}
        self._outbox.put(orjson.dumps(resync))
        self.version = frame.to_version

    async def _tail(self, hello: Hello, head: Head, upto: int) -> list[bytes] | None:
        """The frames that the client lacks; None where it is to have a snapshot instead."""
        known = hello.after_version
        if known is None or known > upto or upto - known > protocol.REPLAY_EVENTS:
            return None
        if hello.epoch not in {None, str(head.epoch)}:  # a restored backup may have other events under these versions
            return None
        frames: list[bytes] = []
        size = 0
        while known < upto:
            events = await self._rooms.store.read(*self._where, after_version=known, to_version=upto, limit=PAGE)
            if not events:
                return None
            frame = encode_events_frame(events)
            size += len(frame)
            if size > protocol.REPLAY_BYTES:
                return None
            frames.append(frame)
            known = events[-1].version
        return frames

    async def _replay(self, tail: list[bytes], upto: int) -> None:
        for frame in tail:
            await self._outbox.drained()  # a long tail must not look like a slow reader
            self._outbox.put(frame)
        self.version = upto

    async def _snapshot(self, state: State) -> None:
        version = state.version
        found = await self._rooms.store.read_versions(*self._where, [version])
        whole, pieces = await aside.on(state, parts.cut, state, found[0].hash, self._where[1])
        for number, data in enumerate(pieces, 1):
            await self._outbox.drained()
            said = b'{"t":"snapshot","version":%d,"part":%d,"parts":%d,"data":%b}'
            self._outbox.put(said % (version, number, len(pieces), data))
        if not pieces:
            url = f"/api/v1/timelines/{self._where[0]}?version={version}"
            part = {"t": "snapshot", "version": version, "part": 1, "parts": 1}
            self._outbox.put(orjson.dumps({**part, "url": url, "sha256": hashlib.sha256(whole).hexdigest()}))
        self.version = version


def _nothing() -> None:
    """Not attached yet."""
