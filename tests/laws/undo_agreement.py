"""State machines in which the core and the model of undo do the same, step by step."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.laws import undo_research
from tests.laws.undo_twins import Twins, as_model

ACTOR, TRACK, PICK = st.sampled_from("ABC"), st.sampled_from(("v1", "v2")), st.integers(0, 7)
TIME, LENGTH = st.integers(0, 16), st.integers(1, 5)
POLICY, BLOCKED = st.sampled_from(("skip", "force", "fail")), st.sampled_from(("stop", "next"))
EDGE, DELTA = st.sampled_from(("start", "end")), st.integers(-3, 3)


class Agreement(RuleBasedStateMachine):
    """What both machines share: going back, and the comparison after every step."""

    setup: tuple[dict[str, Any], ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins(*self.setup)
        self.fresh = 0

    def new_id(self) -> str:
        self.fresh += 1
        return f"n{self.fresh:03d}"  # ids sort as they are made

    def pick(self, kind: str, number: int) -> str:
        ids = sorted(record.id for record in self.twins.model.state.living(kind))
        return ids[number % len(ids)] if ids else "none"

    def do(self, actor: str, gesture: str, *args: Any) -> None:
        self.twins.do(actor, gesture, *args)

    def flip(self, kind: str, actor: str, policy: str, on_blocked: str) -> None:
        self.twins.flip(kind, actor, policy, on_blocked)

    def go_back(self, actor: str, version: int) -> None:
        self.twins.restore(actor, version)

    @invariant()
    def alike(self) -> None:
        self.twins.assert_alike(as_model)


class BaseMachine(Agreement):
    """Clips and keyframes on two tracks: what the first model knows; where that lies beside the project, it follows."""

    def __init__(self) -> None:
        super().__init__()
        self.research = undo_research.Follower(self.twins.model) if undo_research.MODEL is not None else None

    def do(self, actor: str, gesture: str, *args: Any) -> None:
        done = self.twins.do(actor, gesture, *args)
        if self.research is not None:
            self.research.do(done, actor, gesture, *args)

    def flip(self, kind: str, actor: str, policy: str, on_blocked: str) -> None:
        policy = "skip" if policy == "fail" else policy  # the first model knows no other
        answer = self.twins.flip(kind, actor, policy, on_blocked)
        if self.research is not None:
            self.research.flip(answer, kind, actor, policy, on_blocked)

    def go_back(self, actor: str, version: int) -> None:
        done = self.twins.restore(actor, version)
        if self.research is not None:
            self.research.restore(done, actor, version)

    @invariant()
    def first_model_alike(self) -> None:
        if self.research is not None:
            self.research.assert_alike()

    @rule(a=ACTOR, n=PICK)
    def remove_clip(self, a, n):  # type: ignore[no-untyped-def]
        self.do(a, "remove_clip", self.pick("clip", n))

    @rule(a=ACTOR, n=PICK, edge=EDGE, delta=DELTA)
    def trim(self, a, n, edge, delta):  # type: ignore[no-untyped-def]
        self.do(a, "trim", self.pick("clip", n), edge, delta)

    @rule(a=ACTOR, n=PICK)
    def ripple_delete(self, a, n):  # type: ignore[no-untyped-def]
        self.do(a, "ripple_delete", self.pick("clip", n))

    @rule(a=ACTOR, n=PICK, offset=st.integers(0, 4))
    def add_keyframe(self, a, n, offset):  # type: ignore[no-untyped-def]
        id = self.new_id()  # the first model lets several lie at one time, so that each gets a time of its own
        self.do(a, "add_keyframe", id, self.pick("clip", n), offset * 1_000_000 + self.fresh * 1000)

    @initialize(layout=st.lists(st.tuples(ACTOR, TRACK, LENGTH, st.integers(0, 2)), max_size=6))
    def first_clips(self, layout):  # type: ignore[no-untyped-def]
        end = {"v1": 0, "v2": 0}
        for actor, track, duration, gap in layout:
            self.do(actor, "add_clip", self.new_id(), track, end[track] + gap, duration)
            end[track] += gap + duration

    @rule(a=ACTOR, policy=POLICY, on_blocked=BLOCKED, n=st.integers(1, 3))
    def undo(self, a, policy, on_blocked, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            self.flip("undo", a, policy, on_blocked)

    @rule(a=ACTOR, policy=POLICY, on_blocked=BLOCKED)
    def redo(self, a, policy, on_blocked):  # type: ignore[no-untyped-def]
        self.flip("redo", a, policy, on_blocked)

    @rule(a=ACTOR, n=st.integers(0, 99))
    def restore(self, a, n):  # type: ignore[no-untyped-def]
        model = self.twins.model
        self.go_back(a, model.begin + n % (len(model.log) + 1))

    @rule(a=ACTOR, track=TRACK, start=TIME, duration=LENGTH)
    def add_clip(self, a, track, start, duration):  # type: ignore[no-untyped-def]
        self.do(a, "add_clip", self.new_id(), track, start, duration)

    @rule(a=ACTOR, n=PICK, m=PICK, color=st.sampled_from("123456789"))
    def set_color(self, a, n, m, color):  # type: ignore[no-untyped-def]
        self.do(a, "set_color", sorted({self.pick("clip", n), self.pick("clip", m)}), color)

    @rule(a=ACTOR, n=PICK, track=TRACK, start=TIME)
    def place(self, a, n, track, start):  # type: ignore[no-untyped-def]
        self.do(a, "place", self.pick("clip", n), track, start)

    @rule(a=ACTOR, n=PICK, offset=st.integers(1, 4))
    def split(self, a, n, offset):  # type: ignore[no-untyped-def]
        self.do(a, "split", self.pick("clip", n), offset, self.new_id())

    @rule(a=ACTOR, track=TRACK, start=TIME, duration=LENGTH)
    def ripple_insert(self, a, track, start, duration):  # type: ignore[no-untyped-def]
        self.do(a, "ripple_insert", self.new_id(), track, start, duration)
