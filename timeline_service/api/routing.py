"""How a request reaches its route: who is asking first, then strict JSON, then the models.

@router.post("/timelines/{timeline_id}/gestures", operation_id="applyGestures")
async def apply(timeline_id: deps.TimelineId, actor: deps.Caller, rooms: deps.House, body: wire.Gestures) -> Response
"""

import math
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from timeline_service.access.service import Actor
from timeline_service.api import strict_json
from timeline_service.api.rooms import Rooms
from timeline_service.kit import errors


class Route(APIRoute):
    """A route for authenticated people, with a strictly read body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, after authentication and the JSON reader."""
        handle = super().get_route_handler()
        reads_json = self.body_field is not None

        async def authenticated(request: Request) -> Response:
            actor = await authenticate(request)
            request.state.actor = actor
            wait_s = rooms_of(request).requests.take(actor.id)
            if wait_s:
                raise errors.RateLimited(retry_after_s=math.ceil(wait_s))
            if reads_json:
                await read_json(request)
            return await handle(request)

        return authenticated


def rooms_of(connection: HTTPConnection) -> Rooms:
    """The rooms that the composition root made."""
    rooms: Rooms = connection.app.state.rooms
    return rooms


async def authenticate(request: HTTPConnection) -> Actor:
    """Whom the bearer token speaks for. Raises Unauthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise errors.Unauthenticated
    return await rooms_of(request).access.authenticate(token.strip())


async def read_json(request: Request) -> None:
    """Read the body strictly; FastAPI finds the value where Starlette keeps what it has parsed itself."""
    strict_json.check_content_type(request.headers.get("content-type"))
    value = strict_json.parse(await request.body())
    if not isinstance(value, dict):
        raise strict_json.NotAnObject
    request._json = value  # noqa: SLF001 - the cache of Request.json()
