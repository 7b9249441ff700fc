"""From a promise of bytes to an asset: what arrives, what is refused, what a second try or a crash finds."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests import media
from tests.integration.assets.conftest import Room, make_workspace
from timeline_service.assets import uploads as uploads_module
from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.assets.values import NewUpload
from timeline_service.domain.time import Rate
from timeline_service.kit import clock, database, errors
from timeline_service.kit.storage import protocol

MEBIBYTE = 1024 * 1024


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return media.film(tmp_path / "film.mp4", sound=True, frames=48).read_bytes()


async def test_a_film_becomes_an_asset(room: Room, film: bytes) -> None:
    upload = await room.open(film)
    wire = upload.wire()
    assert set(wire) == {"id", "workspace_id", "parts", "expires_at"}
    assert set(wire["parts"][0]) == {"part", "url", "method", "headers", "size", "expires_at"}
    assert await room.send(upload, film) == [200]
    asset = await room.complete(upload)
    assert (asset.status, asset.kind, asset.error_code) == ("ready", "video", None)
    assert (asset.width, asset.height, asset.rate, asset.frame_count) == (96, 64, Rate(24, 1), 48)
    assert (asset.duration, asset.has_audio, asset.channels) == (48 * 29_400_000, True, 2)
    assert asset.sha256 == hashlib.sha256(film).hexdigest()
    assert asset.keyframes == (0, 12, 24, 36)
    assert asset.wire()["rate"] == {"num": 24, "den": 1}
    assert asset.encoding is not None
    assert asset.encoding["video_codec"] == "h264"
    facts = await room.assets.facts([asset.id, clock.new_id()], room.workspace_id)
    assert list(facts) == [asset.id]
    assert (facts[asset.id].kind, facts[asset.id].rate, facts[asset.id].has_audio) == ("video", Rate(24, 1), True)
    named = await room.assets.facts_named([str(asset.id), "x", str(asset.id).upper()], room.workspace_id)
    assert list(named) == [str(asset.id)]


async def test_a_song_and_a_still(room: Room, tmp_path: Path) -> None:
    song = await room.add(media.song(tmp_path / "a.wav").read_bytes(), "audio/wav")
    assert (song.kind, song.has_audio, song.width, song.rate) == ("audio", True, None, None)
    assert song.duration == 705_600_000 * 3 // 2
    still = await room.add(media.still(tmp_path / "a.png").read_bytes(), "image/png")
    assert (still.kind, still.duration, still.width, still.rate) == ("image", None, 96, None)
    newest = await room.assets.newest(room.workspace_id, limit=1)
    assert [asset.id for asset in newest] == [still.id]
    assert [asset.id for asset in await room.assets.newest(room.workspace_id, before=newest[0])] == [song.id]


async def test_the_original_comes_back(room: Room, film: bytes) -> None:
    asset = await room.add(film)
    signed = await room.assets.download(asset.id, room.workspace_id)
    async with httpx2.AsyncClient() as http:
        answer = await http.get(signed.url)
    assert answer.content == film
    assert 'filename="holiday film.mp4"' in answer.headers["content-disposition"]


async def test_completing_again_answers_the_same_asset(room: Room, film: bytes) -> None:
    upload = await room.open(film)
    await room.send(upload, film)
    assets = await asyncio.gather(*(room.complete(upload) for _ in range(5)))
    assert len({asset.id for asset in assets}) == 1
    assert (await room.complete(upload)).status == "ready"
    assert len(await room.assets.newest(room.workspace_id)) == 1


async def test_completing_before_the_bytes(room: Room, film: bytes) -> None:
    upload = await room.open(film)
    with pytest.raises(errors.Conflict) as caught:
        await room.complete(upload)
    assert (caught.value.stable_code, caught.value.details) == ("upload_incomplete", {"missing": [1]})
    assert await room.assets.newest(room.workspace_id) == []
    await room.send(upload, film)
    assert (await room.complete(upload)).status == "ready"


async def test_many_parts(room: Room, film: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_PART", MEBIBYTE)
    # Bytes after the film do no harm, and make it large.
    body = film + b"\x00\x00\x00\x08free" * (300 * 1024)
    upload = await room.open(body)
    assert [part.size for part in upload.parts[:-1]] == [MEBIBYTE] * (len(upload.parts) - 1)
    assert sum(part.size for part in upload.parts) == len(body)
    async with httpx2.AsyncClient() as http:
        last = upload.parts[-1]
        await http.put(last.signed.url, content=body[-last.size :], headers=last.signed.headers)
    with pytest.raises(errors.Conflict) as caught:
        await room.complete(upload)
    assert caught.value.details["missing"] == [1, 2]
    again = await room.uploads.resume(upload.id, room.workspace_id)
    assert [part.number for part in again.parts] == [1, 2]
    assert set(await room.send(again, body)) == {200}
    assert (await room.uploads.resume(upload.id, room.workspace_id)).parts == ()
    asset = await room.complete(upload)
    assert (asset.status, asset.size, asset.sha256) == ("ready", len(body), hashlib.sha256(body).hexdigest())
    assert [path for path in room.files() if "multipart" in path.parts] == []


async def test_parts_completed_by_several_at_once(room: Room, film: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_PART", MEBIBYTE)
    body = film + b"\x00\x00\x00\x08free" * (300 * 1024)
    upload = await room.open(body)
    await room.send(upload, body)
    assets = await asyncio.gather(*(room.complete(upload) for _ in range(6)))
    assert len({asset.id for asset in assets}) == 1
    assert (await room.complete(upload)).status == "ready"


async def test_parts_of_a_wrong_file(room: Room, film: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store sees the whole only when the parts are joined: then it is refused, and gone."""
    monkeypatch.setattr(protocol, "MAX_PART", MEBIBYTE)
    body = film + b"\x00" * MEBIBYTE
    upload = await room.open(body)
    await room.send(upload, body[:-1] + b"\x01")
    with pytest.raises(errors.Invalid) as caught:
        await room.complete(upload)
    assert caught.value.stable_code == "checksum_mismatch"
    assert room.files() == []
    assert await room.assets.newest(room.workspace_id) == []
    with pytest.raises(errors.Conflict) as over:
        await room.complete(upload)
    assert (over.value.stable_code, over.value.details) == ("upload_canceled", {"reason": "checksum_mismatch"})


