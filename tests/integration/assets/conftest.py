"""The asset room over real servers: PostgreSQL as the app's role, a folder store behind HTTP, real media."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests import serving
from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.assets.values import Asset, NewUpload, Upload
from timeline_service.kit import clock
from timeline_service.kit.storage.filesystem import FilesystemStore


@dataclass
class Room:
    """One workspace and everything to upload into it."""

    engine: AsyncEngine
    store: FilesystemStore
    assets: Assets
    uploads: Uploads
    workspace_id: UUID
    root: Path
    actor_id: UUID

    async def open(self, body: bytes, content_type: str = "video/mp4", **more: object) -> Upload:
        new = NewUpload("holiday film.mp4", len(body), content_type, hashlib.sha256(body).hexdigest())
        for name, value in more.items():
            object.__setattr__(new, name, value)
        return await self.uploads.create(new, workspace_id=self.workspace_id, actor_id=self.actor_id)

    async def send(self, upload: Upload, body: bytes) -> list[int]:
        at = 0
        answers = []
        async with httpx2.AsyncClient() as http:
            for part in upload.parts:
                answer = await http.put(part.signed.url, content=body[at : at + part.size], headers=part.signed.headers)
                answers.append(answer.status_code)
                at += part.size
        return answers

    async def complete(self, upload: Upload) -> Asset:
        return await self.uploads.complete(upload.id, self.workspace_id)

    async def add(self, body: bytes, content_type: str = "video/mp4") -> Asset:
        upload = await self.open(body, content_type)
        assert set(await self.send(upload, body)) == {200}
        return await self.complete(upload)

    def files(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if path.is_file()]


async def make_workspace(engine: AsyncEngine) -> UUID:
    workspace_id = clock.new_id()
    async with engine.begin() as connection:
        await connection.execute(
            sa.text("insert into workspace (id, name) values (:id, 'films')"), {"id": workspace_id}
        )
    return workspace_id


@pytest.fixture
async def room(engine: AsyncEngine, owner_engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Room]:
    root = tmp_path / "store"
    async with serving.folder_store(root) as store:
        assets = Assets(engine, store, scratch=tmp_path)
        uploads = Uploads(engine, store, assets)
        yield Room(engine, store, assets, uploads, await make_workspace(owner_engine), root, clock.new_id())
