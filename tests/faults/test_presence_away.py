"""Leases and presence when a process is killed and when Redis goes: less is known for a while, nobody is hindered."""

import asyncio
import contextlib

import httpx2
import pytest

from tests import fleet
from tests.api import streaming
from tests.api.beside import lease, push, until_free


def join(scene, place, token=None):
    return streaming.opened(scene.fleet.urls[place], scene.timeline_id, token or scene.token)


def marker(name):
    return {"type": "add_marker", "marker_id": name, "time": 1}


@pytest.fixture
async def bob(scene):
    """The token of another editor."""
    token, url = scene.fleet.token("bob"), scene.fleet.urls[0]
    owner = {"Authorization": f"Bearer {scene.token}"}
    async with httpx2.AsyncClient(base_url=f"{url}/api/v1", timeout=30) as http:
        me = (await http.get("/me", headers={"Authorization": f"Bearer {token}"})).json()
        workspaces = (await http.get("/workspaces", headers=owner)).json()["items"]
        workspace = workspaces[-1]  # the newest is the scene's
        body = {"person_id": me["id"], "role": "editor"}
        answer = await http.post(f"/workspaces/{workspace['id']}/members", headers=owner, json=body)
        assert answer.is_success, answer.text
    return token


async def test_s13_sessions_of_a_killed_process_are_forgotten(scene, bob):
    async with join(scene, 1, bob) as watching:
        async with contextlib.AsyncExitStack() as stack:
            lost = await stack.enter_async_context(join(scene, 0))
            await watching.until("presence", here=True)
            await lease(lost, scene.timeline_id, ttl_ms=5_000)
            await watching.until("lease", record=scene.timeline_id)
            assert (await push(watching, marker("m1")))[0]["code"] == "leased"
            await scene.fleet[0].kill()
            gone = await watching.until("presence", here=False)
            assert gone["session_id"] == lost.welcome["session_id"]
        # What it had leased has ended by now, with its time.
        assert (await push(watching, marker("m1")))[0]["ok"]
        async with join(scene, 1) as late:
            assert [peer["session_id"] for peer in late.welcome["peers"]] == [watching.welcome["session_id"]]


async def test_s13_s15_without_redis_a_process_goes_on_alone_and_finds_the_others_again(scene, bob):
    async with join(scene, 0) as one, join(scene, 0, bob) as two, join(scene, 1, bob) as far:
        await lease(one, scene.timeline_id, ttl_ms=60_000)
        await two.until("lease", record=scene.timeline_id)
        assert (await push(two, marker("m1")))[0]["code"] == "leased"
        await fleet.kill(scene.servers.valkey)
        await until_free(two, scene.timeline_id)
        assert (await push(two, marker("m1")))[0]["ok"]
        await two.send(t="lease", do="acquire", record=scene.timeline_id)
        assert (await two.until("error"))["code"] == "leases_unavailable"
        await one.send(t="presence", n=41, playhead=1)
        assert (await two.until("presence", n=41))["here"]
        async with join(scene, 0) as new:  # a welcome does not wait for what is away
            assert new.welcome["leases"] == []
            assert {peer["session_id"] for peer in new.welcome["peers"]} >= {
                one.welcome["session_id"],
                two.welcome["session_id"],
            }
        await fleet.launch_again(scene.servers.valkey)
        await far.until("presence", session_id=one.welcome["session_id"], n=41)
        await until_leased(two, scene.timeline_id)
        await far.until("lease", record=scene.timeline_id, ttl_ms=2_000)
        await one.send(t="presence", n=42, playhead=2)
        await far.until("presence", n=42)
    assert scene.fleet.logs().count("leases_away") <= len(scene.fleet.processes) * 2


async def until_leased(stream, record):
    async with asyncio.timeout(fleet.WITHIN_S):
        while True:
            await stream.send(t="lease", do="acquire", record=record, take=True, ttl_ms=2_000)
            while (answer := await stream.receive())["t"] not in {"lease", "error"}:
                pass
            if answer["t"] == "lease" and answer["holder"] and "code" not in answer:
                return
            await asyncio.sleep(0.1)
