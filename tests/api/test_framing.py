"""Texts as frames: a client's library reads what was sent, whichever way the server has."""

import asyncio

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from tests.serving import address, listening
from timeline_service.api import framing
from timeline_service.embedded import sockets
from timeline_service.embedded.sockets import FramesProtocol

TEXTS = ["", "a", "x" * 125, "y" * 126, "é" * 63, "z" * 65_535, "ü" * 32_768, "w" * 200_000]


@pytest.mark.parametrize("protocol", [FramesProtocol, "websockets-sansio"])
async def test_texts_of_every_length_arrive_in_order(protocol: str) -> None:
    extensions: list[bool] = []

    async def answer(websocket: WebSocket) -> None:
        await websocket.accept()
        extensions.append(framing.EXTENSION in websocket.scope["extensions"])
        send = framing.sender(websocket)
        await send([text.encode() for text in TEXTS[:3]])
        await websocket.send_text("in between")
        for text in TEXTS[3:]:
            await send([text.encode()])
        await websocket.close(4403)

    listener = listening()
    app = Starlette(routes=[WebSocketRoute("/", answer)])
    config = uvicorn.Config(app, ws=protocol, ws_per_message_deflate=False, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with connect(address(listener).replace("http", "ws"), max_size=2**20) as socket:
            received = [await socket.recv() for _ in range(len(TEXTS) + 1)]
            assert received == [*TEXTS[:3], "in between", *TEXTS[3:]]
            await socket.wait_closed()
            assert socket.close_code == 4403
    finally:
        server.should_exit = True
        await task
        listener.close()
    assert extensions == [protocol is FramesProtocol]


def test_frames_stand_one_behind_the_other() -> None:
    assert framing.framed([b"{}", b"[]"]) == b"\x81\x02{}\x81\x02[]"


async def test_who_does_not_read_is_cut_off_when_the_application_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing waits for what was not read, which is for ever."""
    monkeypatch.setattr(sockets, "LINGER_S", 0.05)
    ended = asyncio.Event()

    async def pour(websocket: WebSocket) -> None:
        await websocket.accept()
        await framing.sender(websocket)([b"x" * 16_000_000])
        ended.set()

    listener = listening()
    app = Starlette(routes=[WebSocketRoute("/", pour)])
    server = uvicorn.Server(uvicorn.Config(app, ws=FramesProtocol, lifespan="off", log_level="warning"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        async with asyncio.timeout(20):
            key = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            key += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            writer.write(key.encode())
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await ended.wait()
            while server.server_state.connections:
                await asyncio.sleep(0.01)
    finally:
        writer.transport.abort()
        server.should_exit = True
        await task
        listener.close()
