"""One open stream: reads messages, sends what its outbox holds, and watches whether it may go on.

    socket ──► reader ──► front door ──► result ─┐
                                                 ├──► outbox ──► writer ──► socket
    hub ──────────────────────────────► events ──┘

Nobody ever waits for a peer's socket: everything that comes in from the hub is put into the outbox and left there.
"""

import asyncio
import contextlib
import random
from collections.abc import Coroutine
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from fastapi import WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from timeline_service.access.service import Actor, Grant
from timeline_service.api import framing, lease_desk, protocol, requests, steps, strict_json, unread
from timeline_service.api.buckets import Bucket
from timeline_service.api.company import Peer, tab_of
from timeline_service.api.follower import Follower
from timeline_service.api.outbox import Outbox, size_of
from timeline_service.api.protocol import MESSAGE, Close, Flip, Hello, Lease, Ping, Presence, Pull, Push, Restore
from timeline_service.api.rooms import Rooms
from timeline_service.api.sessions import Draining
from timeline_service.domain import queues
from timeline_service.domain.state import State
from timeline_service.editing.requests import Answer
from timeline_service.kit import clock, errors

CLOSE_WITHIN_S: Final = 10.0
MOVE_WITHIN_MS: Final = 1_000
CRASHED: Final = 1011
NO_STRIKES: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN})
"""What was asked well and is not so, or not allowed any more."""

log = structlog.get_logger(__name__)


