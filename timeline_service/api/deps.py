"""What routes ask for, as types."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from timeline_service.access.service import Actor
from timeline_service.api.rooms import Rooms
from timeline_service.api.routing import rooms_of
from timeline_service.domain.gesture import RecordId

MAX_VERSION = 2**53 - 1

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="`timeline-service token --subject alice`")


async def _caller(
    request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None
) -> Actor:
    actor: Actor = request.state.actor  # authenticated by the route before its body was read
    return actor


async def _house(request: Request) -> Rooms:
    return rooms_of(request)


Caller = Annotated[Actor, Depends(_caller)]
House = Annotated[Rooms, Depends(_house)]

TimelineId = Annotated[UUID, Path(description="the timeline")]
WorkspaceId = Annotated[UUID, Path(description="the workspace")]
ClipId = Annotated[RecordId, Path(description="the clip")]

AtVersion = Annotated[int | None, Query(ge=1, le=MAX_VERSION, description="a version; the newest when left out")]
