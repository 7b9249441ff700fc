"""Uploads and assets."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Path, Response

from timeline_service.access.service import Actor
from timeline_service.api import answers, deps, problems, wire
from timeline_service.api.rooms import Rooms
from timeline_service.api.routing import Route
from timeline_service.assets.values import Asset, NewUpload
from timeline_service.kit import errors

router = APIRouter(route_class=Route, tags=["media"])

UploadId = Annotated[UUID, Path()]
AssetId = Annotated[UUID, Path()]
T = TypeVar("T")


@router.post(
    "/uploads",
    operation_id="createUpload",
    status_code=201,
    response_model=wire.Upload,
    responses=problems.documented(401, 403, 404, 413, 415, 422),
)
async def create_upload(body: wire.NewUpload, actor: deps.Caller, rooms: deps.House) -> Response:
    """Announce a file; PUT its parts to the signed addresses, then complete it."""
    grant = await rooms.access.grant_workspace(actor, body.workspace_id, "upload")
    new = NewUpload(body.filename, body.size, body.content_type, body.sha256)
    upload = await rooms.uploads.create(new, workspace_id=grant.workspace_id, actor_id=actor.id)
    return answers.json(upload.wire(), 201)


@router.get(
    "/uploads/{upload_id}",
    operation_id="resumeUpload",
    response_model=wire.Upload,
    responses=problems.documented(401, 403, 404, 409, 422),
)
async def resume_upload(upload_id: UploadId, actor: deps.Caller, rooms: deps.House) -> Response:
    """Fresh addresses for the parts that have not arrived."""
    upload = await _in_any(rooms, actor, "upload", lambda workspace: rooms.uploads.resume(upload_id, workspace))
    return answers.json(upload.wire())


@router.post(
    "/uploads/{upload_id}/complete",
    operation_id="completeUpload",
    status_code=201,
    response_model=wire.Asset,
    responses=problems.documented(401, 403, 404, 409, 422),
)
async def complete_upload(upload_id: UploadId, actor: deps.Caller, rooms: deps.House) -> Response:
    """Make the asset out of what arrived; asking again answers the same asset."""
    asset = await _in_any(rooms, actor, "upload", lambda workspace: rooms.uploads.complete(upload_id, workspace))
    return answers.json(await _asset_value(rooms, asset), 201)


@router.get(
    "/assets/{asset_id}",
    operation_id="readAsset",
    response_model=wire.Asset,
    responses=problems.documented(401, 404, 422),
)
async def read_asset(asset_id: AssetId, actor: deps.Caller, rooms: deps.House) -> Response:
    """What the service knows of the media, and a signed address of the file."""
    asset = await _in_any(rooms, actor, "read", lambda workspace: rooms.assets.get(asset_id, workspace))
    return answers.json(await _asset_value(rooms, asset))


async def _asset_value(rooms: Rooms, asset: Asset) -> dict[str, object]:
    url = await rooms.assets.download(asset.id, asset.workspace_id)
    return {**asset.wire(), "url": url.url}


async def _in_any(rooms: Rooms, actor: Actor, permission: str, ask: Callable[[UUID], Awaitable[T]]) -> T:
    """Ask in each of the actor's workspaces: ids of media do not say in which they are."""
    for workspace_id in await rooms.access.workspaces_of(actor):
        try:
            await rooms.access.grant_workspace(actor, workspace_id, permission)
            return await ask(workspace_id)
        except (errors.NotFound, errors.Forbidden) as refusal:
            if isinstance(refusal, errors.Forbidden):
                continue
    raise errors.NotFound("There is no such media, or it is not yours.", code="media_not_found")
