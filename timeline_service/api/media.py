"""Uploads and assets."""

from typing import Annotated
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
    workspace_id = await _workspace(rooms, actor, upload_id, "upload")
    return answers.json((await rooms.uploads.resume(upload_id, workspace_id)).wire())


@router.post(
    "/uploads/{upload_id}/complete",
    operation_id="completeUpload",
    status_code=201,
    response_model=wire.Asset,
    responses=problems.documented(401, 403, 404, 409, 422),
)
async def complete_upload(upload_id: UploadId, actor: deps.Caller, rooms: deps.House) -> Response:
    """Make the asset out of what arrived; asking again answers the same asset."""
    workspace_id = await _workspace(rooms, actor, upload_id, "upload")
    asset = await rooms.uploads.complete(upload_id, workspace_id)
    return answers.json(await _asset_value(rooms, asset), 201)


@router.get(
    "/assets/{asset_id}",
    operation_id="readAsset",
    response_model=wire.Asset,
    responses=problems.documented(401, 404, 422),
)
async def read_asset(asset_id: AssetId, actor: deps.Caller, rooms: deps.House) -> Response:
    """What the service knows of the media, and a signed address of the file."""
    workspace_id = await _workspace(rooms, actor, asset_id, "read")
    asset = await rooms.assets.get(asset_id, workspace_id)
    return answers.json(await _asset_value(rooms, asset))


async def _asset_value(rooms: Rooms, asset: Asset) -> dict[str, object]:
    url = await rooms.assets.download(asset.id, asset.workspace_id)
    return {**asset.wire(), "url": url.url}


async def _workspace(rooms: Rooms, actor: Actor, media_id: UUID, permission: str) -> UUID:
    """Where an asset or upload lies, if the actor may do this there; one that is not theirs is not there."""
    workspace_id = await rooms.assets.workspace_of(media_id)
    try:
        return (await rooms.access.grant_workspace(actor, workspace_id, permission)).workspace_id
    except errors.NotFound:
        # The same words as for an id that never was.
        raise errors.NotFound("There is no such asset or upload, or it is not yours.", code="media_not_found") from None
