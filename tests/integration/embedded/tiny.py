"""A service small enough to watch its process tree: the application and the worker stand-ins that `up` runs here.

python -m tests.integration.embedded.tiny up DATA_DIR
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from timeline_service.embedded import service
from timeline_service.kit import logging
from timeline_service.settings import Settings

APP = (sys.executable, "-m", "uvicorn", "--no-access-log", "tests.integration.embedded.tiny:app", "--fd")
WORKER = (sys.executable, "-m", "tests.integration.embedded.tiny", "work")


async def app(scope, receive, send):
    """Answers every request with what a test wants to know of the API process."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    names = ("DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "TIMELINE_PUBLIC_URL")
    lines = [f"pid={os.getpid()}", *(f"{name}={os.environ.get(name, '')}" for name in names)]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": "\n".join(lines).encode()})


def main(command, *arguments):
    if command == "up":
        logging.configure()
        settings = Settings(data_dir=Path(arguments[0]))
        options = service.Options(port=0, workers=1)
        asyncio.run(service.run(settings, options, announce, service.Commands(api=APP, worker=WORKER)))
    else:
        signal.pause()


def announce(address):
    print(f"ready {address}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
