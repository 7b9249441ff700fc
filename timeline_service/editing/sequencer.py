"""The sequencer of one timeline: drains what is pending, decides it in order, appends it in one call.

    pending ──► decide on the state at the head ──► append_events ──► answer, announce
                   ▲                                     │
                   └── tail and known ids read, ◄── conflict, duplicate      the second time under the head's lock
                       decided again

Timelines never wait for each other; requests to one timeline share a commit instead of racing for it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import structlog

from projections import checkpoints
from timeline_service.editing.command import Command, Plan
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.leases import Standing
from timeline_service.editing.live import Live
from timeline_service.editing.requests import Answer
from timeline_service.eventstore.store import Appended, EventStore, NewEvent, OutcomeUnknown, StoredEvent
from timeline_service.kit.errors import ServiceError, Unavailable

MAX_FLUSH: Final = 500
MAX_PENDING: Final = 5_000
ATTEMPTS: Final = 6
GATHER_S: Final = 0.008
"""From the beginning of a flush that several shared to that of the next, unless `CROWD` wait: what comes meanwhile
shares a commit. Who edits alone, or comes after a pause, does not wait."""
CROWD: Final = 16
HEAVY: Final = 200_000
"""Gestures times records from which deciding may take longer than 10 ms or so."""
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Pending:
    """A command and who waits for it."""

    command: Command
    answer: asyncio.Future[Answer]


@dataclass(slots=True)
class Flush:
    """What one pass over the queue decided."""

    plans: list[tuple[Pending, Plan]]
    refused: list[tuple[Pending, ServiceError]]
    events: list[NewEvent]
    actors: list[UUID]

    def doubtful(self) -> list[str]:
        """Ids that came to nothing, or to nothing yet: unless this is a repeat, and then the first answer holds."""
        ids = [name for pending, _ in self.refused for name in pending.command.ids]
        for pending, plan in self.plans:
            if pending.command.commits:
                ids += [result.gesture_id for result in plan.results if result.version is None]
            else:
                ids += pending.command.ids
        return ids


class Known:
    """Gestures of a flush that are recorded already. Each id is looked up once, and only when there is a reason.

    New ids are not asked for: `append_events` writes nothing when it knows one, and says which.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._asked: set[str] = set()
        self.events: dict[str, StoredEvent] = {}

    async def look_up(self, live: Live, ids: Sequence[str], *, again: bool = False) -> bool:
        """Whether one of these is recorded and was not known to be. `again`: ask also for those asked before."""
        fresh = [name for name in ids if name not in (self.events if again else self._asked)]
        if not fresh:
            return False
        self._asked.update(fresh)
        found = await self._store.find(live.timeline_id, live.workspace_id, fresh)
        self.events.update(found)
        return bool(found)


