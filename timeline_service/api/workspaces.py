"""Workspaces and who is in them; who I am; tickets for the stream."""

from uuid import UUID

from fastapi import APIRouter, Response

from timeline_service.access import tickets
from timeline_service.api import answers, deps, problems, wire
from timeline_service.api.routing import Route

router = APIRouter(route_class=Route, tags=["access"])


@router.post(
    "/workspaces",
    operation_id="createWorkspace",
    status_code=201,
    response_model=wire.Workspace,
    responses=problems.documented(401, 415, 422),
)
async def create_workspace(body: wire.NewWorkspace, actor: deps.Caller, rooms: deps.House) -> Response:
    """Make a workspace; you are its owner."""
    return answers.json(await rooms.access.create_workspace(actor, body.name), 201)


@router.get("/workspaces", operation_id="listWorkspaces", response_model=wire.Workspaces)
async def list_workspaces(actor: deps.Caller, rooms: deps.House) -> Response:
    """The workspaces that you are in."""
    return answers.json({"items": await rooms.access.workspaces(actor)})


@router.get("/me", operation_id="readMe", response_model=wire.Person)
async def read_me(actor: deps.Caller) -> Response:
    """Whom your token speaks for; `id` is what events call their actor."""
    return answers.json({"id": actor.id, "subject": actor.subject, "name": actor.name})


@router.get(
    "/workspaces/{workspace_id}/members",
    operation_id="listMembers",
    response_model=wire.Members,
    responses=problems.documented(404),
)
async def list_members(workspace_id: deps.WorkspaceId, actor: deps.Caller, rooms: deps.House) -> Response:
    """Who is in the workspace, and as what."""
    return answers.json({"items": await rooms.access.members(actor, workspace_id)})


@router.post(
    "/workspaces/{workspace_id}/members",
    operation_id="putMember",
    status_code=204,
    responses=problems.documented(403, 404, 409, 415, 422),
)
async def put_member(
    workspace_id: deps.WorkspaceId, body: wire.NewMember, actor: deps.Caller, rooms: deps.House
) -> Response:
    """Give a person a role. Owners only."""
    await rooms.access.set_member(actor, workspace_id, body.person_id, body.role)
    return Response(status_code=204)


@router.delete(
    "/workspaces/{workspace_id}/members/{person_id}",
    operation_id="removeMember",
    status_code=204,
    responses=problems.documented(403, 404, 409),
)
async def remove_member(
    workspace_id: deps.WorkspaceId, person_id: UUID, actor: deps.Caller, rooms: deps.House
) -> Response:
    """Take a person out of the workspace. Owners only; their open streams end within seconds."""
    await rooms.access.remove_member(actor, workspace_id, person_id)
    return Response(status_code=204)


@router.post(
    "/stream-tickets",
    operation_id="createStreamTicket",
    status_code=201,
    response_model=wire.Ticket,
    responses=problems.documented(404, 415, 422, 503),
)
async def create_stream_ticket(body: wire.NewTicket, actor: deps.Caller, rooms: deps.House) -> Response:
    """A ticket that opens the timeline's stream once, within thirty seconds."""
    await rooms.access.grant(actor, body.timeline_id, "read")
    ticket = await rooms.tickets.issue(actor, body.timeline_id)
    return answers.json({"ticket": ticket, "expires_in": tickets.LIFETIME_S}, 201)
