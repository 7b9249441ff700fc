"""What every object store must do, run on the folder store and on S3.

The S3 server here is moto, which is good for shapes only: it does not check signatures, expiry, signed headers or
checksums (a forged URL gets 200 from it). What a URL must *refuse* is therefore tested on the folder store alone, in
`tests/integration/test_blob_urls.py`; for S3 we look at what the URL binds.
"""

import hashlib
import urllib.parse
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from moto.moto_server import threaded_moto_server

from tests import serving
from timeline_service.kit import errors
from timeline_service.kit.storage import protocol
from timeline_service.kit.storage.filesystem import FilesystemStore
from timeline_service.kit.storage.protocol import ObjectStore
from timeline_service.kit.storage.s3 import S3Store

KEY = "ws/0190-w/assets/0190-a/source.mp4"
SMALL = b"the bytes of a film" * 100


@pytest.fixture(scope="module")
def bucket():
    server = threaded_moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    if request.param == "folder":
        async with serving.folder_store(tmp_path / "store") as folder:
            yield folder
        return
    s3 = await s3_store(request.getfixturevalue("bucket"), f"b-{uuid.uuid4().hex}")
    yield s3
    await s3.close()


async def s3_store(endpoint: str, name: str) -> S3Store:
    async with httpx2.AsyncClient() as http:
        (await http.put(f"{endpoint}/{name}")).raise_for_status()
    return S3Store(name, endpoint_url=endpoint, region="us-east-1", access_key_id="test", secret_access_key="test")


async def send(signed: protocol.SignedUrl, body: bytes = b"") -> httpx2.Response:
    async with httpx2.AsyncClient() as http:
        return await http.request(signed.method, signed.url, content=body, headers=signed.headers)


async def put(store: ObjectStore, key: str, body: bytes = SMALL) -> httpx2.Response:
    sha256 = hashlib.sha256(body).hexdigest()
    return await send(
        await store.sign_put(key, size=len(body), content_type="video/mp4", sha256=sha256, expires_s=60), body
    )


async def test_what_is_put_is_there_and_comes_back(store: ObjectStore, tmp_path: Path) -> None:
    assert await store.head(KEY) is None
    assert (await put(store, KEY)).status_code == 200
    info = await store.head(KEY)
    assert info is not None
    assert (info.key, info.size, info.content_type) == (KEY, len(SMALL), "video/mp4")
    digest = hashlib.sha256(SMALL).hexdigest()
    assert info.sha256 in {digest, None}, "a store may not know the checksum, but never has a wrong one"
    assert await store.fetch(KEY, tmp_path / "copy") == digest
    assert (tmp_path / "copy").read_bytes() == SMALL


async def test_a_download_carries_the_name_the_person_chose(store: ObjectStore) -> None:
    await put(store, KEY)
    answer = await send(await store.sign_get(KEY, filename='mon "été".mp4', expires_s=60))
    assert answer.content == SMALL
    assert "filename*=UTF-8''mon%20%22%C3%A9t%C3%A9%22.mp4" in answer.headers["content-disposition"]
    assert answer.headers["content-type"] == "video/mp4"


async def test_part_of_a_download_can_be_asked_for(store: ObjectStore) -> None:
    await put(store, KEY)
    signed = await store.sign_get(KEY, filename="a.mp4", expires_s=60)
    async with httpx2.AsyncClient() as http:
        answer = await http.get(signed.url, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, SMALL[10:20])
    assert answer.headers["content-range"] == f"bytes 10-19/{len(SMALL)}"


