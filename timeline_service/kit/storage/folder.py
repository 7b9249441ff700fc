"""Objects in a folder, synchronous: each one appears at once and whole, durably, and only where nothing was.

    objects/ws/w1/assets/a1/source.mp4@/source.mp4      the bytes, under a name that a person can open
                                       /@meta.json      size, type, checksum, tag
    multipart/{upload}/@upload.json, 00001, 00002 …     parts that wait for their completion
    tmp/{name}/…                                        being written; swept when old

An object is a directory that is filled under `tmp`, synced, and renamed: rename refuses a target that is not empty,
which is put-if-absent, and moves bytes and facts in one step. `@` is in no key, so nothing collides.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from timeline_service.kit import errors
from timeline_service.kit.storage import protocol

_META = "@meta.json"
_UPLOAD = "@upload.json"
_CHUNK = 1024 * 1024


@contextlib.contextmanager
def disk() -> Iterator[None]:
    """Errors of the disk as errors of the service: full or read-only means "not now", the rest is a fault."""
    try:
        yield
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}:
            code = "storage_full" if problem.errno in {errno.ENOSPC, errno.EDQUOT} else "storage_unavailable"
            raise errors.Unavailable(
                "The object store cannot take or give bytes at the moment.", code=code
            ) from problem
        raise


@dataclass(frozen=True, slots=True)
class Written:
    """What a finished write knows of its bytes."""

    size: int
    sha256: str

    @property
    def etag(self) -> str:
        """The tag of these bytes, without quotes."""
        return self.sha256[:32]


class Draft:
    """A file being written under `tmp`; it ends in `Folder.publish`, `Folder.keep_part` or `discard`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        with disk():
            folder.mkdir(parents=True)
            self.path = folder / name
            self._file: BinaryIO = self.path.open("xb")
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        with disk():
            self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def finish(self) -> Written:
        """Flush to the disk itself and say what was written; asking again is fine."""
        with disk():
            if not self._file.closed:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                # Whoever gets a hard link of these bytes may read them, not change them.
                self.path.chmod(0o444)
        return Written(self.size, self._digest.hexdigest())

    def discard(self) -> None:
        """Forget it; safe to call at any time, also after it was published."""
        self._file.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Folder:
    """The layout above under `root`."""

    def __init__(self, root: Path) -> None:
        self._objects = root / "objects"
        self._multipart = root / "multipart"
        self._tmp = root / "tmp"

    def draft(self, key: str) -> Draft:
        """Begin to write what may become the object `key`."""
        return Draft(self._tmp / uuid.uuid4().hex, Path(key).name)

    def publish(self, key: str, draft: Draft, content_type: str) -> protocol.ObjectInfo:
        """Make the draft the object `key`, durably. Raises `ObjectExists` and leaves the draft to its owner."""
        written = draft.finish()
        info = protocol.ObjectInfo(key, written.size, written.etag, content_type, written.sha256)
        facts = {"size": info.size, "etag": info.etag, "content_type": content_type, "sha256": info.sha256}
        target = self._place(key)
        with disk():
            _write_json(draft.folder / _META, facts)
            _sync(draft.folder)
            _make(target.parent, self._objects.parent)
            try:
                draft.folder.rename(target)
            except OSError as problem:
                if problem.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise protocol.ObjectExists(key=key) from problem
                raise
            _sync(target.parent)
        return info

    def info(self, key: str) -> protocol.ObjectInfo | None:
        """What is known of an object, or None."""
        facts = _read_json(self._place(key) / _META)
        return None if facts is None else protocol.ObjectInfo(key=key, **facts)

    def path(self, key: str) -> Path:
        """The file that holds the bytes of an object that `info` knows."""
        return self._place(key) / Path(key).name

    def remove(self, key: str) -> None:
        """Take an object away in one step; open readers keep theirs."""
        grave = self._tmp / uuid.uuid4().hex
        with disk():
            self._tmp.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                self._place(key).rename(grave)
        shutil.rmtree(grave, ignore_errors=True)

    def keys(self, prefix: str) -> list[str]:
        """All keys that start with `prefix`, sorted."""
        found = (meta.parent.relative_to(self._objects).as_posix()[:-1] for meta in self._objects.rglob(_META))
        return sorted(key for key in found if key.startswith(prefix))

    # Multipart uploads.

    def open_upload(self, key: str, content_type: str) -> str:
        """Open a multipart upload and name it."""
        upload = uuid.uuid4().hex
        with disk():
            folder = self._multipart / upload
            folder.mkdir(parents=True)
            _write_json(folder / _UPLOAD, {"key": key, "content_type": content_type})
        return upload

    def upload_type(self, key: str, upload: str) -> str:
        """The content type of an open upload; `NotFound` if it is not open for this key."""
        name = upload if upload.isalnum() and upload.isascii() else ""
        facts = _read_json(self._multipart / name / _UPLOAD) if name else None
        if facts is None or facts["key"] != key:
            raise protocol.missing_upload(upload)
        return str(facts["content_type"])

    def keep_part(self, key: str, upload: str, number: int, draft: Draft) -> protocol.Part:
        """Keep a draft as part `number`, in the place of an earlier try."""
        self.upload_type(key, upload)
        written = draft.finish()
        with disk():
            try:
                # The tag is in the name, so that a part and its tag change in one step.
                earlier = list((self._multipart / upload).glob(f"{number:05}.*"))
                draft.path.rename(self._multipart / upload / f"{number:05}.{written.etag}")
            except FileNotFoundError as problem:
                raise protocol.missing_upload(upload) from problem
            for path in earlier:
                if path.suffix != f".{written.etag}":
                    path.unlink(missing_ok=True)
        draft.discard()
        return protocol.Part(number, written.etag, written.size)

    def parts(self, key: str, upload: str) -> list[protocol.Part]:
        """The parts that have arrived."""
        self.upload_type(key, upload)
        with disk(), _open_still(upload):
            paths = sorted((self._multipart / upload).glob("[0-9]*.*"))
            return [protocol.Part(int(path.stem), path.suffix[1:], path.stat().st_size) for path in paths]

    def join(self, key: str, upload: str, parts: list[protocol.Part]) -> None:
        """Publish the object made of `parts`; the upload is gone afterwards."""
        content_type = self.upload_type(key, upload)
        have = self.parts(key, upload)
        wanted = sorted(parts, key=lambda part: part.number)
        if not wanted or any(part not in have for part in wanted):
            raise errors.Conflict("Some parts are missing or differ from those named.", code="parts_differ")
        draft = self.draft(key)
        try:
            for part in wanted:
                path = self._multipart / upload / f"{part.number:05}.{part.etag}"
                with disk(), _open_still(upload), path.open("rb") as file:
                    while chunk := file.read(_CHUNK):
                        draft.write(chunk)
            self.publish(key, draft, content_type)
        finally:
            draft.discard()
        self.drop_upload(upload)

    def drop_upload(self, upload: str) -> None:
        """Forget an upload and its parts."""
        if upload.isalnum() and upload.isascii():
            shutil.rmtree(self._multipart / upload, ignore_errors=True)

    def sweep(self, older_than_s: float) -> int:
        """Remove drafts and uploads that nobody has written to for so long; answers how many."""
        limit = time.time() - older_than_s
        stale = [
            folder
            for area in (self._tmp, self._multipart)
            for folder in (area.iterdir() if area.is_dir() else ())
            if _touched(folder) < limit
        ]
        for folder in stale:
            shutil.rmtree(folder, ignore_errors=True)
        return len(stale)

    def _place(self, key: str) -> Path:
        return self._objects / f"{protocol.check_key(key)}@"


@contextlib.contextmanager
def _open_still(upload: str) -> Iterator[None]:
    """Parts that vanish under our hands: somebody else completed or aborted the upload, or sent a part again."""
    try:
        yield
    except FileNotFoundError as gone:
        raise protocol.missing_upload(upload) from gone


def _touched(folder: Path) -> float:
    times = [folder.stat().st_mtime]
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            times.append(path.stat().st_mtime)
    return max(times)


def _make(folder: Path, root: Path) -> None:
    """Make a folder durably: each new entry is synced into its parent, up to `root`."""
    new = [path for path in (folder, *folder.parents) if path.is_relative_to(root) and not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in reversed(new):
        _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_json(path: Path, facts: dict[str, Any]) -> None:
    with path.open("x", encoding="utf-8") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        with disk():
            return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
