"""Uploads and assets over HTTP, with real signed URLs and a real film."""

import hashlib
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests import media
from tests.api.conftest import Person, Service, Studio


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return media.film(tmp_path / "film.mp4", frames=48, sound=True).read_bytes()


async def announce(owner: Person, workspace_id: str, body: bytes, **changes: Any) -> Any:
    request = {
        "workspace_id": workspace_id,
        "filename": "été.mp4",
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "content_type": "video/mp4",
    }
    return await owner.ok("POST", "/api/v1/uploads", json=request | changes)


async def send(part: dict[str, Any], body: bytes) -> httpx2.Response:
    """As a client without credentials: the URL is the permission."""
    async with httpx2.AsyncClient() as http:
        return await http.request(part["method"], part["url"], content=body, headers=part["headers"])


async def test_a_film_goes_up_is_understood_and_comes_back(studio: Studio, film: bytes) -> None:
    owner = studio.owner
    upload = await announce(owner, studio.workspace_id, film)
    [part] = upload["parts"]
    assert (await owner.refused("POST", f"/api/v1/uploads/{upload['id']}/complete")) == (409, "upload_incomplete")
    assert (await send(part, film)).status_code == 200
    asset = await owner.ok("POST", f"/api/v1/uploads/{upload['id']}/complete")
    assert (asset["status"], asset["kind"], asset["rate"]) == ("ready", "video", {"num": 24, "den": 1})
    assert (asset["duration"], asset["width"], asset["height"]) == (48 * 29_400_000, 96, 64)
    read = await owner.ok("GET", f"/api/v1/assets/{asset['id']}")
    async with httpx2.AsyncClient() as http:
        answer = await http.get(read["url"])
    assert answer.content == film
    again = await owner.ok("POST", f"/api/v1/uploads/{upload['id']}/complete")
    assert again["id"] == asset["id"]


async def test_refusals_of_the_blob_routes_wear_the_envelope(studio: Studio, film: bytes) -> None:
    upload = await announce(studio.owner, studio.workspace_id, film)
    [part] = upload["parts"]
    for body, url, status, code in (
        (film[:-1], part["url"], 422, "size_mismatch"),
        (film[:-1] + b"!", part["url"], 422, "checksum_mismatch"),
        (film, part["url"] + "0", 403, "signature_invalid"),
    ):
        answer = await send(part | {"url": url}, body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (status, code)
        assert set(error) >= {"code", "message", "details", "correlation_id", "retryable"}


async def test_media_of_others_are_not_there(service: Service, studio: Studio, film: bytes) -> None:
    upload = await announce(studio.owner, studio.workspace_id, film)
    await send(upload["parts"][0], film)
    asset = await studio.owner.ok("POST", f"/api/v1/uploads/{upload['id']}/complete")
    stranger = await service.person("stranger")
    for method, path in (
        ("GET", f"/api/v1/uploads/{upload['id']}"),
        ("POST", f"/api/v1/uploads/{upload['id']}/complete"),
        ("GET", f"/api/v1/assets/{asset['id']}"),
        ("GET", f"/api/v1/assets/{upload['id']}"),
    ):
        status, code = await stranger.refused(method, path)
        assert (status, code) == (404, "media_not_found")


async def test_what_is_no_film_becomes_a_failed_asset_that_no_clip_can_use(studio: Studio) -> None:
    body = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n"
    upload = await announce(studio.owner, studio.workspace_id, body)
    await send(upload["parts"][0], body)
    asset = await studio.owner.ok("POST", f"/api/v1/uploads/{upload['id']}/complete")
    assert (asset["status"], asset["error"]) == ("failed", "media_unreadable")
    clip = {
        "type": "add_clip",
        "clip_id": "bad",
        "track_id": "v1",
        "media": {"asset_id": asset["id"]},
        "start": 1000,
        "duration": 10,
    }
    request = {"gestures": [clip]}
    assert (await studio.owner.refused("POST", f"{studio.timeline}/gestures", json=request))[1] == "media_missing"
