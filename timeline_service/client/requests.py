"""The few HTTP requests that go with the stream: to make a timeline, to look at it, to fetch what is too large."""

import hashlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Self

import httpx2
import orjson

from timeline_service.client.effects import Fetch
from timeline_service.client.errors import RequestFailed

WITHIN_S: Final = 30.0
Token = str | Callable[[], Awaitable[str]]
"""A JWT, or where to get one each time that one is needed."""


async def read_token(token: Token) -> str:
    """The token to use now."""
    return token if isinstance(token, str) else await token()


class TimelineApi:
    """HTTP with a JWT. Every method answers the JSON of docs (`/docs` of the service) and raises RequestFailed, or
    httpx2.HTTPError where nobody answers.
    """

    def __init__(self, url: str, token: Token) -> None:
        self._token = token
        self._http = httpx2.AsyncClient(base_url=url, timeout=WITHIN_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:  # fmt: skip  # noqa: E501
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def create_workspace(self, name: str) -> dict[str, Any]:
        """`{id, name, …}`."""
        return await self._json("POST", "/api/v1/workspaces", {"name": name})

    async def create_timeline(self, workspace_id: str, name: str, **fields: Any) -> dict[str, Any]:
        """A new timeline; fields `rate` {num, den}, `width`, `height`."""
        return await self._json("POST", "/api/v1/timelines", {"workspace_id": workspace_id, "name": name, **fields})

    async def state(self, timeline_id: str, version: int | None = None) -> dict[str, Any]:
        """The timeline, now or at a version."""
        params = {} if version is None else {"version": version}
        return await self._json("GET", f"/api/v1/timelines/{timeline_id}", params=params)

    async def events(self, timeline_id: str, after_version: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """The events after a version, whole ones."""
        params = {"after_version": after_version, "limit": limit}
        items: list[dict[str, Any]] = (
            await self._json("GET", f"/api/v1/timelines/{timeline_id}/events", params=params)
        )["items"]
        return items

    async def ticket(self, timeline_id: str) -> str:
        """A ticket for one connection to the stream, thirty seconds long."""
        answer = await self._json("POST", "/api/v1/stream-tickets", {"timeline_id": timeline_id})
        ticket: str = answer["ticket"]
        return ticket

    async def fetch(self, timeline_id: str, fetch: Fetch) -> dict[str, Any]:
        """What a stream names by reference. Raises ValueError where the bytes are not those that were meant."""
        if fetch.url is None:
            [item] = await self.events(timeline_id, fetch.version - 1, 1)
            return item
        answer = await self._request("GET", fetch.url)
        if hashlib.sha256(answer.content).hexdigest() != fetch.sha256:
            raise ValueError("the snapshot's bytes do not match their checksum")
        data: dict[str, Any] = orjson.loads(answer.content)
        return data

    async def _json(self, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        answer = await self._request(method, path, **(more if body is None else {"json": body, **more}))
        data: dict[str, Any] = orjson.loads(answer.content)
        return data

    async def _request(self, method: str, path: str, **request: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {await read_token(self._token)}"}
        answer = await self._http.request(method, path, headers=headers, **request)
        if not answer.is_success:
            raise _failed(answer)
        return answer


def _failed(answer: httpx2.Response) -> RequestFailed:
    try:
        error = orjson.loads(answer.content)["error"]
        return RequestFailed(answer.status_code, error["code"], error["message"], error.get("details") or {})
    except (orjson.JSONDecodeError, KeyError, TypeError):  # a proxy's page, not the service's
        return RequestFailed(answer.status_code, "http_error", answer.reason_phrase, {})
