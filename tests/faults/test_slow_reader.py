"""One reader stops reading: the others miss nothing, its memory is bounded, it is told 4408 and resumes."""

import asyncio
import contextlib
import socket

from tests.api import streaming

EVENT_BYTES = 20_000
WARM, CONTROL, MOST = 40, 200, 2_000
"""Events before it is measured; events that are measured while everybody reads; events until the test gives up."""
HEALTHY = 3
ALLOWED = 4 * 2**20
"""One megabyte of outbox, 64 KB and a frame in the transport; the rest is what an allocator does."""


class Writer:
    """Twenty kilobytes of event at a time: the metadata stands in it as asked for, as it was and as it is."""

    def __init__(self, stream, timeline_id):
        self.stream, self.timeline_id, self.count = stream, timeline_id, 0

    async def write(self, events):
        """As many events, each acknowledged before the next: some hundred a second."""
        for _ in range(events):
            self.count += 1
            text = f"{self.count:06}" * (EVENT_BYTES // 18)
            gesture = {"type": "set_metadata", "id": self.timeline_id, "metadata": {"note": text}}
            await self.stream.send(t="push", batch=f"b{self.count}", gestures=[gesture])
            result = await self.stream.until("result", batch=f"b{self.count}")
            assert result["r"][0]["ok"], result


async def follow(stream, gone):
    """Take in everything; `gone` learns who left."""
    while True:
        message = await stream.until("presence")
        if message.get("here") is False:
            gone.add(message["session_id"])


def little_socket(port):
    """The kernel takes little for it, so that the service feels soon that nobody reads."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    made.connect(("127.0.0.1", port))
    return made


async def test_s17_a_stalled_reader_costs_a_megabyte_and_nobody_elses_time(scene, record_property):
    here, there = scene.fleet.processes
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(120))

        async def join(process):
            return await stack.enter_async_context(streaming.opened(process.url, scene.timeline_id, scene.token))

        writer = Writer(await join(here), scene.timeline_id)
        begin = writer.stream.version
        healthy = [await join(here) for _ in range(HEALTHY)] + [await join(there)]
        gone = set()
        following = [asyncio.create_task(follow(stream, gone)) for stream in healthy]
        stack.callback(lambda: [task.cancel() for task in following])
        await writer.write(WARM)
        idle = here.memory()
        await writer.write(CONTROL)
        idle = here.memory() - idle  # what as many events cost where nobody stalls

        stalled = await stack.enter_async_context(
            streaming.raw(here.url, scene.timeline_id, sock=little_socket(here.port), max_queue=1)
        )
        await stalled.send(t="hello", proto=1, token=scene.token, after_version=begin + WARM + CONTROL)
        session_id = (await stalled.receive())["session_id"]
        stalled.version = begin + WARM + CONTROL
        stalled.socket.transport.pause_reading()
        before, most = here.memory(), 0
        while session_id not in gone:
            assert writer.count < MOST, "the stalled reader was never noticed"
            await writer.write(20)
            most = max(most, here.memory())
        grown, events = (most - before) / 2**20, writer.count - WARM - CONTROL
        told = (
            f"stalled reader: +{grown:.2f} MB in {events} events of 20 KB; before it, {CONTROL}: +{idle / 2**20:.2f} MB"
        )
        record_property("figure", told)
        assert most - before < ALLOWED

        end = begin + writer.count
        while any(stream.version < end for stream in healthy):
            await asyncio.sleep(0.01)
        assert all(len(stream.items) == writer.count for stream in healthy)
        stalled.socket.transport.resume_reading()
        had = begin + WARM + CONTROL
        with contextlib.suppress(Exception):
            while True:
                await stalled.until("events")
                had = stalled.version
        assert stalled.socket.close_code == 4408
        async with streaming.opened(here.url, scene.timeline_id, scene.token, after_version=had) as again:
            await again.until_version(end)
