"""docs/stream.md: what the client sends there is taken, and what the service sends looks as it says."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.api import streaming
from tests.api.conftest import Studio
from timeline_service.api import asyncapi, protocol, wire
from timeline_service.api.protocol import ANSWER, MESSAGE, Hello
from timeline_service.editing.pace import Frame

PAGE = Path(__file__).resolve().parents[2] / "docs" / "stream.md"
FENCE = re.compile(r"^```json ([CS]) (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CLIENT_KINDS = set(asyncapi.CLIENT) - {"pong"}
SERVICE_KINDS = set(asyncapi.SERVICE)

# What is inside is told in OpenAPI, or differs by gesture.
OPEN = {"data", "gesture", "changes", "details", "records"}


def examples(side: str) -> list[dict[str, Any]]:
    found = [(kind, json.loads(text)) for who, kind, text in FENCE.findall(PAGE.read_text()) if who == side]
    assert all(message["t"] == kind for kind, message in found)
    return [message for _, message in found]


def example(kind: str) -> dict[str, Any]:
    return next(message for message in examples("C") if message["t"] == kind)


def test_every_message_has_an_example() -> None:
    assert {message["t"] for message in examples("C")} == CLIENT_KINDS
    assert {message["t"] for message in examples("S")} == SERVICE_KINDS


@pytest.mark.parametrize("message", examples("C"), ids=lambda message: str(message["t"]))
def test_what_the_client_sends_is_as_the_models_have_it(message: dict[str, Any]) -> None:
    (Hello.model_validate_json if message["t"] == "hello" else MESSAGE.validate_json)(json.dumps(message))


@pytest.mark.parametrize("message", examples("S"), ids=lambda message: str(message["t"]))
def test_what_the_service_says_there_is_as_the_models_have_it(message: dict[str, Any]) -> None:
    if message["t"] == "events" and "changes" in message["items"][0]:
        message["items"][0] |= {"changes": [{}], "gesture": {}}
    ANSWER.validate_json(json.dumps(message))


def test_closing_codes_are_all_told() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d{4}) \|", PAGE.read_text(), re.MULTILINE)} == {
        code.value for code in protocol.Close
    }


def shape(value: Any) -> Any:
    """The names in a message, without what they say."""
    if isinstance(value, dict):
        return {name: None if name in OPEN else shape(inner) for name, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else None


def told(kind: str) -> list[Any]:
    return [shape(message) for message in examples("S") if message["t"] == kind]


async def test_a_session_goes_as_the_page_says(studio: Studio) -> None:
    """The examples of the client one after another on a real socket; each answer is shaped like an example."""
    bob = await studio.member("editor")
    where = (studio.service.url, studio.timeline_id)
    async with streaming.raw(*where) as stream:
        await stream.send(**example("hello") | {"token": studio.owner.token, "timeline_id": studio.timeline_id})
        assert shape(await stream.receive()) in told("welcome")
        stream.version = 3
        await stream.send(**example("push"))
        result = await stream.until("result", batch="b1")
        assert shape(result) in told("result"), result
        for one in result["r"]:
            wire.GestureResult.model_validate(one)
        [item] = [*stream.items] or (await stream.until("events"))["items"]
        assert shape({"t": "events", "from": 4, "to": 4, "items": [item]}) in told("events")
        for kind in ("undo", "redo", "restore"):
            await stream.send(**example(kind))
            done = await stream.until("result", batch=example(kind)["batch"])
            assert done["r"][0]["ok"] and shape(done) in told("result"), done
        await stream.send(**example("recv"))
        await stream.send(**example("pull"))
        pulled = [frame async for frame in frames(stream, "events", to=5)]
        assert len(pulled[-1]["items"]) <= 2
        await stream.send(**example("ping"))
        assert await stream.until("pong") in examples("S")
        async with streaming.opened(*where, bob.token, after_version=7) as other:
            assert shape(await stream.until("presence")) in told("presence")
            await stream.send(**example("presence"))
            seen = await other.until("presence", n=1)
            assert seen["preview"] == example("presence")["preview"] and shape(seen) in told("presence")
            await other.send(**example("lease"))
            assert shape(await other.until("lease")) in told("lease")
            assert shape(await stream.until("lease")) in told("lease")
            await stream.send(**example("lease"))
            assert shape(await stream.until("lease", code="leased")) in told("lease")
            await other.send(**example("lease") | {"do": "release"})
            assert await stream.until("lease", holder=None) in examples("S")
        await stream.send(t="push")
        assert shape(await stream.until("error")) in told("error")


async def test_s20_s23_what_is_large_and_what_is_missing(studio: Studio) -> None:
    note = {"type": "set_timeline", "metadata": {"note": "x" * 80_000}}
    async with streaming.opened(studio.service.url, studio.timeline_id, studio.owner.token, after_version=3) as stream:
        await studio.apply(note)
        assert shape(await stream.until("events")) in told("events")
        [receive] = studio.service.rooms.editing.hub._rooms[UUID(studio.timeline_id)].receivers
        receive(Frame(UUID(studio.timeline_id), 9, 9, b"{}"))
        assert shape(await stream.until("resync")) in told("resync")
    await streaming.add_markers(studio, 2, "x" * 900)  # 400 KB of state
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token)
        await stream.until("welcome")
        first = await stream.receive()
        assert (first["parts"], shape(first) in told("snapshot")) == (2, True)
    await streaming.add_markers(studio, 4, "x" * 900)
    for after, large in ((None, True), (600, False)):
        async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
            await stream.send(t="hello", token=studio.owner.token, after_version=after)
            mode = (await stream.receive())["mode"]
            following = await stream.receive()
            assert (mode, shape(following) in told("snapshot")) == (("snapshot", True) if large else ("replay", False))


async def frames(stream: streaming.Stream, kind: str, *, to: int) -> AsyncIterator[dict[str, Any]]:
    """Messages of a kind, up to the one that ends at a version."""
    while True:
        message = await stream.receive()
        if message["t"] == kind:
            yield message
            if message["to"] == to:
                return
