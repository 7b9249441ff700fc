"""One API process: uvicorn as measured best for this service, on a socket that somebody else opened.

python -m timeline_service.embedded.web 5        # 5: the inherited listening socket
"""

import socket
import sys

import uvicorn

from timeline_service.kit import logging
from timeline_service.settings import Settings

APPLICATION = "timeline_service.main:create_app"
DRAIN_S = 4
LARGEST_FRAME = 1024 * 1024


def serve(listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; open streams get `DRAIN_S` seconds to end."""
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,  # one frame for everybody would be deflated again for each
        timeout_graceful_shutdown=DRAIN_S,
        log_config=None,
        access_log=False,  # query strings carry signatures; the API writes its own lines
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    logging.configure(level=Settings().log_level)
    serve(socket.socket(fileno=int(sys.argv[1])))
