"""The state machine of all that the first model did not have: see tests/undo_model/README.md for the rules."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.laws.undo_agreement import BLOCKED, DELTA, EDGE, LENGTH, PICK, TIME, TRACK, Agreement
from tests.undo_model.state import Refused, State, owned

WHO = st.sampled_from("AB")
POLICY = st.sampled_from(("skip", "skip", "force", "fail"))
TRANSACTION = st.sampled_from((None, None, None, "t1"))
BOND, LABEL = st.sampled_from(("link_id", "group_id")), st.sampled_from(("m1", "m2"))
SCOPE, MARKERS = st.sampled_from(("track", "sync_locked", "all")), st.booleans()
OFFSET = st.integers(0, 2)
SHORT = st.integers(0, 3)
PARENT = st.sampled_from(("timeline", "track", "clip"))
BACK = st.integers(0, 6)
WORK = st.sampled_from(("move", "trim", "remove", "place", "split"))


class SceneMachine(Agreement):
    """Bonds, transitions, nests, ripples over tracks, markers, captions, locks, tracks, transactions, reverts.

    A rule is a family of gestures, so that going back is tried as often as going on; clips touch more often than not.
    """

    setup = ({"type": "add_track", "kind": "caption", "track_id": "c1"},)

    def __init__(self) -> None:
        super().__init__()
        self.transaction: str | None = None

    def do(self, actor: str, gesture: str, *args: Any, of_scene: bool = False) -> None:
        before = self.twins.model.state
        if self.twins.do(actor, gesture, *args, transaction=self.transaction, of_scene=of_scene):
            self.undo_then_redo_at_once(actor, before)

    def act(self, actor: str, gesture: str, *args: Any) -> None:
        self.do(actor, gesture, *args, of_scene=True)

    def undo_then_redo_at_once(self, actor: str, before: State) -> None:
        """Nothing, by value and owner, where the step is one event; with what the model says the core agrees."""
        trial = self.twins.model.copy()
        if len(trial.undos[actor][-1].versions) > 1:
            return
        after = trial.state
        assert trial.undo(actor, "fail") == []
        assert owned(trial.state) == owned(before)
        assert trial.redo(actor, "fail") == []
        assert owned(trial.state) == owned(after)

    def end_of(self, track: str) -> int:
        clips = self.twins.model.state.children(track, "clip")
        return max((clip.value["start"] + clip.value["duration"] for clip in clips), default=0)

    @initialize(layout=st.lists(st.tuples(WHO, TRACK, LENGTH, OFFSET, OFFSET), min_size=2, max_size=7))
    def first_clips(self, layout):  # type: ignore[no-untyped-def]
        for actor, track, duration, lead, trail in layout:
            clips = sorted(self.twins.model.state.children(track, "clip"), key=lambda clip: clip.value["start"])
            id, left = self.new_id(), clips[-1].id if clips else None
            self.do(actor, "add_clip", id, track, self.end_of(track), duration)
            self.act(actor, "add_transition", self.new_id(), left, id, lead if left else 0, trail)

    @rule(a=WHO, track=TRACK, gap=st.sampled_from((0, 0, 1)), duration=LENGTH, t=TRANSACTION)
    def append(self, a, track, gap, duration, t):  # type: ignore[no-untyped-def]
        """From here on what is done belongs to the transaction, of whoever does it; None: each is a step of its own."""
        self.transaction = t
        self.do(a, "add_clip", self.new_id(), track, self.end_of(track) + gap, duration)

    @rule(a=WHO, n=PICK, m=PICK, bond=BOND, label=LABEL, loose=st.sampled_from((False, False, True)))
    def bonds(self, a, n, m, bond, label, loose):  # type: ignore[no-untyped-def]
        if loose:
            bound = sorted(clip.id for clip in self.twins.model.state.living("clip") if clip.value[bond] is not None)
            self.act(a, "unbind", bond, [bound[n % len(bound)] if bound else "none"])
        else:
            self.act(a, "bind", bond, sorted({self.pick("clip", n), self.pick("clip", m)}), label)

    @rule(a=WHO, n=PICK, m=PICK, delta=DELTA, edge=EDGE, what=WORK)
    def arrange(self, a, n, m, delta, edge, what):  # type: ignore[no-untyped-def]
        id = self.pick("clip", n)
        if what == "move":
            self.act(a, "move", sorted({id, self.pick("clip", m)}), delta)
        elif what == "trim":
            self.act(a, "trim", id, edge, delta)
        elif what == "remove":
            self.act(a, "remove", id)
        elif what == "split":
            self.do(a, "split", id, abs(delta), self.new_id())
        else:
            track = ("v1", "v2")[m % 2]
            self.do(a, "place", id, track, self.end_of(track))

    @rule(a=WHO, n=PICK, lead=OFFSET, trail=OFFSET, what=st.sampled_from(("add", "add", "add", "remove", "set")))
    def cuts(self, a, n, lead, trail, what):  # type: ignore[no-untyped-def]
        if what == "add":
            bare = self.bare_cuts()
            left, right = bare[n % len(bare)] if bare else ("none", None)
            self.act(a, "add_transition", self.new_id(), left, right, lead, trail)
        elif what == "set":
            self.act(a, "set_transition", self.pick("transition", n), lead, trail)
        else:
            self.act(a, "remove_transition", self.pick("transition", n))

    def bare_cuts(self) -> list[tuple[str | None, str | None]]:
        """Where a transition may lie: cuts first, then the ends of a first and a last clip."""
        state = self.twins.model.state
        clips = sorted(state.living("clip"), key=lambda c: (c.value["track_id"], c.value["start"]))
        found: list[tuple[str | None, str | None]] = []
        for one, other in pairwise(clips):
            touch = one.value["start"] + one.value["duration"] == other.value["start"]
            if touch and one.value["track_id"] == other.value["track_id"]:
                found.append((one.id, other.id))
        return found + [(None, clip.id) for clip in clips[:1]] + [(clip.id, None) for clip in clips[-1:]]

    @rule(a=WHO, n=PICK, m=PICK, start=TIME, what=st.sampled_from(("nest", "nest", "show", "remove")))
    def nests(self, a, n, m, start, what):  # type: ignore[no-untyped-def]
        if what == "nest":
            self.act(a, "nest", self.new_id(), self.pick("clip", n), self.new_id(), self.new_id())
        elif what == "show":
            self.act(a, "show", self.new_id(), self.pick("track", n), start, self.pick("sequence", m))
        else:
            self.act(a, "remove_sequence", self.pick("sequence", n))

    @rule(a=WHO, n=PICK, at=TIME, by=LENGTH, scope=SCOPE, markers=MARKERS, close=st.booleans())
    def ripples(self, a, n, at, by, scope, markers, close):  # type: ignore[no-untyped-def]
        if close:
            self.act(a, "take_out", self.pick("clip", n), scope, markers)
        else:
            self.act(a, "open_gap", self.pick("track", n), at, by, scope, markers)

    @rule(a=WHO, n=PICK, m=PICK, kind=PARENT, time=TIME, long=SHORT, what=st.sampled_from(("add", "place", "remove")))
    def markers(self, a, n, m, kind, time, long, what):  # type: ignore[no-untyped-def]
        if what == "add":
            self.act(a, "add_marker", self.new_id(), self.pick(kind, n), time, long)
        elif what == "place":
            self.act(a, "place_marker", self.pick("marker", n), self.pick(kind, m), time, long)
        else:
            self.act(a, "remove_marker", self.pick("marker", n))

    @rule(a=WHO, n=PICK, time=TIME, long=LENGTH, what=st.sampled_from(("add", "start", "duration")))
    def captions(self, a, n, time, long, what):  # type: ignore[no-untyped-def]
        if what == "add":
            self.act(a, "add_caption", self.new_id(), "c1", time, long)
        else:
            self.act(a, "set_caption", self.pick("caption", n), {what: time})

    @rule(a=WHO, n=PICK, what=st.sampled_from(("add", "remove", "lock", "unlock", "unlock")))
    def tracks(self, a, n, what):  # type: ignore[no-untyped-def]
        if what == "add":
            self.act(a, "add_track", self.new_id())
        elif what == "remove":
            self.act(a, "remove_track", self.pick("track", n))
        elif what == "lock":
            self.act(a, "lock_track", self.pick("track", n), True)
        else:
            locked = sorted(track.id for track in self.twins.model.state.living("track") if track.value["locked"])
            self.act(a, "lock_track", locked[n % len(locked)] if locked else "none", False)

    @rule(a=WHO, n=PICK, key=st.sampled_from(("scene", "take", "color")), value=st.none() | st.integers(1, 3))
    def notes(self, a, n, key, value):  # type: ignore[no-untyped-def]
        if key == "color":
            self.do(a, "set_color", sorted({self.pick("clip", n), self.pick("clip", n + 1)}), str(value))
        else:
            self.act(a, "set_note", self.pick("clip", n), key, value)

    # ---- where two people meet: rare by chance
    @rule(a=WHO, b=WHO, n=PICK, m=PICK, bond=BOND, what=st.sampled_from(("join", "leave", "remove")), policy=POLICY)
    def a_bond_comes_apart(self, a, b, n, m, bond, what, policy):  # type: ignore[no-untyped-def]
        """One changes who is in a bond, another takes it apart, the first goes back."""
        clips = sorted(clip.id for clip in self.twins.model.state.living("clip"))
        if len(clips) < 3:
            return
        trio = [clips[(n + step) % len(clips)] for step in range(3)]
        label = self.new_id()
        self.act(b, "bind", bond, trio if what != "join" else trio[:2], label)
        if what == "join":
            self.act(a, "bind", bond, trio[2:], label)
        elif what == "leave":
            self.act(a, "unbind", bond, trio[2:])
        else:
            self.do(a, "remove_clip", trio[2])
        self.act(b, "unbind", bond, [trio[m % 2]])
        for kind in ("undo", "redo", "undo"):
            self.twins.flip(kind, a, policy, "stop")

    @rule(a=WHO, b=WHO, n=PICK, lead=OFFSET, policy=POLICY, back=st.booleans())
    def a_cut_is_made_and_used(self, a, b, n, lead, policy, back):  # type: ignore[no-untyped-def]
        """One puts clips side by side, another lays a transition on their cut, the first goes back."""
        clips = [c for c in self.twins.model.state.living("clip") if c.value["track_id"] in ("v1", "v2")]
        if not clips:
            return
        left, right = clips[n % len(clips)], self.new_id()
        self.do(b, "add_clip", right, left.value["track_id"], self.end_of(left.value["track_id"]) + 3, 3)
        self.do(a, "place", right, left.value["track_id"], left.value["start"] + left.value["duration"])
        self.act(b, "add_transition", self.new_id(), left.id, right, lead, 1)
        self.twins.flip("undo", a, policy, "stop")
        if back:
            self.twins.flip("undo", a, "force", "stop")
            self.twins.flip("redo", a, policy, "stop")

    # ---- going back
    @rule(a=WHO, policy=POLICY, on_blocked=BLOCKED, n=st.integers(1, 3))
    def undo(self, a, policy, on_blocked, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            self.twins.flip("undo", a, policy, on_blocked)

    @rule(a=WHO, policy=POLICY, on_blocked=BLOCKED, n=st.integers(1, 3))
    def redo(self, a, policy, on_blocked, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            self.twins.flip("redo", a, policy, on_blocked)

    @rule(a=WHO, policy=POLICY, on_blocked=BLOCKED, n=st.integers(1, 4))
    def undos_and_as_many_redos(self, a, policy, on_blocked, n):  # type: ignore[no-untyped-def]
        """Nothing, by value and owner, where nobody comes between; whatever was left out or forced. And undone again."""
        before, done = owned(self.twins.model.state), 0
        while done < n and not isinstance(self.twins.flip("undo", a, policy, on_blocked), Refused):
            done += 1
        undone = owned(self.twins.model.state)
        for _ in range(done):
            assert self.twins.flip("redo", a, policy, "stop") == []
        assert owned(self.twins.model.state) == before
        if policy != "force":  # what redo gave back to others takes force again
            for _ in range(done):
                assert self.twins.flip("undo", a, policy, "stop") == []
            assert owned(self.twins.model.state) == undone

    @rule(a=WHO)
    def redo_as_far_as_it_goes(self, a):  # type: ignore[no-untyped-def]
        """After an undo by force, say: what others did between the two stands, or is told."""
        while not isinstance(self.twins.flip("redo", a, "skip", "stop"), Refused):
            pass

    @rule(a=WHO, back=BACK, goal=BACK)
    def restore(self, a, back, goal):  # type: ignore[no-untyped-def]
        """To a version that is not long ago; seldom to one that is."""
        model = self.twins.model
        self.twins.restore(a, max(model.begin, model.version - back - (goal == 6) * 10))

    @rule(a=WHO, picks=st.lists(BACK, min_size=1, max_size=3), policy=POLICY)
    def revert_versions(self, a, picks, policy):  # type: ignore[no-untyped-def]
        model = self.twins.model
        versions = {model.version - back for back in picks if model.version - back > model.begin}
        self.revert(a, lambda event: event["version"] in versions, policy)

    @rule(a=WHO, of=WHO, first=st.integers(0, 9), last=BACK, policy=POLICY)
    def revert_all_of_an_actor(self, a, of, first, last, policy):  # type: ignore[no-untyped-def]
        """Everything by one actor between two versions."""
        upto = self.twins.model.version - last
        self.revert(a, lambda event: event["actor"] == of and upto - first <= event["version"] <= upto, policy)

    def revert(self, actor: str, wanted: Callable[[dict[str, Any]], bool], policy: str) -> None:
        versions = [event["version"] for event in self.twins.model.log if wanted(event)]
        if versions:
            self.twins.revert(actor, versions, policy)
