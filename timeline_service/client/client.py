"""A client of one timeline: what others do arrives, what is asked for here is shown at once and sent when it can be.

    async with TimelineClient("http://127.0.0.1:8000", timeline_id, token=jwt, queue=Path("edits.queue")) as client:
        await client.push([{"type": "trim", "clip_id": "c1", "edge": "end", "delta": -12}])
        client.state.records["c1"]

Connections come and go below it. What was pushed and has no result is sent again; with `queue` it also survives the
program, because it is on the disk before it is sent. Examples: docs/clients.md.
"""

import asyncio
import contextlib
import random
import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx2

from timeline_service.client.backoff import Addresses
from timeline_service.client.company import Lease, Peer
from timeline_service.client.effects import (
    Changed,
    Diverged,
    Draining,
    Effect,
    Event,
    Fetch,
    Leased,
    Opened,
    Result,
    Send,
    Settled,
    Told,
    Wait,
)  # fmt: skip
from timeline_service.client.errors import GestureRefused, LeaseRefused, QueueUnwritable, RequestFailed, Stopped
from timeline_service.client.leasing import NO_LEASES, Asked, Lapsing
from timeline_service.client.link import Link
from timeline_service.client.queue_file import QueueFile
from timeline_service.client.requests import TimelineApi, Token
from timeline_service.client.sync import Sync
from timeline_service.domain.draft import Media
from timeline_service.domain.state import State

ANSWERS_KEPT: Final = 1000
"""Settled batches that nobody has asked about."""


