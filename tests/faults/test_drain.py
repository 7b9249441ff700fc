"""A process is asked to stop while people edit: it answers what it has begun, sends them elsewhere and ends in time."""

import asyncio
import contextlib
import json
import os
import signal
import time

import httpx2
import pytest
import sqlalchemy as sa
import websockets

from tests import fleet
from tests.api import streaming
from timeline_service.api.protocol import Close

WITHIN_S = 5
CROWD = 200
PUSHERS = 6


def marker(name):
    return {"type": "add_marker", "marker_id": name, "gesture_id": name, "time": 1}


async def push_for_ever(stream, name, sent, acked, told):
    """Push until the service closes; note what was sent, what was acknowledged, and what else was said."""
    number = 0

    async def read():
        while True:
            message = await stream.receive()
            told.append(message["t"])
            if message["t"] == "result":
                for one in message["r"]:
                    if one["ok"]:
                        acked[one["gesture_id"]] = one["version"]
                    else:
                        assert (one["code"], one["retry"]) in {("draining", True), ("rate_limited", True)}, one
            if message["t"] == "drain":
                assert 0 <= message["reconnect_ms"] <= 1000

    reading = asyncio.create_task(read())
    with contextlib.suppress(websockets.ConnectionClosed):
        while not reading.done():
            gesture = marker(f"{name}-{number}")
            number += 1
            sent.append(gesture)
            await stream.send(t="push", batch=gesture["gesture_id"], gestures=[gesture])
            await asyncio.sleep(0.01)
    with contextlib.suppress(websockets.ConnectionClosed):
        await reading
    return stream.socket.close_code


async def everything(scene, url):
    """The gestures of the log, with how often each is there."""
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {scene.token}"}, timeout=30) as http:
        found, after = [], 0
        while True:
            path = f"/api/v1/timelines/{scene.timeline_id}/events"
            items = (await http.get(path, params={"after_version": after})).json()["items"]
            if not items:
                return found
            found += [(item["gesture_id"], item["version"]) for item in items]
            after = max(item["version"] for item in items)


def open_here(scene, place=0, **hello):
    return streaming.opened(scene.fleet.urls[place], scene.timeline_id, scene.token, **hello)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_s19_what_was_acknowledged_is_there_and_the_rest_goes_elsewhere_once(signum, scene):
    sent, acked, told = [], {}, []
    async with contextlib.AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(open_here(scene)) for _ in range(PUSHERS)]
        pushing = [
            asyncio.create_task(push_for_ever(stream, f"p{place}", sent, acked, told))
            for place, stream in enumerate(streams)
        ]
        async with asyncio.timeout(fleet.WITHIN_S):
            while len(acked) < 50:
                assert not any(one.done() for one in pushing), [one.result() for one in pushing if one.done()]
                await asyncio.sleep(0.02)
        began = time.monotonic()
        os.kill(scene.fleet[0].process.pid, signum)
        status = await asyncio.to_thread(scene.fleet[0].process.wait, fleet.WITHIN_S)
        lasted = time.monotonic() - began
        codes = await asyncio.gather(*pushing)
    assert status == 0
    assert lasted < WITHIN_S
    assert codes == [Close.MOVE] * PUSHERS
    assert told.count("drain") == PUSHERS
    there = dict(await everything(scene, scene.fleet.urls[1]))
    assert acked.items() <= there.items()
    # Whatever has no result is sent again, elsewhere: each is there once in the end.
    async with open_here(scene, place=1) as stream:
        for gesture in sent:
            if gesture["gesture_id"] not in acked:
                await stream.send(t="push", batch=gesture["gesture_id"], gestures=[gesture])
                result = await stream.until("result", batch=gesture["gesture_id"])
                assert result["r"][0]["how"] in {"committed", "duplicate"}
    names = [name for name, _ in await everything(scene, scene.fleet.urls[1])]
    assert sorted(name for name in names if name.startswith("p")) == sorted(gesture["gesture_id"] for gesture in sent)


