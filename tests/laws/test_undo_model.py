"""The core against the executable research model of undo, step by step, where the model lies beside the project.

`python -m tests.laws.test_undo_model 12000` runs it long.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.laws import soak, writers
from tests.laws.session import Session, Writer
from timeline_service.domain import changes, errors
from timeline_service.domain.draft import Draft

MODEL = Path(__file__).parents[3] / "shared" / "research" / "undo_model2.py"
FIELDS = {
    "clip": {"track_id": "track", "start": "start", "duration": "duration", "source_in": "source_in", "color": "color"},
    "keyframe": {"parent_id": "parent", "time": "time"},
}
INVARIANTS = {"bad_range", "overlap", "parent_missing", "negative_time", "too_short", "no_handle", "clip_missing"}
"""The codes of what an invariant refuses: the model checks them in another order and with fewer words."""


def load_model() -> ModuleType:
    spec = importlib.util.spec_from_file_location("undo_model2", MODEL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(code: str) -> str:
    return {"conflict": "undo_conflict"}.get(code, "invariant" if code in INVARIANTS else code)


class Twins:
    """The model and the core, doing the same. A tick of the model is a tick of the core, on audio tracks."""

    def __init__(self, model: ModuleType) -> None:
        self.model = model
        self.theirs = model.Server()
        self.ours = Session("audio")

    def do(self, actor: str, gesture: str, *args: Any) -> None:
        self._both(
            lambda: self.theirs.do(actor, getattr(self.model, gesture), *args),
            lambda: self.ours.write(actor, gesture, WRITERS[gesture](*args)),
        )

    def flip(self, kind: str, actor: str, policy: str, on_blocked: str) -> None:
        self._both(
            lambda: self._their_conflicts(getattr(self.theirs, kind)(actor, policy, on_blocked)[1]),
            lambda: self._our_conflicts(getattr(self.ours, kind)(actor, policy, on_blocked)),
            compare=True,
        )

    def restore(self, actor: str, version: int) -> None:
        self._both(
            lambda: self.theirs.restore(actor, version),
            lambda: self.ours.restore(actor, version + self.ours.start),
        )

    def _both(self, theirs: Callable[[], Any], ours: Callable[[], Any], compare: bool = False) -> None:
        refusal = expected = None
        try:
            expected = theirs()
        except self.model.Refused as refused:
            refusal = refused
        if refusal is None:
            assert ours() == expected or not compare
            return
        with pytest.raises(errors.Refused) as caught:
            ours()
        assert told(caught.value.stable_code) == told(refusal.code)
        if refusal.code == "conflict":
            found = self._firsts(caught.value.details["conflicts"])
            assert found == self._their_conflicts(refusal.details["conflicts"])

    def _their_conflicts(self, conflicts: list[tuple[int, int, str]]) -> list[tuple[int, str]]:
        return sorted((version + self.ours.start, told(code)) for version, _, code in conflicts)

    def _our_conflicts(self, conflicts: list[Any]) -> list[tuple[int, str]]:
        return self._firsts([conflict.as_dict() for conflict in conflicts])

    @staticmethod
    def _firsts(conflicts: list[dict[str, Any]]) -> list[tuple[int, str]]:
        """The first conflict of each unit: the model stops there."""
        firsts: dict[tuple[int, int], str] = {}
        for conflict in conflicts:
            firsts.setdefault((conflict["version"], conflict["unit"]), told(conflict["code"]))
        return sorted((version, code) for (version, _), code in firsts.items())

    def assert_alike(self) -> None:
        shown, owners = {}, {}
        for record in self.ours.state.records.values():
            if record.alive and record.kind in FIELDS:
                names = FIELDS[record.kind]
                shown[record.id] = {there: record.value[here] for here, there in names.items()}
                owners[record.id] = (
                    self._version(record.exists),
                    {there: self._version(record.owner(here)) for here, there in names.items()},
                )
        theirs = self.theirs.state
        assert shown == {id: _without(value) | _color(value) for id, value in theirs.values().items()}
        assert owners == {id: (exists, _without(owned)) for id, (exists, owned) in theirs.owners().items()}
        assert [self._shift(ground.shift) for ground in self.ours.state.shifts] == [
            (change["id"], change["track"], change["from"], change["by"], change["moves"])
            for _, change in theirs.shifts
        ]
        assert self.ours.state.version == len(self.theirs.log) + self.ours.start

    def _version(self, ours: int) -> int:
        return ours - self.ours.start if ours else 0

    def _shift(self, shift: changes.Shift) -> tuple[str, str | None, int, int, bool]:
        version, index = shift.id[1:].split(".")
        return f"s{int(version) - self.ours.start}.{index}", shift.track, shift.start, shift.by, shift.moves


def _without(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "value"}


def _color(value: dict[str, Any]) -> dict[str, str]:
    return {"color": str(value["color"])} if "color" in value else {}


# ---- the seven gestures of the model, as drafts of the core
def add_clip(id: str, track: str, start: int, duration: int) -> Writer:
    def write(draft: Draft) -> None:
        writers.add_clip(id, track, start, duration, 10)(draft)

    return write


def trim(id: str, edge: str, delta: int) -> Writer:
    def write(draft: Draft) -> None:
        clip = draft.get("clip", id).value
        if edge == "end":
            draft.set(id, {"duration": clip["duration"] + delta})
        else:
            source = {"source_in": clip["source_in"] + delta, "duration": clip["duration"] - delta}
            draft.set(id, {"start": clip["start"] + delta, **source})

    return write


def ripple_insert(id: str, track: str, start: int, duration: int) -> Writer:
    def write(draft: Draft) -> None:
        draft.shift(track, start, duration)
        add_clip(id, track, start, duration)(draft)

    return write


def add_keyframe(id: str, clip: str, offset: int, value: int) -> Writer:
    del value
    return writers.add_key(id, clip, offset)


WRITERS: dict[str, Callable[..., Writer]] = {
    "add_clip": add_clip,
    "remove_clip": lambda id: writers.drop("clip", id),
    "set_color": writers.set_color,
    "trim": trim,
    "move": writers.place,
    "split": writers.split_and_hand_over,
    "ripple_delete": writers.ripple_delete,
    "ripple_insert": ripple_insert,
    "add_keyframe": add_keyframe,
}

ACTOR, TRACK, PICK = st.sampled_from("ABC"), st.sampled_from(("v1", "v2")), st.integers(0, 7)
TIME, LENGTH = st.integers(0, 16), st.integers(1, 5)
POLICY, BLOCKED = st.sampled_from(("skip", "force")), st.sampled_from(("stop", "next"))


class AgreementMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins(load_model())
        self.fresh = 0

    def new_id(self) -> str:
        self.fresh += 1
        return f"n{self.fresh:03d}"  # ids sort as they are made: a restore then has the same order in both

    def pick(self, number: int) -> str:
        clips = sorted(record.id for record in self.twins.ours.state.living("clip"))
        return clips[number % len(clips)] if clips else "none"

    @rule(a=ACTOR, track=TRACK, start=TIME, duration=LENGTH)
    def add_clip(self, a, track, start, duration):  # type: ignore[no-untyped-def]
        self.twins.do(a, "add_clip", self.new_id(), track, start, duration)

    @rule(a=ACTOR, n=PICK)
    def remove_clip(self, a, n):  # type: ignore[no-untyped-def]
        self.twins.do(a, "remove_clip", self.pick(n))

    @rule(a=ACTOR, n=PICK, m=PICK, color=st.sampled_from("123456789"))
    def set_color(self, a, n, m, color):  # type: ignore[no-untyped-def]
        self.twins.do(a, "set_color", sorted({self.pick(n), self.pick(m)}), color)

    @rule(a=ACTOR, n=PICK, edge=st.sampled_from(("start", "end")), delta=st.integers(-3, 3))
    def trim(self, a, n, edge, delta):  # type: ignore[no-untyped-def]
        self.twins.do(a, "trim", self.pick(n), edge, delta)

    @rule(a=ACTOR, n=PICK, track=TRACK, start=TIME)
    def move(self, a, n, track, start):  # type: ignore[no-untyped-def]
        self.twins.do(a, "move", self.pick(n), track, start)

    @rule(a=ACTOR, n=PICK, offset=st.integers(1, 4))
    def split(self, a, n, offset):  # type: ignore[no-untyped-def]
        self.twins.do(a, "split", self.pick(n), offset, self.new_id())

    @rule(a=ACTOR, n=PICK)
    def ripple_delete(self, a, n):  # type: ignore[no-untyped-def]
        self.twins.do(a, "ripple_delete", self.pick(n))

    @rule(a=ACTOR, track=TRACK, start=TIME, duration=LENGTH)
    def ripple_insert(self, a, track, start, duration):  # type: ignore[no-untyped-def]
        self.twins.do(a, "ripple_insert", self.new_id(), track, start, duration)

    @rule(a=ACTOR, n=PICK, offset=st.integers(0, 4))
    def add_keyframe(self, a, n, offset):  # type: ignore[no-untyped-def]
        id = self.new_id()  # the model lets several lie at one time, so that each gets a time of its own
        self.twins.do(a, "add_keyframe", id, self.pick(n), offset * 1_000_000 + self.fresh * 1000, 1)

    @rule(a=ACTOR, policy=POLICY, on_blocked=BLOCKED)
    def undo(self, a, policy, on_blocked):  # type: ignore[no-untyped-def]
        self.twins.flip("undo", a, policy, on_blocked)

    @rule(a=ACTOR, policy=POLICY, on_blocked=BLOCKED)
    def redo(self, a, policy, on_blocked):  # type: ignore[no-untyped-def]
        self.twins.flip("redo", a, policy, on_blocked)

    @rule(a=ACTOR, policy=POLICY, on_blocked=BLOCKED, n=st.integers(2, 4))
    def several_undos(self, a, policy, on_blocked, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            self.twins.flip("undo", a, policy, on_blocked)

    @rule(a=ACTOR, n=st.integers(0, 99))
    def restore(self, a, n):  # type: ignore[no-untyped-def]
        self.twins.restore(a, n % (len(self.twins.theirs.log) + 1))

    @invariant()
    def alike(self) -> None:
        self.twins.assert_alike()


@pytest.mark.skipif(not MODEL.exists(), reason="the research model does not lie beside this project")
def test_the_core_agrees_with_the_research_model() -> None:
    soak.short(AgreementMachine)


if __name__ == "__main__":
    soak.long(AgreementMachine)