class Sequencer:
    """One per open timeline and process. The database's lock keeps it correct; this makes it fast."""

    def __init__(
        self,
        timeline_id: UUID,
        workspace_id: UUID,
        store: EventStore,
        load: Callable[[UUID, UUID], Awaitable[Live]],
        refresh: Callable[[Live], Awaitable[None]],
        committed: Callable[[Live, list[StoredEvent]], Awaitable[None]],
        forget: Callable[[UUID], None],
        leases: Callable[[UUID], Awaitable[Standing]],
    ) -> None:
        self.timeline_id = timeline_id
        self.workspace_id = workspace_id
        self._store = store
        self._load = load
        self._refresh = refresh
        self._committed = committed
        self._forget = forget
        self._leases = leases
        self._queue: deque[Pending] = deque()
        self._task: asyncio.Task[None] | None = None
        self._due = 0.0
        self._company = False
        self._crowded = asyncio.Event()

    @property
    def idle(self) -> bool:
        return self._task is None or self._task.done()

    async def submit(self, command: Command) -> Answer:
        """Queue a command and wait for its commit. Raises what the command's request deserves."""
        if len(self._queue) >= MAX_PENDING:
            raise Unavailable("Too many edits of this timeline are waiting; try again.", code="overloaded")
        pending = Pending(command, asyncio.get_running_loop().create_future())
        self._queue.append(pending)
        if len(self._queue) >= CROWD:
            self._crowded.set()
        if self.idle:
            self._task = asyncio.create_task(self._drain())
        return await pending.answer

    async def _drain(self) -> None:
        while self._queue:
            await self._gather()
            batch = self._take()
            self._company = len(batch) > 1
            try:
                await self._flush(batch)
            except Exception as error:
                self._forget(self.timeline_id)
                if not isinstance(error, ServiceError):
                    log.exception("flush_failed", timeline_id=str(self.timeline_id))
                failure = error if isinstance(error, ServiceError) else Unavailable()
                for pending in batch:
                    if not pending.answer.done():
                        pending.answer.set_exception(failure)

    async def _gather(self) -> None:
        """Wait for company for a moment, where the flush before had some and has begun just now."""
        loop = asyncio.get_running_loop()
        wait = self._due - loop.time()
        if wait > 0 and self._company and len(self._queue) < CROWD:
            self._crowded.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._crowded.wait()
        self._due = loop.time() + GATHER_S

    def _take(self) -> list[Pending]:
        """The next commands that may be decided together: no id twice, a solo command alone."""
        batch: list[Pending] = []
        ids: set[str] = set()
        while self._queue:
            command = self._queue[0].command
            crowded = len(ids) + len(command.ids) > MAX_FLUSH
            if batch and (crowded or command.solo or batch[-1].command.solo or not ids.isdisjoint(command.ids)):
                break
            batch.append(self._queue.popleft())
            ids.update(command.ids)
        return [pending for pending in batch if not pending.answer.done()]

    async def _flush(self, batch: list[Pending]) -> None:
        known = Known(self._store)
        for attempt in range(ATTEMPTS):
            live = await self._load(self.timeline_id, self.workspace_id)
            live.leases = await self._leases(self.timeline_id)
            if any(pending.command.solo for pending in batch):  # it names versions: of the newest log, not of ours
                await self._catch_up(live)
            await known.look_up(live, [name for name in ids_of(batch) if name in live.recent])
            await prepare(live, batch)
            try:
                done = await self._try(live, batch, known) if attempt == 0 else await self._hold(live, batch, known)
            except OutcomeUnknown:  # the append may have happened: the ids tell, after a reload
                self._forget(self.timeline_id)
                await known.look_up(live, ids_of(batch), again=True)
                continue
            if done:
                return
        raise Unavailable("The timeline is too busy to take this edit now; try again.", code="contended")

    async def _catch_up(self, live: Live) -> bool:
        """Whether another process has appended since we looked; if so its events are taken."""
        head = await self._store.head(self.timeline_id, live.workspace_id)
        if head is None or head.version == live.head.version:
            return False
        await self._refresh(live)
        return True

    async def _decide(self, live: Live, batch: list[Pending], known: "Known") -> Flush:
        """Decide; what is refused or without effect may be a repeat, so its id is looked up before it is believed."""
        flush = await decide_aside(live, batch, known.events)
        while await known.look_up(live, flush.doubtful()):  # of a batch known in part the rest is doubtful then
            flush = await decide_aside(live, batch, known.events)
        return flush

    async def _try(self, live: Live, batch: list[Pending], known: "Known") -> bool:
        flush = await self._decide(live, batch, known)
        if flush.doubtful() and await self._catch_up(live):  # a refusal by an older state is none
            await prepare(live, batch)
            flush = await self._decide(live, batch, known)
        if not flush.events:
            self._answer(live, flush)
            return True
        appended = await self._store.append(
            self.timeline_id,
            live.workspace_id,
            flush.actors,
            flush.events,
            expected_version=live.head.version,
            projection=checkpoints.projection_of(flush.plans[-1][1].state, flush.events),
        )
        return await self._settle(live, flush, appended, known)

    async def _hold(self, live: Live, batch: list[Pending], known: "Known") -> bool:
        """After one lost race: hold the head, so that what is decided is what is appended."""
        async with self._store.locked(self.timeline_id, live.workspace_id) as head:
            if head.head.version != live.head.version:
                await self._refresh(live)
                await prepare(live, batch)
            flush = await self._decide(live, batch, known)
            appended = await head.append(flush.actors, flush.events) if flush.events else None
        if appended is None:
            self._answer(live, flush)
            return True
        return await self._settle(live, flush, appended, known)

    async def _settle(self, live: Live, flush: Flush, appended: Appended, known: "Known") -> bool:
        if appended.outcome != "appended":
            await known.look_up(live, [gesture.gesture_id for gesture in appended.known], again=True)
            await self._refresh(live)  # then decide again, on the tail
            return False
        stored, previous = [], live.head.head_hash
        for new, actor, row in zip(flush.events, flush.actors, appended.rows, strict=True):
            stored.append(
                StoredEvent(
                    timeline_id=self.timeline_id,
                    version=row.version,
                    gesture_id=new.gesture_id,
                    type=new.type,
                    schema_version=new.schema_version,
                    actor_id=actor,
                    recorded_at_us=row.recorded_at_us,
                    body=new.body,
                    request_digest=new.request_digest,
                    transaction_id=new.transaction_id,
                    correlation_id=new.correlation_id,
                    hash=row.hash,
                    prev_hash=previous,
                )
            )
            previous = row.hash
            live.remember(new.gesture_id, row.version)
        live.head = appended.head
        live.state = flush.plans[-1][1].state
        await self._committed(live, stored)
        self._answer(live, flush)
        return True

    def _answer(self, live: Live, flush: Flush) -> None:
        for pending, plan in flush.plans:
            answer = Answer(
                timeline_id=self.timeline_id,
                version=live.head.version,
                current_version=live.head.current_version,
                head_hash=live.head.head_hash.hex(),
                results=plan.results,
                conflicts=plan.conflicts,
                diff=plan.diff,
                created=pending.command.commits and bool(plan.events),
            )
            if not pending.answer.done():
                pending.answer.set_result(answer)
        for pending, refusal in flush.refused:
            if not pending.answer.done():
                pending.answer.set_exception(refusal)


