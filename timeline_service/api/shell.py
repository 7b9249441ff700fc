"""What surrounds every request: a correlation id, security headers, the size of bodies, and the last resort.

Plain ASGI, so that streams and WebSockets pass through untouched.
"""

import re
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from timeline_service.kit import clock, errors

API_VERSION: Final = "2026-11-20"
CORRELATION: Final = "correlation_id"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")

NO_PAGE: Final = "default-src 'none'; frame-ancestors 'none'"
# The documentation page is Swagger UI, which its package loads from there.
DOCS_PAGE: Final = (
    "default-src 'none'; script-src 'unsafe-inline' https://cdn.jsdelivr.net; style-src 'unsafe-inline' "
    "https://cdn.jsdelivr.net; img-src data: https://fastapi.tiangolo.com; connect-src 'self'; frame-ancestors 'none'"
)
HOME_PAGE: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGES: Final = {"/": HOME_PAGE, "/docs": DOCS_PAGE}

log = structlog.get_logger("timeline_service.api")

Refuse = Callable[[errors.ServiceError, str], bytes]


def correlation_id(scope: Scope) -> str:
    """The id that ties an answer, its log lines and its events together."""
    return str(scope.get("state", {}).get(CORRELATION, ""))


class Shell:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, *, encode: Refuse, secure: bool) -> None:
        self._app = app
        self._encode = encode
        self._headers: dict[str, str] = {
            "api-version": API_VERSION,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, whatever happens in it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        correlation = _correlation_of(scope)
        scope.setdefault("state", {})[CORRELATION] = correlation
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        await self._serve(scope, receive, send, correlation)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, correlation: str) -> None:
        began, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(scope, message, correlation)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            log.exception("request_crashed", method=scope["method"], path=_route_of(scope))
            if status:
                raise
            status = 500
            await self._apologise(send_with_headers, correlation)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            log.info("request", method=scope["method"], path=_route_of(scope), status=status, ms=milliseconds)

    async def _apologise(self, send: Send, correlation: str) -> None:
        problem = errors.ServiceError("Something went wrong in the service; the correlation id finds it in the log.")
        content = self._encode(problem, correlation)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 500, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _add_headers(self, scope: Scope, message: MutableMapping[str, Any], correlation: str) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Content-Security-Policy", _PAGES.get(scope["path"], NO_PAGE))
        headers["X-Request-ID"] = correlation


class BodyLimit:
    """Counts the bytes of request bodies as they come, whatever Content-Length says."""

    def __init__(self, app: ASGIApp, *, limit_of: Callable[[str], int | None]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; reading more than the limit of its path raises TooLarge in whoever reads."""
        limit = self._limit_of(scope["path"]) if scope["type"] == "http" else None
        if limit is None:
            await self._app(scope, receive, send)
            return
        declared = _header(scope, b"content-length")
        too_large = declared.isdigit() and (len(declared) > 15 or int(declared) > limit)
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            if too_large:
                raise errors.TooLarge(limit=limit)
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise errors.TooLarge(limit=limit)
            return message

        await self._app(scope, receive_counted, send)


def _correlation_of(scope: Scope) -> str:
    given = _header(scope, b"x-request-id").decode("latin-1")
    return given if _ID.fullmatch(given) else str(clock.new_id())


def _header(scope: Mapping[str, Any], name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def _route_of(scope: Scope) -> str:
    """The template of the route: paths and query strings hold ids and signatures."""
    return str(getattr(scope.get("route"), "path", "unknown"))
