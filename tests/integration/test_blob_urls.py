"""Signed URLs of the folder store, over a real HTTP server: what they allow, and everything they must refuse."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import urllib.parse
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import serving
from timeline_service.kit import clock, errors
from timeline_service.kit.storage import protocol, signing
from timeline_service.kit.storage.filesystem import FilesystemStore
from timeline_service.kit.storage.protocol import SignedUrl

KEY = "ws/w1/assets/a1/source.mp4"
OTHER = "ws/w2/assets/a1/source.mp4"
BODY = b"frames" * 1000
SHA256 = "5f0c1ffbe97c9bc5ee9b9e2a1a9b6b2d0c5e2c5ce9f8a3c1d5b6a7f8e9d0c1b2"


class Bench:
    """A store, its clock, and a client that sends exactly what a test says."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.late = timedelta()
        self.store = FilesystemStore(root, serving.SIGNING_KEY, url, now=lambda: clock.now() + self.late)
        self.http = httpx2.AsyncClient()

    async def put_url(self, key: str = KEY, body: bytes = BODY, sha256: str | None = None) -> SignedUrl:
        return await self.store.sign_put(key, size=len(body), content_type="video/mp4", sha256=sha256, expires_s=60)

    async def send(self, signed: SignedUrl, body: bytes = BODY, **headers: str) -> httpx2.Response:
        return await self.http.request(signed.method, signed.url, content=body, headers={**signed.headers, **headers})

    async def get(self, method: str = "GET", **headers: str) -> httpx2.Response:
        signed = await self.store.sign_get(KEY, filename="a.mp4", expires_s=60)
        return await self.http.request(
            method, signed.url, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def files(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if path.is_file()]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    listener = serving.listening()
    bench = Bench(tmp_path / "store", serving.address(listener))
    async with serving.served(serving.blob_app(bench.store), listener), bench.http:
        yield bench


def code(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["code"])


def altered(url: str, **changes: str | None) -> str:
    """The URL with other query parameters; None removes one."""
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query)) | changes
    return parts._replace(query=urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})).geturl()


async def test_put_then_get(bench: Bench) -> None:
    answer = await bench.send(await bench.put_url())
    assert answer.status_code == 200
    got = await bench.get()
    assert (got.status_code, got.content, got.headers["etag"]) == (200, BODY, answer.headers["etag"])
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("attachment")


async def test_put_twice_is_refused(bench: Bench) -> None:
    signed = await bench.put_url()
    await bench.send(signed)
    again = await bench.send(signed, b"other!" * 1000)
    assert (again.status_code, code(again)) == (409, "object_exists")
    assert (await bench.get()).content == BODY


async def test_two_puts_at_once_leave_one_whole_object(bench: Bench) -> None:
    bodies = [bytes([n]) * 300_000 for n in range(8)]
    signed = await bench.put_url(body=bodies[0])
    answers = await asyncio.gather(*(bench.send(signed, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    winner = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 200)
    assert (await bench.get()).content == winner
    assert len(bench.files()) == 2, "the object and its facts; the losers left nothing"


async def test_an_expired_url(bench: Bench) -> None:
    signed = await bench.put_url()
    bench.late = timedelta(seconds=61)
    answer = await bench.send(signed)
    assert (answer.status_code, code(answer)) == (403, "url_expired")
    assert bench.files() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"sig": "0" * 64},
        {"sig": ""},
        {"sig": None},
        {"sig": "é"},
        {"exp": "99999999999"},
        {"exp": "-1"},
        {"exp": "1e9"},
        {"exp": None},
        {"len": "6001"},
        {"len": None},
        {"type": "text/html"},
        {"op": "GET"},
        {"op": None},
        {"sha256": "0" * 64},
        {"sha256": "x"},
        {"part": "1"},
        {"upload": "abc"},
        {"name": "a"},
        {"more": "1"},
    ],
)
async def test_a_forged_url(bench: Bench, changes: dict[str, str | None]) -> None:
    signed = await bench.put_url()
    answer = await bench.http.put(altered(signed.url, **changes), content=BODY, headers=signed.headers)
    assert (answer.status_code, code(answer)) == (403, "signature_invalid")
    assert bench.files() == []


async def test_a_parameter_given_twice(bench: Bench) -> None:
    signed = await bench.put_url()
    answer = await bench.http.put(f"{signed.url}&len=6000", content=BODY, headers=signed.headers)
    assert code(answer) == "signature_invalid"


