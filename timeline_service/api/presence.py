"""Where everybody is and what they do: told to all sessions of all processes, never stored in the log.

    tell ─► conflation ─► sessions of this process
                     └──► Redis ─► the other processes ─► their sessions

Of each sender the newest word wins, thirty a second at most. Without Redis the sessions of one process see each other;
when it is back everybody is told again.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from timeline_service.api.company import Company, Local, Peer
from timeline_service.api.peer_store import Own, PeerStore, channel_of
from timeline_service.kit import errors
from timeline_service.kit.channels import Channels

LARGEST: Final = 4 * 1024
TICK_S: Final = 1.0
BEAT_S: Final = 5.0
OPEN_S: Final = 0.5
"""How long a welcome waits for who else is there."""
ANSWER_S: Final = 2.0
FAILURES: Final = (RedisError, OSError, TimeoutError)
log = structlog.get_logger(__name__)


class Presence:
    """The sessions of every timeline that this process has open. Create one per process, keep `run` and `write` going.

    `per_second`: words of one sender that are passed on.
    """

    def __init__(self, client: Redis, channels: Channels, *, per_second: float) -> None:
        self._store = PeerStore(client, uuid.uuid4().hex)
        self._channels = channels
        self._pause_s = 1 / per_second
        self._companies: dict[UUID, Company] = {}
        self._outgoing: dict[tuple[UUID, str], tuple[str, str]] = {}
        self._something = asyncio.Event()
        self._back = asyncio.Event()
        self._told = False
        self._away_until = 0.0
        channels.back.append(self._back.set)

    async def enter(self, timeline_id: UUID, peer: Peer) -> None:
        """A session comes: announce it, close older ones of its tab, ask for the others. Never raises."""
        company = self._companies.get(timeline_id)
        if company is None:
            company = self._companies[timeline_id] = Company()
        local = company.add(peer)
        if not company.loaded:
            await self._channels.follow(channel_of(timeline_id), lambda data: self._hear(company, data))
        if time.monotonic() < self._away_until:
            return
        await self._sync(timeline_id, company, [local.own()], announce=True, whole=not company.loaded, within_s=OPEN_S)

    def join(self, timeline_id: UUID, peer: Peer) -> list[dict[str, Any]]:
        """From now on a session that has entered is told; answers who is here at this moment, for its welcome."""
        company = self._companies[timeline_id]
        company.local[peer.session_id].joined = True
        company.pass_on(peer.session_id, peer.frame({}))
        return company.shown(but=peer.session_id)

    def leave(self, timeline_id: UUID, peer: Peer) -> None:
        """Go; the others are told."""
        company = self._companies.get(timeline_id)
        local = None if company is None else company.local.pop(peer.session_id, None)
        if company is None or local is None:
            return
        company.gone(peer.session_id)
        if local.timer is not None:
            local.timer.cancel()
        frame = peer.frame({}, here=False)
        company.pass_on(peer.session_id, frame)
        self._send(timeline_id, peer.session_id, "-", frame)
        if not company.local:
            del self._companies[timeline_id]
            self._channels.leave(channel_of(timeline_id))

    def tell(self, timeline_id: UUID, peer: Peer, said: dict[str, Any]) -> None:
        """What a session does, to everybody but itself; it replaces what it said before. Raises TooLarge."""
        if len(orjson.dumps(said)) > LARGEST:
            raise errors.TooLarge("The presence is too large.", limit=LARGEST)
        company = self._companies.get(timeline_id)
        local = None if company is None else company.local.get(peer.session_id)
        if company is None or local is None:
            return
        local.waiting = said
        if local.timer is None:
            left = local.due - time.monotonic()
            if left <= 0:
                self._speak(timeline_id, company, local)
            else:
                loop = asyncio.get_running_loop()
                local.timer = loop.call_later(left, self._speak, timeline_id, company, local)

    def _speak(self, timeline_id: UUID, company: Company, local: Local) -> None:
        local.timer = None
        local.due = time.monotonic() + self._pause_s
        said, local.waiting = local.waiting or {}, None
        local.frame = local.peer.frame(said)
        company.pass_on(local.peer.session_id, local.frame)
        self._send(timeline_id, local.peer.session_id, "+", local.frame)

    # ---- what runs
    async def write(self) -> None:
        """For ever: tell the other processes."""
        while True:
            await self._something.wait()
            await self._flush(ANSWER_S)

    async def run(self) -> None:
        """For ever: say that our sessions live, and see who does not any more."""
        beat = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._back.wait()
            back = self._back.is_set()
            self._back.clear()
            for company in self._companies.values():
                company.sweep()
            if back or time.monotonic() >= beat:
                beat = time.monotonic() + BEAT_S
                await asyncio.gather(*(self._beat(*one, announce=back) for one in tuple(self._companies.items())))

    async def close(self) -> None:
        """Tell the others who has left."""
        await self._flush(1.0)

    async def _beat(self, timeline_id: UUID, company: Company, *, announce: bool) -> None:
        known = await self._sync(timeline_id, company, company.own(), announce=announce, whole=not company.loaded)
        if not known:
            await self._sync(timeline_id, company, company.own(), announce=False, whole=True)

    async def _sync(
        self,
        timeline_id: UUID,
        company: Company,
        own: Iterable[Own],
        *,
        announce: bool,
        whole: bool,
        within_s: float = ANSWER_S,
    ) -> bool:
        """Whether everybody is known now, as far as it could be asked."""
        asked = time.monotonic()
        try:
            async with asyncio.timeout(within_s):
                page = await self._store.sync(timeline_id, own, announce=announce, whole=whole)
            known = company.merge(page, asked)
        except FAILURES as error:
            self._away(error)
            return True
        except Exception:
            log.exception("peers_not_understood", timeline_id=str(timeline_id))  # of another release, say
            return True
        self._told = False
        company.loaded = company.loaded or whole
        return known

    async def _flush(self, within_s: float) -> None:
        self._something.clear()
        words, self._outgoing = self._outgoing, {}
        if not words:
            return
        try:
            async with asyncio.timeout(within_s):
                await self._store.tell(words)
        except FAILURES as error:  # the next beat says it again
            self._away(error)

    def _send(self, timeline_id: UUID, session_id: str, sign: str, frame: str) -> None:
        self._outgoing[timeline_id, session_id] = (sign, frame)
        self._something.set()

    def _hear(self, company: Company, data: bytes) -> None:
        heard = self._store.read(data)
        if heard is not None:
            company.hear(heard)

    def _away(self, error: BaseException) -> None:
        self._away_until = time.monotonic() + TICK_S
        if not self._told:
            self._told = True
            log.warning("presence_stays_here", error=type(error).__name__)
