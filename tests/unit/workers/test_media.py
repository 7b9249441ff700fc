"""The cache of sources on a worker's disk."""

import asyncio
import dataclasses
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from timeline_service.assets.values import Asset
from timeline_service.kit import clock
from timeline_service.kit.storage.filesystem import FilesystemStore
from workers import media


def asset_of(data: bytes) -> Asset:
    """A ready asset with these bytes."""
    empty = {field.name: None for field in dataclasses.fields(Asset)}
    asset_id, workspace_id = clock.new_id(), clock.new_id()
    known = {
        "id": asset_id,
        "workspace_id": workspace_id,
        "status": "ready",
        "filename": "film.mp4",
        "content_type": "video/mp4",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "key": f"ws/{workspace_id}/uploads/{asset_id}",
        "created_at": datetime.now(UTC),
    }
    return Asset(**{**empty, **known})


class CountingStore(FilesystemStore):
    fetched = 0

    async def fetch(self, key: str, path: Path) -> str:
        self.fetched += 1
        return await super().fetch(key, path)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path / "objects", "a signing key for tests only", "http://127.0.0.1:1")


async def stored(store: FilesystemStore, tmp_path: Path, data: bytes) -> Asset:
    asset = asset_of(data)
    path = tmp_path / "upload"
    path.write_bytes(data)
    await store.put_file(asset.key, path, "video/mp4")
    return asset


async def test_a_source_is_fetched_once(store: CountingStore, tmp_path: Path) -> None:
    asset = await stored(store, tmp_path, b"film")
    cache = media.Cache(tmp_path / "cache", store, 1000)
    placed = await asyncio.gather(*(cache.place({"a": asset}, tmp_path / f"job-{n}") for n in range(5)))
    assert store.fetched == 1
    assert [Path(found["a"]).read_bytes() for found in placed] == [b"film"] * 5


async def test_what_was_used_longest_ago_goes_first_and_jobs_keep_theirs(store: CountingStore, tmp_path: Path) -> None:
    cache = media.Cache(tmp_path / "cache", store, 25)
    assets = [await stored(store, tmp_path, bytes([n]) * 10) for n in range(3)]
    for n, asset in enumerate(assets[:2]):
        await cache.place({"a": asset}, tmp_path / "job")
        os.utime(tmp_path / "cache" / str(asset.sha256), ns=(n, 0))
    await cache.place({"a": assets[2]}, tmp_path / "job")
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {assets[1].sha256, assets[2].sha256}
    assert {path.name for path in (tmp_path / "job").iterdir()} == {asset.sha256 for asset in assets}


async def test_other_bytes_than_those_uploaded_are_refused(store: CountingStore, tmp_path: Path) -> None:
    asset = dataclasses.replace(await stored(store, tmp_path, b"film"), sha256="0" * 64)
    cache = media.Cache(tmp_path / "cache", store, 1000)
    with pytest.raises(media.MediaDamaged):
        await cache.place({"a": asset}, tmp_path / "job")
    assert list((tmp_path / "job").iterdir()) == [] == list((tmp_path / "cache").iterdir())
