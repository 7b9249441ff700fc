"""The front door for writing: HTTP, WebSocket, command line, import and undo all come in here."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import structlog

from projections.checkpoints import SNAPSHOT_EVENTS, SNAPSHOT_FOLD_S, Checkpoints
from projections.otio.sandbox import Sandbox
from projections.reader import Reader
from timeline_service.access.service import Access, Actor, Grant
from timeline_service.domain import creation
from timeline_service.domain.state import State
from timeline_service.editing import creations, imports, payloads, reversals
from timeline_service.editing.announce import Hub
from timeline_service.editing.command import AssetFacts, Command, Edit
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.leases import NONE, Standing
from timeline_service.editing.live import Live, LiveCache
from timeline_service.editing.requests import Answer, RestoreRequest, Submission, UndoRequest
from timeline_service.editing.sequencer import Sequencer
from timeline_service.eventstore.items import as_item
from timeline_service.eventstore.store import EventStore, StoredEvent
from timeline_service.kit.errors import Conflict, NotFound, Unavailable

log = structlog.get_logger(__name__)
DEADLINE_S = 15.0
MISSED_EVENTS = 200


Standings = Callable[[UUID], Awaitable[Standing]]
"""The leases that stand in the way of edits to a timeline; must not raise, nor wait long."""


async def nobody(timeline_id: UUID) -> Standing:
    """No leases: where there are no sessions."""
    del timeline_id
    return NONE


class Editing:
    """Gestures in, events out. Create one per process; `hub` tells who listens.

    `grant` is what a caller has looked up just now, for the permission that the command needs. With it a command joins
    its timeline's queue before anything is waited for: commands go in as they were started.
    """

    def __init__(
        self,
        store: EventStore,
        access: Access,
        asset_facts: AssetFacts,
        hub: Hub,
        *,
        cache_bytes: int,
        leases: Standings = nobody,
    ) -> None:
        self.hub = hub
        self.sandbox = Sandbox()
        self.reader = Reader(store, self._held)
        self._store = store
        self._access = access
        self._asset_facts = asset_facts
        self._checkpoints = Checkpoints(store)
        self._cache = LiveCache(cache_bytes)
        self._sequencers: dict[UUID, Sequencer] = {}
        self._leases = leases

    # ---- commands
    async def create_timeline(
        self,
        actor: Actor,
        workspace_id: UUID,
        request: creation.NewTimeline,
        *,
        gesture_id: str | None = None,
        timeline_id: UUID | None = None,
    ) -> Answer:
        """Version 1 of a new timeline. Sent again with the same gesture_id it answers what it answered first."""
        await self._access.grant_workspace(actor, workspace_id, "edit")
        return await creations.create(
            self._store, creations.Creation(actor.id, workspace_id, request, gesture_id, timeline_id)
        )

    async def submit(
        self, actor: Actor, timeline_id: UUID, submission: Submission, grant: Grant | None = None
    ) -> Answer:
        """Apply gestures. Raises EditRefused (an atomic batch as a whole), NotFound, Forbidden, Unavailable."""
        grant = grant or await self._access.grant(actor, timeline_id, "edit")
        gestures = payloads.read(submission.gestures, atomic=submission.atomic)
        command = Edit(actor.id, submission, gestures, self._asset_facts)
        try:
            return await self._run(timeline_id, grant.workspace_id, command)
        except EditRefused as refusal:
            if refusal.stable_code == "version_conflict":
                await self._add_missed(refusal, timeline_id, grant.workspace_id)
            raise

    async def undo(self, actor: Actor, timeline_id: UUID, request: UndoRequest, grant: Grant | None = None) -> Answer:
        """Take back my newest step (or `target`), as a new event. Conflicts are reported, never overwritten."""
        return await self._flip(actor, timeline_id, request, "undo", grant)

    async def redo(self, actor: Actor, timeline_id: UUID, request: UndoRequest, grant: Grant | None = None) -> Answer:
        """Take back my newest undo."""
        return await self._flip(actor, timeline_id, request, "redo", grant)

    async def restore(
        self, actor: Actor, timeline_id: UUID, request: RestoreRequest, grant: Grant | None = None
    ) -> Answer:
        """Make the timeline what it was at a version, as one new event that can be undone."""
        grant = grant or await self._access.grant(actor, timeline_id, "restore")
        command = reversals.restore_of(request, actor.id, payloads.gesture_id_of(request.gesture_id))
        command.goal_at = self.reader.state_at
        return await self._run(timeline_id, grant.workspace_id, command)

    async def import_file(
        self,
        actor: Actor,
        timeline_id: UUID,
        file: imports.File,
        *,
        gesture_id: str | None = None,
        dry_run: bool = False,
        correlation_id: str | None = None,
    ) -> Answer:
        """Bring a file into an empty timeline, as one event. Raises FormatUnknown, and what Sandbox.read raises."""
        grant = await self._access.grant(actor, timeline_id, "edit")
        rate = (await self.reader.state_at(timeline_id, grant.workspace_id)).rate
        command = await imports.import_of(
            replace(file, rate=rate.num / rate.den),
            self.sandbox,
            actor.id,
            payloads.gesture_id_of(gesture_id),
            dry_run=dry_run,
            correlation_id=correlation_id,
        )
        answer = await self._run(timeline_id, grant.workspace_id, command)
        assert command.imported is not None
        return replace(answer, report=imports.report(command.imported, command.format))

    async def find_timeline_of_clip(self, actor: Actor, clip_id: str) -> UUID:
        """The one timeline of the actor's workspaces that holds a clip. Raises NotFound, Conflict (ambiguous)."""
        found: list[UUID] = []
        for workspace_id in await self._access.workspaces_of(actor):
            found += await self._store.timelines_of_record(workspace_id, clip_id)
        if not found:
            raise NotFound("There is no such clip, or it is not yours.", code="clip_missing")
        if len(found) > 1:
            timelines = sorted(str(timeline_id) for timeline_id in found)
            raise Conflict("Several timelines hold this clip.", code="ambiguous_clip", timelines=timelines)
        return found[0]

    async def close(self) -> None:
        """Finish what runs in the background."""
        await self._checkpoints.close()

    # ---- how
    async def _flip(
        self, actor: Actor, timeline_id: UUID, request: UndoRequest, kind: reversals.Kind, grant: Grant | None
    ) -> Answer:
        grant = grant or await self._access.grant(actor, timeline_id, "edit")
        gesture_id = payloads.gesture_id_of(request.gesture_id)
        command = reversals.undo_of(request, kind, actor.id, gesture_id, self._store)
        command.may_undo_others = grant.may("undo_others")
        return await self._run(timeline_id, grant.workspace_id, command)

    async def _run(self, timeline_id: UUID, workspace_id: UUID, command: Command) -> Answer:
        sequencer = self._sequencers.get(timeline_id)
        if sequencer is None:
            sequencer = self._sequencers[timeline_id] = Sequencer(
                timeline_id,
                workspace_id,
                self._store,
                self._load,
                self._refresh,
                self._committed,
                self._cache.drop,
                self._leases,
            )
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await sequencer.submit(command)
        except TimeoutError:
            raise Unavailable(
                "The edit took too long; send it again with the same gesture_id to learn what became of it.",
                code="deadline_exceeded",
            ) from None
        finally:
            if sequencer.idle and self._sequencers.get(timeline_id) is sequencer:
                del self._sequencers[timeline_id]

    async def _load(self, timeline_id: UUID, workspace_id: UUID) -> Live:
        live = self._cache.get(timeline_id)
        if live is not None:
            return live
        head = await self.reader.head(timeline_id, workspace_id)
        began = time.perf_counter()
        state = await self.reader.state_at(timeline_id, workspace_id, head.version)
        if time.perf_counter() - began > SNAPSHOT_FOLD_S:  # the next to open it should not wait as long
            self._checkpoints.snapshot_soon(state, workspace_id)
        live = Live(timeline_id, workspace_id, head, state, snapshot_version=head.version)
        self._cache.put(live)
        return live

    async def _refresh(self, live: Live) -> None:
        """Another process was first: take the tail that it appended."""
        live.head = await self.reader.head(live.timeline_id, live.workspace_id)
        live.state = await self.reader.state_at(live.timeline_id, live.workspace_id, live.head.version)

    def _held(self, timeline_id: UUID) -> State | None:
        live = self._cache.get(timeline_id)
        return None if live is None else live.state

    async def _committed(self, live: Live, stored: list[StoredEvent]) -> None:
        """After the commit: project, keep, tell. None of it can undo the append, so none of it may fail the answer."""
        try:
            if live.head.current_version < live.head.version:  # the append left it to us: it had fallen behind before
                at = live.head.current_version
                current = await self._checkpoints.advance(live.state, live.workspace_id, stored, at)
                live.head = replace(live.head, current_version=current)
        except Unavailable:
            log.warning("projection_behind", timeline_id=str(live.timeline_id), version=live.head.version)
        if live.head.version - live.snapshot_version >= SNAPSHOT_EVENTS:
            live.snapshot_version = live.head.version
            self._checkpoints.snapshot_soon(live.state, live.workspace_id)
        self._cache.put(live)
        self.hub.committed(stored)

    async def _add_missed(self, refusal: EditRefused, timeline_id: UUID, workspace_id: UUID) -> None:
        expected = refusal.details["expected_version"]
        missed = await self._store.read(timeline_id, workspace_id, after_version=expected, limit=MISSED_EVENTS)
        refusal.details["events"] = [as_item(stored) for stored in missed]