class TimelineClient:
    """See above. Entering waits for the timeline's state, unless `offline`; leaving closes connection and queue.

    `url` is one address of the service, or several, tried in turn. `token` is a JWT or an async function that answers
    one (or a ticket) for each connection; with tickets, `fetch_token` gives the JWT for what is too large for the
    stream. `chance` and `clock` are the dice of the backoff and a monotonic clock in seconds.
    """

    def __init__(
        self,
        url: str | Sequence[str],
        timeline_id: str,
        *,
        token: Token,
        fetch_token: Token | None = None,
        queue: Path | None = None,
        client_id: str | None = None,
        tab_id: str | None = None,
        assets: Mapping[str, Media] | None = None,
        offline: bool = False,
        chance: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = None if queue is None else QueueFile(queue, timeline_id, client_id)
        saved = None if self._file is None else self._file.queue
        self.sync = Sync(
            timeline_id,
            client_id or (str(uuid.uuid4()) if saved is None else saved.client_id),
            new_id=lambda: str(uuid.uuid4()),
            queue=saved,
            tab_id=tab_id,
            assets=assets,
        )
        self._token = fetch_token or token
        self._offline = offline
        chance = chance or random.Random()  # noqa: S311 - spreads connections, guards nothing
        self._link = Link(timeline_id, Addresses(url), token, self, chance=chance, clock=clock)
        self._answers: dict[str, asyncio.Future[Settled]] = {}
        self._settled: deque[str] = deque()
        self._asked = Asked()
        self._lapsing = Lapsing(lambda record: self._handle(self.sync.lapse(record)))
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._watching: list[asyncio.Queue[Effect | None]] = []
        self._passing: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._stopped: Exception | None = None

    # ---- coming and going
    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run())
        if not self._offline:
            try:
                await self._until(lambda: self.sync.ready)
            except BaseException:
                await self.close()
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection. What has no result stays in the queue's file; who waits is told by Stopped."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self._stop(Stopped(None, "the client was closed"))
        if self._file is not None:
            await self._file.close()

    async def _run(self) -> None:
        try:
            await self._link.run()
        except Exception as error:  # noqa: BLE001 - whatever ended it, those who wait are to know
            self._stop(error)

    def _stop(self, error: Exception) -> None:
        self._stopped = self._stopped or error
        self._link.status = "closed"
        self._give_up_passing()
        self._asked.stop(self._stopped)
        self._lapsing.watch({})
        asking: list[asyncio.Future[Any]] = [*self._answers.values(), *(waiting for _, waiting in self._waiting)]
        for future in asking:
            if not future.done():
                future.set_exception(self._stopped)
                future.exception()  # nobody need ask
        for watching in self._watching:
            watching.put_nowait(None)

    # ---- what is known
    @property
    def state(self) -> State:
        """What is to be drawn: what the service told, and over it what was asked for here. Read only."""
        return self.sync.state

    @property
    def version(self) -> int:
        """The version that the service told last."""
        return self.sync.version

    @property
    def status(self) -> str:
        """`connecting`, `open`, `offline` (waiting to connect again) or `closed`."""
        return self._link.status

    @property
    def stopped(self) -> Exception | None:
        """Why the client is closed; Stopped with the socket's close code where the service ended it."""
        return self._stopped

    @property
    def peers(self) -> dict[str, Peer]:
        """Who else is here, by session."""
        return self.sync.company.peers

    @property
    def leases(self) -> dict[str, Lease]:
        """Reserved records: {holder, until, ttl_ms}."""
        return self.sync.company.leases

    @property
    def undo_state(self) -> dict[str, Any]:
        """{can_undo, can_redo, label} of this person."""
        return self.sync.undo_state

    # ---- editing
    def push_soon(self, gestures: Sequence[dict[str, Any]], **options: Any) -> str:
        """Show gestures and queue them; answers the batch, for `result`. Options as Sync.push. Raises Unsendable."""
        return self._queued(self.sync.push(gestures, **options))

    async def push(self, gestures: Sequence[dict[str, Any]], **options: Any) -> tuple[Result, ...]:
        """Push and wait for the results, however long the connection takes. Options as Sync.push.

        Raises GestureRefused where nothing came of it: a single gesture, or an atomic push (as it is unless said
        otherwise). Of several with `atomic=False` each result says so itself. Raises Unsendable, Stopped.
        """
        settled = await self.result(self.push_soon(gestures, **options))
        whole = options.get("atomic", True) or len(gestures) == 1
        if whole and not all(result.ok for result in settled.results):
            raise GestureRefused(settled.results)
        return settled.results

    async def undo(self, **options: Any) -> Settled:
        """Take back my newest step, or `target`; `policy` skip|fail|force, `on_blocked` stop|next, `dry_run`.

        The answer's `frame` holds `conflicts`, what was left as it is. Raises GestureRefused (`nothing_to_undo`, …).
        """
        return await self._whole(self._queued(self.sync.undo(**options)))

    async def redo(self, **options: Any) -> Settled:
        """Do again what was undone; as `undo`."""
        return await self._whole(self._queued(self.sync.undo(redo=True, **options)))

    async def restore(self, version: int, **options: Any) -> Settled:
        """Make the timeline what it was at a version, as one new event."""
        return await self._whole(self._queued(self.sync.restore(version, **options)))

    async def result(self, batch: str) -> Settled:
        """The results of what was queued in this program, once. Raises Stopped."""
        try:
            return await self._answers[batch]
        finally:
            self._answers.pop(batch, None)

    async def _whole(self, batch: str) -> Settled:
        settled = await self.result(batch)
        if not all(result.ok for result in settled.results):
            raise GestureRefused(settled.results)
        return settled

    def _queued(self, batch: str) -> str:
        if self._stopped is not None:
            raise self._stopped
        if self._file is not None:
            frame = self.sync.pending[-1]
            if not frame.get("dry_run"):
                self._file.put(frame)
                self._keeping = asyncio.create_task(self._keep())
        self._answers[batch] = asyncio.get_running_loop().create_future()
        self._handle([Send(frame) for frame in self.sync.outgoing()])
        return batch

    # ---- company
    def presence(self, **fields: Any) -> None:
        """Say where I am: playhead, selection, cursor, tool, preview (see Sync.preview). Lossy; the newest counts."""
        self._link.send_hearsay({"t": "presence", **fields})

    async def lease(self, record: str, do: str = "acquire", **options: Any) -> Lease | None:
        """Reserve a record, `renew` or `release` it; options `ttl_ms`, `take`. None after a release.

        Raises LeaseRefused, which names the holder, and without a connection too: a lease is for now. Raises Stopped.
        """
        if self._link.status != "open":
            raise LeaseRefused(NO_LEASES, None)
        self._link.send({"t": "lease", "do": do, "record": record, **options})
        frame = await self._asked.answer(record)
        if frame.get("code") is not None:
            raise LeaseRefused(frame["code"], frame.get("holder"))
        return self.leases.get(record)

    # ---- waiting and watching
    async def events(self) -> AsyncGenerator[dict[str, Any], None]:
        """Every event from now on, as `GET …/events` has them, in order. After a snapshot versions jump."""
        async with contextlib.aclosing(self.effects()) as effects:
            async for effect in effects:
                if isinstance(effect, Event):
                    yield effect.item

    async def effects(self) -> AsyncGenerator[Effect, None]:
        """Everything that happens from now on: Event, Settled, Refused, Changed, Opened, Diverged, …; until closed."""
        watching: asyncio.Queue[Effect | None] = asyncio.Queue()
        self._watching.append(watching)
        try:
            while self._stopped is None and (effect := await watching.get()) is not None:
                yield effect
        finally:
            self._watching.remove(watching)

    async def wait_for(self, version: int) -> None:
        """Until the service has told of a version. Raises Stopped."""
        await self._until(lambda: self.version >= version)

    async def idle(self) -> None:
        """Until everything asked for has its result and shows in `version`. Raises Stopped."""
        await self._until(lambda: not self.sync.pending and not self.sync.shown)

    async def saved(self) -> None:
        """Until all that was asked for is on the disk (at once without a queue's file). Raises OSError."""
        if self._file is not None:
            await self._file.synced()

    async def _until(self, reached: Callable[[], bool]) -> None:
        if self._stopped is not None:
            raise self._stopped
        if not reached():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((reached, future))
            await future

    # ---- what the link asks (link.Traffic)
    def hello(self, token: str) -> dict[str, Any]:
        """See link.Traffic."""
        return self.sync.hello(token)

    def receive(self, frame: dict[str, Any]) -> None:
        """See link.Traffic."""
        self._handle(self.sync.receive(frame))

    def disconnected(self) -> None:
        """See link.Traffic."""
        self._give_up_passing()
        self._asked.give_up()
        self._handle(self.sync.disconnected())

    async def before_sending(self) -> None:
        """See link.Traffic. Raises QueueUnwritable."""
        try:
            await self.saved()
        except OSError as error:
            raise QueueUnwritable(str(error)) from error

    async def _keep(self) -> None:
        """To disk, connected or not. Who needs to know whether it worked asks `saved`; nothing is sent before."""
        with contextlib.suppress(OSError):
            await self.saved()

    # ---- effects
    def _handle(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._do(effect)
        for watching in self._watching:
            for effect in effects:
                watching.put_nowait(effect)
        reached = [one for one in self._waiting if one[1].done() or one[0]()]
        for one in reached:
            self._waiting.remove(one)
            if not one[1].done():
                one[1].set_result(None)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send(frame):
                self._link.send(frame)
            case Settled(batch):
                self._settle(batch, effect)
            case Opened():
                self._link.opened()
            case Fetch():
                self._pass(self._fetch(effect))
            case Wait(ms):
                self._pass(self._resume(ms / 1000))
            case Draining(reconnect_ms):
                self._link.move(reconnect_ms)
            case Diverged(reason):
                self._link.cut(reason)
            case Leased() | Told():
                self._asked.hear(effect.frame, (self.sync.welcome or {}).get("session_id"))
            case Changed("leases"):
                self._lapsing.watch(self.leases)
            case _:  # for those who watch
                pass

    def _settle(self, batch: str, settled: Settled) -> None:
        if self._file is not None:
            self._file.done(batch)
        future = self._answers.get(batch)
        if future is not None and not future.done():
            future.set_result(settled)
            self._settled.append(batch)
            if len(self._settled) > ANSWERS_KEPT:
                self._answers.pop(self._settled.popleft(), None)

    async def _fetch(self, fetch: Fetch) -> None:
        try:
            async with TimelineApi(self._link.addresses.current, self._token) as api:
                data = await api.fetch(self.sync.timeline_id, fetch)
        except (httpx2.HTTPError, RequestFailed, ValueError) as error:
            self._link.cut(f"what was to be fetched did not come: {error!r}")
        else:
            self._handle(self.sync.supply(fetch, data))

    async def _resume(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._handle(self.sync.resumed())

    def _pass(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that ends with the connection."""
        task = asyncio.create_task(work)
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    def _give_up_passing(self) -> None:
        for task in self._passing:
            task.cancel()
