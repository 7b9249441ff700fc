"""Assets: look them up, and find out what they are.

    uploaded ── probing ── ready
                      └─── failed (error_code)

An asset is probed by whoever claims it: the request that completed the upload if the file is small, else a worker.
A claim is over after a while, so that a killed prober delays an asset but does not lose it.
"""

import asyncio
import dataclasses
import re
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.assets import probe
from timeline_service.assets.mediainfo import MediaInfo, Picture, Sound, Unfit
from timeline_service.assets.tables import asset as table
from timeline_service.assets.values import Asset, MediaFacts
from timeline_service.domain.time import Rate
from timeline_service.kit import database, errors
from timeline_service.kit.storage.protocol import ObjectStore, SignedUrl

CLAIM_S = 300  # and a second for each 10 MB
PROBES = 2  # at once in one process: each takes a core
DOWNLOAD_LIFE_S = 15 * 60
_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_WORKSPACE = sa.func.media_workspace


class Assets:
    """The assets of all workspaces; every question names the workspace it is asked in.

    `scratch` is where files are looked at; beside a folder store it should lie on the same disk.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        store: ObjectStore,
        *,
        scratch: Path | None = None,
        limits: probe.Limits | None = None,
        inline_bytes: int = 256 * 1024 * 1024,
    ) -> None:
        self._engine = engine
        self._store = store
        self._scratch = scratch
        self._limits = limits
        self._inline_bytes = inline_bytes
        self._turn = asyncio.Semaphore(PROBES)

    async def get(self, asset_id: UUID, workspace_id: UUID) -> Asset:
        """One asset. Raises NotFound."""
        found = await self._find(table.c.id == asset_id, workspace_id)
        if not found:
            raise errors.NotFound("There is no such asset, or it is not yours.", code="asset_not_found")
        return found[0]

    async def of_upload(self, upload_id: UUID, workspace_id: UUID) -> Asset | None:
        """The asset that an upload became, if it did."""
        found = await self._find(table.c.upload_id == upload_id, workspace_id)
        return found[0] if found else None

    async def find(self, asset_ids: Sequence[UUID], workspace_id: UUID) -> dict[UUID, Asset]:
        """Those of the assets that are there, whatever their status."""
        found = await self._find(table.c.id.in_(asset_ids), workspace_id) if asset_ids else []
        return {asset.id: asset for asset in found}

    async def facts(self, asset_ids: Sequence[UUID], workspace_id: UUID) -> dict[UUID, MediaFacts]:
        """What editing may know of those of the assets that are ready."""
        found = await self.find(asset_ids, workspace_id)
        return {asset_id: facts for asset_id, asset in found.items() if (facts := asset.facts()) is not None}

    async def facts_named(self, names: Sequence[str], workspace_id: UUID) -> dict[str, MediaFacts]:
        """The same by ids as gestures name them; what is no id names no asset."""
        ids = {parsed: name for name in names if (parsed := _uuid(name)) is not None}
        return {ids[asset_id]: facts for asset_id, facts in (await self.facts(list(ids), workspace_id)).items()}

    async def missing(self, names: Collection[str], workspace_id: UUID) -> dict[str, str]:
        """Those that are not ready, with their status; `missing` where there is no such asset."""
        ids = {name: parsed for name in names if (parsed := _uuid(name)) is not None}
        found = await self.find(list(ids.values()), workspace_id)
        status = {name: found[ids[name]].status if ids.get(name) in found else "missing" for name in names}
        return {name: said for name, said in status.items() if said != "ready"}

    async def workspace_of(self, media_id: UUID) -> UUID:
        """Whose an asset or an upload is, to ask for a grant there. Raises NotFound."""

        async def work(connection: AsyncConnection) -> UUID | None:
            found: UUID | None = (await connection.execute(sa.select(_WORKSPACE(media_id)))).scalar_one()
            return found

        found = await database.run_transaction(self._engine, work)
        if found is None:
            raise errors.NotFound("There is no such asset or upload, or it is not yours.", code="media_not_found")
        return found

    async def newest(self, workspace_id: UUID, *, before: Asset | None = None, limit: int = 50) -> list[Asset]:
        """A page of the workspace's assets, newest first, starting after the asset `before`."""
        place = sa.tuple_(table.c.created_at, table.c.id)
        older = sa.true() if before is None else place < sa.tuple_(sa.literal(before.created_at), sa.literal(before.id))
        return await self._find(older, workspace_id, limit=limit)

    async def download(self, asset_id: UUID, workspace_id: UUID) -> SignedUrl:
        """A URL of the original file."""
        asset = await self.get(asset_id, workspace_id)
        return await self._store.sign_get(asset.key, filename=asset.filename, expires_s=DOWNLOAD_LIFE_S)

    async def settle(self, asset: Asset) -> Asset:
        """Probe the asset now if it is small and nobody did; answers it as it is then."""
        if asset.status in {"ready", "failed"} or asset.size > self._inline_bytes:
            return asset
        async with self._turn:
            await self._probe(asset)
        return await self.get(asset.id, asset.workspace_id)

    async def probe_pending(self, *, limit: int = 4) -> int:
        """Probe what waits, of all workspaces: for workers, in the worker's role. Answers how many were probed."""

        async def waiting(connection: AsyncConnection) -> list[Asset]:
            rows = await connection.execute(sa.select(table).where(_free()).order_by(table.c.created_at).limit(limit))
            return [_asset(row) for row in rows.mappings()]

        pending = await database.run_transaction(self._engine, waiting)
        return sum([await self._probe(asset) for asset in pending])

    async def _probe(self, asset: Asset) -> bool:
        """Claim, fetch, read, record. False if somebody else has it."""
        if not await self._update(asset, _free(), status="probing", probing_since=sa.func.clock_timestamp()):
            return False
        facts: dict[str, Any]
        if self._scratch is not None:
            self._scratch.mkdir(parents=True, exist_ok=True)
        # ignore_cleanup_errors: a disk that fails here must not undo what was found out.
        with tempfile.TemporaryDirectory(prefix="probe-", dir=self._scratch, ignore_cleanup_errors=True) as scratch:
            path = Path(scratch) / "source"
            try:
                facts = await self._read(asset, path)
            except errors.NotFound:
                facts = {"status": "failed", "error_code": "object_not_found"}
            except BaseException:
                # Not the file's fault (a store that is away, a request that was cancelled): somebody else's turn.
                await asyncio.shield(self._update(asset, table.c.status == "probing", status="uploaded"))
                raise
        return await self._update(asset, table.c.status == "probing", **facts)

    async def _read(self, asset: Asset, path: Path) -> dict[str, Any]:
        digest = await self._store.fetch(asset.key, path)
        if asset.sha256 not in {None, digest}:
            return {"status": "failed", "error_code": "checksum_mismatch"}
        try:
            info = await probe.probe(path, self._limits)
        except Unfit as unfit:
            return {"status": "failed", "error_code": unfit.code.value, "sha256": digest}
        return {"status": "ready", "sha256": digest, **_columns(info)}

    async def _update(self, asset: Asset, only_if: sa.ColumnElement[bool], **values: Any) -> bool:
        statement = sa.update(table).where(table.c.id == asset.id, only_if).values(**values)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(statement)).rowcount == 1

        return await database.run_transaction(self._engine, work, workspace_id=asset.workspace_id)

    async def _find(
        self, condition: sa.ColumnElement[bool], workspace_id: UUID, *, limit: int | None = None
    ) -> list[Asset]:
        # The workspace is named although row level security adds it: two walls, and an index to use.
        statement = (
            sa.select(table)
            .where(table.c.workspace_id == workspace_id, condition)
            .order_by(table.c.created_at.desc(), table.c.id.desc())
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> list[Asset]:
            return [_asset(row) for row in (await connection.execute(statement)).mappings()]

        return await database.run_transaction(self._engine, work, workspace_id=workspace_id)


def _uuid(name: str) -> UUID | None:
    # Only the canonical spelling: an asset has one name in the records that refer to it.
    return UUID(name) if _CANONICAL.fullmatch(name) else None


def _free() -> sa.ColumnElement[bool]:
    """Waiting to be probed, or claimed by somebody who did not come back."""
    claim = sa.func.make_interval(0, 0, 0, 0, 0, 0, CLAIM_S + table.c.size / 10_000_000)
    abandoned = sa.and_(table.c.status == "probing", table.c.probing_since + claim < sa.func.clock_timestamp())
    return sa.or_(table.c.status == "uploaded", abandoned)


def _asset(row: sa.RowMapping) -> Asset:
    names = {field.name for field in dataclasses.fields(Asset)} - {"rate", "keyframes"}
    return Asset(
        rate=Rate(row["rate_num"], row["rate_den"]) if row["rate_num"] else None,
        keyframes=tuple(row["keyframes"]) if row["keyframes"] is not None else None,
        **{name: row[name] for name in names},
    )


def _columns(info: MediaInfo) -> dict[str, Any]:
    picture, sound = info.picture, info.sound
    return {
        "kind": info.kind,
        "duration": info.duration,
        "has_audio": sound is not None,
        "encoding": _encoding(info),
        **(_picture_columns(picture) if picture else {}),
        **(_sound_columns(sound) if sound else {}),
    }


def _picture_columns(picture: Picture) -> dict[str, Any]:
    return {
        "width": picture.width,
        "height": picture.height,
        "rotation": picture.rotation,
        "rate_num": picture.rate.num if picture.rate else None,
        "rate_den": picture.rate.den if picture.rate else None,
        "variable_rate": picture.variable,
        "frame_count": picture.frame_count,
        "video_start": picture.start,
        "colour": dataclasses.asdict(picture.colour),
        "keyframes": list(picture.keyframes),
    }


def _sound_columns(sound: Sound) -> dict[str, Any]:
    return {
        "audio_rate": sound.sample_rate,
        "channels": sound.channels,
        "audio_start": sound.start,
        "audio_duration": sound.duration,
    }


def _encoding(info: MediaInfo) -> dict[str, Any]:
    picture, sound = info.picture, info.sound
    return {
        "container": info.format,
        "video_codec": picture.codec if picture else None,
        "pixel_format": picture.pixel_format if picture else None,
        "pixel_aspect": list(picture.pixel_aspect) if picture else None,
        "average_rate": list(picture.average) if picture and picture.average else None,
        "audio_codec": sound.codec if sound else None,
    }
