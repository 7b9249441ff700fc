"""A hello that is read long after its client has gone elsewhere replaces nobody. Found by `make chaos`, seed 7."""

import asyncio

from tests import fleet
from tests.api import streaming

TAB = {"client_id": "laptop", "tab_id": "1"}


async def test_s18_a_session_whose_client_has_gone_does_not_replace_the_one_it_has_now(scene):
    slow, other = scene.fleet.processes
    async with asyncio.timeout(60):
        async with streaming.raw(slow.url, scene.timeline_id) as first:
            fleet.freeze(slow.process)
            await first.send(t="hello", proto=1, token=scene.token, **TAB)
            first.socket.transport.abort()
        async with streaming.opened(other.url, scene.timeline_id, scene.token, **TAB) as now:
            fleet.resume(slow.process)  # and reads a hello that comes later than ours, as far as anybody knows
            async with streaming.opened(slow.url, scene.timeline_id, scene.token) as somebody:
                await somebody.send(t="presence", n=1)
                await now.until("presence", n=1)
            for n in range(30):  # for longer than a session must live to replace others
                await asyncio.sleep(0.1)
                await now.send(t="ping", n=n)
                await now.until("pong", n=n)
