"""`/_blobs/…`: the signed URLs of the folder store. Over S3 this room is not mounted: clients talk to the bucket.

A request needs no token, the URL is the permission; every error is one of `kit.errors`, mapped by the app.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import BinaryIO

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from timeline_service.kit import errors
from timeline_service.kit.storage import protocol
from timeline_service.kit.storage.filesystem import PREFIX, BlobReader, BlobWriter, FilesystemStore

_CHUNK = 1024 * 1024  # bytes gathered before a thread is asked to write or read them
_LENGTH = re.compile(r"0|[1-9][0-9]{0,15}")
_RANGE = re.compile(r"bytes=(?:([0-9]{1,16})-([0-9]{1,16})?|-([0-9]{1,16}))")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `stop` (exclusive) of an object; `partial` when the client asked for less than all."""

    start: int
    stop: int
    partial: bool


class RangeRefused(errors.ServiceError):
    """The object has no such bytes."""

    code = "range_not_satisfiable"
    status = 416


def router(store: FilesystemStore) -> APIRouter:
    """The routes over one store. They are in no schema: nobody makes such a URL by hand."""
    routes = APIRouter(include_in_schema=False)

    @routes.put(PREFIX + "{key:path}")
    async def put_blob(key: str, request: Request) -> Response:
        if request.headers.get("content-encoding", "identity") != "identity":
            raise errors.Invalid(
                "Send the bytes themselves, without Content-Encoding.", code="content_encoding_refused"
            )
        writer = await asyncio.to_thread(
            store.open_signed_put,
            key,
            request.query_params.multi_items(),
            content_length=_length(request.headers.get("content-length")),
            content_type=request.headers.get("content-type"),
        )
        etag = await _receive(request, writer)
        return Response(status_code=200, headers={"ETag": f'"{etag}"'})

    @routes.api_route(PREFIX + "{key:path}", methods=["GET", "HEAD"])
    async def get_blob(key: str, request: Request) -> Response:
        blob = await asyncio.to_thread(store.open_signed_get, request.method, key, request.query_params.multi_items())
        return await _answer(request, blob)

    return routes


async def _receive(request: Request, writer: BlobWriter) -> str:
    """Take the body in whole chunks, so that a slow client costs few threads; nothing stays of a broken one."""
    pending = bytearray()
    try:
        async for chunk in request.stream():
            pending += chunk
            if len(pending) >= _CHUNK:
                await asyncio.to_thread(writer.write, bytes(pending))
                pending.clear()
        await asyncio.to_thread(writer.write, bytes(pending))
        return await asyncio.to_thread(writer.commit)
    except ClientDisconnect as gone:
        raise errors.Invalid("The connection ended before the bytes did.", code="size_mismatch") from gone
    finally:
        # Not awaited: a cancelled request must clean up too, and this is one unlink.
        writer.abort()


async def _answer(request: Request, blob: BlobReader) -> Response:
    headers = {
        "ETag": f'"{blob.etag}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-transform, max-age=900",
        "Content-Disposition": protocol.disposition(blob.filename),
        # What people upload is never to run as a page of ours.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(request.headers.get("if-none-match", ""), blob.etag):
        return Response(status_code=304, headers=headers)
    fresh = request.headers.get("if-range", f'"{blob.etag}"') == f'"{blob.etag}"'
    span = span_of(request.headers.get("range", "") if fresh else "", blob.size)
    headers["Content-Length"] = str(span.stop - span.start)
    if span.partial:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{blob.size}"
    status = 206 if span.partial else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=blob.content_type)
    try:
        file = await asyncio.to_thread(lambda: blob.path.open("rb"))
    except FileNotFoundError as gone:  # deleted since it was looked up
        raise errors.NotFound("There is no such object.", code="object_not_found") from gone
    return StreamingResponse(_send(file, span), status, headers, media_type=blob.content_type)


async def _send(file: BinaryIO, span: Span) -> AsyncIterator[bytes]:
    with file:
        file.seek(span.start)
        left = span.stop - span.start
        while left and (chunk := await asyncio.to_thread(file.read, min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


def span_of(header: str, size: int) -> Span:
    """The bytes that a Range header asks for, out of `size`.

    Several ranges, other units and nonsense are answered with the whole object, as RFC 9110 allows.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        return Span(0, size, partial=False)
    start, stop = (
        (int(match[1]), min(int(match[2]) + 1, size) if match[2] else size)
        if match[1]
        else (max(0, size - int(match[3])), size)
    )
    if start >= stop:
        raise RangeRefused(size=size)
    return Span(start, stop, partial=True)


def _matches(header: str, etag: str) -> bool:
    return any(tag.strip().removeprefix("W/") in {f'"{etag}"', "*"} for tag in header.split(","))


def _length(header: str | None) -> int | None:
    return int(header) if header is not None and _LENGTH.fullmatch(header) else None
