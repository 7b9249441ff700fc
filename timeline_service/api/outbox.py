"""What waits to be sent to one socket: bounded, so that a reader who stalls costs a megabyte and nobody else's time."""

import asyncio
from collections import deque
from typing import Final

from timeline_service.api.framing import Now
from timeline_service.api.protocol import Close

TOGETHER: Final = 64 * 1024
"""Bytes that are handed to the socket at once; what is beyond waits here, where it is counted."""


def size_of(text: str) -> int:
    """Bytes of a text as UTF-8, at no cost where it is ASCII."""
    return len(text) if text.isascii() else len(text.encode())


class Outbox:
    """Frames in order, and the newest presence of each other session. Only `next` waits.

    With `now` a frame before which nothing waits is not put here at all: it goes to the socket at once, and the writer
    is not woken. To wake one task for each socket cost more than to write.
    """

    def __init__(self, *, max_frames: int, max_bytes: int, now: Now | None = None) -> None:
        self._now = now
        self._handed = False
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._presence: dict[str, str] = {}
        self._something = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._ended = asyncio.Event()
        self._over = False  # the same, for who asks it of every socket
        self.code = 1000
        self.reason = ""

    def put(self, frame: bytes) -> None:
        """Add a JSON text, in UTF-8. Where it does not fit, all are dropped and the socket is to be closed as slow."""
        if self._over:
            return
        if self._now is not None and not self._frames and not self._handed and self._now(frame):
            return
        size = len(frame)
        if len(self._frames) >= self._max_frames or (self._frames and self._bytes + size > self._max_bytes):
            self._give_up()
            return
        self._frames.append(frame)
        self._bytes += size
        self._empty.clear()
        self._something.set()

    def check_waiting(self, frames: int, size: int) -> bool:
        """Whether so many frames of so many bytes may wait elsewhere until they can be put; if not, it is too slow."""
        if not self._ended.is_set() and (frames > self._max_frames or size > self._max_bytes):
            self._give_up()
        return not self._ended.is_set()

    def _give_up(self) -> None:
        self._frames.clear()
        self.end(Close.SLOW, "too slow: connect again with after_version")

    def put_presence(self, sender: str, frame: str) -> None:
        """Add what may be lost: the newest per sender, sent when nothing else waits."""
        if not self._ended.is_set():
            self._presence[sender] = frame
            self._something.set()

    def forget_presence(self, sender: str) -> None:
        """Do not send what waits of it: something newer is said otherwise."""
        self._presence.pop(sender, None)

    @property
    def closing(self) -> bool:
        """Whether the socket is to be closed."""
        return self._ended.is_set()

    def end(self, code: int, reason: str) -> None:
        """Close after what waits. The first reason stays."""
        if not self._ended.is_set():
            self.code, self.reason = code, reason
            self._presence.clear()
            self._over = True
            self._ended.set()
            self._empty.set()
            self._something.set()

    async def ended(self) -> None:
        """Until the socket is to be closed."""
        await self._ended.wait()

    async def drained(self) -> None:
        """Until all frames have been handed to the writer, or the socket is to be closed."""
        await self._empty.wait()

    async def next(self) -> list[bytes]:
        """The next frames to send, when there are any; none when all are sent and the socket is to be closed."""
        self._handed = False
        while True:
            if self._frames:
                self._handed = True
                return self._take()
            self._empty.set()
            if self._ended.is_set():
                return []
            if self._presence:
                self._handed = True
                return self._take_presence()
            self._something.clear()
            await self._something.wait()

    def _take_presence(self) -> list[bytes]:
        taken: list[bytes] = []
        size = 0
        while self._presence and size < TOGETHER:
            taken.append(self._presence.pop(next(iter(self._presence))).encode())
            size += len(taken[-1])
        return taken

    def _take(self) -> list[bytes]:
        taken = [self._frames.popleft()]
        size = len(taken[0])
        while self._frames and size + len(self._frames[0]) <= TOGETHER:
            taken.append(self._frames.popleft())
            size += len(taken[-1])
        self._bytes -= size
        return taken
