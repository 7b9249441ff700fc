"""Frames from a client in whatever pieces they come: the application gets the same messages as from the library alone."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.frames import Frame, Opcode

from tests.serving import listening
from timeline_service.embedded.sockets import FramesProtocol, size_of_frame

LARGEST: Final = 200_000
HANDSHAKE: Final = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PROTOCOLS: Final[list[Any]] = [FramesProtocol, "websockets-sansio"]


def sent(opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=mask)


def text(words: str) -> bytes:
    return sent(Opcode.TEXT, words.encode())


MIXED: Final = b"".join(
    (
        text("a"),
        text(""),
        text("é" * 63),
        text("x" * 126),
        text("y" * 65_535),
        text("z" * 65_536),
        sent(Opcode.PING, b"still there?"),
        sent(Opcode.TEXT, "in ü".encode()[:-1], fin=False),
        sent(Opcode.PING, b"between"),
        sent(Opcode.CONT, "ü".encode()[1:] + b" pieces"),
        sent(Opcode.BINARY, b"\x00\xff"),
        *(text(f"number {number}") for number in range(50)),
        text("end"),
    )
)
WANTED: Final = [
    "a", "", "é" * 63, "x" * 126, "y" * 65_535, "z" * 65_536, "in ü pieces", b"\x00\xff",
    *(f"number {number}" for number in range(50)), "end",
]  # fmt: skip


@contextlib.asynccontextmanager
async def conversation(
    protocol: Any, heard: list[Any]
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client of an application that notes what it gets, until a text is `end`, or how the socket was closed."""

    async def note(websocket: WebSocket) -> None:
        await websocket.accept()
        while heard[-1:] != ["end"]:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                heard.append(message["code"])
                return
            told = message.get("text")
            heard.append(message["bytes"] if told is None else told)
        await websocket.close()

    listener = listening()
    config = uvicorn.Config(
        Starlette(routes=[WebSocketRoute("/", note)]), ws=protocol, ws_per_message_deflate=False,
        ws_max_size=LARGEST, lifespan="off", log_level="critical",
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        async with asyncio.timeout(30):
            writer.write(HANDSHAKE)
            await reader.readuntil(b"\r\n\r\n")
            yield reader, writer
    finally:
        writer.transport.abort()
        server.should_exit = True
        await task
        listener.close()


def whole(data: bytes) -> list[bytes]:
    return [data]


def bytewise(data: bytes) -> list[bytes]:
    return [data[place : place + 1] for place in range(400)] + [data[400:]]


def by_chance(data: bytes) -> list[bytes]:
    dice, pieces = random.Random(7), []
    while data:
        size = dice.choice([1, 2, 3, 7, 130, 5_000, 70_000])
        pieces.append(data[:size])
        data = data[size:]
    return pieces


@pytest.mark.parametrize("cut", [whole, bytewise, by_chance])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_messages_arrive_whole_and_in_order(protocol: Any, cut: Callable[[bytes], list[bytes]]) -> None:
    heard: list[Any] = []
    async with conversation(protocol, heard) as (reader, writer):
        for piece in cut(MIXED):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        answered = await reader.read()
    assert heard == WANTED
    assert [answered.count(said) for said in (b"still there?", b"between")] == [1, 1], "pings are answered"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (sent(Opcode.TEXT, b"\xff\xfe"), 1007),
        (sent(Opcode.TEXT, b"no mask", mask=False), 1002),
        (b"\xc1\x80\0\0\0\0", 1002),  # a reserved bit
        (sent(Opcode.CONT, b"of nothing"), 1002),
        (sent(Opcode.TEXT, b"begun", fin=False) + text("another"), 1002),
        (b"\x81\xff" + (LARGEST + 1).to_bytes(8, "big") + b"\0\0\0\0", 1009),
        (sent(Opcode.CLOSE, b"\x03\xe9bye") + text("after the end"), 1001),
    ],
    ids=["not UTF-8", "no mask", "reserved bit", "continues nothing", "two begun", "too large", "ends"],
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_what_is_wrong_closes_the_socket_as_in_the_library(protocol: Any, wrong: bytes, code: int) -> None:
    heard: list[Any] = []
    async with conversation(protocol, heard) as (reader, writer):
        writer.write(text("before"))
        while not heard:
            await asyncio.sleep(0.01)
        writer.write(wrong)
        await reader.read()
        while len(heard) < 2:
            await asyncio.sleep(0.01)
    assert heard == ["before", code]


def test_the_size_of_a_frame_is_known_from_its_head() -> None:
    for size in (0, 1, 125, 126, 65_535, 65_536):
        for mask in (True, False):
            data = sent(Opcode.TEXT, bytes(size), mask=mask)
            assert size_of_frame(data) == len(data)
            assert size_of_frame(data[:1]) is None