async def test_another_key_with_the_same_signature(bench: Bench) -> None:
    signed = await bench.put_url()
    answer = await bench.http.put(signed.url.replace(KEY, OTHER), content=BODY, headers=signed.headers)
    assert (answer.status_code, code(answer)) == (403, "signature_invalid")


async def test_another_method_with_the_same_signature(bench: Bench) -> None:
    signed = await bench.put_url()
    assert code(await bench.http.get(signed.url)) == "signature_invalid"
    await bench.send(signed)
    download = await bench.store.sign_get(KEY, filename="a", expires_s=60)
    assert code(await bench.http.put(download.url, content=b"")) == "signature_invalid"


async def test_a_url_of_another_service(bench: Bench, tmp_path: Path) -> None:
    foreign = FilesystemStore(tmp_path / "other", "some other signing key", "http://elsewhere")
    signed = await foreign.sign_put(KEY, size=len(BODY), content_type="video/mp4", sha256=None, expires_s=60)
    ours = await bench.put_url()
    url = ours.url.split("?")[0] + "?" + signed.url.split("?")[1]
    assert code(await bench.http.put(url, content=BODY, headers=signed.headers)) == "signature_invalid"


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x", "a%00b", "a//b", ".env", "a%0a"])
async def test_a_path_that_leaves_its_place(bench: Bench, path: str) -> None:
    signed = await bench.store.sign_get(KEY, filename="a", expires_s=60)
    answer = await bench.http.get(signed.url.replace(KEY, path))
    assert answer.status_code in {403, 404, 422}


@pytest.mark.parametrize("body", [BODY + b"1", BODY[:-1], b""])
async def test_a_wrong_content_length(bench: Bench, body: bytes) -> None:
    answer = await bench.send(await bench.put_url(), body)
    assert (answer.status_code, code(answer)) == (422, "size_mismatch")
    assert bench.files() == []


async def test_a_body_without_a_length(bench: Bench) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield BODY

    signed = await bench.put_url()
    answer = await bench.http.put(signed.url, content=pieces(), headers=signed.headers)
    assert code(answer) == "size_mismatch"


async def test_a_wrong_content_type(bench: Bench) -> None:
    answer = await bench.send(await bench.put_url(), **{"Content-Type": "text/html"})
    assert (answer.status_code, code(answer)) == (422, "content_type_mismatch")


async def test_a_compressed_body(bench: Bench) -> None:
    answer = await bench.send(await bench.put_url(), **{"Content-Encoding": "gzip"})
    assert code(answer) == "content_encoding_refused"


async def test_a_wrong_checksum(bench: Bench) -> None:
    answer = await bench.send(await bench.put_url(sha256=SHA256))
    assert (answer.status_code, code(answer)) == (422, "checksum_mismatch")
    assert bench.files() == []


async def test_a_connection_that_breaks_in_the_middle(bench: Bench) -> None:
    signed = await bench.put_url()
    parts = urllib.parse.urlsplit(signed.url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: a\r\nContent-Type: video/mp4\r\nContent-Length: 6000\r\n\r\n"
    )
    writer.write(head.encode() + BODY[:3000])
    await writer.drain()
    async with asyncio.timeout(10):
        while not bench.files():
            await asyncio.sleep(0)
        writer.close()
        while bench.files():
            await asyncio.sleep(0)
    assert await bench.store.head(KEY) is None
    assert (await bench.send(signed)).status_code == 200, "the same URL may be tried again"


async def test_a_put_of_nothing(bench: Bench) -> None:
    assert (await bench.send(await bench.put_url(body=b""), b"")).status_code == 200
    answer = await bench.get()
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("header", "status", "start", "stop"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=5990-", 206, 5990, 6000),
        ("bytes=-10", 206, 5990, 6000),
        ("bytes=-7000", 206, 0, 6000),
        ("bytes=5990-9999", 206, 5990, 6000),
        ("bytes=10-5", 200, 0, 6000),
        ("bytes=0-1,5-6", 200, 0, 6000),
        ("lines=0-1", 200, 0, 6000),
        ("bytes=x", 200, 0, 6000),
    ],
)
async def test_ranges(bench: Bench, header: str, status: int, start: int, stop: int) -> None:
    await bench.send(await bench.put_url())
    for method in ("GET", "HEAD"):
        answer = await bench.get(method, Range=header)
        assert (answer.status_code, answer.headers["content-length"]) == (status, str(stop - start))
        assert answer.content == (BODY[start:stop] if method == "GET" else b"")