async def test_a_second_put_is_refused_and_changes_nothing(store: ObjectStore, tmp_path: Path) -> None:
    await put(store, KEY)
    again = await put(store, KEY, b"other")
    assert again.status_code in {409, 412}
    with pytest.raises(protocol.ObjectExists):
        (tmp_path / "file").write_bytes(b"other")
        await store.put_file(KEY, tmp_path / "file", "video/mp4")
    await store.fetch(KEY, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == SMALL


async def test_a_local_file_can_be_put(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(SMALL)
    await store.put_file(KEY, tmp_path / "file", "video/mp4")
    info = await store.head(KEY)
    assert info is not None
    assert info.size == len(SMALL)
    assert info.sha256 in {hashlib.sha256(SMALL).hexdigest(), None}


async def test_a_large_local_file_goes_in_parts(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MAX_PART", 5 * 1024 * 1024)
    body = bytes(range(256)) * (6 * 4096)
    (tmp_path / "file").write_bytes(body)
    await store.put_file(KEY, tmp_path / "file", "video/mp4")
    assert await store.fetch(KEY, tmp_path / "copy") == hashlib.sha256(body).hexdigest()
    with pytest.raises(protocol.ObjectExists):
        await store.put_file(KEY, tmp_path / "file", "video/mp4")


async def test_parts_become_one_object_at_once(store: ObjectStore, tmp_path: Path) -> None:
    body = [b"a" * (5 * 1024 * 1024), b"b" * 1000]
    upload = await store.start_multipart(KEY, "video/mp4")
    assert await store.list_parts(KEY, upload) == []
    for number in (2, 1):
        signed = await store.sign_part(KEY, upload, part=number, size=len(body[number - 1]), expires_s=60)
        assert (await send(signed, body[number - 1])).status_code == 200
    parts = await store.list_parts(KEY, upload)
    assert [(part.number, part.size) for part in parts] == [(1, len(body[0])), (2, len(body[1]))]
    assert await store.head(KEY) is None, "parts are not visible"
    assert [key async for key in store.list("ws/")] == []
    await store.complete_multipart(KEY, upload, parts)
    await store.fetch(KEY, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"".join(body)
    info = await store.head(KEY)
    assert info is not None
    assert info.content_type == "video/mp4"


async def test_the_last_try_of_a_part_counts(store: ObjectStore, tmp_path: Path) -> None:
    upload = await store.start_multipart(KEY, "video/mp4")
    for body in (b"first", b"again"):
        assert (await send(await store.sign_part(KEY, upload, part=1, size=5, expires_s=60), body)).status_code == 200
    parts = await store.list_parts(KEY, upload)
    assert len(parts) == 1
    await store.complete_multipart(KEY, upload, parts)
    await store.fetch(KEY, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"again"


async def test_parts_that_never_came_make_no_object(store: ObjectStore) -> None:
    upload = await store.start_multipart(KEY, "video/mp4")
    with pytest.raises(errors.Conflict) as caught:
        await store.complete_multipart(KEY, upload, [protocol.Part(1, "0" * 32, 5)])
    assert caught.value.stable_code == "parts_differ"
    assert await store.head(KEY) is None


async def test_parts_do_not_replace_an_object(store: ObjectStore, tmp_path: Path) -> None:
    upload = await store.start_multipart(KEY, "video/mp4")
    await send(await store.sign_part(KEY, upload, part=1, size=5, expires_s=60), b"other")
    await put(store, KEY)
    with pytest.raises(protocol.ObjectExists):
        await store.complete_multipart(KEY, upload, await store.list_parts(KEY, upload))
    await store.fetch(KEY, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == SMALL


async def test_an_aborted_upload_is_gone(store: ObjectStore) -> None:
    upload = await store.start_multipart(KEY, "video/mp4")
    signed = await store.sign_part(KEY, upload, part=1, size=5, expires_s=60)
    await send(signed, b"12345")
    await store.abort_multipart(KEY, upload)
    await store.abort_multipart(KEY, upload)
    with pytest.raises(errors.NotFound) as caught:
        await store.list_parts(KEY, upload)
    assert caught.value.stable_code == "upload_not_found"
    assert (await send(signed, b"12345")).status_code >= 400
    assert await store.head(KEY) is None


async def test_what_nobody_finished_is_swept(store: ObjectStore) -> None:
    upload = await store.start_multipart(KEY, "video/mp4")
    await put(store, "ws/a/1")
    # moto says that every upload began in 2010, so only a folder can tell a young one.
    if isinstance(store, FilesystemStore):
        assert await store.sweep(3600) == 0
    assert await store.sweep(-3600) == 1
    with pytest.raises(errors.NotFound):
        await store.list_parts(KEY, upload)
    assert [key async for key in store.list("ws/")] == ["ws/a/1"]


async def test_keys_are_listed_by_prefix_and_deleted(store: ObjectStore) -> None:
    for name in ("ws/b/1", "ws/a/2", "ws/a/1", "ws/a"):
        await put(store, name)
    assert [key async for key in store.list("ws/a/")] == ["ws/a/1", "ws/a/2"]
    await store.delete("ws/a/1")
    await store.delete("ws/a/1")
    assert [key async for key in store.list("ws/")] == ["ws/a", "ws/a/2", "ws/b/1"]
    assert await store.head("ws/a/1") is None


async def test_what_is_not_there_is_said_to_be_missing(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(errors.NotFound) as caught:
        await store.fetch(KEY, tmp_path / "copy")
    assert caught.value.stable_code == "object_not_found"
    assert not list(tmp_path.glob("copy*"))
    assert (await send(await store.sign_get(KEY, filename="a", expires_s=60))).status_code in {403, 404}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "..",
        "a/../b",
        "a//b",
        "/a",
        "a/",
        ".a",
        "a/.b",
        "a b",
        "a\x00",
        "a\n",
        "é",
        "a@",
        "a\\b",
        "x" * 129,
        "a/" * 300 + "a",
        "%2e%2e",
        "a/%2e",
        "~",
        "c:",
    ],
)
async def test_keys_that_could_leave_their_place_are_refused(store: ObjectStore, key: str, tmp_path: Path) -> None:
    calls = [
        store.sign_put(key, size=1, content_type="video/mp4", sha256=None, expires_s=60),
        store.sign_get(key, filename="a", expires_s=60),
        store.sign_part(key, "u", part=1, size=1, expires_s=60),
        store.start_multipart(key, "video/mp4"),
        store.head(key),
        store.fetch(key, tmp_path / "copy"),
        store.put_file(key, tmp_path / "absent", "video/mp4"),
        store.delete(key),
    ]
    for call in calls:
        with pytest.raises(errors.Invalid) as caught:
            await call
        assert caught.value.stable_code == "key_invalid"


async def test_an_s3_url_binds_what_the_client_may_send(bucket: str) -> None:
    s3 = await s3_store(bucket, "bound")
    put_url = await s3.sign_put(KEY, size=7, content_type="video/mp4", sha256="ab" * 32, expires_s=60)
    part_url = await s3.sign_part(KEY, "upload", part=2, size=9, expires_s=60)
    await s3.close()
    bound = urllib.parse.parse_qs(urllib.parse.urlsplit(put_url.url).query)["X-Amz-SignedHeaders"][0].split(";")
    assert {"content-length", "content-type", "host", "if-none-match", "x-amz-checksum-sha256"} <= set(bound)
    part = urllib.parse.parse_qs(urllib.parse.urlsplit(part_url.url).query)
    assert "content-length" in part["X-Amz-SignedHeaders"][0].split(";")
    assert (part["partNumber"], part["uploadId"], part["X-Amz-Expires"]) == (["2"], ["upload"], ["60"])


async def test_an_s3_that_does_not_answer_is_unavailable() -> None:
    listener = serving.listening()
    dead = serving.address(listener)
    listener.close()
    s3 = S3Store("b", endpoint_url=dead, region="us-east-1", access_key_id="x", secret_access_key="y")
    with pytest.raises(errors.Unavailable) as caught:
        await s3.head(KEY)
    await s3.close()
    assert caught.value.retryable