async def test_a_wrong_checksum_is_refused_at_the_door(room: Room, film: bytes) -> None:
    upload = await room.open(film, sha256="ab" * 32)
    assert await room.send(upload, film) == [422]
    assert room.files() == []


async def test_a_checksum_that_nobody_announced_is_measured(room: Room, film: bytes) -> None:
    upload = await room.open(film, sha256=None)
    await room.send(upload, film)
    assert (await room.complete(upload)).sha256 == hashlib.sha256(film).hexdigest()


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"no film" * 100, "media_unreadable"), (b"#EXTM3U\n#EXTINF:1,\nfile:/etc/passwd\n", "media_unreadable")],
)
async def test_what_is_no_media_fails_with_a_code(room: Room, body: bytes, code: str) -> None:
    asset = await room.add(body)
    assert (asset.status, asset.error_code, asset.kind) == ("failed", code, None)
    assert await room.assets.facts([asset.id], room.workspace_id) == {}
    assert asset.wire()["error"] == code


async def test_a_cut_film_fails(room: Room, tmp_path: Path) -> None:
    whole = media.film(tmp_path / "a.mp4", frames=100, size=(320, 240), options={"movflags": "+faststart"})
    asset = await room.add(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    assert (asset.status, asset.error_code) == ("failed", "media_truncated")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"filename": ""}, "filename_invalid"),
        ({"filename": "a\x00b"}, "filename_invalid"),
        ({"filename": "a\nb"}, "filename_invalid"),
        ({"filename": "\ud800"}, "filename_invalid"),
        ({"filename": "x" * 256}, "filename_invalid"),
        ({"size": 0}, "size_invalid"),
        ({"size": -1}, "size_invalid"),
        ({"size": 2**63}, "media_too_large"),
        ({"content_type": "text/html"}, "content_type_invalid"),
        ({"content_type": "video/mp4\n"}, "content_type_invalid"),
        ({"content_type": "video/mp4; codecs=x"}, "content_type_invalid"),
        ({"sha256": "AB" * 32}, "sha256_invalid"),
        ({"sha256": "ab"}, "sha256_invalid"),
    ],
)
async def test_promises_that_are_refused(room: Room, changes: dict[str, object], code: str) -> None:
    with pytest.raises(errors.ServiceError) as caught:
        await room.open(b"film", **changes)
    assert caught.value.stable_code == code
    assert caught.value.status in {413, 422}


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\a.mp4", "été 🎬.mp4", "a.mp4;rm -rf", '"quoted".mp4'])
async def test_names_are_only_names(room: Room, film: bytes, name: str) -> None:
    upload = await room.open(film, filename=name)
    await room.send(upload, film)
    asset = await room.complete(upload)
    assert (asset.filename, asset.key) == (name, f"ws/{room.workspace_id}/media/{upload.id}/source.mp4")


async def test_a_canceled_upload(room: Room, film: bytes) -> None:
    upload = await room.open(film)
    await room.send(upload, film)
    await room.uploads.cancel(upload.id, room.workspace_id)
    await room.uploads.cancel(upload.id, room.workspace_id)
    assert room.files() == []
    for call in (room.uploads.resume, room.uploads.complete):
        with pytest.raises(errors.Conflict) as caught:
            await call(upload.id, room.workspace_id)
        assert caught.value.stable_code == "upload_canceled"


async def test_what_became_an_asset_is_not_canceled(room: Room, film: bytes) -> None:
    upload = await room.open(film)
    await room.send(upload, film)
    asset = await room.complete(upload)
    with pytest.raises(errors.Conflict) as caught:
        await room.uploads.cancel(upload.id, room.workspace_id)
    assert caught.value.stable_code == "upload_completed"
    assert await room.store.head(asset.key) is not None


