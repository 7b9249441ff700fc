"""One Redis stream per timeline, from process to process. Losing all of it costs a second of delay, nothing else.

commit ──► publish ──► waiting (bounded) ──► write ──► timeline:{id}:events
                                                         │   all open timelines of a process in one XREAD
                                 hub.offer ◄── read ◄────┘
                                                ▲
a timeline is opened ──► wake ──► write ──► process:{id}:wake, which ends the XREAD: the next one has it too
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from timeline_service.editing.announce import Hub
from timeline_service.editing.pace import Frame, joined
from timeline_service.kit import clock
from timeline_service.kit.redis_line import Line

WAITING_FRAMES: Final = 1_000
WAITING_BYTES: Final = 8 * 1024 * 1024
TOGETHER: Final = 100
LARGE: Final = 128 * 1024
"""A frame above this is announced by its versions; readers fetch it from the store."""
STREAM_LENGTH: Final = 256
"""Frames kept for readers that lag; what is beyond they read from the store."""
EXPIRE_S: Final = 60
BLOCK_MS: Final = 1_000
RETRY_S: Final = 0.5
CLOSE_S: Final = 0.5
ECHO_S: Final = 0.02
"""How long the reader rests when all that it read was this process's own: else every commit would be read again, alone,
and cost as much as the commit. Half a frame later for what others commit meanwhile."""
APART_S: Final = 1 / 60
"""Between two writes of what was committed: what comes sooner goes together, as fewer and larger entries."""
FIRST: Final = b"0-0"
log = structlog.get_logger(__name__)


def key_of(timeline_id: UUID) -> str:
    """The stream of a timeline."""
    return f"timeline:{timeline_id}:events"


class Streams:
    """Publishes the frames of this process and offers those of the others to the hub."""

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._out, self._in = Line(client), Line(client)
        self._waiting: deque[Frame] = deque()
        self._waiting_bytes = 0
        self._something = asyncio.Event()
        self._opened = 0
        self._told = 0
        self._wake_key = f"process:{clock.new_id()}:wake".encode()
        self._positions: dict[UUID, bytes] = {}
        self._renewed: dict[UUID, float] = {}
        self._wake_position = FIRST
        self._looked_at = 0.0

    def publish(self, frame: Frame) -> None:
        """Hand a frame over; never waits for Redis. When it is away, the oldest that wait are dropped."""
        self._waiting.append(frame)
        self._waiting_bytes += len(frame.data)
        while len(self._waiting) > WAITING_FRAMES or self._waiting_bytes > WAITING_BYTES:
            self._waiting_bytes -= len(self._waiting.popleft().data)
        self._something.set()

    def wake(self) -> None:
        """A timeline was opened in this process: the reader has to listen to it too."""
        self._opened += 1
        self._something.set()

    # ---- out
    async def close(self) -> None:
        """Send what is still waiting, once `write` has ended; what Redis does not take, the others' poll finds."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                while self._waiting:
                    await self._write_some()
        await self._out.aclose()

    async def write(self) -> None:
        """For ever: send what is waiting."""
        async with contextlib.aclosing(self._out):
            await self._write()

    async def _write(self) -> None:
        reach = Reach("writing streams")
        due = 0.0
        while True:
            await self._something.wait()
            await asyncio.sleep(due - time.monotonic())
            due = time.monotonic() + APART_S
            try:
                while self._something.is_set():
                    await self._write_some()
            except (RedisError, OSError) as error:
                reach.lost(error)
                self._something.set()
                await asyncio.sleep(RETRY_S)
            else:
                reach.found()

    async def _write_some(self) -> None:
        """What a failure loses, the others read from the store."""
        opened = self._opened
        frames = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
        self._waiting_bytes -= sum(len(frame.data) for frame in frames)
        if not self._waiting:
            self._something.clear()
        commands: list[tuple[Any, ...]] = []
        if opened > self._told:
            commands += [("XADD", self._wake_key, "MAXLEN", 1, "*", "wake", 1), ("EXPIRE", self._wake_key, EXPIRE_S)]
        commands += [_entry(frame) for frame in joined(sorted(frames, key=attrgetter("timeline_id", "from_version")))]
        expiring = self._expiring({frame.timeline_id for frame in frames})
        commands += [("EXPIRE", key_of(timeline_id), EXPIRE_S) for timeline_id in expiring]
        if commands:
            await self._out.ask(commands)
        self._told = opened
        self._renewed.update(expiring)

    def _expiring(self, written: set[UUID]) -> dict[UUID, float]:
        """Those whose life has to be renewed, and now: not at every commit, that would be a command each."""
        now = time.monotonic()
        expiring = {name: now for name in written if now - self._renewed.get(name, -EXPIRE_S) > EXPIRE_S / 3}
        if expiring:
            self._renewed = {name: at for name, at in self._renewed.items() if now - at < EXPIRE_S}
        return expiring

    # ---- in
    async def read(self, hub: Hub) -> None:
        """For ever: follow the streams of the timelines that somebody listens to in this process."""
        hub.opened = self.wake
        async with contextlib.aclosing(self._in):
            await self._read(hub)

    async def _read(self, hub: Hub) -> None:
        reach = Reach("reading streams")
        while True:
            try:
                await self._look_around()
                await self._find_positions(hub)
                await self._read_some(hub)
            except (RedisError, OSError) as error:
                reach.lost(error)
                self._positions.clear()
                await asyncio.sleep(RETRY_S)
            else:
                reach.found()

    async def _look_around(self) -> None:
        """Once a second: is our own stream still there? If not, Redis was emptied and its ids may have begun anew.

        A position in the future would never be reached.
        """
        now = time.monotonic()
        if now - self._looked_at < BLOCK_MS / 1000:
            return
        self._looked_at = now
        if not await self._redis.expire(self._wake_key, EXPIRE_S):
            self._positions.clear()
            self._renewed.clear()
            self._wake_position = FIRST
            self.wake()

    async def _find_positions(self, hub: Hub) -> None:
        """Begin to follow what was opened at the newest entry there is; what came before it, the store knows."""
        wanted = hub.timelines()
        fresh = [timeline_id for timeline_id in wanted if timeline_id not in self._positions]
        self._positions = {name: self._positions[name] for name in wanted if name in self._positions}
        if not fresh:
            return
        async with self._redis.pipeline(transaction=False) as pipe:
            for timeline_id in fresh:
                pipe.xrevrange(key_of(timeline_id), count=1)
            found = await pipe.execute()
        for timeline_id, entries in zip(fresh, found, strict=True):
            self._positions[timeline_id] = entries[0][0] if entries else FIRST
            for _, fields in entries:
                hub.expect(timeline_id, _versions(fields)[1])

    async def _read_some(self, hub: Hub) -> None:
        names = {key_of(timeline_id).encode(): timeline_id for timeline_id in self._positions}
        positions = (*self._positions.values(), self._wake_position)
        asked = ("XREAD", "COUNT", TOGETHER, "BLOCK", BLOCK_MS, "STREAMS", *names, self._wake_key, *positions)
        [found] = await self._in.ask([asked])
        news = False
        for name, entries in found or ():
            timeline_id = names.get(name)
            if timeline_id is None:
                self._wake_position = entries[-1][0]
                news = True
                continue
            for position, fields in entries:
                self._positions[timeline_id] = position
                news |= _offer(hub, timeline_id, dict(zip(fields[::2], fields[1::2], strict=True)))
        if found and not news:
            await asyncio.sleep(ECHO_S)


