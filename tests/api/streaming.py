"""A client of the stream for tests: the real `websockets` library, one JSON message at a time.

Everything that the service says is held to the models of the protocol.
"""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.api.conftest import Studio
from timeline_service.api.protocol import ANSWER

WITHIN_S = 20


class Stream:
    """An open socket. `version` follows the events that were received; a gap fails the test."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.version = 0
        self.welcome: dict[str, Any] = {}
        self.sizes: list[int] = []
        """Bytes of what was received."""
        self.items: list[dict[str, Any]] = []

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        text = await self.socket.recv(decode=True)
        message: dict[str, Any] = json.loads(text)
        ANSWER.validate_json(text)
        self.sizes.append(len(text.encode()))
        if message["t"] == "events" and message["items"]:
            self.items += message["items"]
        return message

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next message of this kind with these fields; what comes before it is taken in."""
        while True:
            message = await self.receive()
            if message["t"] == "events" and message["items"]:
                assert message["from"] == self.version + 1, "a gap in the events"
                assert [item["version"] for item in message["items"]] == list(range(message["from"], message["to"] + 1))
                self.version = message["to"]
            if message["t"] == kind and all(message.get(name) == value for name, value in fields.items()):
                return message

    async def snapshot(self) -> dict[str, Any]:
        """The snapshot that comes next, but for presence and leases; `data` of all its parts joined."""
        whole = await self._part()
        for part in range(2, whole["parts"] + 1):
            more = await self._part()
            assert (more["part"], more["version"]) == (part, whole["version"])
            for name, records in more["data"].items():
                whole["data"][name] += records
        return whole

    async def _part(self) -> dict[str, Any]:
        while (message := await self.receive())["t"] in {"presence", "lease"}:
            pass
        assert message["t"] == "snapshot", message
        return message

    async def until_version(self, version: int) -> None:
        while self.version < version:
            await self.until("events")

    async def closed(self) -> int:
        """The code with which the service closes the socket."""
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code


def address(service_url: str, timeline_id: str) -> str:
    return f"{service_url.replace('http', 'ws', 1)}/api/v1/timelines/{timeline_id}/stream"


@contextlib.asynccontextmanager
async def raw(service_url: str, timeline_id: str, **options: Any) -> AsyncIterator[Stream]:
    """A socket that has not said hello."""
    options = {"open_timeout": WITHIN_S, "close_timeout": 2, "max_size": 2**24, "max_queue": None, **options}
    async with connect(address(service_url, timeline_id), **options) as socket:
        yield Stream(socket)


@contextlib.asynccontextmanager
async def opened(service_url: str, timeline_id: str, token: str, **hello: Any) -> AsyncIterator[Stream]:
    """A socket after its welcome; `version` is where the events go on from."""
    async with raw(service_url, timeline_id) as stream:
        await stream.send(t="hello", proto=1, token=token, **hello)
        welcome = await stream.receive()
        assert welcome["t"] == "welcome", welcome
        stream.welcome = welcome
        if welcome["mode"] == "snapshot":
            stream.version = (await stream.snapshot())["version"]
        else:
            stream.version = hello["after_version"]
        yield stream


async def add_markers(studio: Studio, batches: int, note: str) -> None:
    """A hundred events per batch; each holds the note twice."""
    for batch in range(batches):
        await studio.apply(
            *[
                {
                    "type": "add_marker",
                    "parent_id": studio.timeline_id,
                    "time": 100 * batch + n,
                    "comment": note,
                    "name": note,
                }
                for n in range(100)
            ]
        )
