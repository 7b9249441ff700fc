"""JSON texts as WebSocket frames, from the service to a client: without mask, one frame each, many in one write."""

import struct
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import WebSocket

EXTENSION: Final = "timeline.frames"
"""In the scope of a server that takes frames as they go over the wire (embedded.sockets)."""
WRITE_NOW: Final = "write_now"
"""In that extension: `bytes -> bool`, see Now."""
_FINAL_TEXT: Final = 0x81
_MEDIUM: Final = struct.Struct(">BBH")
_LARGE: Final = struct.Struct(">BBQ")

Send = Callable[[list[bytes]], Awaitable[None]]
"""Sends JSON texts, in UTF-8, in their order."""
Now = Callable[[bytes], bool]
"""Sends a JSON text at once and says True, or does nothing: when the socket has not taken what it was given before."""


def head(size: int) -> bytes:
    """What stands before so many bytes of text."""
    if size < 126:
        return bytes((_FINAL_TEXT, size))
    if size < 65_536:
        return _MEDIUM.pack(_FINAL_TEXT, 126, size)
    return _LARGE.pack(_FINAL_TEXT, 127, size)


def framed(texts: list[bytes]) -> bytes:
    """The texts as frames, one behind the other."""
    pieces: list[bytes] = []
    for text in texts:
        pieces += (head(len(text)), text)
    return b"".join(pieces)


def sender(websocket: WebSocket) -> Send:
    """The best way that the server of this socket has. Raises what sending raises: the socket may be gone."""

    async def send_frames(texts: list[bytes]) -> None:
        await websocket.send({"type": "websocket.send", "frames": framed(texts)})

    async def send_each(texts: list[bytes]) -> None:
        for text in texts:
            await websocket.send_text(text.decode())

    return send_frames if EXTENSION in websocket.scope.get("extensions", {}) else send_each


def writer_now(websocket: WebSocket) -> Now | None:
    """How to send without a task being woken for it; None where the server has no such way."""
    found: Now | None = websocket.scope.get("extensions", {}).get(EXTENSION, {}).get(WRITE_NOW)
    return found


class Newest:
    """The newest text as a frame: what is said to a room is said to all its sockets in turn, and framed once."""

    text: bytes = b""
    frame: bytes = framed([b""])

    @classmethod
    def framed(cls, text: bytes) -> bytes:
        """The text as a frame."""
        if cls.text is not text:
            cls.text, cls.frame = text, framed([text])
        return cls.frame
