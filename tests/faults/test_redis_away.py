"""Redis goes, hangs, is emptied or is full: edits go on as if nothing had happened, and everybody still sees them."""

import asyncio
import contextlib

import pytest
import redis.asyncio

from tests import fleet
from tests.api import streaming

BEFORE, DURING, AFTER = 5, 10, 5
MORE_THAN_ALL = 64 * 1024 * 1024


async def killed(scene):
    await fleet.kill(scene.servers.valkey)
    yield
    await fleet.launch_again(scene.servers.valkey)


async def hanging(scene):
    fleet.freeze(scene.servers.valkey.process)
    yield
    fleet.resume(scene.servers.valkey.process)


async def flushed(scene):
    async with redis.asyncio.from_url(scene.servers.prepared.redis_url) as client:
        await client.flushall()
        yield
        await client.flushall()


async def full(scene):
    """Every write is refused, reads go on."""
    async with redis.asyncio.from_url(scene.servers.prepared.redis_url) as client:
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            for number in range(MORE_THAN_ALL // 65536):
                await client.set(f"ballast:{number}", bytes(65536))
        with contextlib.suppress(redis.exceptions.OutOfMemoryError):
            for number in range(10_000):
                await client.set(f"gravel:{number}", b"x")
        yield
        await client.flushall()


async def edit(stream, first, count):
    """Markers, each acknowledged before the next is sent."""
    for number in range(first, first + count):
        gesture = {"type": "add_marker", "marker_id": f"m{number}", "parent_id": stream.timeline_id, "time": number}
        await stream.send(t="push", batch=f"b{number}", gestures=[gesture])
        result = await stream.until("result", batch=f"b{number}")
        assert [(one["ok"], one.get("how")) for one in result["r"]] == [(True, "committed")], result


@pytest.mark.parametrize("away", [killed, hanging, flushed, full])
async def test_edits_go_on_and_arrive_at_the_other_process(away, scene):
    here, there = scene.fleet.urls
    async with (
        joined(here, scene) as writer,
        joined(there, scene) as reader,
    ):
        at = writer.version
        await edit(writer, 0, BEFORE)
        await reader.until_version(at + BEFORE)
        fault = away(scene)
        await anext(fault)
        await edit(writer, BEFORE, DURING)
        await reader.until_version(at + BEFORE + DURING)  # the poll of heads carries it
        async with joined(there, scene) as newcomer:  # nobody needs Redis to come in
            assert newcomer.version == at + BEFORE + DURING
            with contextlib.suppress(StopAsyncIteration):
                await anext(fault)
            await edit(writer, BEFORE + DURING, AFTER)
            end = at + BEFORE + DURING + AFTER
            await asyncio.gather(*(one.until_version(end) for one in (writer, reader, newcomer)))
        assert reader.items == writer.items


@contextlib.asynccontextmanager
async def joined(url, scene):
    async with asyncio.timeout(60), streaming.opened(url, scene.timeline_id, scene.token) as stream:
        stream.timeline_id = scene.timeline_id
        yield stream
