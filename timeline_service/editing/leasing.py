"""Leases for the sessions of this process, and for the front door that asks what stands in an edit's way.

Open timelines have a book, kept by announcements and read again every second. Others are glanced at: fifty
milliseconds at most, believed for a second. While Redis is away there are no leases and nobody is hindered.
"""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Coroutine, Iterator
from typing import Any, Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from timeline_service.editing.lease_book import LeaseBook, Tell
from timeline_service.editing.lease_store import Claimed, LeaseStore, channel_of
from timeline_service.editing.leases import NONE, PER_SESSION, Holder, Standing
from timeline_service.kit import errors
from timeline_service.kit.channels import Channels

REFRESH_S: Final = 1.0
GLANCE_S: Final = 0.05
BELIEVED_S: Final = 1.0
OPEN_S: Final = 0.5
"""How long a welcome waits for what is held."""
ANSWER_S: Final = 2.0
GLANCES: Final = 2_000
FAILURES: Final = (RedisError, OSError, TimeoutError)
log = structlog.get_logger(__name__)


class LeasesUnavailable(errors.Unavailable):
    """Nothing can be leased at the moment; editing goes on without."""

    code = "leases_unavailable"


class TooManyLeases(errors.Conflict):
    """This session holds as many leases as it may; release some."""

    code = "too_many_leases"


class Leases:
    """One per process."""

    def __init__(self, client: Redis, channels: Channels) -> None:
        self._store = LeaseStore(client)
        self._channels = channels
        self._books: dict[UUID, LeaseBook] = {}
        self._glances: OrderedDict[UUID, tuple[float, Standing]] = OrderedDict()
        self._away_until = 0.0
        self._told = False
        self._leaving: set[asyncio.Task[None]] = set()

    # ---- for the front door
    async def standing(self, timeline_id: UUID) -> Standing:
        """What stands in the way of edits to a timeline. Never raises, never waits long."""
        book = self._books.get(timeline_id)
        if book is not None and book.loaded.is_set():
            return book.standing()
        now = time.monotonic()
        believed, known = self._glances.get(timeline_id, (0.0, NONE))
        if now < believed:
            return Standing(known.leases, now)
        return NONE if now < self._away_until else await self._glance(timeline_id)

    async def _glance(self, timeline_id: UUID) -> Standing:
        try:
            async with asyncio.timeout(GLANCE_S):
                page = await self._store.read(timeline_id)
        except FAILURES as error:
            self._away(error)
            return NONE
        except Exception:
            log.exception("leases_not_understood", timeline_id=str(timeline_id))
            return NONE
        self._told = False
        now = time.monotonic()
        standing = Standing({lease.record: lease for lease in page.leases or ()}, now)
        self._glances[timeline_id] = (now + BELIEVED_S, standing)
        self._glances.move_to_end(timeline_id)
        if len(self._glances) > GLANCES:
            self._glances.popitem(last=False)
        return standing

    # ---- for sessions
    async def enter(self, timeline_id: UUID, session_id: str) -> None:
        """A session comes: have the timeline's book open, and read if that is possible. Never raises."""
        book = self._books.get(timeline_id)
        if book is not None:
            book.listeners[session_id] = _not_yet
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OPEN_S):
                    await book.loaded.wait()
            return
        book = self._books[timeline_id] = LeaseBook()
        book.listeners[session_id] = _not_yet
        await self._channels.follow(channel_of(timeline_id), book.hear)
        await self._refresh(timeline_id, book, OPEN_S)

    def follow(self, timeline_id: UUID, session_id: str, tell: Tell) -> list[dict[str, Any]]:
        """From now on tell a session that has entered; answers what is held at this moment, for its welcome."""
        book = self._books[timeline_id]
        book.listeners[session_id] = tell
        return book.shown()

    def holds(self, timeline_id: UUID, record: str, session_id: str) -> bool:
        """Whether a session of this process holds a record, as far as the process knows."""
        book = self._books.get(timeline_id)
        lease = None if book is None else book.standing().leases.get(record)
        return lease is not None and lease.holder.session_id == session_id

    def leave(self, timeline_id: UUID, session_id: str) -> None:
        """A session ends, and with it its leases."""
        book = self._books.get(timeline_id)
        if book is None or book.listeners.pop(session_id, None) is None:
            return
        self._start(self._release_all(timeline_id, session_id))
        if not book.listeners:
            del self._books[timeline_id]
            book.close()
            self._channels.leave(channel_of(timeline_id))

    async def claim(self, timeline_id: UUID, record: str, holder: Holder, *, ttl_ms: int, take: bool) -> Claimed:
        """Acquire or renew. Raises LeasesUnavailable, TooManyLeases."""
        with _unavailable():
            async with asyncio.timeout(ANSWER_S):
                claimed = await self._store.claim(timeline_id, record, holder, ttl_ms=ttl_ms, take=take)
        if claimed.outcome == "full":
            raise TooManyLeases(limit=PER_SESSION)
        book, lease = self._books.get(timeline_id), claimed.lease
        if book is not None and lease is not None:
            book.apply(record, lease, lease.revision, but=holder.session_id)
        return claimed

    async def release(self, timeline_id: UUID, record: str, session_id: str) -> Claimed:
        """Give up. Raises LeasesUnavailable."""
        with _unavailable():
            async with asyncio.timeout(ANSWER_S):
                return await self._store.release(timeline_id, record, session_id)

    # ---- what runs
    async def run(self) -> None:
        """For ever: read the open timelines again, so that nothing depends on an announcement."""
        while True:
            await asyncio.sleep(REFRESH_S)
            books = list(self._books.items())
            await asyncio.gather(*(self._refresh(timeline_id, book) for timeline_id, book in books))

    async def close(self) -> None:
        """Let those who have just left give up what they held."""
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=1.0)

    async def _refresh(self, timeline_id: UUID, book: LeaseBook, within_s: float = ANSWER_S) -> None:
        try:
            async with asyncio.timeout(within_s):
                book.turn(await self._store.read(timeline_id, book.revision))
        except FAILURES as error:
            book.clear()
            self._away(error)
        except Exception:
            log.exception("leases_not_understood", timeline_id=str(timeline_id))
        else:
            self._told = False

    async def _release_all(self, timeline_id: UUID, session_id: str) -> None:
        with contextlib.suppress(*FAILURES):  # then they end by themselves
            async with asyncio.timeout(ANSWER_S):
                await self._store.release_all(timeline_id, session_id)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _away(self, error: BaseException) -> None:
        self._away_until = time.monotonic() + BELIEVED_S
        if not self._told:
            self._told = True
            log.warning("leases_away", error=type(error).__name__)


def _not_yet(record: str, frame: str | None) -> None:
    """A session before its welcome, which will tell it."""


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        raise LeasesUnavailable from error
