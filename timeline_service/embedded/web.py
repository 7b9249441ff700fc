"""One API process: uvicorn as measured best for this service, on a socket that somebody else opened.

python -m timeline_service.embedded.web 5        # 5: the inherited listening socket
"""

import asyncio
import gc
import os
import socket
import sys
import threading
import time
from types import FrameType
from typing import Any, Final

import uvicorn

from timeline_service.embedded.sockets import FramesProtocol
from timeline_service.kit import logging
from timeline_service.settings import Settings

APPLICATION = "timeline_service.main:create_app"
STOP_S: Final = 4.4
"""From the signal until requests in flight are given up."""
LAST_S: Final = 4.8
"""And until the process ends, whatever still runs in it: nothing of that was acknowledged."""
CUT_OFF_S: Final = 0.3
LARGEST_FRAME = 1024 * 1024
COLLECT_AFTER: Final = 20_000
"""New objects before the youngest are looked through. At Python's 700 a tenth of a commit was garbage collection."""
log = logging.get("web")


class Server(uvicorn.Server):
    """Stops gracefully, in less than five seconds, with exit status 0.

    signal ─► streams are sent elsewhere, while everything is still served ─► no new connections
           ─► requests in flight are answered ─► connections to databases are closed ─► end
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._signalled: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGTERM; a second one changes nothing, for Ctrl-C reaches us from the terminal and from `up`."""
        del sig, frame
        if self._signalled is None:
            self._signalled = time.monotonic()
            last = threading.Timer(LAST_S, os._exit, [0])
            last.daemon = True
            last.start()
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; what is loaded by then stays for good, and the garbage collector need not walk it ever again."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER, 20, 50)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called once, on the loop, within a tenth of a second of the signal."""
        began = self._signalled or time.monotonic()
        drain = self.lifespan.state.get("drain")
        if drain is not None:
            try:
                await drain()
            except Exception:
                log.exception("drain_failed")  # then clients find out by themselves
        await self._cut_off()
        self.config.timeout_graceful_shutdown = max(0.1, STOP_S - (time.monotonic() - began))  # type: ignore[assignment]
        await super().shutdown(sockets)
        log.info("stopped", seconds=round(time.monotonic() - began, 2))

    async def _cut_off(self) -> None:
        """End connections of streams that nobody reads: closing them would wait for their buffers for ever."""
        until = time.monotonic() + CUT_OFF_S
        while (unread := self._unread()) and time.monotonic() < until:  # noqa: ASYNC110 - transports have no event for it
            await asyncio.sleep(0.02)
        for connection in unread:
            connection.transport.abort()

    def _unread(self) -> list[Any]:
        streams = (one for one in self.server_state.connections if hasattr(one, "close_sent"))
        return [one for one in streams if one.transport is not None and one.transport.get_write_buffer_size()]


def serve(listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM, and five seconds more at most."""
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        loop="uvloop",
        http="httptools",
        ws=FramesProtocol,
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,  # one frame for everybody would be deflated again for each
        log_config=None,
        access_log=False,  # query strings carry signatures; the API writes its own lines
        server_header=False,
    )
    Server(config).run(sockets=[listener])


if __name__ == "__main__":
    logging.configure(level=Settings().log_level)
    serve(socket.socket(fileno=int(sys.argv[1])))
