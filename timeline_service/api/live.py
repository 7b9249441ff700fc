"""`WS /api/v1/timelines/{id}/stream`: who may open it, and how it begins and ends; and its description."""

import asyncio
import contextlib
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from fastapi import APIRouter, Response, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from timeline_service.access import tickets
from timeline_service.access.service import Actor, Grant
from timeline_service.api import answers, asyncapi, deps, protocol, strict_json
from timeline_service.api.outbox import size_of
from timeline_service.api.protocol import Close, Hello
from timeline_service.api.rooms import Rooms
from timeline_service.api.routing import rooms_of
from timeline_service.api.session import Session
from timeline_service.domain import event
from timeline_service.kit import errors
from timeline_service.settings import Settings

router = APIRouter()

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})

log = structlog.get_logger(__name__)


class Unwelcome(Exception):
    """The socket is closed before the session begins."""

    def __init__(self, code: Close, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


@router.get("/asyncapi.json", include_in_schema=False)
async def describe(rooms: deps.House) -> Response:
    """The stream as AsyncAPI 3.0."""
    return answers.json(asyncapi.document(rooms.settings.public_url))


@router.websocket("/timelines/{timeline_id}/stream")
async def stream(websocket: WebSocket, timeline_id: UUID) -> None:
    """Live editing of one timeline."""
    rooms = rooms_of(websocket)
    if not origin_allowed(websocket.headers.get("origin"), rooms.settings):
        await websocket.close()  # before accept: the handshake is refused with 403
        return
    await websocket.accept()
    try:
        hello = await _hello(websocket, timeline_id)
        actor, grant = await _admit(rooms, hello, timeline_id)
        await Session(websocket, rooms, timeline_id, actor, grant, hello).run()
    except Unwelcome as refusal:
        await _close(websocket, refusal.code, refusal.reason)
    except WebSocketDisconnect:
        pass
    except Exception:
        log.exception("stream_crashed", timeline_id=str(timeline_id))
        await _close(websocket, 1011, "something went wrong in the service")


def origin_allowed(origin: str | None, settings: Settings) -> bool:
    """Browsers name where their page is from; only our own pages and the listed ones may. Others name nothing."""
    if origin is None or origin in settings.allowed_origins:
        return True
    try:
        own, theirs = urlsplit(settings.public_url), urlsplit(origin)
    except ValueError:  # no origin of any browser
        return False
    if (theirs.scheme, theirs.netloc) == (own.scheme, own.netloc):
        return True
    # On one machine people say localhost for 127.0.0.1.
    return (
        theirs.scheme == own.scheme
        and _port(theirs.netloc) == _port(own.netloc)
        and {_host(theirs.netloc), _host(own.netloc)} <= LOOPBACK
    )


def _host(netloc: str) -> str:
    return netloc.rpartition(":")[0] if _port(netloc) else netloc


def _port(netloc: str) -> str:
    port = netloc.rpartition(":")[2]
    return port if port.isdigit() else ""


async def _hello(websocket: WebSocket, timeline_id: UUID) -> Hello:
    try:
        async with asyncio.timeout(protocol.HELLO_WITHIN_S):
            text = await websocket.receive_text()
    except TimeoutError:
        raise Unwelcome(Close.BAD, "say hello within five seconds") from None
    except KeyError:  # a binary frame
        raise Unwelcome(Close.BAD, "the first frame is a hello") from None
    if size_of(text) > protocol.HELLO_BYTES:
        raise Unwelcome(Close.BAD, "the hello is too large")
    try:
        said = strict_json.parse_text(text)
        _check_protocol(said)
        hello = Hello.model_validate(said)
    except (errors.Invalid, ValueError):
        raise Unwelcome(Close.BAD, "the first frame is a hello") from None
    if hello.timeline_id not in {None, timeline_id}:
        raise Unwelcome(Close.BAD, "the hello is for another timeline")
    if hello.schema_ is not None and hello.schema_ < event.SCHEMA_VERSION:
        raise Unwelcome(Close.OLD, f"events are of schema {event.SCHEMA_VERSION}")
    return hello


def _check_protocol(said: Any) -> None:
    """Before anything else of the hello: the fields of another protocol are not ours to judge."""
    proto = said.get("proto", protocol.PROTOCOL) if isinstance(said, dict) and said.get("t") == "hello" else None
    if type(proto) is int and proto != protocol.PROTOCOL:
        raise Unwelcome(Close.OLD, f"this service speaks protocol {protocol.PROTOCOL}")


async def _admit(rooms: Rooms, hello: Hello, timeline_id: UUID) -> tuple[Actor, Grant]:
    if rooms.stopping:
        raise Unwelcome(Close.MOVE, "the service stops here")
    try:
        if hello.token.startswith(tickets.PREFIX):
            actor = await rooms.tickets.take(hello.token, timeline_id)
        else:
            actor = await rooms.access.authenticate(hello.token)
        return actor, await rooms.access.grant(actor, timeline_id, "read")
    except errors.Unauthenticated as refusal:
        raise Unwelcome(Close.UNAUTHENTICATED, refusal.stable_code) from None
    except (errors.NotFound, errors.Forbidden):
        raise Unwelcome(Close.FORBIDDEN, "there is no such timeline, or it is not yours") from None
    except errors.Unavailable as refusal:
        raise Unwelcome(Close.MOVE, refusal.stable_code) from None


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await websocket.close(code, reason)
