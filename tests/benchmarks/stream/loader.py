"""The loader: many WebSockets in one process, the same for every server, too cheap to be what is measured.

A client sends whole frames with an empty mask. What comes back is not parsed: a server's frames are unmasked, so the
eight digits of a marker stand in the bytes of the connection as the server wrote them. The clock starts when a message
is written, and stops when its marker, or the acknowledgement of the server's protocol, has been read.
"""

import asyncio
import base64
import os
import re
import resource
import struct
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

MARKER: Final = re.compile(rb"mark([0-9a-f]{8})")
REFUSED: Final = b'"ok":false'
MARKER_BYTES: Final = 12
QUIET_S: Final = 5.0
"""How long to wait when all is sent and nothing comes any more."""
LONGEST_S: Final = 20.0
"""How long to wait in all for a server that has fallen behind."""


class Dialect(Protocol):
    """How one server is spoken to. `number` is the socket's, from 0."""

    @property
    def ready(self) -> bytes:
        """What a socket has to have read before it may send."""

    def path(self, number: int) -> str:
        """Where the socket connects."""

    def greeting(self, number: int) -> list[bytes]:
        """Frames to send after the handshake."""

    def acknowledgement(self, number: int) -> bytes | None:
        """What the server sends this socket for each of its messages, in their order; None: its own marker."""

    def message(self, number: int, turn: int, marker: bytes) -> bytes:
        """The frame with the socket's gesture number `turn`."""

    def room(self, number: int) -> int:
        """Sockets of one room hear each other."""


def frame(data: bytes, opcode: int = 1) -> bytes:
    """A client's frame. The mask is zero, which leaves the data as it is; servers unmask it all the same."""
    size = len(data)
    if size < 126:
        head = struct.pack(">BB", 0x80 | opcode, 0x80 | size)
    elif size < 65_536:
        head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + b"\0\0\0\0" + data


@dataclass(slots=True)
class Times:
    """When each marker was sent, and seconds until its acknowledgement and until each other client had it."""

    clock: Callable[[], float]
    senders: list[int] = field(default_factory=list)
    sent: "array[float]" = field(default_factory=lambda: array("d"))
    acks: "array[float]" = field(default_factory=lambda: array("d"))
    deliveries: "array[float]" = field(default_factory=lambda: array("d"))
    refused: int = 0
    late: float = 0.0
    """The most that the loader itself was behind its plan, in seconds."""


class Socket(asyncio.Protocol):
    """One client. `watches`: whether it looks for the markers of others."""

    def __init__(self, dialect: Dialect, number: int, times: Times, base: int, *, watches: bool) -> None:
        self._dialect = dialect
        self._times = times
        self._base = base
        self._ack = dialect.acknowledgement(number)
        self._watches = watches
        self._tail_bytes = max(len(self._ack or b""), len(REFUSED), MARKER_BYTES) - 1
        self._tail = b""
        self._waiting: deque[int] = deque()
        self._turn = 0
        self._more: Callable[[Socket], None] | None = None
        self.number = number
        self.ready = asyncio.get_running_loop().create_future()
        self.lost = False
        self._transport: asyncio.Transport | None = None

    @property
    def outstanding(self) -> int:
        return len(self._waiting)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        host, port = transport.get_extra_info("peername")[:2]
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._dialect.path(self.number)} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"{type(self._dialect).__name__}: {self._tail[-300:]!r}"))

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            self._greet(data)
            return
        now = self._times.clock()
        seen, old = self._tail + data, len(self._tail)
        # What is looked for may have begun in the bytes before, but not ended in them: so nothing is found twice.
        if self._watches or self._ack is None:
            self._take_markers(seen, max(0, old - MARKER_BYTES + 1), now)
        if self._waiting and self._ack is not None:
            self._take_acks(seen.count(self._ack, max(0, old - len(self._ack) + 1)), now)
            self._times.refused += seen.count(REFUSED, max(0, old - len(REFUSED) + 1))
        self._tail = seen[-self._tail_bytes :]

    def send(self) -> None:
        """The next message of this client."""
        times = self._times
        place = len(times.sent)
        message = self._dialect.message(self.number, self._turn, b"mark%08x" % (self._base + place))
        self._turn += 1
        self._waiting.append(place)
        times.senders.append(self.number)
        times.sent.append(times.clock())
        assert self._transport is not None
        self._transport.write(message)

    def keep_sending(self, more: "Callable[[Socket], None]") -> None:
        """Call `more` for every acknowledgement."""
        self._more = more

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _greet(self, data: bytes) -> None:
        before, self._tail = self._tail, self._tail + data
        assert self._transport is not None
        if b"\r\n\r\n" not in before and b"\r\n\r\n" in self._tail:
            for message in self._dialect.greeting(self.number):
                self._transport.write(message)
        _, _, body = self._tail.partition(b"\r\n\r\n")
        if self._tail.startswith(b"HTTP/1.1 101") and body and self._dialect.ready in body:
            self._tail = b""
            self.ready.set_result(None)

    def _take_markers(self, seen: bytes, start: int, now: float) -> None:
        times, base, own = self._times, self._base, self.number
        room = self._dialect.room
        for found in MARKER.findall(seen, start):
            place = int(found, 16) - base
            if place < 0:
                continue  # of a cell before this one
            sender = times.senders[place]
            if sender != own:
                if room(sender) == room(own):
                    times.deliveries.append(now - times.sent[place])
            elif self._ack is None and place in self._waiting:
                # Some servers send one message before another: the oldest need not come first.
                self._waiting.remove(place)
                self._waiting.appendleft(place)
                self._take_acks(1, now)

    def _take_acks(self, count: int, now: float) -> None:
        times = self._times
        for _ in range(min(count, len(self._waiting))):
            times.acks.append(now - times.sent[self._waiting.popleft()])
            if self._more is not None:
                self._more(self)


