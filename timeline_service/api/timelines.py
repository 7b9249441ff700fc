"""Timelines: make one, read it at any version."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from timeline_service.api import answers, aside, deps, etags, problems, wire
from timeline_service.api.rooms import Rooms
from timeline_service.api.routing import Route
from timeline_service.domain import creation
from timeline_service.kit import errors

router = APIRouter(route_class=Route, tags=["timelines"])


@router.post(
    "/timelines",
    operation_id="createTimeline",
    status_code=201,
    response_model=wire.EditAnswer,
    responses=problems.documented(401, 403, 404, 409, 415, 422),
)
async def create_timeline(body: wire.NewTimeline, actor: deps.Caller, rooms: deps.House) -> Response:
    """Make a timeline; that is its version 1."""
    request = creation.NewTimeline(name=body.name, rate=body.rate, width=body.width, height=body.height)
    answer = await rooms.editing.create_timeline(
        actor, body.workspace_id, request, gesture_id=body.gesture_id, timeline_id=body.id
    )
    response = answers.edit(answer)
    response.headers["Location"] = f"/api/v1/timelines/{answer.timeline_id}"
    return response


@router.get(
    "/timelines/{timeline_id}",
    operation_id="readTimeline",
    response_model=wire.Timeline,
    responses={304: {"description": "Not Modified"}, **problems.documented(401, 404, 422)},
)
async def read_timeline(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    version: deps.AtVersion = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The timeline at a version: every record, times in ticks. With If-None-Match it costs nothing to ask again."""
    grant = await rooms.access.grant(actor, timeline_id, "read")
    at, hashed = await version_and_hash(rooms, timeline_id, grant.workspace_id, version)
    headers = {"ETag": etags.etag(timeline_id, at, hashed), "Cache-Control": "private, no-cache"}
    if etags.matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    state = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id, at)
    content = await aside.on(state, answers.timeline, state, hashed, grant.workspace_id)
    return Response(content, headers=headers, media_type="application/json")


async def version_and_hash(
    rooms: Rooms, timeline_id: UUID, workspace_id: UUID, version: int | None
) -> tuple[int, bytes]:
    """The version that is meant and its hash, without building the state."""
    head = await rooms.editing.reader.head(timeline_id, workspace_id)
    if version is None or version == head.version:
        return head.version, head.head_hash
    found = await rooms.store.read_versions(timeline_id, workspace_id, [version])
    if not found:
        raise errors.NotFound("The timeline has no such version.", code="version_missing", version=head.version)
    return version, found[0].hash
