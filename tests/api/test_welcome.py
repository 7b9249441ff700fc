"""The welcome is the first frame of a session, whoever else comes, goes or moves at that moment."""

import asyncio
import contextlib

from tests.api import streaming
from tests.api.conftest import Studio

JOINERS = 12


async def test_the_welcome_comes_first_while_others_join_and_move(studio: Studio) -> None:
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