def ids_of(batch: Sequence[Pending]) -> list[str]:
    return [name for pending in batch for name in pending.command.ids]


async def prepare(live: Live, batch: Sequence[Pending]) -> None:
    """Let the commands fetch what they need to be decided on this state."""
    if len(batch) == 1:  # no task for it
        await batch[0].command.prepare(live)
    else:
        await asyncio.gather(*(pending.command.prepare(live) for pending in batch))


async def decide_aside(live: Live, batch: list[Pending], known: Mapping[str, StoredEvent]) -> Flush:
    """`decide`, in a thread where it may take long, so that everybody else's requests go on meanwhile.

    Nothing writes to the state that is decided on (it is forked), and nobody else appends while this flush is ours.
    """
    gestures = sum(len(pending.command.ids) for pending in batch)
    long = gestures * len(live.state.records) > HEAVY or any(pending.command.solo for pending in batch)
    return await asyncio.to_thread(decide, live, batch, known) if long else decide(live, batch, known)


def decide(live: Live, batch: list[Pending], known: Mapping[str, StoredEvent]) -> Flush:
    """Decide the commands in order, each on the state that the ones before it leave."""
    flush = Flush([], [], [], [])
    state = live.state
    for pending in batch:
        command = pending.command
        try:
            plan = command.decide(state, known)
        except EditRefused as refusal:
            flush.refused.append((pending, refusal))
            continue
        if command.commits:
            state = plan.state
            flush.events += plan.events
            flush.actors += [command.actor_id] * len(plan.events)
        else:
            plan = replace(plan, state=state)
        flush.plans.append((pending, plan))
    return flush
