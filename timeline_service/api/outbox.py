"""What waits to be sent to one socket: bounded, so that a reader who stalls costs a megabyte and nobody else's time."""

import asyncio
from collections import deque

from timeline_service.api.protocol import Close


def size_of(text: str) -> int:
    """Bytes of a text as UTF-8, at no cost where it is ASCII."""
    return len(text) if text.isascii() else len(text.encode())


class Outbox:
    """Frames in order, and the newest presence of each other session. Only `next` waits."""

    def __init__(self, *, max_frames: int, max_bytes: int) -> None:
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: deque[str] = deque()
        self._bytes = 0
        self._presence: dict[str, str] = {}
        self._something = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._ended = asyncio.Event()
        self.code = 1000
        self.reason = ""

    def put(self, frame: str) -> None:
        """Add a frame. Where it does not fit any more, all are dropped and the socket is to be closed as slow."""
        if self._ended.is_set():
            return
        size = size_of(frame)
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

    @property
    def closing(self) -> bool:
        """Whether the socket is to be closed."""
        return self._ended.is_set()

    def end(self, code: int, reason: str) -> None:
        """Close after what waits. The first reason stays."""
        if not self._ended.is_set():
            self.code, self.reason = code, reason
            self._presence.clear()
            self._ended.set()
            self._empty.set()
            self._something.set()

    async def ended(self) -> None:
        """Until the socket is to be closed."""
        await self._ended.wait()

    async def drained(self) -> None:
        """Until all frames have been handed to the writer, or the socket is to be closed."""
        await self._empty.wait()

    async def next(self) -> str | None:
        """The next frame to send, when there is one; None when all is sent and the socket is to be closed."""
        while True:
            if self._frames:
                frame = self._frames.popleft()
                self._bytes -= size_of(frame)
                return frame
            self._empty.set()
            if self._ended.is_set():
                return None
            if self._presence:
                return self._presence.pop(next(iter(self._presence)))
            self._something.clear()
            await self._something.wait()
