"""One Redis stream per timeline, from process to process. Losing all of it costs a second of delay, nothing else."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from timeline_service.editing.announce import STREAM_LENGTH, Frame, Hub

WAITING_FRAMES: Final = 10_000
LARGE: Final = 256 * 1024
"""A frame above this is announced by its versions; readers fetch it from the store."""
BLOCK_MS: Final = 500
RETRY_S: Final = 0.5
EXPIRE_S: Final = 3_600
log = structlog.get_logger(__name__)


def key_of(timeline_id: UUID) -> str:
    return f"timeline:{timeline_id}:events"


class Streams:
    """Publishes the frames of this process and offers those of the others to the hub."""

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._waiting: asyncio.Queue[Frame] = asyncio.Queue(WAITING_FRAMES)

    async def publish(self, frame: Frame) -> None:
        """Hand a frame over; never waits for Redis. When Redis is away for long, the oldest are dropped."""
        while True:
            try:
                self._waiting.put_nowait(frame)
            except asyncio.QueueFull:
                with contextlib.suppress(asyncio.QueueEmpty):
                    self._waiting.get_nowait()
            else:
                return

    async def write(self) -> None:
        """For ever: send what is waiting."""
        while True:
            frame = await self._waiting.get()
            frames = [frame]
            while not self._waiting.empty() and len(frames) < 100:
                frames.append(self._waiting.get_nowait())
            try:
                async with self._redis.pipeline(transaction=False) as pipe:
                    for item in frames:
                        fields: dict[Any, Any] = {"from": item.from_version, "to": item.to_version}
                        if len(item.data) <= LARGE:
                            fields["data"] = item.data
                        key = key_of(item.timeline_id)
                        pipe.xadd(key, fields, maxlen=STREAM_LENGTH, approximate=True)
                        pipe.expire(key, EXPIRE_S)
                    await pipe.execute()
            except (RedisError, OSError):
                log.warning("stream_write_failed", frames=len(frames))
                await asyncio.sleep(RETRY_S)

    async def read(self, hub: Hub) -> None:
        """For ever: follow the streams of the timelines that somebody listens to in this process."""
        positions: dict[UUID, bytes | str] = {}
        while True:
            open_timelines = hub.timelines()
            if not open_timelines:
                await asyncio.sleep(BLOCK_MS / 1000)
                continue
            positions = {timeline_id: positions.get(timeline_id, "$") for timeline_id in open_timelines}
            try:
                await self._read_once(hub, positions)
            except (RedisError, OSError):
                log.warning("stream_read_failed", timelines=len(positions))
                await asyncio.sleep(RETRY_S)

    async def _read_once(self, hub: Hub, positions: dict[UUID, bytes | str]) -> None:
        names: dict[bytes, UUID] = {key_of(timeline_id).encode(): timeline_id for timeline_id in positions}
        wanted: dict[Any, Any] = {name: positions[timeline_id] for name, timeline_id in names.items()}
        answer = await self._redis.xread(wanted, count=200, block=BLOCK_MS)
        for name, entries in answer:
            timeline_id = names[name]
            for position, fields in entries:
                positions[timeline_id] = position
                await _offer(hub, timeline_id, fields)


async def _offer(hub: Hub, timeline_id: UUID, fields: dict[bytes, bytes]) -> None:
    first, last, data = int(fields[b"from"]), int(fields[b"to"]), fields.get(b"data")
    if data is None:
        await hub.catch_up(timeline_id, last)
    else:
        await hub.offer(Frame(timeline_id, first, last, data))


def background(hub: Hub, streams: "Streams | None") -> list[Callable[[], Any]]:
    """What the composition root keeps running for the hub."""
    loops: list[Callable[[], Any]] = [hub.poll]
    if streams is not None:
        loops += [streams.write, lambda: streams.read(hub)]
    return loops
