"""Uploads: a promise of bytes, signed URLs to send them to, and an asset once they are all there and right.

waiting ── completed (there is an asset)
      ├─── canceled  (by the client, or because what came is not what was announced)
      └─── expired
"""

import contextlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.assets import tables
from timeline_service.assets.service import Assets
from timeline_service.assets.tables import upload as table
from timeline_service.assets.values import Asset, NewUpload, PartUrl, Upload
from timeline_service.kit import clock, database, errors
from timeline_service.kit.storage import protocol
from timeline_service.kit.storage.protocol import ObjectInfo, ObjectStore

MAX_BYTES = 64 * 1024**3
URL_LIFE_S = 15 * 60
LIFE = timedelta(hours=24)
GRACE = timedelta(hours=1)  # a completion that began before the end may still be at work after it
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,255}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"(?:video|audio|image)/[a-z0-9][a-z0-9.+-]{0,63}|application/octet-stream")
_EXTENSIONS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "video/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
}


class Uploads:
    """The uploads of all workspaces; every call names the workspace it is made in."""

    def __init__(self, engine: AsyncEngine, store: ObjectStore, assets: Assets, *, max_bytes: int = MAX_BYTES) -> None:
        self._engine = engine
        self._store = store
        self._assets = assets
        self._max_bytes = max_bytes

    async def create(self, new: NewUpload, *, workspace_id: UUID, actor_id: UUID) -> Upload:
        """Open an upload.

        Raises Invalid (filename_invalid, size_invalid, content_type_invalid, sha256_invalid) and TooLarge
        (media_too_large).
        """
        _check(new, self._max_bytes)
        upload_id = clock.new_id()
        key = f"ws/{workspace_id}/media/{upload_id}/source.{_EXTENSIONS.get(new.content_type, 'bin')}"
        large = new.size > protocol.MAX_PART
        multipart_id = await self._store.start_multipart(key, new.content_type) if large else None
        row = {
            "id": upload_id,
            "workspace_id": workspace_id,
            "actor_id": actor_id,
            "filename": new.filename,
            "size": new.size,
            "sha256": new.sha256,
            "content_type": new.content_type,
            "key": key,
            "multipart_id": multipart_id,
            "expires_at": clock.now() + LIFE,
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(postgresql.insert(table).values(row).on_conflict_do_nothing())

        await database.run_transaction(self._engine, work, workspace_id=workspace_id)
        return await self._open(row, set())

    async def resume(self, upload_id: UUID, workspace_id: UUID) -> Upload:
        """Fresh URLs for the parts that have not arrived. Raises NotFound, Conflict (upload_completed, …)."""
        row = await self._waiting(upload_id, workspace_id)
        return await self._open(row, await self._arrived(row))

    async def complete(self, upload_id: UUID, workspace_id: UUID) -> Asset:
        """Make the asset out of what arrived; asking again answers the same asset.

        Raises NotFound, Conflict (upload_incomplete with the missing part numbers, upload_canceled, upload_expired)
        and Invalid (size_mismatch, checksum_mismatch), after which the upload is over and its bytes are gone.
        """
        row = await self._read(upload_id, workspace_id)
        asset = await self._assets.of_upload(upload_id, workspace_id) if row["state"] == "completed" else None
        if asset is None:
            _check_open(row)
            info = await self._assemble(row)
            await self._check_arrived(row, info)
            asset = await self._register(row, info)
        return await self._assets.settle(asset)

    async def cancel(self, upload_id: UUID, workspace_id: UUID) -> None:
        """Give an upload up and forget its bytes. Raises NotFound, Conflict (upload_completed)."""
        row = await self._read(upload_id, workspace_id)
        if row["state"] == "completed" or (
            row["state"] == "waiting" and not await self._close(row, "canceled", reason=None)
        ):
            raise errors.Conflict("The upload has become an asset already.", code="upload_completed")
        await self._forget(row)

    async def sweep(self, *, limit: int = 100) -> int:
        """Forget what expired, in all workspaces: for workers, in the worker's role. Answers how many."""
        overdue = sa.and_(table.c.state == "waiting", table.c.expires_at < clock.now() - GRACE)

        async def expired(connection: AsyncConnection) -> list[sa.RowMapping]:
            return list((await connection.execute(sa.select(table).where(overdue).limit(limit))).mappings())

        rows = await database.run_transaction(self._engine, expired)
        for row in rows:
            # Bytes first: a crash in between leaves a row to come back to, never bytes without one.
            await self._forget(row)
            await self._close(row, "expired", reason=None)
        return len(rows)

    # Steps.

    async def _open(self, row: sa.RowMapping | dict[str, Any], arrived: set[int]) -> Upload:
        sizes = protocol.part_sizes(row["size"])
        parts = [
            PartUrl(number, size, await self._sign(row, number, size))
            for number, size in enumerate(sizes, start=1)
            if number not in arrived
        ]
        return Upload(row["id"], row["workspace_id"], tuple(parts), row["expires_at"])

    async def _sign(self, row: sa.RowMapping | dict[str, Any], number: int, size: int) -> protocol.SignedUrl:
        if row["multipart_id"] is not None:
            return await self._store.sign_part(
                row["key"], row["multipart_id"], part=number, size=size, expires_s=URL_LIFE_S
            )
        return await self._store.sign_put(
            row["key"], size=size, content_type=row["content_type"], sha256=row["sha256"], expires_s=URL_LIFE_S
        )

    async def _arrived(self, row: sa.RowMapping) -> set[int]:
        sizes = protocol.part_sizes(row["size"])
        if await self._store.head(row["key"]) is not None:
            return set(range(1, len(sizes) + 1))
        if row["multipart_id"] is None:
            return set()
        try:
            parts = await self._store.list_parts(row["key"], row["multipart_id"])
        except errors.NotFound:  # another completion joined them at this moment
            return set(range(1, len(sizes) + 1)) if await self._store.head(row["key"]) is not None else set()
        return {part.number for part in parts if part.number <= len(sizes) and part.size == sizes[part.number - 1]}

    async def _assemble(self, row: sa.RowMapping) -> ObjectInfo:
        """The object, put together from its parts if that has not happened yet."""
        missing = set(range(1, len(protocol.part_sizes(row["size"])) + 1)) - await self._arrived(row)
        if missing:
            raise errors.Conflict(
                "Some parts have not arrived yet.", code="upload_incomplete", missing=sorted(missing)[:100]
            )
        if row["multipart_id"] is not None and await self._store.head(row["key"]) is None:
            # Another completion may be faster; what it made is looked at below.
            with contextlib.suppress(protocol.ObjectExists, errors.NotFound):
                parts = await self._store.list_parts(row["key"], row["multipart_id"])
                await self._store.complete_multipart(row["key"], row["multipart_id"], parts)
        info = await self._store.head(row["key"])
        if info is None:
            raise errors.Conflict("The bytes have not arrived yet.", code="upload_incomplete", missing=[])
        return info

    async def _check_arrived(self, row: sa.RowMapping, info: ObjectInfo) -> None:
        """A store that cannot tell the checksum leaves it to the probe, which reads every byte."""
        if info.size != row["size"]:
            wrong = errors.Invalid("The file has another size than announced.", code="size_mismatch", size=info.size)
        elif info.sha256 is not None and row["sha256"] not in {None, info.sha256}:
            wrong = errors.Invalid("The file has another checksum than announced.", code="checksum_mismatch")
        else:
            return
        if await self._close(row, "canceled", reason=wrong.stable_code):
            await self._forget(row)
        raise wrong

    async def _register(self, row: sa.RowMapping, info: ObjectInfo) -> Asset:
        """The asset row and the end of the upload, in one transaction; of several who try, one does."""
        values = {
            "id": clock.new_id(),
            "workspace_id": row["workspace_id"],
            "upload_id": row["id"],
            "filename": row["filename"],
            "content_type": row["content_type"],
            "size": row["size"],
            "sha256": info.sha256 or row["sha256"],
            "key": row["key"],
        }
        finish = sa.update(table).where(table.c.id == row["id"], table.c.state == "waiting").values(state="completed")

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(finish)).rowcount == 1:
                await connection.execute(postgresql.insert(tables.asset).values(values))

        await database.run_transaction(self._engine, work, workspace_id=row["workspace_id"])
        asset = await self._assets.of_upload(row["id"], row["workspace_id"])
        if asset is None:
            raise await self._closed(row["id"], row["workspace_id"])
        return asset

    async def _forget(self, row: sa.RowMapping) -> None:
        if row["multipart_id"] is not None:
            await self._store.abort_multipart(row["key"], row["multipart_id"])
        await self._store.delete(row["key"])

    async def _close(self, row: sa.RowMapping, state: str, *, reason: str | None) -> bool:
        statement = (
            sa.update(table)
            .where(table.c.id == row["id"], table.c.state == "waiting")
            .values(state=state, reason=reason)
        )

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(statement)).rowcount == 1

        return await database.run_transaction(self._engine, work, workspace_id=row["workspace_id"])

    async def _waiting(self, upload_id: UUID, workspace_id: UUID) -> sa.RowMapping:
        row = await self._read(upload_id, workspace_id)
        _check_open(row)
        return row

    async def _closed(self, upload_id: UUID, workspace_id: UUID) -> errors.Conflict:
        row = await self._read(upload_id, workspace_id)
        return _over(row["state"], row["reason"])

    async def _read(self, upload_id: UUID, workspace_id: UUID) -> sa.RowMapping:
        statement = sa.select(table).where(table.c.workspace_id == workspace_id, table.c.id == upload_id)

        async def work(connection: AsyncConnection) -> sa.RowMapping | None:
            return (await connection.execute(statement)).mappings().one_or_none()

        row = await database.run_transaction(self._engine, work, workspace_id=workspace_id)
        if row is None:
            raise errors.NotFound("There is no such upload, or it is not yours.", code="upload_not_found")
        return row


def _check_open(row: sa.RowMapping) -> None:
    if row["state"] != "waiting":
        raise _over(row["state"], row["reason"])
    if row["expires_at"] <= clock.now():
        raise _over("expired", None)


def _over(state: str, reason: str | None) -> errors.Conflict:
    return errors.Conflict(f"The upload is {state}.", code=f"upload_{state}", reason=reason)


def _check(new: NewUpload, max_bytes: int) -> None:
    if not _NAME.fullmatch(new.filename):
        raise errors.Invalid("A file name has 1 to 255 characters, none of them control.", code="filename_invalid")
    if new.size < 1:
        raise errors.Invalid("There is nothing in this file.", code="size_invalid")
    if new.size > max_bytes:
        raise errors.TooLarge("The file is larger than the service takes.", code="media_too_large", limit=max_bytes)
    if not _TYPE.fullmatch(new.content_type):
        raise errors.Invalid("Only video, audio and image files are taken.", code="content_type_invalid")
    if new.sha256 is not None and not _SHA256.fullmatch(new.sha256):
        raise errors.Invalid("sha256 is 64 lower-case hex digits.", code="sha256_invalid")
