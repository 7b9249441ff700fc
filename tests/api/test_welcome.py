"""The welcome: the first frame of a session, what it says, and how the client is brought up to the head."""

import asyncio
import contextlib
import hashlib
from typing import Any

import pytest

from tests.api import streaming
from tests.api.conftest import Studio, add_clip, trim
from timeline_service.api import protocol
from timeline_service.api.protocol import PART_BYTES, Close
from timeline_service.kit import clock

JOINERS = 12


async def test_s05_the_welcome_comes_first_while_others_join_and_move(studio: Studio) -> None:
    where = (studio.service.url, studio.timeline_id)
    async with contextlib.AsyncExitStack() as stack:
        mover = await stack.enter_async_context(streaming.opened(*where, studio.owner.token))

        async def move() -> None:
            for number in range(1_000_000):
                await mover.send(t="presence", playhead=number)
                await asyncio.sleep(0.005)  # below the limit of a socket

        moving = asyncio.create_task(move())
        sockets = [await stack.enter_async_context(streaming.raw(*where)) for _ in range(JOINERS)]
        await asyncio.gather(*(one.send(t="hello", proto=1, token=studio.owner.token) for one in sockets))
        first = await asyncio.gather(*(one.receive() for one in sockets))
        moving.cancel()
        await asyncio.gather(moving, return_exceptions=True)
        assert {frame["t"] for frame in first} == {"welcome"}
        # Each pair knows of each other: the later one by its welcome, the earlier one by presence.
        known = [len(frame["peers"]) for frame in first]
        assert sorted(known) == list(range(1, JOINERS + 1))
        earliest = sockets[known.index(1)]
        assert [(await earliest.until("presence", here=True))["t"] for _ in range(JOINERS - 1)]


async def test_s05_a_long_tail_is_replayed_whole(studio: Studio) -> None:
    await streaming.add_markers(studio, 2, "x")
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token, after_version=3)
        assert (await stream.receive())["mode"] == "replay"
        stream.version = 3
        await stream.until_version(203)


async def test_s05_a_tail_of_many_bytes_is_a_snapshot(studio: Studio) -> None:
    await streaming.add_markers(studio, 1, "x" * 900)
    assert await mode(studio, after_version=3) == "snapshot"
    assert await mode(studio, after_version=80) == "replay"


async def test_s05_the_bounds_of_a_replay(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to so many events and bytes, both included; not from the future; not from before a restored backup."""
    await studio.apply(*[trim("c1") for _ in range(6)])
    monkeypatch.setattr(protocol, "REPLAY_EVENTS", 5)
    assert [await mode(studio, after_version=version) for version in (3, 4, 9, 10)] == [
        "snapshot", "replay", "replay", "snapshot"
    ]  # fmt: skip
    assert [await mode(studio, after_version=9, epoch=epoch) for epoch in ("0", "1", None)] == [
        "replay", "snapshot", "replay"
    ]  # fmt: skip
    async with streaming.opened(studio.service.url, studio.timeline_id, studio.owner.token, after_version=4) as stream:
        await stream.until_version(9)
        size = stream.sizes[-1]
    for most, expected in ((size, "replay"), (size - 1, "snapshot")):
        monkeypatch.setattr(protocol, "REPLAY_BYTES", most)
        assert await mode(studio, after_version=4) == expected


async def mode(studio: Studio, **hello: Any) -> Any:
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token, **hello)
        return (await stream.receive())["mode"]


async def test_s25_a_snapshot_comes_in_parts_that_join_to_the_whole(studio: Studio) -> None:
    await streaming.add_markers(studio, 4, "é" * 450)
    await studio.apply({"type": "add_track", "track_id": "v2", "kind": "video"}, add_clip("c2", 0, track_id="v2"))
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token)
        assert (await stream.receive())["mode"] == "snapshot"
        snapshot = await stream.snapshot()
        assert snapshot["parts"] > 2
        assert max(stream.sizes) <= PART_BYTES
        assert snapshot["data"] == await studio.owner.ok("GET", studio.timeline)
        stream.version = snapshot["version"]
        await studio.apply(trim("c1"))
        await stream.until_version(406)


async def test_s25_a_large_snapshot_is_an_address_and_a_checksum(studio: Studio) -> None:
    await streaming.add_markers(studio, 6, "x" * 900)
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token)
        assert (await stream.receive())["mode"] == "snapshot"
        snapshot = await stream.receive()
        assert (snapshot["version"], "data" in snapshot) == (603, False)
        await studio.apply(trim("c1"))  # the address is that of a version, whatever comes later
        fetched = await studio.owner.http.get(snapshot["url"])
        assert hashlib.sha256(fetched.content).hexdigest() == snapshot["sha256"]
        assert fetched.json()["version"] == 603


async def test_s25_a_record_larger_than_a_part_is_fetched(studio: Studio) -> None:
    for number in range(4):
        await studio.apply({"type": "set_timeline", "metadata": {f"note{number}": "x" * 90_000}})
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token)
        await stream.until("welcome")
        assert "url" in await stream.receive()


async def test_s27_the_welcome_says_what_can_be_undone(studio: Studio) -> None:
    bob = await studio.member("editor")
    await studio.apply(trim("c1", -10))
    await studio.apply({"type": "add_track", "track_id": "v2", "kind": "video"}, by=bob)
    listed = (await studio.owner.ok("GET", f"{studio.timeline}/events"))["items"]
    trimmed = next(item["description"] for item in listed if item["version"] == 4)
    for undone, said in (
        (False, {"can_undo": True, "can_redo": False, "label": trimmed}),
        (True, {"can_undo": True, "can_redo": True, "label": listed[2]["description"]}),
    ):
        if undone:
            await studio.owner.ok("POST", f"{studio.timeline}/undo", json={})
        async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
            await stream.send(t="hello", token=studio.owner.token, after_version=3)
            assert (await stream.receive())["undo"] == said
    viewer = await studio.member("viewer")
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=viewer.token)
        assert (await stream.receive())["undo"] == {"can_undo": False, "can_redo": False, "label": None}


async def test_s01_a_hello_names_its_timeline_in_any_spelling(studio: Studio) -> None:
    for spelling in (studio.timeline_id, studio.timeline_id.upper(), studio.timeline_id.replace("-", "")):
        async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
            await stream.send(t="hello", token=studio.owner.token, timeline_id=spelling)
            assert (await stream.receive())["t"] == "welcome"
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token, timeline_id=str(clock.new_id()))
        assert await stream.closed() == Close.BAD
