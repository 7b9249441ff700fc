"""The object store in an S3-compatible bucket (S3, R2, …): boto3 in a pool of threads, imported only here.

Signed URLs bind length, type, checksum and `If-None-Match: *`, which the client must send as headers.
"""

import asyncio
import base64
import contextlib
import functools
import hashlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore import exceptions
from botocore.config import Config

from timeline_service.kit import clock, errors
from timeline_service.kit.storage import protocol
from timeline_service.kit.storage.protocol import ObjectInfo, Part, SignedUrl

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

T = TypeVar("T")
_CHUNK = 1024 * 1024
_MISSING = {"NoSuchKey", "NotFound", "404"}
_TAKEN = {"PreconditionFailed", "412"}
_DIFFER = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}


class S3Store:
    """An `ObjectStore` in one bucket."""

    def __init__(
        self,
        bucket: str,
        *,
        endpoint_url: str | None = None,
        public_endpoint_url: str | None = None,
        region: str = "auto",
        access_key_id: str,
        secret_access_key: str,
        threads: int = 8,
    ) -> None:
        self._bucket = bucket
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="s3")
        connect = functools.partial(
            boto3.client,
            "s3",
            region_name=region,
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret_access_key,
            config=_config(threads, path_style=endpoint_url is not None),
        )
        self._client: S3Client = connect(endpoint_url=endpoint_url)
        # Clients may reach the store by another name than we do; the name is part of what is signed.
        self._signer: S3Client = connect(endpoint_url=public_endpoint_url or endpoint_url)

    # What clients get.

    async def sign_put(
        self, key: str, *, size: int | None, content_type: str, sha256: str | None, expires_s: int
    ) -> SignedUrl:
        """See `ObjectStore.sign_put`."""
        params: dict[str, Any] = {"ContentType": content_type, "IfNoneMatch": "*"}
        if size is not None:
            params["ContentLength"] = size
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        if sha256:
            headers["x-amz-checksum-sha256"] = params["ChecksumSHA256"] = _base64(sha256)
        return await self._sign("put_object", key, expires_s, "PUT", headers, params)

    async def sign_part(self, key: str, upload: str, *, part: int, size: int, expires_s: int) -> SignedUrl:
        """See `ObjectStore.sign_part`."""
        if not 1 <= part <= protocol.MAX_PARTS:
            raise errors.Invalid("Parts are numbered from 1 to 10000.", code="part_invalid")
        params = {"UploadId": upload, "PartNumber": part, "ContentLength": size}
        # The type of a part means nothing to S3; it is named so that every store asks for the same header.
        headers = {"Content-Type": "application/octet-stream"}
        return await self._sign("upload_part", key, expires_s, "PUT", headers, params)

    async def sign_get(self, key: str, *, filename: str, expires_s: int) -> SignedUrl:
        """See `ObjectStore.sign_get`."""
        params = {"ResponseContentDisposition": protocol.disposition(filename)}
        return await self._sign("get_object", key, expires_s, "GET", {}, params)

    # What the service itself does.

    async def start_multipart(self, key: str, content_type: str) -> str:
        """See `ObjectStore.start_multipart`."""
        answer = await self._call(
            key, self._client.create_multipart_upload, Key=protocol.check_key(key), ContentType=content_type
        )
        return str(answer["UploadId"])

    async def list_parts(self, key: str, upload: str) -> list[Part]:
        """See `ObjectStore.list_parts`."""
        found: list[Part] = []
        marker = 0
        while True:
            answer = await self._call(
                key, self._client.list_parts, Key=protocol.check_key(key), UploadId=upload, PartNumberMarker=marker
            )
            found += [
                Part(part["PartNumber"], part["ETag"].strip('"'), part["Size"]) for part in answer.get("Parts", [])
            ]
            if not answer.get("IsTruncated"):
                return found
            marker = answer["NextPartNumberMarker"]

    async def complete_multipart(self, key: str, upload: str, parts: list[Part]) -> None:
        """See `ObjectStore.complete_multipart`."""
        if not parts:
            raise errors.Conflict("Some parts are missing or differ from those named.", code="parts_differ")
        named = [{"PartNumber": part.number, "ETag": part.etag} for part in sorted(parts, key=lambda part: part.number)]
        await self._call(
            key,
            self._client.complete_multipart_upload,
            Key=protocol.check_key(key),
            UploadId=upload,
            MultipartUpload={"Parts": named},
            IfNoneMatch="*",
        )

    async def abort_multipart(self, key: str, upload: str) -> None:
        """See `ObjectStore.abort_multipart`."""
        with contextlib.suppress(errors.NotFound):
            await self._call(key, self._client.abort_multipart_upload, Key=protocol.check_key(key), UploadId=upload)

    async def head(self, key: str) -> ObjectInfo | None:
        """See `ObjectStore.head`."""
        try:
            answer = await self._call(
                key, self._client.head_object, Key=protocol.check_key(key), ChecksumMode="ENABLED"
            )
        except errors.NotFound:
            return None
        checksum = answer.get("ChecksumSHA256", "")
        # "…-3" is a checksum of the checksums of three parts: no use to anybody who has the file.
        sha256 = base64.b64decode(checksum).hex() if checksum and "-" not in checksum else None
        return ObjectInfo(
            key, answer["ContentLength"], answer["ETag"].strip('"'), answer.get("ContentType", ""), sha256
        )

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        """See `ObjectStore.put_file`."""
        protocol.check_key(key)
        size = await asyncio.to_thread(lambda: path.stat().st_size)
        if size > protocol.MAX_PART:
            await self._put_parts(key, path, size, content_type)
            return
        await self._run(key, functools.partial(self._put_whole, key, path, content_type))

    async def fetch(self, key: str, path: Path) -> str:
        """See `ObjectStore.fetch`."""
        return await self._run(key, functools.partial(self._fetch, protocol.check_key(key), path))

    async def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        await self._call(key, self._client.delete_object, Key=protocol.check_key(key))

    async def list(self, prefix: str) -> AsyncIterator[str]:
        """See `ObjectStore.list`."""
        more: dict[str, Any] = {}
        while True:
            answer = await self._call(prefix, self._client.list_objects_v2, Prefix=prefix, **more)
            for item in answer.get("Contents", []):
                yield item["Key"]
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    async def sweep(self, older_than_s: float) -> int:
        """See `ObjectStore.sweep`."""
        limit = clock.now() - timedelta(seconds=older_than_s)
        more: dict[str, Any] = {}
        swept = 0
        while True:
            answer = await self._call("", self._client.list_multipart_uploads, Prefix="ws/", **more)
            for upload in answer.get("Uploads", []):
                if upload["Initiated"] < limit:
                    await self.abort_multipart(upload["Key"], upload["UploadId"])
                    swept += 1
            if not answer.get("IsTruncated"):
                return swept
            more = {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}

    async def close(self) -> None:
        """See `ObjectStore.close`."""
        await asyncio.to_thread(self._pool.shutdown)
        self._client.close()
        self._signer.close()

    def _put_whole(self, key: str, path: Path, content_type: str) -> None:
        checksum = _base64(protocol.digest_file(path))
        with path.open("rb") as file:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=file,
                ContentType=content_type,
                ChecksumSHA256=checksum,
                IfNoneMatch="*",
            )

    async def _put_parts(self, key: str, path: Path, size: int, content_type: str) -> None:
        if await self.head(key) is not None:
            raise protocol.ObjectExists(key=key)
        upload = await self.start_multipart(key, content_type)
        try:
            sizes = protocol.part_sizes(size)
            parts = [
                await self._run(key, functools.partial(self._put_part, key, upload, path, number, sizes))
                for number in range(1, len(sizes) + 1)
            ]
            await self.complete_multipart(key, upload, parts)
        except BaseException:
            await self.abort_multipart(key, upload)
            raise

    def _put_part(self, key: str, upload: str, path: Path, number: int, sizes: Sequence[int]) -> Part:
        with path.open("rb") as file:
            file.seek(sum(sizes[: number - 1]))
            body = file.read(sizes[number - 1])
        answer = self._client.upload_part(Bucket=self._bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
        return Part(number, answer["ETag"].strip('"'), len(body))

    def _fetch(self, key: str, path: Path) -> str:
        partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
        digest = hashlib.sha256()
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            with contextlib.closing(answer["Body"]) as body, partial.open("xb") as file:
                while chunk := body.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
            if partial.stat().st_size != answer["ContentLength"]:
                raise _unavailable()
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
        return digest.hexdigest()

    async def _sign(
        self, operation: str, key: str, expires_s: int, method: str, headers: dict[str, str], params: dict[str, Any]
    ) -> SignedUrl:
        named = {"Bucket": self._bucket, "Key": protocol.check_key(key), **params}
        expires = clock.now() + timedelta(seconds=expires_s)
        url = await self._run(
            key,
            lambda: self._signer.generate_presigned_url(
                operation, Params=named, ExpiresIn=expires_s, HttpMethod=method
            ),
        )
        return SignedUrl(url, method, headers, expires)

    async def _call(self, key: str, operation: Callable[..., Any], **params: Any) -> Any:
        return await self._run(key, functools.partial(operation, Bucket=self._bucket, **params))

    async def _run(self, key: str, work: Callable[[], T]) -> T:
        with _translated(key):
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def _config(threads: int, *, path_style: bool) -> Config:
    return Config(
        signature_version="s3v4",
        connect_timeout=3,
        read_timeout=30,
        retries={"total_max_attempts": 4, "mode": "standard"},
        max_pool_connections=threads,
        tcp_keepalive=True,
        # Checksums that not every S3 speaks are added where we ask for them, and nowhere else.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if path_style else "auto"},
    )


@contextlib.contextmanager
def _translated(key: str) -> Iterator[None]:
    """Answers of S3 as errors of the service. What is not an answer to the question means "not now"."""
    try:
        yield
    except exceptions.ClientError as problem:
        raise _meaning(problem.response.get("Error", {}).get("Code", ""), key) from problem
    except exceptions.BotoCoreError as problem:
        raise _unavailable() from problem


def _meaning(code: str, key: str) -> errors.ServiceError:
    if code in _MISSING:
        return protocol.missing(key)
    if code == "NoSuchUpload":
        return errors.NotFound("There is no such multipart upload.", code="upload_not_found", key=key)
    if code in _TAKEN:
        return protocol.ObjectExists(key=key)
    if code in _DIFFER:
        return errors.Conflict("Some parts are missing or differ from those named.", code="parts_differ")
    return _unavailable()


def _unavailable() -> errors.Unavailable:
    return errors.Unavailable("The object store does not answer as it should.", code="storage_unavailable")


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()
