"""A real HTTP server around an ASGI app, on a free port of the loopback, for as long as a test needs it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from timeline_service.api import blobs
from timeline_service.kit import errors
from timeline_service.kit.storage.filesystem import FilesystemStore

SIGNING_KEY = "a signing key for tests only"


@contextlib.asynccontextmanager
async def served(app: FastAPI, listener: socket.socket | None = None) -> AsyncIterator[str]:
    """Serve `app`; yields its address, `http://127.0.0.1:port`."""
    listener = listener or listening()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield address(listener)
    finally:
        server.should_exit = True
        await task
        listener.close()


@contextlib.asynccontextmanager
async def folder_store(root: Path) -> AsyncIterator[FilesystemStore]:
    """A folder store whose signed URLs are really served."""
    listener = listening()
    store = FilesystemStore(root, SIGNING_KEY, address(listener))
    async with served(blob_app(store), listener):
        yield store


def blob_app(store: FilesystemStore) -> FastAPI:
    """The blob routes alone, with errors as the service writes them."""
    app = FastAPI()
    app.include_router(blobs.router(store))

    @app.exception_handler(errors.ServiceError)
    async def refuse(_: Request, problem: errors.ServiceError) -> JSONResponse:
        return JSONResponse({"error": {"code": problem.stable_code, "message": problem.message}}, problem.status)

    return app


def listening() -> socket.socket:
    """A socket that already listens on a free port, so that nobody can take it in between."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
