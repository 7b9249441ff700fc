"""Who shares a commit: nobody waits after a pause, few wait a moment for company, many do not."""

import asyncio
from typing import Any
from uuid import UUID

from tests.convergence import virtual_time
from timeline_service.editing.sequencer import CROWD, GATHER_S, Sequencer

NOTHING: Any = None
"""Neither store nor state: nothing is decided here."""


def sequencer() -> Sequencer:
    return Sequencer(UUID(int=1), UUID(int=2), NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


def test_the_first_goes_at_once_the_next_waits_for_company() -> None:
    async def work() -> None:
        loop, alone = asyncio.get_running_loop(), sequencer()
        began = loop.time()
        await alone._gather()
        await alone._gather()
        assert loop.time() == began, "who edits alone"
        alone._company = True
        await alone._gather()
        assert loop.time() == began + GATHER_S
        await asyncio.sleep(GATHER_S * 2)
        paused = loop.time()
        await alone._gather()
        assert loop.time() == paused, "after a pause nobody waits"

    virtual_time.run(1, work)


def test_a_crowd_does_not_wait_nor_does_who_is_joined_by_one() -> None:
    async def work() -> None:
        loop, busy = asyncio.get_running_loop(), sequencer()
        began = loop.time()
        await busy._gather()
        busy._company = True
        busy._task = asyncio.create_task(busy._gather())
        await asyncio.sleep(GATHER_S / 4)
        assert not busy.idle
        waiting = [asyncio.create_task(busy.submit(NOTHING)) for _ in range(CROWD)]
        await busy._task
        assert loop.time() == began + GATHER_S / 4
        await busy._gather()
        assert loop.time() == began + GATHER_S / 4, "they wait already"
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    virtual_time.run(1, work)
