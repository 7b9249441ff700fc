"""One timeline and its log as stored bytes: the front door without a store, for laws about undo."""

from collections.abc import Callable, Iterable
from typing import Any

from projections import fold
from timeline_service.domain import (
    changes,
    creation,
    decide,
    errors,
    event,
    invariants,
    registry,
    restore,
    settle,
    undo,
)
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.state import State
from timeline_service.domain.time import Rate
from timeline_service.domain.undo import Conflict, Kind, OnBlocked, Policy

Writer = Callable[[Draft], None]
FRAME = Rate(24, 1).ticks_per_frame
FILM = {"url": "film.mp4"}
TIMELINE = "timeline"


class Session:
    """Versions 1 to 3 make the timeline and its tracks v1 and v2, by an actor that takes no further part."""

    def __init__(self, track_kind: str = "video") -> None:
        request = creation.NewTimeline.model_validate(
            {"name": "cut", "rate": {"num": 24, "den": 1}, "width": 1920, "height": 1080}
        )
        self.rows: list[fold.Row] = []
        self.state = State()
        body, after = creation.create(TIMELINE, request, Facts("create"), actor="setup")
        self._commit("setup", body, after)
        for track in ("v1", "v2"):
            self.do("setup", type="add_track", kind=track_kind, track_id=track)
        self.start = self.state.version

    def copy(self) -> "Session":
        other = Session.__new__(Session)
        other.rows, other.state, other.start = list(self.rows), self.state.fork(), self.start
        return other

    # ---- writing
    def do(
        self, actor: str, *, transaction_id: str | None = None, base_version: int | None = None, **gesture: Any
    ) -> int:
        """Decide a gesture of the registry and keep it. Raises Refused."""
        decision = decide.decide(
            self.state,
            registry.parse(gesture),
            self._facts(),
            actor=actor,
            base_version=base_version,
            transaction_id=transaction_id,
        )
        return self._commit(actor, decision.body, decision.state)

    def write(self, actor: str, name: str, writer: Writer, *, transaction_id: str | None = None) -> int:
        """Keep what a function writes into a draft, as if it were a gesture. Raises Refused."""
        draft = Draft(self.state, self._facts())
        writer(draft)
        if not draft.changes:
            raise errors.NoChange()
        settle.settle(draft)
        invariants.check(self.state, draft.state, draft.changes)
        body = event.Body(
            gesture={"type": name}, changes=draft.changes, description=name, transaction_id=transaction_id
        )
        draft.state.close(actor, None, transaction_id)
        return self._commit(actor, body, draft.state)

    def undo(self, actor: str, policy: Policy = "skip", on_blocked: OnBlocked = "stop") -> list[Conflict]:
        return self._flip(actor, "undo", policy, on_blocked)

    def redo(self, actor: str, policy: Policy = "skip", on_blocked: OnBlocked = "stop") -> list[Conflict]:
        return self._flip(actor, "redo", policy, on_blocked)

    def revert(self, actor: str, versions: Iterable[int], policy: Policy = "skip") -> list[Conflict]:
        wanted = list(versions)
        reversal = undo.revert(self.state, wanted, self.events(wanted), policy, self._facts(), actor=actor)
        assert reversal.body is not None
        self._commit(actor, reversal.body, reversal.state)
        return list(reversal.conflicts)

    def restore(self, actor: str, version: int) -> int:
        restored = restore.restore(self.state, self.fold(version), self._facts(), actor=actor)
        return self._commit(actor, restored.body, restored.state)

    def _flip(self, actor: str, kind: Kind, policy: Policy, on_blocked: OnBlocked) -> list[Conflict]:
        events = self.events(undo.entries_needed(self.state, actor, kind, on_blocked))
        reversal = undo.flip(self.state, actor, kind, policy, on_blocked, events, self._facts())
        assert reversal.body is not None
        self._commit(actor, reversal.body, reversal.state)
        return list(reversal.conflicts)

    def _facts(self) -> Facts:
        return Facts(f"g{self.state.version + 1}")

    def _commit(self, actor: str, body: event.Body, after: State) -> int:
        stored = event.encode(body)
        assert_befores_hold(self.state, event.decode(stored).changes)
        self.state = after
        self.rows.append((after.version, actor, stored, event.SCHEMA_VERSION))
        return after.version

    # ---- reading
    def event_of(self, version: int) -> event.Event:
        _, actor, stored, schema_version = self.rows[version - 1]
        body = event.decode(stored, schema_version)
        return event.Event(
            version=version, actor=actor, changes=body.changes, type=body.gesture["type"], cause=body.cause
        )

    def events(self, versions: Iterable[int]) -> dict[int, event.Event]:
        return {version: self.event_of(version) for version in versions}

    def fold(self, version: int, start: State | None = None) -> State:
        return fold.replay(self.rows[0 if start is None else start.version : version], start)

    def value(self, id: str) -> dict[str, Any]:
        return self.state.records[id].value

    def frame(self, id: str, field: str = "start") -> float:
        return self.value(id)[field] / FRAME

    def alive(self, id: str) -> bool:
        return self.state.find(id) is not None


def values(state: State) -> dict[str, dict[str, Any]]:
    """What a reader sees."""
    return {record.id: dict(record.value) for record in state.records.values() if record.alive}


def owned(state: State) -> dict[str, tuple[dict[str, Any], dict[str, int], int]]:
    """What a reader sees, and whose it is; of what is gone, whose the going is."""
    return {
        record.id: (dict(record.value), record.all_owners(), record.exists) if record.alive else ({}, {}, record.exists)
        for record in state.records.values()
        if record.alive or record.exists
    }


def assert_befores_hold(before: State, written: Iterable[changes.Change]) -> None:
    """Every change's before is the state that it met: values, owners, existence."""
    state = before.fork()
    for index, change in enumerate(written):
        if not isinstance(change, changes.Shift):
            record = state.records.get(change.id)
            if isinstance(change, changes.Put):
                assert record is None or not record.alive
                assert change.exists[0] == (0 if record is None else record.exists)
            else:
                assert record is not None and record.alive
                assert change.kind == record.kind
            if isinstance(change, changes.Set):
                for field, told in change.fields.items():
                    assert (told[0], told[2]) == (record.value.get(field), record.owner(field))
            elif isinstance(change, changes.Drop):
                assert (change.value, change.owners) == (record.value, record.all_owners())
                assert change.exists[0] == record.exists
        state.apply(change, index)


def attempt(session: Session, action: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """The answer, or the Refused; a refusal changes nothing."""
    state, rows = session.state, len(session.rows)
    before = (state.version, owned(state), len(state.shifts), dict(state.stacks))
    try:
        return action(*args, **options)
    except errors.Refused as refusal:
        assert session.state is state and len(session.rows) == rows
        assert (state.version, owned(state), len(state.shifts), dict(state.stacks)) == before
        return refusal


def outcome(session: Session, action: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """The code of the refusal, or the values after it."""
    answer = attempt(session, action, *args, **options)
    return answer.stable_code if isinstance(answer, errors.Refused) else values(session.state)
