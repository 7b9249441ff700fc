"""Where bytes lie: one protocol over a folder and over S3, with the values that cross it.

Keys look like `ws/{workspace}/…` and are written once: nothing overwrites an object, so whoever holds a key holds
its bytes. Clients never touch a store's credentials; they get URLs that are good for one method, one key, one
length, one type, and a short time.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from timeline_service.kit import errors

MAX_PART = 64 * 1024 * 1024  # bytes of one PUT; larger objects go in equal parts
MAX_PARTS = 10_000  # what S3 takes
_SEGMENT = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,15}}")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]")
_CHUNK = 1024 * 1024


class ObjectExists(errors.Conflict):
    """There is an object under this key already, and objects are never overwritten."""

    code = "object_exists"


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """A URL that carries its own permission. `headers` must be sent exactly as they are here."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One received part of a multipart upload; `number` counts from 1, `size` is in bytes."""

    number: int
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store knows of an object without reading it. `sha256` is lower-case hex, None where S3 cannot tell."""

    key: str
    size: int
    etag: str
    content_type: str
    sha256: str | None


class ObjectStore(Protocol):
    """Immutable objects under keys. Errors: `ObjectExists`, `NotFound` (object_not_found), `Unavailable`."""

    async def sign_put(
        self, key: str, *, size: int | None, content_type: str, sha256: str | None, expires_s: int
    ) -> SignedUrl:
        """A URL for one PUT of exactly `size` bytes. A second PUT to it is refused.

        `size` None, for our own remote renderers: any length. A folder has no such URLs (Invalid, `size_required`).
        """

    async def start_multipart(self, key: str, content_type: str) -> str:
        """Open a multipart upload; the answer names it."""

    async def sign_part(self, key: str, upload: str, *, part: int, size: int, expires_s: int) -> SignedUrl:
        """A URL for the PUT of one part. A part may be sent again: the last one counts."""

    async def list_parts(self, key: str, upload: str) -> list[Part]:
        """The parts that have arrived, by number. `NotFound` (upload_not_found) once it is completed or aborted."""

    async def complete_multipart(self, key: str, upload: str, parts: list[Part]) -> None:
        """Make the object out of `parts`, in order of their numbers; it appears at once and whole."""

    async def abort_multipart(self, key: str, upload: str) -> None:
        """Forget the upload and its parts. Aborting what is not there is fine."""

    async def sign_get(self, key: str, *, filename: str, expires_s: int) -> SignedUrl:
        """A URL that downloads the object as a file called `filename`."""

    async def head(self, key: str) -> ObjectInfo | None:
        """What is known of the object, or None if there is none."""

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Store a local file under a key that is still free."""

    async def fetch(self, key: str, path: Path) -> str:
        """Bring the object to the local `path` (read-only, whole or not at all); answers its SHA-256 as hex."""

    async def delete(self, key: str) -> None:
        """Remove the object. Deleting what is not there is fine."""

    def list(self, prefix: str) -> AsyncIterator[str]:
        """The keys that start with `prefix`, in order."""

    async def sweep(self, older_than_s: float) -> int:
        """Remove what was begun so long ago and never became an object; answers how many."""

    async def close(self) -> None:
        """Let go of connections and threads."""


def check_key(key: str) -> str:
    """The key itself if it is well formed: up to 16 names of `[A-Za-z0-9._-]`, none of them starting with a dot."""
    if len(key) > 512 or not _KEY.fullmatch(key):
        raise errors.Invalid("This is not a key of the object store.", code="key_invalid")
    return key


def missing(key: str) -> errors.NotFound:
    """The error for an object that is not there."""
    return errors.NotFound("There is no such object.", code="object_not_found", key=key)


def missing_upload(upload: str) -> errors.NotFound:
    """The error for a multipart upload that is not open (any more)."""
    return errors.NotFound("There is no such multipart upload.", code="upload_not_found", upload=upload)


def digest_file(path: Path) -> str:
    """SHA-256 of a file as lower-case hex, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def part_sizes(size: int) -> list[int]:
    """How `size` bytes are cut: one part up to `MAX_PART`, else equal parts of that many bytes and a last smaller one.

    Beyond 10 000 parts the parts grow by whole mebibytes, because S3 takes no more of them.
    """
    mebibyte = 1024 * 1024
    least = -(-size // MAX_PARTS)
    part = max(MAX_PART, -(-least // mebibyte) * mebibyte)
    whole, rest = divmod(size, part)
    return [part] * whole + ([rest] if rest or not whole else [])


def disposition(filename: str) -> str:
    """Content-Disposition that saves a download as `filename` (RFC 6266), whatever characters a person chose."""
    name = _NOT_IN_NAMES.sub("_", filename.encode("utf-8", "replace").decode())[:200].strip(". ") or "download"
    plain = "".join(letter if letter.isascii() and letter not in '"\\%' else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
