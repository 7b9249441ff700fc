"""The connection of a client: opened, kept alive, opened again. It moves frames and knows nothing of gestures."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol

import httpx2
import orjson
import websockets
from websockets.asyncio.client import ClientConnection, connect

from timeline_service.client.backoff import Addresses, Backoff
from timeline_service.client.errors import RequestFailed, Stopped
from timeline_service.client.requests import Token, read_token

OPEN_WITHIN_S: Final = 10.0
CLOSE_WITHIN_S: Final = 2.0
DEAD_AFTER_S: Final = 20.0
LARGEST_FRAME: Final = 64 * 2**20
HEARSAY_S: Final = 1 / 30
TOKENS: Final = 3
"""Fresh tokens in a row that may be refused before it is plain that none is good."""
NORMAL, UNAUTHENTICATED, FLOOD = 1000, 4401, 4429
FINAL: Final = {
    4400: "the service could not make sense of this client",
    4403: "not a member of the timeline's workspace",
    4409: "the same client connected elsewhere",
    4410: "this client is too old for the service",
}
"""Close codes after which connecting again would end the same way."""
FORBIDDEN: Final = 403


class Traffic(Protocol):
    """Who speaks through a link."""

    def hello(self, token: str) -> dict[str, Any]:
        """The first frame of a connection."""

    def receive(self, frame: dict[str, Any]) -> None:
        """A frame came."""

    def disconnected(self) -> None:
        """The connection is lost."""

    def before_sending(self) -> Awaitable[None]:
        """Until what was asked for is safe enough to be sent."""


class Lost(Exception):
    """The connection is over, with a close code or without one."""

    def __init__(self, code: int | None, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class Link:
    """`run` until `Stopped`; `status` is connecting, open, offline or closed."""

    def __init__(
        self,
        timeline_id: str,
        addresses: Addresses,
        token: Token,
        traffic: Traffic,
        *,
        chance: random.Random,
        clock: Callable[[], float],
    ) -> None:
        self.addresses = addresses
        self.status = "offline"
        self._timeline_id = timeline_id
        self._token = token
        self._traffic = traffic
        self._clock = clock
        self._backoff = Backoff(chance)
        self._out: deque[dict[str, Any]] = deque()
        self._hearsay: dict[str, Any] | None = None
        self._hearsay_due = 0.0
        self._something = asyncio.Event()
        self._over: asyncio.Future[Lost] | None = None
        self._reconnect_s: float | None = None
        self._refused_tokens = 0
        self._pinged: float | None = None

    # ---- from the traffic
    def send(self, frame: dict[str, Any]) -> None:
        """Send in order; nothing is kept over a lost connection."""
        if self._over is not None:
            self._out.append(frame)
            self._something.set()

    def send_hearsay(self, frame: dict[str, Any]) -> None:
        """Send what may be lost; the newest replaces the one before."""
        if self._over is not None:
            self._hearsay = frame
            self._something.set()

    def opened(self) -> None:
        """The welcome has come."""
        self.status = "open"
        self._refused_tokens = 0

    def move(self, reconnect_ms: int) -> None:
        """The process will stop: where the connection ends, go to another one, after so long."""
        self._reconnect_s = reconnect_ms / 1000

    def cut(self, reason: str) -> None:
        """Give this connection up and open another."""
        if self._over is not None and not self._over.done():
            self._over.set_result(Lost(None, reason))

    # ---- connections, one after the other
    async def run(self) -> None:
        """Connect, and connect again. Raises Stopped where that has no purpose."""
        while True:
            began = self._clock()
            self.status = "connecting"
            try:
                lost = await self._connection()
            finally:
                self.status = "offline"
                self._out.clear()
                self._traffic.disconnected()
            self._backoff.lasted(self._clock() - began)
            await asyncio.sleep(self._wait_s(lost))

    def _wait_s(self, lost: Lost) -> float:
        """Seconds until the next attempt. Raises Stopped."""
        if lost.code in FINAL:
            raise Stopped(lost.code, lost.reason or FINAL[lost.code])
        reconnect_s, self._reconnect_s = self._reconnect_s, None
        if lost.code == UNAUTHENTICATED:
            self._refused_tokens += 1
            if isinstance(self._token, str) or self._refused_tokens >= TOKENS:
                raise Stopped(lost.code, lost.reason)
            return 0.0 if self._refused_tokens == 1 else self._backoff.wait_s()
        if lost.code == FLOOD:
            self._backoff.tire()
        self.addresses.move_on()
        return self._backoff.wait_s() if reconnect_s is None else reconnect_s

    async def _connection(self) -> Lost:
        """One connection, from the handshake to its end."""
        try:
            token = await read_token(self._token)
            async with connect(
                self.addresses.stream(self._timeline_id),
                open_timeout=OPEN_WITHIN_S,
                close_timeout=CLOSE_WITHIN_S,
                ping_interval=None,  # the protocol has pings of its own
                max_size=LARGEST_FRAME,
            ) as socket:
                await socket.send(_text(self._traffic.hello(token)))
                return await self._talk(socket)
        except websockets.InvalidStatus as error:
            if error.response.status_code == FORBIDDEN:
                raise Stopped(None, "the service refuses this origin, or there is no such timeline") from error
            return Lost(None, str(error))
        except (OSError, TimeoutError, websockets.WebSocketException, httpx2.HTTPError, RequestFailed) as error:
            return Lost(None, repr(error))

    async def _talk(self, socket: ClientConnection) -> Lost:
        self._over = asyncio.get_running_loop().create_future()
        self._hearsay = None
        self._pinged = None
        work: list[Coroutine[Any, Any, None]] = [self._read(socket), self._write(socket)]
        tasks: set[asyncio.Future[Any]] = {asyncio.create_task(one) for one in work}
        try:
            await asyncio.wait({*tasks, self._over}, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
            return self._over.result()
        except websockets.ConnectionClosed:
            return Lost(socket.close_code, socket.close_reason or "")
        finally:
            self._over = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, socket: ClientConnection) -> None:
        async with contextlib.AsyncExitStack() as stack:
            while True:
                frame = orjson.loads(await socket.recv())
                if frame["t"] == "pong":
                    self._pinged = None
                    continue
                self._traffic.receive(frame)
                if frame["t"] == "welcome":
                    pings = asyncio.create_task(self._ping(frame["ping_ms"] / 1000))
                    stack.callback(pings.cancel)

    async def _write(self, socket: ClientConnection) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            await self._traffic.before_sending()
            while self._out:
                await socket.send(_text(self._out.popleft()))
            if self._hearsay is not None:
                await self._pass_hearsay(socket)

    async def _pass_hearsay(self, socket: ClientConnection) -> None:
        """As often as the service passes it on; a mouse moves more often, and too many messages end a connection."""
        loop = asyncio.get_running_loop()
        left = self._hearsay_due - loop.time()
        if left > 0:
            loop.call_later(left, self._something.set)
            return
        frame, self._hearsay = self._hearsay, None
        self._hearsay_due = loop.time() + HEARSAY_S
        await socket.send(orjson.dumps(frame).decode())

    async def _ping(self, every_s: float) -> None:
        """A peer that vanished without a word is found by its silence."""
        number = 0
        while True:
            await asyncio.sleep(min(every_s, DEAD_AFTER_S))
            now = self._clock()
            if self._pinged is None:
                number += 1
                self._pinged = now
                self.send({"t": "ping", "n": number})
            elif now - self._pinged >= DEAD_AFTER_S:
                self.cut("a ping was not answered for twenty seconds")


def _text(frame: dict[str, Any]) -> str:
    return orjson.dumps(frame).decode()