class Session:
    """A socket whose hello was accepted."""

    def __init__(
        self, websocket: WebSocket, rooms: Rooms, timeline_id: UUID, actor: Actor, grant: Grant, hello: Hello
    ) -> None:
        limits = rooms.settings.stream
        self._websocket = websocket
        self._rooms = rooms
        self._timeline_id = timeline_id
        self._actor = actor
        self._grant = grant
        self._hello = hello
        self._limits = limits
        now = framing.writer_now(websocket)
        self._outbox = Outbox(max_frames=limits.outbox_frames, max_bytes=limits.outbox_bytes, now=now)
        tab = tab_of(actor.id, hello.client_id, hello.tab_id)
        self._peer = Peer(str(clock.new_id()), str(actor.id), actor.name, grant.role, self._outbox, tab)
        self._follower = Follower(rooms, timeline_id, grant.workspace_id, self._outbox)
        self._messages = Bucket(limits.messages_per_second, limits.messages_burst)
        self._strikes = 0
        self._edits: set[asyncio.Task[None]] = set()
        self._welcomed = False
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Until either side ends it."""
        with self._rooms.sessions.entered(self):
            if self._rooms.sessions.draining:  # it began while we were let in, and has not told us
                self.move()
            await self._run()

    # ---- when the process stops
    def drain(self) -> None:
        """Tell the client to go, and take no more edits."""
        if self._welcomed:
            self._send(t="drain", reconnect_ms=random.randint(0, MOVE_WITHIN_MS))  # noqa: S311 - to spread them
        else:
            self.move()

    async def settled(self) -> None:
        """Until the edits in flight are answered."""
        while self._edits:
            await asyncio.wait(self._edits)

    def move(self) -> None:
        """Close after what waits to be sent, held back or not."""
        self._rooms.editing.hub.flush(self._timeline_id)
        self._outbox.end(Close.MOVE, "the service stops here")

    async def sent(self) -> None:
        """Until that has been handed to the socket, its close too."""
        await self._closed.wait()

    # ---- while it goes on
    async def _run(self) -> None:
        writer = asyncio.create_task(self._write())
        try:
            await self._until_over(writer)
        except (errors.NotFound, errors.Forbidden) as error:
            self._outbox.end(Close.FORBIDDEN, error.stable_code)
        except errors.ServiceError as error:
            self._outbox.end(Close.MOVE, error.stable_code)
        except Exception:
            log.exception("stream_crashed", timeline_id=str(self._timeline_id))
            self._outbox.end(CRASHED, "something went wrong in the service")
        finally:
            self._follower.stop()
            self._rooms.presence.leave(self._timeline_id, self._peer)
            self._rooms.leases.leave(self._timeline_id, self._peer.session_id)
            self._outbox.end(1000, "")
            await asyncio.wait({writer}, timeout=CLOSE_WITHIN_S)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _until_over(self, writer: asyncio.Task[None]) -> None:
        tasks: set[asyncio.Task[Any]] = {
            asyncio.create_task(work) for work in (self._serve(), self._watch(), self._outbox.ended())
        }
        try:
            done, _ = await asyncio.wait({*tasks, writer}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {writer}:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # ---- out
    async def _welcome(self, head: int, epoch: int, mode: str, state: State) -> None:
        actor_id = str(self._actor.id)
        undo = await self._undo_state(state)
        # Not before: nothing comes before the welcome, not even who else is here.
        await asyncio.gather(
            self._rooms.presence.enter(self._timeline_id, self._peer),
            self._rooms.leases.enter(self._timeline_id, self._peer.session_id),
        )
        leases = self._rooms.leases.follow(self._timeline_id, self._peer.session_id, self._tell_lease)
        peers = self._rooms.presence.join(self._timeline_id, self._peer)
        self._send(
            t="welcome",
            proto=protocol.PROTOCOL,
            session_id=self._peer.session_id,
            actor={"id": actor_id, "name": self._actor.name},
            role=self._grant.role,
            timeline_id=str(self._timeline_id),
            head=head,
            epoch=str(epoch),
            mode=mode,
            last_seq=queues.last_seq(state.queues, actor_id, self._hello.client_id),
            limits={
                "inflight": self._limits.in_flight,
                "gestures_s": self._limits.gestures_per_second,
                "burst": self._limits.gestures_burst,
                "frame_kb": protocol.FRAME_BYTES // 1024,
            },
            ping_ms=protocol.PING_MS,
            undo=undo,
            leases=leases,
            peers=peers,
        )
        self._welcomed = True

    async def _undo_state(self, state: State) -> dict[str, Any]:
        where = (self._timeline_id, self._grant.workspace_id)
        return await steps.undo(self._rooms.store, *where, state.stacks.get(str(self._actor.id)))

    def _send(self, **message: Any) -> None:
        self._outbox.put(orjson.dumps(message, default=str))

    def _tell_lease(self, record: str, frame: str | None) -> None:
        if frame is None:
            self._outbox.forget_presence(f"lease {record}")
        else:
            self._outbox.put_presence(f"lease {record}", frame)  # as presence: the newest of each record is enough

    def _refuse(self, error: errors.ServiceError) -> None:
        """Tell what was wrong with a message. Many wrong ones end the socket; what may go another time is not wrong."""
        self._strikes += not error.retryable and error.status not in NO_STRIKES
        self._send(t="error", code=error.stable_code, message=error.message, details=error.details)
        if self._strikes >= protocol.STRIKES:
            self._outbox.end(Close.BAD, "too many messages that are not this protocol")

    async def _write(self) -> None:
        try:
            send = framing.sender(self._websocket)
            while frames := await self._outbox.next():
                await send(frames)
            await self._websocket.close(self._outbox.code, self._outbox.reason)
        except (WebSocketDisconnect, RuntimeError):
            self._outbox.end(1006, "gone")
        finally:
            self._closed.set()

    # ---- whether it may go on
    async def _watch(self) -> None:
        """Membership and token, until one of them ends."""
        expires = self._actor.token_expires_at
        while True:
            left = None if expires is None else (expires - datetime.now(UTC)).total_seconds()
            if left is not None and left <= 0:
                self._outbox.end(Close.UNAUTHENTICATED, "token_expired")
                return
            await asyncio.sleep(self._limits.recheck_s if left is None else min(self._limits.recheck_s, left))
            try:
                await self._rooms.access.grant(self._actor, self._timeline_id, "read")
            except (errors.NotFound, errors.Forbidden):
                self._outbox.end(Close.FORBIDDEN, "not a member any more")
                return
            except errors.Unavailable:
                continue  # the database will be back, and then the question is asked again

    # ---- in
    async def _serve(self) -> None:
        await self._follower.start(self._hello, self._welcome)
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if self._messages.take():
                self._outbox.end(Close.FLOOD, "too many messages")
                return
            try:
                await self._take(message.get("text"))
            except errors.ServiceError as error:
                self._refuse(error)

    async def _take(self, text: str | None) -> None:
        if text is None:
            raise errors.Invalid("Messages are text frames.", code="binary_frame")
        try:
            message = _read(text)
        except errors.ServiceError as error:
            error.details |= unread.batch_of(text)
            raise
        match message:
            case Push() | Flip() | Restore():
                await self._edit(message)
            case Pull():
                await self._follower.pull(message)
            case Ping(t="ping"):
                self._send(t="pong", n=message.n)
            case Presence():
                said = message.model_dump(exclude={"t"}, exclude_none=True)
                self._rooms.presence.tell(self._timeline_id, self._peer, said)
            case Lease():
                await self._lease(message)

    async def _lease(self, asked: Lease) -> None:
        try:
            said = await lease_desk.answer(self._rooms, self._actor, self._timeline_id, self._peer.session_id, asked)
        except errors.ServiceError as error:
            error.details["record"] = asked.record  # nothing else tells the asker which of theirs was refused
            raise
        self._send(**said)

    async def _edit(self, message: Push | Flip | Restore) -> None:
        """Start an edit; its result comes when it is durable. Edits of one socket are queued in their order."""
        ids = requests.gesture_ids(message)
        if self._rooms.sessions.draining:
            self._send(**requests.failed(message, ids, Draining(), self._follower.version))
            return
        full = len(self._edits) >= self._limits.in_flight
        wait = 0.0 if full else self._rooms.gestures.take((self._actor.id, self._timeline_id), len(ids))
        if full or wait:
            busy = errors.RateLimited(retry_after_ms=max(50, round(wait * 1000)))
            self._send(**requests.failed(message, ids, busy, self._follower.version))
            return
        try:
            # The role is looked up here, so that the task below need not wait before it joins the queue in its turn.
            permission = "restore" if isinstance(message, Restore) else "edit"
            grant = await self._rooms.access.grant(self._actor, self._timeline_id, permission)
        except errors.ServiceError as error:
            self._send(**requests.failed(message, ids, error, self._follower.version))
            return
        self._start(self._run_edit(message, ids, grant))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._edits.add(task)
        task.add_done_callback(self._edits.discard)

    async def _run_edit(self, message: Push | Flip | Restore, ids: list[str | None], grant: Grant) -> None:
        try:
            answer = await self._submit(message, grant)
            frame = requests.succeeded(message, answer)
        except errors.ServiceError as error:
            frame = requests.failed(message, ids, error, self._follower.version)
        except Exception:
            log.exception("edit_crashed", timeline_id=str(self._timeline_id))
            frame = requests.failed(message, ids, errors.ServiceError(), self._follower.version)
        if not isinstance(message, Push):
            # A push tells its author enough; what the next undo would take back only the service knows.
            with contextlib.suppress(errors.ServiceError):
                frame["undo"] = await self._undo_now()
        self._send(**frame)

    async def _undo_now(self) -> dict[str, Any]:
        state = await self._rooms.editing.reader.state_at(self._timeline_id, self._grant.workspace_id)
        return await self._undo_state(state)

    async def _submit(self, message: Push | Flip | Restore, grant: Grant) -> Answer:
        editing, where = self._rooms.editing, (self._actor, self._timeline_id)
        origin = (self._peer.session_id, self._hello.client_id)
        match message:
            case Push():
                return await editing.submit(*where, requests.submission(message, *origin), grant)
            case Flip(t="undo"):
                return await editing.undo(*where, requests.undo(message, *origin), grant)
            case Flip():
                return await editing.redo(*where, requests.undo(message, *origin), grant)
            case Restore():
                return await editing.restore(*where, requests.restore(message, *origin), grant)


def _read(text: str) -> Any:
    if size_of(text) > protocol.FRAME_BYTES:
        raise errors.TooLarge("The frame is too large.", limit=protocol.FRAME_BYTES)
    try:
        return MESSAGE.validate_python(strict_json.parse_text(text))
    except ValidationError as error:
        raise errors.Invalid(
            "This is no message of the protocol.", code="invalid_message", problems=requests.problems(error)
        ) from None
