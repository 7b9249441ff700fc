"""The table of contents of the API, and what surrounds every request."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from timeline_service.api import (
    blobs,
    checkup,
    exports,
    gestures,
    health,
    history,
    interchange,
    live,
    media,
    otio,
    playground,
    problems,
    schema,
    shell,
    timelines,
    workspaces,
)
from timeline_service.kit.storage.filesystem import PREFIX, FilesystemStore
from timeline_service.settings import Settings

V1: Final = "/api/v1"
BODY_LIMIT: Final = 256 * 1024
IMPORT_LIMIT: Final = 64 * 1024 * 1024

DESCRIPTION: Final = """
The back end of a collaborative video editor: clients stream gestures, each accepted one becomes an immutable event.

Times in answers are ticks of 1/705 600 000 s; in requests they are frames of the timeline, `{"ticks": n}`, or
`{"value": v, "rate": r}`. Every error has the same envelope; `code` is stable. Live editing is the WebSocket
`/api/v1/timelines/{id}/stream`.
"""

EXPOSED: Final = ("ETag", "Location", "Retry-After", "X-Request-ID", "api-version")


def create(
    settings: Settings,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]],
    objects: FilesystemStore | None,
) -> FastAPI:
    """The application; `lifespan` puts the rooms into its state. `objects` is the folder store, if one is served."""
    app = FastAPI(
        title="timeline-service",
        version=shell.API_VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,  # the redirect would go wherever the Host header says
        responses={500: {"model": problems.ErrorBody}},
    )
    v1 = APIRouter(prefix=V1)
    for room in (workspaces, timelines, gestures, history, checkup, otio, interchange, media, exports, live):
        v1.include_router(room.router)
    app.include_router(v1)
    app.include_router(health.router)
    app.include_router(playground.router(settings))
    if objects is not None:
        app.include_router(blobs.router(objects))
    problems.install(app)
    schema.install(app)
    # Added last, met first.
    app.add_middleware(shell.BodyLimit, limit_of=body_limit)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Last-Event-ID", "X-Request-ID"],
        expose_headers=EXPOSED,
        max_age=600,
    )
    app.add_middleware(shell.Shell, encode=problems.body, secure=settings.public_url.startswith("https://"))
    return app


def body_limit(path: str) -> int | None:
    """The most bytes that a request to this path may have; None where the route counts itself."""
    if path.startswith(PREFIX):
        return None
    return IMPORT_LIMIT if path.endswith("/import") else BODY_LIMIT