async def test_an_upload_that_nobody_finishes_is_swept(
    room: Room, worker_engine: AsyncEngine, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "LIFE", timedelta(hours=-2))
    monkeypatch.setattr(protocol, "MAX_PART", MEBIBYTE)
    small, large = await room.open(film), await room.open(film + b"\x00" * MEBIBYTE)
    await room.send(small, film)
    await room.send(large, film + b"\x00" * MEBIBYTE)
    with pytest.raises(errors.Conflict) as caught:
        await room.complete(small)
    assert caught.value.stable_code == "upload_expired"
    worker = Uploads(worker_engine, room.store, Assets(worker_engine, room.store))
    assert await worker.sweep() >= 2
    assert room.files() == []
    assert await worker.sweep() == 0


async def test_an_upload_that_may_still_be_completing_is_not_swept(
    room: Room, worker_engine: AsyncEngine, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "LIFE", timedelta(minutes=-2))
    await room.send(await room.open(film), film)
    assert await Uploads(worker_engine, room.store, Assets(worker_engine, room.store)).sweep() == 0


async def test_other_workspaces_see_nothing(room: Room, owner_engine: AsyncEngine, film: bytes) -> None:
    upload = await room.open(film)
    await room.send(upload, film)
    asset = await room.complete(upload)
    foreign = await make_workspace(owner_engine)
    for call in (
        room.assets.get(asset.id, foreign),
        room.assets.download(asset.id, foreign),
        room.uploads.resume(upload.id, foreign),
        room.uploads.complete(upload.id, foreign),
        room.uploads.cancel(upload.id, foreign),
    ):
        with pytest.raises(errors.NotFound):
            await call
    assert await room.assets.facts([asset.id], foreign) == {}
    assert await room.assets.newest(foreign) == []
    assert await room.assets.workspace_of(asset.id) == await room.assets.workspace_of(upload.id) == room.workspace_id


@pytest.mark.parametrize("table", ["asset", "upload"])
async def test_the_second_wall_is_row_level_security(
    room: Room, owner_engine: AsyncEngine, film: bytes, table: str
) -> None:
    await room.add(film)
    foreign = await make_workspace(owner_engine)
    for workspace_id, expected in ((room.workspace_id, True), (foreign, False), (None, False)):
        async with database.transaction(room.engine, workspace_id=workspace_id) as connection:
            rows = (await connection.execute(sa.text(f"select workspace_id from {table}"))).scalars().all()
        assert (room.workspace_id in rows) is expected
        assert set(rows) <= {workspace_id}
    with pytest.raises(sa.exc.DBAPIError):
        async with database.transaction(room.engine, workspace_id=foreign) as connection:
            await connection.execute(
                sa.text(f"update {table} set workspace_id = :w where workspace_id = :w; delete from {table}"),
                {"w": room.workspace_id},
            )


async def test_a_prober_that_was_killed_delays_but_does_not_lose(
    room: Room, owner_engine: AsyncEngine, worker_engine: AsyncEngine, film: bytes
) -> None:
    lazy = Uploads(room.engine, room.store, Assets(room.engine, room.store, inline_bytes=0))
    new = NewUpload("a.mp4", len(film), "video/mp4")
    upload = await lazy.create(new, workspace_id=room.workspace_id, actor_id=room.actor_id)
    await room.send(upload, film)
    asset = await lazy.complete(upload.id, room.workspace_id)
    assert asset.status == "uploaded", "too large for the request: a worker's task"
    mark = sa.text(
        "update asset set status = 'probing', probing_since = now() - make_interval(secs => :s) where id = :i"
    )
    workers = Assets(worker_engine, room.store)
    for ago, status in ((10, "probing"), (3600, "ready")):
        async with owner_engine.begin() as connection:
            await connection.execute(mark, {"s": ago, "i": asset.id})
        await workers.probe_pending(limit=100)
        assert (await room.assets.get(asset.id, room.workspace_id)).status == status


async def test_a_store_that_is_away_costs_a_try_not_the_asset(
    room: Room, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await room.open(film)
    await room.send(upload, film)

    async def away(key: str, path: Path) -> str:
        raise errors.Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(room.store, "fetch", away)
        with pytest.raises(errors.Unavailable):
            await room.complete(upload)
    assert (await room.complete(upload)).status == "ready"


async def test_bytes_that_rot_in_the_store_are_noticed(room: Room, film: bytes) -> None:
    lazy = Uploads(room.engine, room.store, Assets(room.engine, room.store, inline_bytes=0))
    new = NewUpload("a.mp4", len(film), "video/mp4", "ab" * 32)
    upload = await lazy.create(new, workspace_id=room.workspace_id, actor_id=room.actor_id)
    # A store that does not know checksums (S3, for parts) lets this through to the probe.
    unsigned = await room.store.sign_put(
        f"ws/{room.workspace_id}/media/{upload.id}/source.mp4",
        size=len(film),
        content_type="video/mp4",
        sha256=None,
        expires_s=60,
    )
    async with httpx2.AsyncClient() as http:
        assert (await http.put(unsigned.url, content=film, headers=unsigned.headers)).status_code == 200
    with pytest.raises(errors.Invalid) as caught:
        await lazy.complete(upload.id, room.workspace_id)
    assert caught.value.stable_code == "checksum_mismatch"