@dataclass(frozen=True, slots=True)
class Load:
    """What one cell of the table sent and got; times in seconds."""

    offered: float
    seconds: float
    sent: int
    acks: Sequence[float]
    deliveries: Sequence[float]
    refused: int
    lost: int
    late: float
    loader_cpu_s: float


class Clients:
    """Sockets that are open; use as an async context manager."""

    def __init__(self, dialect: Dialect, port: int, count: int, *, base: int, watchers: int | None = None) -> None:
        self._dialect, self._port, self._count = dialect, port, count
        self._base = base
        self._watchers = count if watchers is None else watchers
        self.times = Times(time.perf_counter)
        self.sockets: list[Socket] = []

    async def __aenter__(self) -> "Clients":
        loop = asyncio.get_running_loop()
        for number in range(self._count):
            watches = number < self._watchers

            def make(number: int = number, watches: bool = watches) -> Socket:
                return Socket(self._dialect, number, self.times, self._base, watches=watches)

            _, socket = await loop.create_connection(make, "127.0.0.1", self._port)
            self.sockets.append(socket)
            async with asyncio.timeout(30):
                await socket.ready
        return self

    async def __aexit__(self, *_: object) -> None:
        for socket in self.sockets:
            socket.close()
        await asyncio.sleep(0.05)

    async def at_rate(self, rate: float, seconds: float) -> Load:
        """Open loop: so many messages a second of all clients in turn, whatever comes back."""
        times, clock = self.times, self.times.clock
        cpu, began = used_s(), clock()
        for turn in range(round(rate * seconds)):
            due = began + turn / rate
            wait = due - clock()
            if wait > 0.0005:
                await asyncio.sleep(wait)
            times.late = max(times.late, clock() - due)
            self.sockets[turn % len(self.sockets)].send()
        took = clock() - began
        await self._quiet()
        return self._load(rate, took, cpu)

    async def pipelined(self, window: int, seconds: float) -> Load:
        """Closed loop: every client has `window` messages on their way until the time is over."""
        clock = self.times.clock
        cpu, began = used_s(), clock()
        until = began + seconds

        def more(socket: Socket) -> None:
            if clock() < until:
                socket.send()

        for socket in self.sockets:
            socket.keep_sending(more)
            for _ in range(window):
                socket.send()
        await asyncio.sleep(seconds)
        # What was on its way at the end counts with the time that it took.
        await self._quiet(deliveries=False)
        return self._load(0.0, clock() - began, cpu)

    async def _quiet(self, *, deliveries: bool = True) -> None:
        times, clock = self.times, self.times.clock
        began = changed = clock()
        seen = (-1, -1)
        wanted = self._wanted() if deliveries else 0
        while any(socket.outstanding for socket in self.sockets) or len(times.deliveries) < wanted:
            counts = (len(times.acks), len(times.deliveries))
            if counts != seen:
                changed, seen = clock(), counts
            if (
                clock() - changed > QUIET_S
                or clock() - began > LONGEST_S
                or all(socket.lost for socket in self.sockets)
            ):
                return
            await asyncio.sleep(0.002)

    def _wanted(self) -> int:
        room = self._dialect.room
        listeners: dict[int, list[int]] = {}
        for number in range(min(self._watchers, self._count)):
            listeners.setdefault(room(number), []).append(number)
        per_sender = {
            socket.number: sum(number != socket.number for number in listeners.get(room(socket.number), []))
            for socket in self.sockets
        }
        return sum(per_sender[sender] for sender in self.times.senders)

    def _load(self, rate: float, seconds: float, cpu: float) -> Load:
        times = self.times
        return Load(
            offered=rate,
            seconds=seconds,
            sent=len(times.sent),
            acks=times.acks,
            deliveries=times.deliveries,
            refused=times.refused,
            lost=sum(socket.lost for socket in self.sockets),
            late=times.late,
            loader_cpu_s=used_s() - cpu,
        )


def used_s() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; nan of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
