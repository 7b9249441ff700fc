"""pycrdt-websocket under the same uvicorn as ours, documents in memory only. Says `ready <port>`.

python -m tests.benchmarks.stream.peers.pycrdt_room
"""

import socket

import uvicorn
import uvloop
from pycrdt.websocket import ASGIServer, WebsocketServer


async def main() -> None:
    """Until it is killed."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(f"ready {listener.getsockname()[1]}", flush=True)
    async with WebsocketServer() as rooms:
        config = uvicorn.Config(
            ASGIServer(rooms), ws="websockets-sansio", ws_per_message_deflate=False, log_level="warning", lifespan="off"
        )
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    uvloop.run(main())
