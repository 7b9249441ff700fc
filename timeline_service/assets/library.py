"""The door to the asset room for people: each command asks first whether the actor may, then works in the workspace."""

from uuid import UUID

from timeline_service.access.service import Access, Actor
from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.assets.values import Asset, NewUpload, Upload
from timeline_service.kit import errors
from timeline_service.kit.storage.protocol import SignedUrl


class Library:
    """Uploads and assets as one actor may see and change them.

    What belongs to a workspace that the actor is not in answers NotFound (media_not_found), as what is not there.
    """

    def __init__(self, access: Access, assets: Assets, uploads: Uploads) -> None:
        self._access = access
        self._assets = assets
        self._uploads = uploads

    async def begin_upload(self, actor: Actor, workspace_id: UUID, new: NewUpload) -> Upload:
        """See `Uploads.create`."""
        await self._access.grant_workspace(actor, workspace_id, "upload")
        return await self._uploads.create(new, workspace_id=workspace_id, actor_id=actor.id)

    async def resume_upload(self, actor: Actor, upload_id: UUID) -> Upload:
        """See `Uploads.resume`."""
        return await self._uploads.resume(upload_id, await self._workspace(actor, upload_id, "upload"))

    async def complete_upload(self, actor: Actor, upload_id: UUID) -> Asset:
        """See `Uploads.complete`."""
        return await self._uploads.complete(upload_id, await self._workspace(actor, upload_id, "upload"))

    async def cancel_upload(self, actor: Actor, upload_id: UUID) -> None:
        """See `Uploads.cancel`."""
        await self._uploads.cancel(upload_id, await self._workspace(actor, upload_id, "upload"))

    async def asset(self, actor: Actor, asset_id: UUID) -> Asset:
        """See `Assets.get`."""
        return await self._assets.get(asset_id, await self._workspace(actor, asset_id, "read"))

    async def assets(
        self, actor: Actor, workspace_id: UUID, *, before: UUID | None = None, limit: int = 50
    ) -> list[Asset]:
        """A page of the workspace's assets, newest first, that follows the asset `before`."""
        await self._access.grant_workspace(actor, workspace_id, "read")
        last = await self._assets.get(before, workspace_id) if before else None
        return await self._assets.newest(workspace_id, before=last, limit=limit)

    async def download(self, actor: Actor, asset_id: UUID) -> SignedUrl:
        """See `Assets.download`."""
        return await self._assets.download(asset_id, await self._workspace(actor, asset_id, "read"))

    async def _workspace(self, actor: Actor, media_id: UUID, permission: str) -> UUID:
        workspace_id = await self._assets.workspace_of(media_id)
        try:
            return (await self._access.grant_workspace(actor, workspace_id, permission)).workspace_id
        except errors.NotFound as foreign:
            # "No such workspace" would tell that the thing exists, somewhere.
            raise errors.NotFound(
                "There is no such asset or upload, or it is not yours.", code="media_not_found"
            ) from foreign