async def read_nothing(scene):
    """A socket that asks for a great deal and reads none of it, until the service's buffers for it are full."""
    stuck = await websockets.connect(
        streaming.address(scene.fleet.urls[0], scene.timeline_id), max_queue=1, max_size=2**24, ping_interval=None
    )
    await stuck.send(json.dumps({"t": "hello", "token": scene.token}))
    assert json.loads(await stuck.recv())["t"] == "welcome"
    stuck.transport.pause_reading()
    return stuck


async def test_s19_two_hundred_streams_and_one_that_does_not_read_end_in_time(scene):
    async with httpx2.AsyncClient(
        base_url=scene.fleet.urls[0], headers={"Authorization": f"Bearer {scene.token}"}, timeout=30
    ) as http:
        long = "x" * 900
        gestures = [{**marker(f"m{n}"), "comment": long, "name": long} for n in range(120)]
        answer = await http.post(f"/api/v1/timelines/{scene.timeline_id}/gestures", json={"gestures": gestures})
        assert answer.is_success, answer.text
    async with contextlib.AsyncExitStack() as stack:
        stuck = await read_nothing(scene)
        stack.callback(stuck.transport.abort)
        for _ in range(30):
            await stuck.send(json.dumps({"t": "pull", "after_version": 0}))
        streams = [await stack.enter_async_context(open_here(scene)) for _ in range(CROWD)]
        began = time.monotonic()
        scene.fleet[0].process.terminate()
        closing = asyncio.gather(*(stream.closed() for stream in streams))
        status = await asyncio.to_thread(scene.fleet[0].process.wait, fleet.WITHIN_S)
        lasted = time.monotonic() - began
        assert status == 0
        assert lasted < WITHIN_S
        assert set(await closing) == {Close.MOVE}
    [told] = [json.loads(line) for line in scene.fleet.logs().splitlines() if '"drained"' in line]
    assert (told["streams"], told["unsettled"], told["stuck"]) == (CROWD + 1, 0, 1)


async def test_s19_what_is_in_flight_is_answered_and_what_comes_later_is_not_begun(scene, owner_engine):
    url, statuses = scene.fleet.urls[0], []
    path = f"/api/v1/timelines/{scene.timeline_id}/gestures"
    async with (
        httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {scene.token}"}, timeout=30) as http,
        open_here(scene) as stream,
    ):

        async def watch_readiness():
            while 503 not in statuses:
                statuses.append((await http.get("/readyz")).status_code)

        async with owner_engine.begin() as held:  # the head is held, so nothing of this timeline can be appended
            lock = sa.text("select 1 from timeline_head where timeline_id = :timeline for update")
            await held.execute(lock, {"timeline": scene.timeline_id})
            posting = asyncio.create_task(http.post(path, json={"gestures": [marker("h1")]}))
            await stream.send(t="push", batch="begun", gestures=[marker("s1")])
            await stream.send(t="ping", n=1)
            await stream.until("pong", n=1)
            watching = asyncio.create_task(watch_readiness())
            while 200 not in statuses:
                await asyncio.sleep(0.01)
            scene.fleet[0].process.terminate()
            await stream.until("drain")
            await stream.send(t="push", batch="late", gestures=[marker("s2")])
            late = await stream.until("result", batch="late")
            assert [(one["code"], one["retry"]) for one in late["r"]] == [("draining", True)]
            await watching
        assert [one["how"] for one in (await stream.until("result", batch="begun"))["r"]] == ["committed"]
        assert (await posting).status_code == 201
        assert await stream.closed() == Close.MOVE
        assert await asyncio.to_thread(scene.fleet[0].process.wait, fleet.WITHIN_S) == 0
    there = [name for name, _ in await everything(scene, scene.fleet.urls[1])]
    assert {"s1", "h1"} <= set(there)
    assert "s2" not in there
