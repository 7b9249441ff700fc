"""uvicorn's WebSocket protocol, which also takes frames as they go over the wire: one write for many of them.

A stream sends what waits in its outbox in one ASGI message, `{"type": "websocket.send", "frames": bytes}`, where the
scope has the extension `timeline.frames`. The way through the WebSocket library, message by message, took half of the
time of telling a room what was committed.
"""

from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from timeline_service.api.framing import EXTENSION, WRITE_NOW

LINGER_S: Final = 10.0
"""How long what was sent last may take to be read, the close among it."""


class FramesProtocol(WebSocketsSansIOProtocol):
    """As uvicorn's own, without compression: a frame is the same bytes for everybody."""

    def handle_connect(self, event: Request) -> None:
        """The handshake; the scope says that frames are taken."""
        super().handle_connect(event)
        if self.handshake_initiated and hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = {WRITE_NOW: self.write_now}

    def write_now(self, frames: bytes) -> bool:
        """Write frames without waiting, where little waits to be sent; else False, and nothing is written."""
        if not self.handshake_complete or self.disconnected or self.close_sent or not self.writable.is_set():
            return False
        self.transport.write(frames)
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
