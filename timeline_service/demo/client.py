"""A small client of the public API: what the demo's two editors use, and a pattern for yours."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
import websockets
from websockets.asyncio.client import ClientConnection, connect

TIMEOUT_S = 30.0
CHUNK = 256 * 1024
PAGE = 500
Progress = Callable[[int, int], None]


class ApiError(RuntimeError):
    """The service said no: its code and message."""


class Client:
    """One person's connection to one service."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self._token = token
        self._http = httpx2.AsyncClient(
            base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of a GET."""
        return _checked(await self._http.get(path, params=params)).json()

    async def raw(self, path: str, **params: Any) -> bytes:
        """The bytes of a GET."""
        return bytes(_checked(await self._http.get(path, params=params)).content)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of a POST."""
        return _checked(await self._http.post(path, json=body or {})).json()

    async def events(self, timeline_id: str) -> list[dict[str, Any]]:
        """The whole audit log of a timeline. What is too large for a page is asked for by itself."""
        path = f"/timelines/{timeline_id}/events"
        found: list[dict[str, Any]] = []
        page = await self.get(path, limit=PAGE)
        while True:
            for item in page["items"]:
                alone = {"after_version": item["version"] - 1, "limit": 1}
                found += (await self.get(path, **alone))["items"] if item.get("by_ref") else [item]
            if page["next_cursor"] is None:
                return found
            page = await self.get(path, limit=PAGE, cursor=page["next_cursor"])

    async def upload(self, workspace_id: str, path: Path, content_type: str, progress: Progress) -> dict[str, Any]:
        """Send a file through signed URLs and wait until it is probed. Answers the asset."""
        size, sha256 = await asyncio.to_thread(measure, path)
        request = {
            "workspace_id": workspace_id,
            "filename": path.name,
            "size": size,
            "sha256": sha256,
            "content_type": content_type,
        }
        upload = await self.post("/uploads", request)
        start = 0
        async with httpx2.AsyncClient(timeout=TIMEOUT_S) as plain:  # the signature is the authority: no token
            for part in sorted(upload["parts"], key=lambda part: int(part["part"])):
                content = send_part(path, start, part["size"], size, progress)
                headers = {**part["headers"], "Content-Length": str(part["size"])}
                _checked(await plain.request(part["method"], part["url"], content=content, headers=headers))
                start += part["size"]
        asset = await self.post(f"/uploads/{upload['id']}/complete")
        while asset["status"] not in ("ready", "failed"):
            await asyncio.sleep(0.1)
            asset = await self.get(f"/assets/{asset['id']}")
        if asset["status"] == "failed":
            raise ApiError(f"the service cannot read {path.name}: {asset.get('error')}")
        done: dict[str, Any] = asset
        return done

    async def follow(self, job_id: str) -> AsyncIterator[dict[str, Any]]:
        """The states of a job as they come (server-sent events), the last one included."""
        async with self._http.stream("GET", f"/jobs/{job_id}/events", timeout=None) as answer:
            _checked(answer)
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    job = json.loads(line[5:])
                    if "state" in job:
                        yield job
                        if job["state"] in ("completed", "failed", "canceled"):
                            return

    async def download(self, url: str, path: Path, progress: Progress) -> None:
        """Fetch a signed URL to a file."""
        async with httpx2.AsyncClient(timeout=TIMEOUT_S) as plain, plain.stream("GET", url) as answer:
            _checked(answer)
            total, got = int(answer.headers["content-length"]), 0
            with path.open("wb") as file:
                async for chunk in answer.aiter_bytes():
                    file.write(chunk)
                    got += len(chunk)
                    progress(got, total)

    def stream(self, timeline_id: str) -> "Stream":
        """A live session on a timeline: `async with client.stream(id) as live: await live.push({...})`."""
        address = self.address.replace("http", "ws", 1)
        return Stream(f"{address}/api/v1/timelines/{timeline_id}/stream", self._token, timeline_id)


class Stream:
    """A WebSocket session: gestures go out, results and everybody's events come in."""

    def __init__(self, address: str, token: str, timeline_id: str) -> None:
        self._address = address
        self._hello = {"t": "hello", "proto": 1, "token": token, "timeline_id": timeline_id}
        self._socket: ClientConnection | None = None
        self._results: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._batches = 0
        self.version = 0
        self.events: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._address, max_size=2**24)
        await self._socket.send(json.dumps(self._hello))
        try:
            while (welcome := json.loads(await asyncio.wait_for(self._socket.recv(), TIMEOUT_S)))["t"] != "welcome":
                continue
        except websockets.ConnectionClosed as closed:
            raise ApiError(f"the stream did not open: {closed}") from None
        self.version = welcome["head"]
        self._reader = asyncio.create_task(self._read(self._socket))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._socket is not None
        await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def push(self, *gestures: dict[str, Any]) -> list[dict[str, Any]]:
        """Send gestures, wait until they are durable. Raises ApiError for the first that was refused."""
        assert self._socket is not None
        self._batches += 1
        batch = f"b{self._batches}"
        self._results[batch] = asyncio.get_running_loop().create_future()
        frame = {"t": "push", "batch": batch, "base": self.version, "atomic": len(gestures) > 1, "gestures": gestures}
        await self._socket.send(json.dumps(frame))
        result = await asyncio.wait_for(self._results[batch], TIMEOUT_S)
        for one in result["r"]:
            if not one["ok"]:
                raise ApiError(f"{one['code']}: {one.get('message')}")
        results: list[dict[str, Any]] = result["r"]
        return results

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                message = json.loads(text)
                if message["t"] == "events":
                    self.events += message["items"]
                    self.version = max(self.version, message["to"])
                elif message["t"] == "result":
                    waiting = self._results.pop(message["batch"], None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(message)
        except websockets.ConnectionClosed:
            pass
        for waiting in self._results.values():
            if not waiting.done():
                waiting.set_exception(ApiError("the stream was closed"))


async def send_part(path: Path, start: int, size: int, total: int, progress: Progress) -> AsyncIterator[bytes]:
    """A part of a file in chunks, telling how much of the whole is on its way."""
    data = await asyncio.to_thread(_read, path, start, size)
    for at in range(0, len(data), CHUNK):
        yield data[at : at + CHUNK]
        progress(start + min(at + CHUNK, len(data)), total)


def measure(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, start: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size)


def _checked(answer: httpx2.Response) -> httpx2.Response:
    if answer.status_code < 400:
        return answer
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, httpx2.ResponseNotRead):
        raise ApiError(f"HTTP {answer.status_code} for {answer.request.url.path}") from None
    raise ApiError(f"{error['code']}: {error['message']} {error.get('details') or ''}")
