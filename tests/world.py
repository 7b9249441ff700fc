"""One timeline and its log as stored bytes, without a store: where tests decide gestures and fold them again."""

from collections.abc import Callable, Iterable
from typing import Any

from projections import fold
from timeline_service.domain import changes, creation, decide, errors, event, invariants, registry
from timeline_service.domain.decide import Decision
from timeline_service.domain.draft import Draft, Facts, Media
from timeline_service.domain.state import State
from timeline_service.domain.time import TICKS_PER_SECOND, Rate

TIMELINE = "timeline"
R24 = Rate(24, 1)
F = R24.ticks_per_frame
"""Ticks of a frame at 24 fps."""

ASSETS = {
    "film": Media("video", 60 * TICKS_PER_SECOND, R24, 1920, 1080, has_audio=True),
    "silent": Media("video", 10 * TICKS_PER_SECOND, Rate(30000, 1001), 1280, 720),
    "sound": Media("audio", 30 * TICKS_PER_SECOND, has_audio=True),
    "photo": Media("image", None, None, 4000, 3000),
}


class World:
    """A timeline at its head. `rows` is the log as it would be stored."""

    def __init__(self, rate: Rate = R24, width: int = 1920, height: int = 1080) -> None:
        request = creation.NewTimeline.model_validate(
            {"name": "Film", "rate": rate.as_dict(), "width": width, "height": height}
        )
        body, self.state = creation.create(TIMELINE, request, Facts("create"), actor="setup")
        self.rows: list[fold.Row] = [(1, "setup", event.encode(body), event.SCHEMA_VERSION)]

    def copy(self) -> "World":
        other = World.__new__(World)
        other.rows, other.state = list(self.rows), self.state.fork()
        return other

    def decide(
        self,
        payload: dict[str, Any],
        *,
        actor: str = "ann",
        base_version: int | None = None,
        gesture_id: str | None = None,
    ) -> Decision:
        """What a payload would come to. Raises Refused."""
        facts = Facts(gesture_id or f"g{self.state.version + 1}", ASSETS)
        return decide.decide(self.state, registry.parse(payload), facts, actor=actor, base_version=base_version)

    def do(self, type: str, /, *, actor: str = "ann", base_version: int | None = None, **params: Any) -> Decision:
        """Decide and keep. Raises Refused."""
        return self.keep(self.decide({"type": type, **params}, actor=actor, base_version=base_version), actor)

    def keep(self, decision: Decision, actor: str = "ann") -> Decision:
        self.state = decision.state
        self.rows.append((self.state.version, actor, event.encode(decision.body), event.SCHEMA_VERSION))
        return decision

    def write(self, writer: Callable[[Draft], object], actor: str = "ann") -> None:
        """Keep what a function writes into a draft: for records that no gesture makes yet. Raises Refused."""
        draft = Draft(self.state, Facts(f"w{self.state.version + 1}"))
        writer(draft)
        invariants.check(self.state, draft.state, draft.changes)
        draft.state.close(actor, None, None)
        body = event.Body(gesture={"type": "write"}, changes=draft.changes, description="wrote")
        self.state = draft.state
        self.rows.append((self.state.version, actor, event.encode(body), event.SCHEMA_VERSION))

    def fold(self, start: State | None = None) -> State:
        """The log folded again, from zero or from an earlier state on."""
        return fold.replay(self.rows[0 if start is None else start.version :], start)

    # ---- for examples
    def value(self, id: str) -> dict[str, Any]:
        record = self.state.find(id)
        assert record is not None, f"{id} is not there"
        return record.value

    def alive(self, id: str) -> bool:
        return self.state.find(id) is not None

    def picture(self, track: str) -> str:
        """The clips of a track in frames: `a[0,4) c[6,9)`."""
        frame = self.state.rate.ticks_per_frame
        clips = sorted((c.value["start"], c.value["duration"], c.id) for c in self.state.inside(track, "clip"))
        return " ".join(f"{id}[{start / frame:g},{(start + length) / frame:g})" for start, length, id in clips)


def assert_befores_hold(before: State, written: Iterable[changes.Change]) -> None:
    """Every change's before is the state that it met: value, owner, existence."""
    state = before.fork()
    for index, change in enumerate(written):
        if not isinstance(change, changes.Shift):
            record = state.records.get(change.id)
            if isinstance(change, changes.Put):
                assert record is None or not record.alive
                assert change.exists[0] == (0 if record is None else record.exists)
            else:
                assert record is not None
                assert record.alive
                assert change.kind == record.kind
            if isinstance(change, changes.Set):
                for field, told in change.fields.items():
                    assert told[0] == record.value.get(field)
                    assert told[2] == record.owner(field)
            elif isinstance(change, changes.Drop):
                assert change.value == record.value
                assert change.owners == record.all_owners()
                assert change.exists[0] == record.exists
        state.apply(change, index)


def values(state: State) -> dict[str, dict[str, Any]]:
    """What a reader sees."""
    return {id: dict(record.value) for id, record in state.records.items() if record.alive}


def refusal(action: Callable[..., Any], *args: Any, **options: Any) -> str:
    """The code with which something is refused; empty where it is not."""
    try:
        action(*args, **options)
    except errors.Refused as refused:
        return refused.stable_code
    return ""
