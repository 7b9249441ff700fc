"""Telling other processes that a job changed: a hint over Redis pub/sub, never the news itself.

Pub/sub loses messages at every reconnect, so whoever listens also looks into PostgreSQL now and then; a hint makes it
look sooner. When Redis is away everything goes on, a little slower.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from timeline_service.kit import logging

CHANNEL: Final = "timeline:wakeups"
RELAY: Final = "relay"
"""Topic of those who hand attempts to the queue: there is something to hand over, or a place is free."""
READ_TIMEOUT_S = 1.0
RECONNECT_S = 0.5

log = logging.get("exports")


def changed(job_id: UUID) -> str:
    """Topic of those who watch a job."""
    return f"changed:{job_id}"


def cancel(job_id: UUID) -> str:
    """Topic of the worker that runs a job."""
    return f"cancel:{job_id}"


class Wakeups:
    """One subscription per process, shared by all who listen in it. `client` None: nobody is told anything."""

    def __init__(self, client: Redis | None) -> None:
        self._client = client
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        """Begin to hear what other processes say; once, inside the event loop."""
        if self._client is not None and self._reader is None:
            self._reader = asyncio.get_running_loop().create_task(self._read(self._client))

    async def close(self) -> None:
        """Stop listening. The client is the caller's."""
        if self._reader is None:
            return
        # Both: inside the Redis client a cancellation may get lost, and a second one would hit the closing of sockets.
        self._closing = True
        self._reader.cancel()
        await asyncio.wait({self._reader})
        self._reader = None

    async def tell(self, *topics: str) -> None:
        """Wake the listeners of these topics, here at once and elsewhere if Redis is there. Never fails."""
        for topic in topics:
            self._wake(topic)
        if self._client is None:
            return
        try:
            for topic in topics:
                await self._client.publish(CHANNEL, topic)
        except (RedisError, OSError) as error:
            log.debug("nobody was woken", reason=str(error))

    @contextlib.contextmanager
    def listen(self, topic: str) -> Iterator[asyncio.Event]:
        """An event that is set with each hint on this topic; the listener clears it before it looks."""
        event = asyncio.Event()
        listeners = self._listeners.setdefault(topic, set())
        listeners.add(event)
        try:
            yield event
        finally:
            listeners.discard(event)
            if not listeners and self._listeners.get(topic) is listeners:
                del self._listeners[topic]

    def _wake(self, topic: str) -> None:
        for event in self._listeners.get(topic, ()):
            event.set()

    def _wake_all(self) -> None:
        for topic in list(self._listeners):
            self._wake(topic)

    async def _read(self, client: Redis) -> None:
        while not self._closing:
            try:
                async with client.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(CHANNEL)
                    self._wake_all()  # what was said while nobody listened is lost
                    while not self._closing:
                        message = await subscription.get_message(timeout=READ_TIMEOUT_S)
                        if message is not None:
                            self._wake(bytes(message["data"]).decode())
            except (RedisError, OSError) as error:
                log.debug("wake-ups are not heard for a moment", reason=str(error))
                await asyncio.sleep(RECONNECT_S)


async def heard(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for a hint, but not longer than that; clears it."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    event.clear()
    return True
