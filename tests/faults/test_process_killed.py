"""kill -9 of an API process with sockets open and pushes in flight: clients go on at the other, nothing is lost or twice."""

import asyncio
import contextlib

import httpx2

from tests import fleet
from tests.api import streaming
from timeline_service.client.client import TimelineClient

CLIENTS, EACH = 4, 60


async def test_clients_go_on_elsewhere_lose_nothing_and_repeat_nothing(scene):
    dying, surviving = scene.fleet.processes
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(120))
        survivor = await stack.enter_async_context(
            streaming.opened(surviving.url, scene.timeline_id, scene.token, after_version=1)
        )
        clients = []
        for number in range(CLIENTS):
            name = f"client-{number}"
            urls = [dying.url, surviving.url]
            client = TimelineClient(urls, scene.timeline_id, token=scene.token, client_id=name, tab_id="1")
            clients.append(await stack.enter_async_context(client))

        asked = {}

        async def ask(first, last):
            for turn in range(first, last):
                for number, client in enumerate(clients):
                    id = f"c{number}-{turn:02}"
                    marker = {"type": "add_marker", "marker_id": f"m-{id}", "gesture_id": id, "time": turn}
                    asked[id] = client.push_soon([{**marker, "parent_id": scene.timeline_id}])
                await asyncio.sleep(0.002)

        await ask(0, EACH // 2)
        await survivor.until("events")
        fleet.freeze(dying.process)  # whatever is asked for now reaches its socket and nothing else
        await ask(EACH // 2, EACH)
        assert any(client.sync.pending for client in clients), "nothing was in flight"
        await dying.kill()

        acked = {}
        for number, client in enumerate(clients):
            for turn in range(EACH):
                id = f"c{number}-{turn:02}"
                [result] = (await client.result(asked[id])).results
                assert result.ok, result
                acked[id] = result.version
        last = max(acked.values())
        await survivor.until_version(last)
        for client in clients:
            await client.wait_for(last)

        # The survivor was told every version once, in order (`until` sees to that), and each gesture is in one of them.
        told = {item["gesture_id"]: item["version"] for item in survivor.items}
        assert {id: told[id] for id in acked} == acked
        assert len(survivor.items) == len(told) == last - 1
        for number in range(CLIENTS):  # of one client, in the order in which it asked
            versions = [acked[f"c{number}-{turn:02}"] for turn in range(EACH)]
            assert versions == sorted(versions)
        shown = await fetch(surviving.url, scene)
        for client in clients:
            assert len([*client.state.living("marker")]) == len(shown["markers"]) == CLIENTS * EACH


async def fetch(url, scene):
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {scene.token}"}) as http:
        answer = await http.get(f"/api/v1/timelines/{scene.timeline_id}")
        answer.raise_for_status()
        return answer.json()
