"""Telling live sessions what was committed, in the order of versions and exactly once per session.

    own commits ───────────────┐
    Redis streams, others' ────┼─► offer ──► the next version: sent      a later one: kept, and what lies before it
    heads, asked every second ─┘                                         is read from the store if it does not come

Nobody waits here: whoever commits hands its frame over and goes on. Redis may lose, repeat and reorder what it carries.
What is sent goes at a pace (see pace): `version` of a room counts what is held back too.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from timeline_service.editing.pace import Frame, Pace
from timeline_service.eventstore.items import encode_events_frame, in_frames
from timeline_service.eventstore.store import EventStore, StoredEvent

POLL_S: Final = 1.0
GRACE_S: Final = 0.01
"""Frames of two processes may overtake each other on their way here; a gap is nearly always filled within this."""
PAGE: Final = 200
EARLY_FRAMES: Final = 256
EARLY_BYTES: Final = 1024 * 1024
log = structlog.get_logger(__name__)


Receive = Callable[[Frame], None]
Publish = Callable[[Frame], None]


@dataclass(slots=True)
class Room:
    """The sessions of one timeline in this process, and the last version they were sent, or will be in a moment.

    `early` are frames that came before their turn, by their first version; `wanted` is the highest version known.
    """

    workspace_id: UUID
    version: int
    apart_s: float
    receivers: list[Receive] = field(default_factory=list)
    early: dict[int, Frame] = field(default_factory=dict)
    early_bytes: int = 0
    wanted: int = 0
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    mending: "asyncio.Task[None] | None" = None
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.apart_s, self.tell)

    def tell(self, frame: Frame) -> None:
        """To all who listen: the same bytes."""
        for receive in tuple(self.receivers):
            receive(frame)

    def keep(self, frame: Frame) -> None:
        """Keep a frame for its turn, where there is room: the store has it too."""
        known = self.early.get(frame.from_version)
        fits = len(self.early) < EARLY_FRAMES and self.early_bytes + len(frame.data) <= EARLY_BYTES
        if known is None and fits:
            self.early[frame.from_version] = frame
            self.early_bytes += len(frame.data)

    def next_early(self) -> Frame | None:
        """Take the kept frame whose turn it is; those that are past are forgotten."""
        for version in [version for version in self.early if version <= self.version]:
            self.early_bytes -= len(self.early.pop(version).data)
        frame = self.early.pop(self.version + 1, None)
        if frame is not None:
            self.early_bytes -= len(frame.data)
        return frame

    def last_missing(self, to_version: int) -> int:
        """The end of the first gap: what lies behind it is kept here."""
        return min([to_version, *(first - 1 for first in self.early if first > self.version)])


class Hub:
    """Who listens to which timeline in this process. `opened` is called when a timeline gets its first listener.

    `per_second`: frames that listeners of a timeline get, at most; 0: all, at once.
    """

    def __init__(self, store: EventStore, publish: Publish | None = None, *, per_second: float = 0) -> None:
        self.opened: Callable[[], None] = _nobody
        self._store = store
        self._publish = publish
        self._apart_s = 1 / per_second if per_second else 0.0
        self._rooms: dict[UUID, Room] = {}

    def attach(self, timeline_id: UUID, receive: Receive, *, workspace_id: UUID, version: int) -> Callable[[], None]:
        """Send every frame above `version` to `receive`, which must not block. Returns how to detach.

        The caller reads what lies between its own version and the room's (`version_of`) from the store.
        """
        room = self._rooms.get(timeline_id)
        if room is None:
            room = self._rooms[timeline_id] = Room(workspace_id, version, self._apart_s)
            self.opened()
        room.pace.flush()  # of before: not for the one who comes now
        room.receivers.append(receive)

        def detach() -> None:
            if receive in room.receivers:
                room.receivers.remove(receive)
            if not room.receivers and self._rooms.get(timeline_id) is room:
                room.pace.close()
                del self._rooms[timeline_id]

        return detach

    def version_of(self, timeline_id: UUID) -> int | None:
        """The last version sent to the sessions of a timeline, or held for them; None when nobody listens."""
        room = self._rooms.get(timeline_id)
        return None if room is None else room.version

    def flush(self, timeline_id: UUID) -> None:
        """Send what is held back: somebody is about to go."""
        room = self._rooms.get(timeline_id)
        if room is not None:
            room.pace.flush()

    def timelines(self) -> list[UUID]:
        """Those that somebody listens to."""
        return list(self._rooms)

    def committed(self, events: list[StoredEvent]) -> None:
        """Events that this process has just appended, contiguous."""
        if self._publish is None and events[0].timeline_id not in self._rooms:
            return
        for run in in_frames(events):
            frame = Frame(run[0].timeline_id, run[0].version, run[-1].version, encode_events_frame(run))
            self.offer(frame)
            if self._publish is not None:
                self._publish(frame)

    def offer(self, frame: Frame) -> None:
        """A frame from wherever, in any order, any number of times: each version is sent once, in its turn."""
        room = self._rooms.get(frame.timeline_id)
        if room is None or frame.to_version <= room.version:
            return
        if frame.from_version == room.version + 1:
            _send(room, frame)
            return
        if frame.from_version > room.version:
            room.keep(frame)
        self.expect(frame.timeline_id, frame.to_version)

    def expect(self, timeline_id: UUID, version: int) -> None:
        """This version exists: unless what is missing up to it comes within a moment, it is read from the store."""
        room = self._rooms.get(timeline_id)
        if room is None or version <= room.version:
            return
        room.wanted = max(room.wanted, version)
        if room.mending is None:
            room.mending = asyncio.create_task(self._mend(timeline_id, room))

    async def catch_up(self, timeline_id: UUID, to_version: int) -> None:
        """Send what is missing up to a version, from the store. Raises what the store raises."""
        room = self._rooms.get(timeline_id)
        if room is None or room.version >= to_version:
            return
        async with room.reading:
            while room.version < to_version and room.receivers:
                before = room.version
                events = await self._store.read(
                    timeline_id,
                    room.workspace_id,
                    after_version=before,
                    to_version=room.last_missing(to_version),
                    limit=PAGE,
                )
                # Frames may have come while the store was read.
                fresh = [stored for stored in events if stored.version > room.version]
                for run in in_frames(fresh):
                    _send(room, Frame(timeline_id, run[0].version, run[-1].version, encode_events_frame(run)))
                if not fresh and room.version == before:
                    return

    async def poll(self) -> None:
        """Once a second for ever: ask the heads of the open timelines, so that nothing depends on Redis."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                open_timelines = self.timelines()
                if open_timelines:
                    for timeline_id, head in (await self._store.heads(open_timelines)).items():
                        self.expect(timeline_id, head.version)
            except Exception:
                log.warning("poll_failed", exc_info=True)

    async def _mend(self, timeline_id: UUID, room: Room) -> None:
        try:
            await asyncio.sleep(GRACE_S)
            before = -1
            while before < room.version < room.wanted and room.receivers:
                before = room.version
                await self.catch_up(timeline_id, room.wanted)
        except Exception:
            log.warning("catch_up_failed", timeline_id=str(timeline_id), exc_info=True)  # the poll comes again
        finally:
            room.mending = None


def _send(room: Room, frame: Frame) -> None:
    """Send a frame whose turn it is, and those kept that follow it."""
    following: Frame | None = frame
    while following is not None:
        room.version = following.to_version
        room.pace.put(following)
        following = room.next_early()


def _nobody() -> None:
    """No stream is read: the poll of heads is enough."""