@pytest.mark.parametrize("header", ["bytes=6000-", "bytes=9999-10000", "bytes=-0"])
async def test_a_range_outside(bench: Bench, header: str) -> None:
    await bench.send(await bench.put_url())
    answer = await bench.get(Range=header)
    assert (answer.status_code, code(answer)) == (416, "range_not_satisfiable")


async def test_what_the_client_has_is_not_sent_again(bench: Bench) -> None:
    etag = (await bench.send(await bench.put_url())).headers["etag"]
    for known in (etag, f'"x", W/{etag}', "*"):
        answer = await bench.get(If_None_Match=known)
        assert (answer.status_code, answer.content) == (304, b"")
    assert (await bench.get(If_None_Match='"x"')).status_code == 200
    assert (await bench.get(Range="bytes=0-1", If_Range='"x"')).status_code == 200
    assert (await bench.get(Range="bytes=0-1", If_Range=etag)).status_code == 206


async def test_half_written_things_are_swept_when_old(bench: Bench) -> None:
    writer = bench.store.open_signed_put(
        KEY,
        urllib.parse.parse_qsl(urllib.parse.urlsplit((await bench.put_url()).url).query),
        content_length=len(BODY),
        content_type="video/mp4",
    )
    writer.write(BODY)
    await bench.store.start_multipart(OTHER, "video/mp4")
    assert await bench.store.sweep(3600) == 0
    assert await bench.store.sweep(-3600) == 2
    assert bench.files() == []
    writer.abort()


def test_a_killed_process_leaves_nothing_visible(tmp_path: Path) -> None:
    """kill -9 while an upload is being written: no object, the draft is swept, and the key is still free."""
    program = textwrap.dedent(
        """
        import pathlib, sys, time
        from timeline_service.kit.storage.folder import Folder
        draft = Folder(pathlib.Path(sys.argv[1])).draft(sys.argv[2])
        while True:
            draft.write(b"x" * 65536)
            print("wrote", flush=True)
        """
    )
    root = tmp_path / "store"
    with subprocess.Popen([sys.executable, "-c", program, root, KEY], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for _ in range(50):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
    store = FilesystemStore(root, serving.SIGNING_KEY, "http://x")
    assert asyncio.run(store.head(KEY)) is None
    assert asyncio.run(store.sweep(-3600)) == 1
    (tmp_path / "file").write_bytes(BODY)
    asyncio.run(store.put_file(KEY, tmp_path / "file", "video/mp4"))
    assert asyncio.run(store.fetch(KEY, tmp_path / "copy"))


def test_a_short_signing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16 characters"):
        FilesystemStore(tmp_path, "short", "http://x")


TEXT = st.text(max_size=8)
PERMISSIONS = st.builds(
    signing.Permission,
    method=st.sampled_from(["GET", "PUT"]),
    key=st.sampled_from([KEY, OTHER]),
    expires=st.integers(1, 10),
    size=st.integers(0, 3),
    content_type=TEXT,
    sha256=st.sampled_from(["", "0" * 64, "1" * 64]),
    filename=TEXT,
    upload=TEXT,
    part=st.integers(0, 3),
)


@settings(max_examples=200)
@given(PERMISSIONS, PERMISSIONS)
def test_a_signature_is_good_for_one_permission(one: signing.Permission, other: signing.Permission) -> None:
    key = signing.derive(serving.SIGNING_KEY)
    query = signing.query(key, one)
    assert signing.verify(key, one.method, one.key, query.items(), 0) == one
    forged = {**signing.query(key, other), "sig": query["sig"]}
    if one != other:
        with pytest.raises(errors.Forbidden):
            signing.verify(key, other.method, other.key, forged.items(), 0)


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=12), max_size=6))
def test_nonsense_is_refused_and_never_crashes(query: dict[str, str]) -> None:
    with pytest.raises(errors.Forbidden):
        signing.verify(b"k", "GET", KEY, query.items(), 0)


@given(st.text())
def test_a_download_name_is_always_one_safe_header(name: str) -> None:
    header = protocol.disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


@given(st.integers(0, 2**45))
def test_parts_are_equal_but_the_last(size: int) -> None:
    sizes = protocol.part_sizes(size)
    assert sum(sizes) == size
    assert 1 <= len(sizes) <= protocol.MAX_PARTS
    assert len(set(sizes[:-1])) <= 1
    assert sizes[-1] <= sizes[0]
