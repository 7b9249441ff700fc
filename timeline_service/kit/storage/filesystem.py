"""The object store in a folder, for one machine. Its signed URLs are served by our own API under `/_blobs/`.

It is stricter than S3: expiry, method, key, exact length, type, checksum and single use of a PUT are all enforced.
"""

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from timeline_service.kit import clock, errors
from timeline_service.kit.storage import folder, protocol, signing
from timeline_service.kit.storage.protocol import ObjectInfo, Part, SignedUrl

PREFIX = "/_blobs/"
_LIFE_S = 7 * 24 * 3600  # longest life of a URL, as on S3
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BlobReader:
    """What a download needs: where the bytes are and how to call them. `etag` comes without quotes."""

    path: Path
    size: int
    content_type: str
    filename: str
    etag: str


class BlobWriter:
    """One permitted PUT: `write` what comes, then `commit`, or `abort`. Nothing is visible before `commit`."""

    def __init__(self, store: folder.Folder, permission: signing.Permission) -> None:
        self._store = store
        self._permission = permission
        self._draft = store.draft(permission.key)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; `TooLarge` as soon as there are more than the URL allows."""
        if self._draft.size + len(chunk) > self._permission.size:
            raise errors.TooLarge("There are more bytes than the URL was signed for.", code="size_mismatch")
        self._draft.write(chunk)

    def commit(self) -> str:
        """Check length and checksum, make the bytes durable and visible; answers their tag."""
        permission = self._permission
        if self._draft.size != permission.size:
            raise errors.Invalid("There are fewer bytes than the URL was signed for.", code="size_mismatch")
        if permission.sha256 and self._draft.finish().sha256 != permission.sha256:
            raise errors.Invalid("The bytes do not have the announced checksum.", code="checksum_mismatch")
        if permission.part:
            return self._store.keep_part(permission.key, permission.upload, permission.part, self._draft).etag
        return self._store.publish(permission.key, self._draft, permission.content_type).etag

    def abort(self) -> None:
        """Leave nothing behind; harmless after `commit`."""
        self._draft.discard()


class FilesystemStore:
    """An `ObjectStore` in the folder `root`; `public_url` is the address under which clients reach our API."""

    def __init__(
        self, root: Path, signing_key: str, public_url: str, *, now: Callable[[], datetime] = clock.now
    ) -> None:
        if len(signing_key) < 16:
            raise ValueError("the key that signs storage URLs (TIMELINE_SIGNING_KEY) needs at least 16 characters")
        self._folder = folder.Folder(root)
        self._key = signing.derive(signing_key)
        self._public_url = public_url.rstrip("/")
        self._now = now

    # What clients get.

    async def sign_put(
        self, key: str, *, size: int | None, content_type: str, sha256: str | None, expires_s: int
    ) -> SignedUrl:
        """See `ObjectStore.sign_put`."""
        if size is None:
            raise errors.Invalid("A folder takes uploads of a known size only.", code="size_required")
        return self._sign("PUT", key, expires_s, size=size, content_type=_checked(content_type), sha256=sha256 or "")

    async def sign_part(self, key: str, upload: str, *, part: int, size: int, expires_s: int) -> SignedUrl:
        """See `ObjectStore.sign_part`."""
        if not 1 <= part <= protocol.MAX_PARTS:
            raise errors.Invalid("Parts are numbered from 1 to 10000.", code="part_invalid")
        return self._sign(
            "PUT", key, expires_s, size=size, content_type="application/octet-stream", upload=upload, part=part
        )

    async def sign_get(self, key: str, *, filename: str, expires_s: int) -> SignedUrl:
        """See `ObjectStore.sign_get`."""
        return self._sign("GET", key, expires_s, filename=filename.encode("utf-8", "replace").decode())

    # What the HTTP route asks. Synchronous: it runs in threads.

    def open_signed_put(
        self, key: str, query: Iterable[tuple[str, str]], *, content_length: int | None, content_type: str | None
    ) -> BlobWriter:
        """A writer for a PUT whose URL and headers are as they were signed; else `Forbidden` or `Invalid`."""
        permission = signing.verify(self._key, "PUT", key, query, self._now().timestamp())
        if content_length != permission.size:
            raise errors.Invalid("Content-Length is not the one that was signed.", code="size_mismatch")
        if content_type != permission.content_type:
            raise errors.Invalid("Content-Type is not the one that was signed.", code="content_type_mismatch")
        if permission.part:
            self._folder.upload_type(key, permission.upload)
        elif self._folder.info(key) is not None:
            raise protocol.ObjectExists(key=key)
        return BlobWriter(self._folder, permission)

    def open_signed_get(self, method: str, key: str, query: Iterable[tuple[str, str]]) -> BlobReader:
        """What to send for a GET or HEAD whose URL is as it was signed; else `Forbidden` or `NotFound`."""
        permission = signing.verify(self._key, method, key, query, self._now().timestamp())
        info = self._folder.info(key)
        if info is None:
            raise protocol.missing(key)
        return BlobReader(self._folder.path(key), info.size, info.content_type, permission.filename, info.etag)

    # What the service itself does.

    async def start_multipart(self, key: str, content_type: str) -> str:
        """See `ObjectStore.start_multipart`."""
        return await asyncio.to_thread(self._folder.open_upload, protocol.check_key(key), _checked(content_type))

    async def list_parts(self, key: str, upload: str) -> list[Part]:
        """See `ObjectStore.list_parts`."""
        return await asyncio.to_thread(self._folder.parts, protocol.check_key(key), upload)

    async def complete_multipart(self, key: str, upload: str, parts: list[Part]) -> None:
        """See `ObjectStore.complete_multipart`."""
        await asyncio.to_thread(self._folder.join, protocol.check_key(key), upload, parts)

    async def abort_multipart(self, key: str, upload: str) -> None:
        """See `ObjectStore.abort_multipart`."""
        with contextlib.suppress(errors.NotFound):
            await asyncio.to_thread(self._folder.upload_type, protocol.check_key(key), upload)
            await asyncio.to_thread(self._folder.drop_upload, upload)

    async def head(self, key: str) -> ObjectInfo | None:
        """See `ObjectStore.head`."""
        return await asyncio.to_thread(self._folder.info, key)

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        """See `ObjectStore.put_file`."""
        protocol.check_key(key)
        await asyncio.to_thread(self._put_file, key, path, _checked(content_type))

    async def fetch(self, key: str, path: Path) -> str:
        """See `ObjectStore.fetch`. On one disk the bytes are linked, not copied."""
        return await asyncio.to_thread(self._fetch, protocol.check_key(key), path)

    async def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        await asyncio.to_thread(self._folder.remove, key)

    async def list(self, prefix: str) -> AsyncIterator[str]:
        """See `ObjectStore.list`."""
        for key in await asyncio.to_thread(self._folder.keys, prefix):
            yield key

    async def sweep(self, older_than_s: float) -> int:
        """See `ObjectStore.sweep`."""
        return await asyncio.to_thread(self._folder.sweep, older_than_s)

    async def close(self) -> None:
        """Nothing is held open."""

    def _put_file(self, key: str, path: Path, content_type: str) -> None:
        if self._folder.info(key) is not None:
            raise protocol.ObjectExists(key=key)
        draft = self._folder.draft(key)
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    draft.write(chunk)
            self._folder.publish(key, draft, content_type)
        finally:
            draft.discard()

    def _fetch(self, key: str, path: Path) -> str:
        info = self._folder.info(key)
        if info is None:
            raise protocol.missing(key)
        source = self._folder.path(key)
        with folder.disk():
            try:
                path.hardlink_to(source)
            except OSError:  # another disk, or one without links
                partial = path.with_name(f"{path.name}.partial")
                shutil.copyfile(source, partial)
                partial.rename(path)
        return info.sha256 or protocol.digest_file(path)

    def _sign(
        self,
        method: str,
        key: str,
        expires_s: int,
        *,
        size: int = 0,
        content_type: str = "",
        sha256: str = "",
        filename: str = "",
        upload: str = "",
        part: int = 0,
    ) -> SignedUrl:
        expires = int(self._now().timestamp()) + min(expires_s, _LIFE_S)
        permission = signing.Permission(
            method, protocol.check_key(key), expires, size, content_type, sha256, filename, upload, part
        )
        url = f"{self._public_url}{PREFIX}{quote(key)}?{urlencode(signing.query(self._key, permission))}"
        headers = {"Content-Type": content_type} if content_type else {}
        return SignedUrl(url, method, headers, datetime.fromtimestamp(expires, UTC))


def _checked(content_type: str) -> str:
    if not _TYPE.fullmatch(content_type):
        raise errors.Invalid("This is not a media type.", code="content_type_invalid")
    return content_type