def _entry(frame: Frame) -> tuple[Any, ...]:
    """The command that adds a frame to its stream."""
    command = ("XADD", key_of(frame.timeline_id), "MAXLEN", "~", STREAM_LENGTH, "*")
    command += ("from", frame.from_version, "to", frame.to_version)  # type: ignore[assignment]
    return (*command, "data", frame.data) if len(frame.data) <= LARGE else command


def _offer(hub: Hub, timeline_id: UUID, fields: dict[bytes, bytes]) -> bool:
    """Whether this process did not know it yet."""
    first, last = _versions(fields)
    data = fields.get(b"data")
    if last <= (hub.version_of(timeline_id) or 0):
        return False
    if data is None:
        hub.expect(timeline_id, last)
    else:
        hub.offer(Frame(timeline_id, first, last, data))
    return True


def _versions(fields: dict[bytes, bytes]) -> tuple[int, int]:
    """The first and the last version of an entry; none at all where it is not one of ours."""
    try:
        return int(fields[b"from"]), int(fields[b"to"])
    except (KeyError, ValueError):
        log.warning("stream_entry_unknown", fields=len(fields))
        return 0, 0


class Reach:
    """Says when Redis goes and when it is back, once each: it may be away for hours."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._away = False

    def lost(self, error: Exception) -> None:
        """It does not answer, or refuses."""
        if not self._away:
            log.warning("redis_lost", what=self._what, error=f"{type(error).__name__}: {error}")
        self._away = True

    def found(self) -> None:
        """It answers."""
        if self._away:
            log.info("redis_found", what=self._what)
        self._away = False


def background(hub: Hub, streams: "Streams | None") -> list[Callable[[], Any]]:
    """What the composition root keeps running for the hub."""
    loops: list[Callable[[], Any]] = [hub.poll]
    if streams is not None:
        loops += [streams.write, lambda: streams.read(hub)]
    return loops
