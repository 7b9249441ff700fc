"""uvicorn's WebSocket protocol, which also takes frames as they go over the wire: one write for many of them.

A stream sends what waits in its outbox in one ASGI message, `{"type": "websocket.send", "frames": bytes}`, where the
scope has the extension `timeline.frames`. The way through the WebSocket library, message by message, took half of the
time of telling a room what was committed.

What comes in is cut into frames here; a message that is one frame goes to the application, all else to the library.
"""

from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import apply_mask  # type: ignore[attr-defined]  # C where it is built, else Python
from websockets.http11 import Request
from websockets.protocol import State

from timeline_service.api.framing import EXTENSION, WRITE_NOW, Newest

LINGER_S: Final = 10.0
"""How long what was sent last may take to be read, the close among it."""
QUEUED: Final = 8
"""Messages that wait for the application before no more are read from the socket."""
_TEXT: Final = 0x81
_MASKED: Final = 0x80
_MEDIUM, _LARGE = 126, 127


def size_of_frame(data: bytes | bytearray) -> int | None:
    """The bytes of the frame that begins here, header and mask included; None where too few are here to tell."""
    if len(data) < 2:
        return None
    mask, length = (4 if data[1] & _MASKED else 0), data[1] & 0x7F
    if length < _MEDIUM:
        return 2 + mask + length
    header = 4 if length == _MEDIUM else 10
    return None if len(data) < header else header + mask + int.from_bytes(data[2:header], "big")


class FramesProtocol(WebSocketsSansIOProtocol):
    """As uvicorn's own, without compression: a frame is the same bytes for everybody."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._begun = bytearray()
        self._wanted = 0
        self._whole = True

    def data_received(self, data: bytes) -> None:
        """Bytes from the peer: frame by frame, whatever pieces they come in."""
        if not self.handshake_initiated or not self._whole:
            super().data_received(data)
            # Bytes behind the handshake, which nobody may send before it is answered: let the library take them all.
            self._whole = self._whole and not self.conn.reader.buffer
            return
        if self._begun:
            self._begun += data  # a frame may come in a million pieces: they are not put together for each
            if len(self._begun) < self._wanted:
                return
            data, self._begun = bytes(self._begun), bytearray()
        while data and not self.transport.is_closing():
            size = size_of_frame(data)
            if size is not None and size > self.config.ws_max_size:
                self._whole = False
                super().data_received(data)
                return
            if size is None or len(data) < size:
                self._begun, self._wanted = bytearray(data), size or 0
                return
            frame, data = (data, b"") if len(data) == size else (data[:size], data[size:])
            if not self._take_text(frame):
                super().data_received(frame)

    def _take_text(self, frame: bytes) -> bool:
        """Hand a message of one frame to the application; False, and nothing is done, if it is anything else."""
        length = frame[1] & 0x7F
        plain = frame[0] == _TEXT and frame[1] & _MASKED and length != _LARGE
        if not plain or self.conn.current_size is not None or self.conn.state is not State.OPEN or self.close_sent:
            return False
        start = 6 if length < _MEDIUM else 8
        try:
            text = apply_mask(frame[start:], frame[start - 4 : start]).decode()
        except UnicodeDecodeError:
            return False
        self.queue.put_nowait({"type": "websocket.receive", "text": text})
        if not self.read_paused and self.queue.qsize() >= QUEUED:
            self.read_paused = True
            self.transport.pause_reading()
        return True

    def handle_connect(self, event: Request) -> None:
        """The handshake; the scope says that frames are taken."""
        super().handle_connect(event)
        if self.handshake_initiated and hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = {WRITE_NOW: self.write_now}

    def write_now(self, text: bytes) -> bool:
        """Write a text without waiting, where little waits to be sent; else False, and nothing is written."""
        if not self.handshake_complete or self.disconnected or self.close_sent or not self.writable.is_set():
            return False
        self.transport.write(Newest.frame if text is Newest.text else Newest.framed(text))
        return True

    async def run_asgi(self) -> None:
        """The application, to its end. Closing waits for what a peer has not read: one who stalls is cut off."""
        await super().run_asgi()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Nobody answered a ping: the application is to know it, though bytes that wait will never be read."""
        super().keepalive_timeout()
        self.transport.abort()

    async def send(self, message: Any) -> None:
        """An ASGI message; frames wait, like any other, while the socket's buffer is full."""
        frames = message.get("frames")
        if frames is None:
            await super().send(message)
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.close_sent:
            raise ClientDisconnected
        self.transport.write(frames)
