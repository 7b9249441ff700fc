"""Commands that go back: undo, redo, revert of named events, restore of a version. All append; nothing is removed."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import orjson

from projections import diff
from timeline_service.domain import changes, errors, event, restore, undo
from timeline_service.domain.draft import Facts
from timeline_service.domain.stacks import Entry
from timeline_service.domain.state import State
from timeline_service.editing.command import Plan, sign
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.leases import NONE, Standing, check
from timeline_service.editing.live import Live
from timeline_service.editing.payloads import invalid
from timeline_service.editing.repeats import check_same, result_of
from timeline_service.editing.requests import RestoreRequest, Result, UndoRequest
from timeline_service.eventstore.store import EventStore, NewEvent, StoredEvent
from timeline_service.kit.errors import Forbidden

MAX_TARGETS = 500
MAX_UNITS = 2_000
MAX_CHANGES = 100_000
"""Of all targets. A revert is as large as all that it takes back: without a bound reverts of reverts would double."""
Kind = Literal["undo", "redo"]


def _digest(*parts: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()


def _core(stored: StoredEvent) -> event.Event:
    body = event.decode_folded(stored.body, stored.schema_version)
    return event.Event(
        version=stored.version, actor=str(stored.actor_id), changes=body.changes, type=stored.type, cause=body.cause
    )


@dataclass(slots=True)
class Appending:
    """What undo and restore share: one gesture id, one event."""

    actor_id: UUID
    gesture_id: str
    dry_run: bool
    correlation_id: str | None
    digest: bytes
    solo: bool = True
    client_id: str | None = None
    seq: int | None = None
    leases: Standing = NONE

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.gesture_id,)

    @property
    def commits(self) -> bool:
        return not self.dry_run

    def replay(self, state: State, known: Mapping[str, StoredEvent]) -> Plan | None:
        """The original answer, if this gesture was accepted before."""
        stored = known.get(self.gesture_id)
        if stored is None:
            return None
        check_same(stored, self.digest)
        return Plan((), state, (result_of(stored),))

    def plan(self, before: State, after: State, type_: str, body: event.Body, conflicts: tuple[Any, ...]) -> Plan:
        """One event, and what it came to. Raises Leased."""
        check(before, body.changes, str(self.actor_id), self.leases)
        new = NewEvent(
            gesture_id=self.gesture_id,
            type=type_,
            schema_version=event.SCHEMA_VERSION,
            body=event.encode(sign(body, after, self.actor_id, self.client_id, self.seq)),
            request_digest=self.digest,
            correlation_id=self.correlation_id,
            transaction_id=None,
        )
        result = Result(
            gesture_id=self.gesture_id,
            ok=True,
            version=after.version,
            how="dry_run" if self.dry_run else "committed",
            changes=[changes.as_json(change) for change in body.changes],
            gesture=body.gesture,
            description=body.description,
        )
        shown = tuple(conflict.as_dict() for conflict in conflicts)
        return Plan((new,), after, (result,), shown, diff.diff(before, after) if self.dry_run else None)


@dataclass(slots=True)
class Undo(Appending):
    """Undo or redo the newest step of an actor, or revert named events."""

    kind: Kind = "undo"
    request: UndoRequest = field(default_factory=UndoRequest)
    store: EventStore | None = None
    may_undo_others: bool = False
    events: dict[int, event.Event] = field(default_factory=dict)
    targets: tuple[int, ...] = ()

    async def prepare(self, live: Live) -> None:
        self.leases = live.leases
        if self.request.target is None:
            needed = undo.entries_needed(live.state, str(self.actor_id), self.kind, self.request.on_blocked)
            await self._fetch(live, [version for version in needed if version not in self.events])
            return
        found = await self._find_targets(live, self.request.target)
        if any(stored.actor_id != self.actor_id for stored in found) and not self.may_undo_others:
            raise Forbidden("Your role may undo your own edits only.", code="forbidden")
        self.targets = tuple(stored.version for stored in found)
        self.events.update((stored.version, _core(stored)) for stored in found)
        _check_size([self.events[version] for version in self.targets])

    async def _fetch(self, live: Live, versions: list[int]) -> None:
        assert self.store is not None
        if versions:
            found = await self.store.read_versions(live.timeline_id, live.workspace_id, versions)
            self.events.update((stored.version, _core(stored)) for stored in found)

    async def _find_targets(self, live: Live, target: dict[str, Any]) -> list[StoredEvent]:
        assert self.store is not None
        where = (live.timeline_id, live.workspace_id)
        if set(target) == {"version"}:
            found = await self.store.read_versions(*where, [target["version"]])
        elif set(target) == {"transaction_id"}:
            found = await self.store.read(*where, transaction_id=target["transaction_id"], limit=MAX_TARGETS + 1)
        else:
            after, to = target["from"] - 1, target["to"]
            actor_id = UUID(target["actor_id"])
            span = {"after_version": after, "to_version": to}
            found = await self.store.read(*where, actor_id=actor_id, **span, limit=MAX_TARGETS + 2)
        found = [stored for stored in found if stored.version > 1]
        if not found or len(found) > MAX_TARGETS:
            raise EditRefused(
                "The target names no event that can be undone, or more than 500.",
                code="target_missing",
                status=409,
                count=len(found),
            )
        return found

    def decide(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        replayed = self.replay(state, known)
        if replayed is not None:
            return replayed
        actor, facts = str(self.actor_id), Facts(self.gesture_id)
        try:
            if self.targets:
                reversal = self._revert(state, actor, facts)
            else:
                reversal = undo.flip(
                    state, actor, self.kind, self.request.policy, self.request.on_blocked, self.events, facts
                )
        except errors.Refused as refusal:
            raise EditRefused.because(refusal, gesture_id=self.gesture_id) from None
        assert reversal.body is not None
        cause = reversal.body.cause
        type_ = cause.kind if cause is not None else self.kind
        return self.plan(state, reversal.state, type_, reversal.body, reversal.conflicts)

    def _revert(self, state: State, actor: str, facts: Facts) -> undo.Reversal:
        mine = state.stacks.get(actor)
        entries: tuple[Entry, ...] = () if mine is None else getattr(mine, self.kind)
        entry = next((entry for entry in entries if entry.versions == self.targets), None)
        policy = self.request.policy
        if entry is not None:
            reversal = undo.undo(state, entry, self.events, self.kind, policy, facts, actor=actor)
        else:
            reversal = undo.revert(state, self.targets, self.events, policy, facts, actor=actor)
        if reversal.body is None:
            raise errors.UndoConflict(conflicts=[conflict.as_dict() for conflict in reversal.conflicts])
        return reversal


@dataclass(slots=True)
class Restore(Appending):
    """Make the timeline what it was at a version."""

    version: int = 0
    goal_at: Callable[[UUID, UUID, int], Awaitable[State]] | None = None
    goal: State | None = None

    async def prepare(self, live: Live) -> None:
        assert self.goal_at is not None
        self.leases = live.leases
        if self.goal is None:
            self.goal = await self.goal_at(live.timeline_id, live.workspace_id, self.version)

    def decide(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        replayed = self.replay(state, known)
        if replayed is not None:
            return replayed
        assert self.goal is not None
        try:
            restored = restore.restore(state, self.goal, Facts(self.gesture_id), actor=str(self.actor_id))
        except errors.NoChange:
            return Plan((), state, (Result(gesture_id=self.gesture_id, ok=True, how="noop"),))
        except errors.Refused as refusal:
            raise EditRefused.because(refusal, gesture_id=self.gesture_id) from None
        return self.plan(state, restored.state, "restore", restored.body, ())


def _check_size(targets: list[event.Event]) -> None:
    units = sum(len({change.unit for change in target.changes}) for target in targets)
    written = sum(len(target.changes) for target in targets)
    if units > MAX_UNITS or written > MAX_CHANGES:
        raise EditRefused(
            "The target holds too many changes to be taken back in one event; name fewer versions, or restore one.",
            code="target_too_large",
            status=409,
            units=units,
            changes=written,
        )


def check_target(target: dict[str, Any] | None) -> None:
    """The three forms of a target. Raises EditRefused (invalid)."""
    if target is None:
        return
    whole = {name: target.get(name) for name in ("version", "from", "to") if name in target}
    if any(not isinstance(n, int) or isinstance(n, bool) or not 1 <= n < 2**53 for n in whole.values()):
        raise invalid("versions are whole numbers from 1")
    if set(target) == {"version"}:
        return
    if set(target) == {"transaction_id"} and isinstance(target["transaction_id"], str):
        return
    if set(target) == {"actor_id", "from", "to"}:
        try:
            UUID(str(target["actor_id"]))
        except ValueError:
            raise invalid("actor_id is a UUID") from None
        return
    raise invalid("target is {version} or {transaction_id} or {actor_id, from, to}")


def undo_of(request: UndoRequest, kind: Kind, actor_id: UUID, gesture_id: str, store: EventStore) -> Undo:
    """The command of an undo or redo request."""
    check_target(request.target)
    return Undo(
        actor_id=actor_id,
        gesture_id=gesture_id,
        dry_run=request.dry_run,
        correlation_id=request.correlation_id,
        digest=_digest(kind, request.target, request.policy, request.on_blocked),
        client_id=request.client_id,
        seq=request.seq,
        kind=kind,
        request=request,
        store=store,
    )


def restore_of(request: RestoreRequest, actor_id: UUID, gesture_id: str) -> Restore:
    """The command of a restore request."""
    return Restore(
        actor_id=actor_id,
        gesture_id=gesture_id,
        dry_run=request.dry_run,
        correlation_id=request.correlation_id,
        digest=_digest("restore", request.version),
        client_id=request.client_id,
        seq=request.seq,
        version=request.version,
    )
