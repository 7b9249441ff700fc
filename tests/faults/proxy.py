"""A wire to PostgreSQL that fails on demand: it loses requests, loses replies, or goes silent.

A fault is armed by a text that will stand in a request (a gesture id) and strikes once, so a test knows exactly what
happened on the server. `reply` waits until the server says that no transaction is open any more: what was asked is
committed, and nobody hears of it. `silence` lets the request through and then keeps everything back, both ways and on
all connections, until `resume`: a partition, in which no connection is ever closed.
"""

import asyncio
import struct

import sqlalchemy

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
READY = ord("Z")
IDLE = ord("I")


class Proxy:
    """Use it as an async context manager; `url` is `target` through the proxy."""

    def __init__(self, target):
        """`target` is any address of the server that names its port."""
        self.target = sqlalchemy.make_url(target)
        self.port = int(self.target.query.get("port") or self.target.port)
        self.armed = {}  # marker -> "request" | "reply" | "silence"
        self.struck = []  # markers, in the order in which their faults struck
        self.passing = asyncio.Event()
        self.passing.set()
        self._tasks = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = self.target.set(host=host, port=port, query={}).render_as_string(hide_password=False)
        return self

    async def __aexit__(self, *error):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def lose(self, what, marker):
        """Strike at the next request with this text in it: see the module. `request` and `reply` cut the connection."""
        self.armed[marker.encode()] = what

    def resume(self):
        self.passing.set()

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            writer.transport.abort()
            return
        wire = _Wire(self, reader, writer, server_reader, server_writer)
        try:
            await wire.run()
        finally:
            for end in (writer, server_writer):
                end.transport.abort()


class _Wire:
    """One connection, both ways."""

    def __init__(self, proxy, reader, writer, server_reader, server_writer):
        self.proxy = proxy
        self.reader, self.writer = reader, writer
        self.server_reader, self.server_writer = server_reader, server_writer
        self.withheld = None  # the marker whose reply is being lost

    async def run(self):
        """Until one side ends or a fault strikes; whatever the reason, both sides end."""
        ways = [asyncio.create_task(self.requests()), asyncio.create_task(self.replies())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def requests(self):
        while part := await self.reader.read(1 << 16):
            await self.proxy.passing.wait()
            if part == SSL_REQUEST:
                self.writer.write(b"N")
                continue
            marker = next((marker for marker in self.proxy.armed if marker in part), None)
            if marker is not None:
                what = self.proxy.armed.pop(marker)
                if what == "reply":
                    self.withheld = marker
                else:
                    self.proxy.struck.append(marker.decode())
                if what == "silence":
                    self.proxy.passing.clear()
                if what == "request":
                    return
            self.server_writer.write(part)
            await self.server_writer.drain()

    async def replies(self):
        buffer = bytearray()
        while part := await self.server_reader.read(1 << 16):
            await self.proxy.passing.wait()
            buffer += part
            whole, idle = complete(buffer)
            if self.withheld is not None and idle:
                self.proxy.struck.append(self.withheld.decode())
                return
            self.writer.write(bytes(buffer[:whole]))
            del buffer[:whole]
            await self.writer.drain()


def complete(buffer):
    """How many bytes of the buffer are whole messages, and whether one says that no transaction is open."""
    at, idle = 0, False
    while at + 5 <= len(buffer):
        length = struct.unpack_from("!i", buffer, at + 1)[0]
        if at + 1 + length > len(buffer):
            break
        idle = idle or (buffer[at] == READY and buffer[at + 5] == IDLE)
        at += 1 + length
    return at, idle
