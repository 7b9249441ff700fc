"""Publish and subscribe over Redis: one connection per process for all channels, opened again whenever it breaks.

What is published while nobody reads is gone, so whoever listens has another way to the truth and takes it in `back`.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

RETRY_S: Final = 0.25
READ_S: Final = 1.0
CONFIRM_S: Final = 0.5
CONNECT_TIMEOUT_S: Final = 2.0
IDLE: Final = "channels:idle"
"""Nobody publishes here: a connection without any subscription could not be read."""
log = structlog.get_logger(__name__)

Receive = Callable[[bytes], None]


class Channels:
    """The channels that somebody in this process listens to. `back` is called after each (re)connection."""

    def __init__(self, url: str, *, client_name: str) -> None:
        self._client = Redis.from_url(
            url,
            client_name=f"{client_name}-channels",
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_keepalive=True,
            health_check_interval=10,
        )
        self._receivers: dict[bytes, Receive] = {}
        self._confirmed: dict[bytes, asyncio.Event] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._pubsub: Any = None
        self.back: list[Callable[[], None]] = []

    async def follow(self, channel: str, receive: Receive) -> bool:
        """From now on give what is published to `receive`, which must not block.

        True once the server has confirmed; False while it is away, and then it is done when it is back.
        """
        name = channel.encode()
        self._receivers[name] = receive
        confirmed = self._confirmed.setdefault(name, asyncio.Event())
        if self._pubsub is None:
            return False
        try:
            async with asyncio.timeout(CONFIRM_S):
                if not confirmed.is_set():
                    await self._pubsub.subscribe(channel)
                    await confirmed.wait()
        except (RedisError, OSError, TimeoutError):
            return False
        return True

    def leave(self, channel: str) -> None:
        """Hear no more of a channel."""
        name = channel.encode()
        self._receivers.pop(name, None)
        self._confirmed.pop(name, None)
        if self._pubsub is not None:
            task = asyncio.create_task(self._unsubscribe(name))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _unsubscribe(self, name: bytes) -> None:
        pubsub = self._pubsub
        with contextlib.suppress(RedisError, OSError):
            if pubsub is not None and name not in self._receivers:
                await pubsub.unsubscribe(name)
                if name in self._receivers:  # somebody came while we were leaving
                    await pubsub.subscribe(name)

    async def run(self) -> None:
        """For ever: read, connecting again after every failure."""
        told = False
        try:
            while True:
                try:
                    async with self._client.pubsub() as pubsub:
                        await self._open(pubsub)
                        told = False
                        for back in self.back:
                            back()
                        await self._read(pubsub)
                except (RedisError, OSError) as error:
                    if not told:
                        log.warning("channels_away", error=type(error).__name__)
                    told = True
                except Exception:
                    log.exception("channels_failed")
                finally:
                    self._pubsub = None
                    for confirmed in self._confirmed.values():
                        confirmed.clear()
                await asyncio.sleep(RETRY_S)
        finally:
            await self._client.aclose()

    async def _open(self, pubsub: Any) -> None:
        names = set(self._receivers)
        await pubsub.subscribe(IDLE, *names)
        self._pubsub = pubsub
        late = self._receivers.keys() - names  # who came meanwhile found no connection to ask on
        if late:
            await pubsub.subscribe(*late)

    async def _read(self, pubsub: Any) -> None:
        while True:
            message = await pubsub.get_message(timeout=READ_S)
            if message is None:
                continue
            if message["type"] == "message":
                receive = self._receivers.get(message["channel"])
                if receive is not None:
                    _deliver(receive, message["data"])
            elif message["type"] == "subscribe" and message["channel"] in self._confirmed:
                self._confirmed[message["channel"]].set()


def _deliver(receive: Receive, data: bytes) -> None:
    try:
        receive(data)
    except Exception:
        log.exception("message_not_understood")  # of another release, say; the others go on
