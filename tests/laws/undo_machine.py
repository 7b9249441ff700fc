"""A state machine over the real core: several people edit, undo, redo, revert and restore, and every law is checked."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from projections import snapshots
from tests.laws import writers
from tests.laws.session import FILM, FRAME, TIMELINE, Session, Writer, attempt, outcome, owned, values
from timeline_service.domain import carry, changes, errors, invariants
from timeline_service.domain.state import Place, State, canonical, digest

ACTOR, TRACK, PICK = st.sampled_from("ABC"), st.sampled_from(("v1", "v2")), st.integers(0, 7)
PARENT = st.sampled_from(("v1", "v2", TIMELINE))
TIME, LENGTH = st.integers(0, 16), st.integers(1, 5)
POLICY, BLOCKED = st.sampled_from(("skip", "force", "fail")), st.sampled_from(("stop", "next"))
TRANSACTION = st.none() | st.none() | st.sampled_from(("t1", "t2"))
KEY, VALUE = st.sampled_from(("scene", "take")), st.none() | st.integers(1, 3)


class UndoMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self.fresh = 0
        self.snapshots: dict[int, State] = {}
        self.pinned = True
        """No event so far keeps owners of what came out equal without having written it (a restore does)."""

    # ---- acting
    def new_id(self) -> str:
        self.fresh += 1
        return f"n{self.fresh}"

    def pick(self, kind: str, number: int) -> str:
        ids = sorted(record.id for record in self.session.state.living(kind))
        return ids[number % len(ids)] if ids else "none"

    def write(self, actor: str, writer: Writer, transaction: str | None = None) -> None:
        before = self.session.copy()
        answer = attempt(self.session, self.session.write, actor, "draft", writer, transaction_id=transaction)
        if not isinstance(answer, errors.Refused):
            self.undo_then_redo_at_once(actor, before)

    def do(self, actor: str, transaction: str | None = None, **gesture: Any) -> None:
        before = self.session.copy()
        answer = attempt(self.session, self.session.do, actor, transaction_id=transaction, **gesture)
        if not isinstance(answer, errors.Refused):
            self.undo_then_redo_at_once(actor, before)

    def undo_then_redo_at_once(self, actor: str, before: Session) -> None:
        """The identity, by value and owner; of a whole transaction, where nobody came between."""
        entry = self.session.state.stacks[actor].undo[-1]
        if entry.versions != tuple(range(entry.versions[0], self.session.state.version + 1)):
            return
        expected = owned(before.state if len(entry.versions) == 1 else self.session.fold(entry.versions[0] - 1))
        trial = self.session.copy()
        assert trial.undo(actor, "fail") == []
        assert owned(trial.state) == expected
        assert trial.redo(actor, "fail") == []
        assert owned(trial.state) == owned(self.session.state)

    @initialize(layout=st.lists(st.tuples(ACTOR, TRACK, LENGTH, st.integers(0, 2)), max_size=6))
    def first_clips(self, layout: list[tuple[str, str, int, int]]) -> None:
        end = {"v1": 0, "v2": 0}
        for actor, track, duration, gap in layout:
            start = (end[track] + gap) * FRAME
            self.write(actor, writers.add_clip(self.new_id(), track, start, duration * FRAME, 10 * FRAME))
            end[track] += gap + duration

    # ---- gestures of the registry
    @rule(
        a=ACTOR,
        track=TRACK,
        start=TIME,
        duration=LENGTH,
        mode=st.sampled_from(("refuse", "overwrite", "insert")),
        t=TRANSACTION,
    )
    def add_clip(self, a, track, start, duration, mode, t):  # type: ignore[no-untyped-def]
        self.do(
            a, t, type="add_clip", clip_id=self.new_id(), track_id=track, media=FILM, start=start, duration=duration,
            source_in=10, mode=mode,
        )  # fmt: skip

    @rule(a=ACTOR, n=PICK, t=TRANSACTION)
    def remove_clip(self, a, n, t):  # type: ignore[no-untyped-def]
        self.do(a, t, type="remove_clip", clip_id=self.pick("clip", n))

    @rule(a=ACTOR, n=PICK, edge=st.sampled_from(("start", "end")), delta=st.integers(-3, 3), t=TRANSACTION)
    def trim(self, a, n, edge, delta, t):  # type: ignore[no-untyped-def]
        self.do(a, t, type="trim", clip_id=self.pick("clip", n), edge=edge, delta=delta)

    @rule(
        a=ACTOR,
        n=PICK,
        m=PICK,
        delta=st.integers(-5, 5),
        offset=st.integers(-1, 1),
        mode=st.sampled_from(("refuse", "overwrite", "insert")),
    )
    def move(self, a, n, m, delta, offset, mode):  # type: ignore[no-untyped-def]
        ids = sorted({self.pick("clip", n), self.pick("clip", m)})
        self.do(a, type="move", clip_ids=ids, delta=delta, track_offset=offset, on_overlap=mode)

    @rule(a=ACTOR, n=PICK, offset=st.integers(1, 4), t=TRANSACTION)
    def split(self, a, n, offset, t):  # type: ignore[no-untyped-def]
        clip = self.session.state.find(self.pick("clip", n))
        if clip is not None:
            at = clip.value["start"] // FRAME + offset
            self.do(a, t, type="split", clip_id=clip.id, at=at, new_id=self.new_id())

    @rule(
        a=ACTOR, n=PICK, m=PICK, scope=st.sampled_from(("track", "track", "sync_locked", "all")), markers=st.booleans()
    )
    def ripple_delete(self, a, n, m, scope, markers):  # type: ignore[no-untyped-def]
        ids = sorted({self.pick("clip", n), self.pick("clip", m)})
        self.do(a, type="ripple_delete", clip_ids=ids, scope=scope, ripple_markers=markers)

    @rule(a=ACTOR, n=PICK, frame=st.integers(8, 16), x=st.integers(0, 3), t=TRANSACTION)
    def add_crop_keyframe(self, a, n, frame, x, t):  # type: ignore[no-untyped-def]
        self.do(
            a, t, type="add_crop_keyframe", keyframe_id=self.new_id(), clip_id=self.pick("clip", n), frame=frame,
            x=x, y=0, width=500_000, height=500_000,
        )  # fmt: skip

    @rule(a=ACTOR, n=PICK, frame=st.integers(8, 16))
    def move_crop_keyframe(self, a, n, frame):  # type: ignore[no-untyped-def]
        self.do(a, type="move_crop_keyframe", keyframe_id=self.pick("keyframe", n), to={"frame": frame})

    @rule(a=ACTOR, n=PICK)
    def delete_crop_keyframe(self, a, n):  # type: ignore[no-untyped-def]
        self.do(a, type="delete_crop_keyframe", keyframe_id=self.pick("keyframe", n))

    @rule(a=ACTOR, parent=PARENT, time=TIME, duration=st.integers(0, 4), t=TRANSACTION)
    def add_marker(self, a, parent, time, duration, t):  # type: ignore[no-untyped-def]
        self.do(a, t, type="add_marker", marker_id=self.new_id(), parent_id=parent, time=time, duration=duration)

    @rule(a=ACTOR, n=PICK, time=TIME)
    def add_marker_to_clip(self, a, n, time):  # type: ignore[no-untyped-def]
        self.do(a, type="add_marker", marker_id=self.new_id(), parent_id=self.pick("clip", n), time=time)

    @rule(a=ACTOR, name=st.sampled_from(("x", "y")), key=KEY, value=VALUE, t=TRANSACTION)
    def set_timeline(self, a, name, key, value, t):  # type: ignore[no-untyped-def]
        self.do(a, t, type="set_timeline", name=name, metadata={key: value})

    # ---- what no gesture writes yet
    @rule(a=ACTOR, n=PICK, m=PICK, color=st.sampled_from("123456789"), t=TRANSACTION)
    def set_color(self, a, n, m, color, t):  # type: ignore[no-untyped-def]
        self.write(a, writers.set_color(sorted({self.pick("clip", n), self.pick("clip", m)}), color), t)

    @rule(a=ACTOR, n=PICK, key=KEY, value=VALUE)
    def set_key(self, a, n, key, value):  # type: ignore[no-untyped-def]
        self.write(a, writers.set_key(self.pick("clip", n), key, value))

    @rule(a=ACTOR, n=PICK, track=TRACK, start=TIME)
    def place(self, a, n, track, start):  # type: ignore[no-untyped-def]
        self.write(a, writers.place(self.pick("clip", n), track, start * FRAME))

    @rule(a=ACTOR, n=PICK, parent=PARENT, time=TIME, duration=st.integers(0, 4))
    def place_marker(self, a, n, parent, time, duration):  # type: ignore[no-untyped-def]
        self.write(a, writers.place_marker(self.pick("marker", n), parent, time * FRAME, duration * FRAME))

    @rule(a=ACTOR, n=PICK)
    def drop_marker(self, a, n):  # type: ignore[no-untyped-def]
        self.write(a, writers.drop("marker", self.pick("marker", n)))

    @rule(a=ACTOR, n=PICK, offset=st.integers(1, 4))
    def split_and_hand_over(self, a, n, offset):  # type: ignore[no-untyped-def]
        self.write(a, writers.split_and_hand_over(self.pick("clip", n), offset * FRAME, self.new_id()))

    @rule(a=ACTOR, track=TRACK, start=TIME, duration=LENGTH, t=TRANSACTION)
    def ripple_insert(self, a, track, start, duration, t):  # type: ignore[no-untyped-def]
        self.write(a, writers.ripple_insert(self.new_id(), track, start * FRAME, duration * FRAME), t)

    @rule(a=ACTOR, start=TIME, by=st.integers(-4, 4))
    def ripple_everywhere(self, a, start, by):  # type: ignore[no-untyped-def]
        self.write(a, writers.ripple_everywhere(start * FRAME, by * FRAME))

    @rule(a=ACTOR, track=TRACK, locked=st.booleans())
    def lock(self, a, track, locked):  # type: ignore[no-untyped-def]
        self.write(a, writers.set_fields("track", track, locked=locked))

    # ---- going back
    @rule(a=ACTOR, policy=POLICY, on_blocked=BLOCKED)
    def undo(self, a, policy, on_blocked):  # type: ignore[no-untyped-def]
        before = self.session.state.fork()
        answer = attempt(self.session, self.session.undo, a, policy, on_blocked)
        if isinstance(answer, errors.Refused) or policy == "force":
            return
        event = self.session.event_of(self.session.state.version)
        assert event.cause is not None
        if not event.cause.revert:
            assert_foreign_fields_stand(before, self.session.state, event.changes, a)
        if policy == "fail":
            assert answer == [] or on_blocked == "next"
        of = [self.session.event_of(version) for version in event.cause.versions]
        if [e.type for e in of] == ["split"]:
            assert_no_material_lost(before, self.session.state, event.changes)

    @rule(a=ACTOR, policy=POLICY, on_blocked=BLOCKED)
    def redo(self, a, policy, on_blocked):  # type: ignore[no-untyped-def]
        attempt(self.session, self.session.redo, a, policy, on_blocked)

    @rule(a=ACTOR, n=st.integers(1, 4), policy=POLICY, on_blocked=BLOCKED)
    def some_undos_as_many_redos(self, a, n, policy, on_blocked):  # type: ignore[no-untyped-def]
        before, done = self.session.copy(), 0
        while done < n and not isinstance(
            attempt(self.session, self.session.undo, a, policy, on_blocked), errors.Refused
        ):
            done += 1
        for _ in range(done):
            assert self.session.redo(a, policy) == []
        assert owned(self.session.state) == owned(before.state)

    @rule(a=ACTOR, picks=st.lists(st.integers(0, 99), min_size=1, max_size=3), policy=POLICY)
    def revert(self, a, picks, policy):  # type: ignore[no-untyped-def]
        first = self.session.start + 1
        if self.session.state.version < first:
            return
        versions = {first + n % (self.session.state.version - first + 1) for n in picks}
        before = self.session.copy()
        answer = attempt(self.session, self.session.revert, a, versions, policy)
        if not isinstance(answer, errors.Refused):
            self.undo_then_redo_at_once(a, before)

    @rule(a=ACTOR)
    def revert_of_the_last_is_the_identity(self, a):  # type: ignore[no-untyped-def]
        version = self.session.state.version
        if version == self.session.start:
            return
        event = self.session.event_of(version)
        trial = self.session.copy()
        if event.cause is None:
            assert trial.revert(a, [version], "fail") == []
            assert owned(trial.state) == owned(self.session.fold(version - 1))

    @rule(a=ACTOR, n=st.integers(0, 99))
    def restore(self, a, n):  # type: ignore[no-untyped-def]
        version = self.session.start + n % (self.session.state.version - self.session.start + 1)
        before = self.session.copy()
        if not isinstance(attempt(self.session, self.session.restore, a, version), errors.Refused):
            self.pinned = False
            assert values(self.session.state) == values(self.session.fold(version))
            self.undo_then_redo_at_once(a, before)

    @rule()
    def take_snapshot(self) -> None:
        data, hash = snapshots.dump(self.session.state)
        self.snapshots[self.session.state.version] = snapshots.load(data, hash)

    @rule(a=ACTOR, track=TRACK, duration=LENGTH)
    def ripple_upstream_commutes_with_undo(self, a, track, duration):  # type: ignore[no-untyped-def]
        other = "B" if a == "A" else "A"
        first, second = self.session.copy(), self.session.copy()
        if isinstance(attempt(first, first.undo, a), errors.Refused):
            return
        up = writers.ripple_insert("up", track, 0, duration * FRAME)
        answers = [attempt(session, session.write, other, "up", up) for session in (first, second)]
        if any(isinstance(answer, errors.Refused) for answer in answers):  # the track is locked in one of them
            return
        second.undo(a)
        assert values(first.state) == values(second.state)

    @rule(
        a=ACTOR, track=TRACK, start=TIME, duration=LENGTH, n=PICK, delete=st.booleans(), back=st.booleans(),
        between=st.none() | TIME,
    )  # fmt: skip
    def undone_ripple_leaves_no_trace(self, a, track, start, duration, n, delete, back, between):  # type: ignore[no-untyped-def]
        """B's ripple, perhaps C's insert, B's ripple undone (or restored away), A's undo = the same without B."""
        b, c = [x for x in "ABC" if x != a]
        plain, rippled = self.session.copy(), self.session.copy()
        insert = writers.ripple_insert("rip", track, start * FRAME, duration * FRAME)
        ripple = writers.ripple_delete(self.pick("clip", n)) if delete else insert
        if isinstance(attempt(rippled, rippled.write, b, "ripple", ripple), errors.Refused):
            return
        if between is not None and not back and not insert_between(rippled, plain, c, between * FRAME):
            return
        if back:
            rippled.restore(c, rippled.state.version - 1)
        else:
            rippled.undo(b)
        assert values(rippled.state) == values(plain.state)
        if owners_alike(rippled, plain):
            assert outcome(rippled, rippled.undo, a) == outcome(plain, plain.undo, a)

    # ---- what holds always
    @invariant()
    def fold_is_state(self) -> None:
        latest = max(self.snapshots, default=None)
        for start in (None, latest):
            again = self.session.fold(self.session.state.version, None if start is None else self.snapshots[start])
            assert canonical(again) == canonical(self.session.state)
            assert again.stacks == self.session.state.stacks
            assert list(again.authors) == list(self.session.state.authors)
            assert living(again.members) == living(self.session.state.members)

    @invariant()
    def snapshot_is_state(self) -> None:
        data, hash = snapshots.dump(self.session.state)
        again = snapshots.load(data, hash)
        assert (digest(again), again.stacks) == (digest(self.session.state), self.session.state.stacks)
        assert living(again.members) == living(self.session.state.members)

    @invariant()
    def owner_tells_the_start(self) -> None:
        """The place of a clip or a marker is what its owner wrote, carried to today."""
        if not self.pinned:
            return
        state = self.session.state
        for record in [*state.living("clip"), *state.living("marker")]:
            container, time = ("track_id", "start") if record.kind == "clip" else ("parent_id", "time")
            ground = state.records[record.value[container]]
            if ground.kind == "clip":
                continue
            owner = record.owner(time)
            place, wrote = wrote_place(self.session, owner, record.id, time)
            then, parent = (
                (wrote.value[time], wrote.value[container])
                if isinstance(wrote, changes.Put)
                else (wrote.fields[time][1], wrote.fields[container][1])
            )
            assert parent == ground.id
            track = ground.id if ground.kind == "track" else None
            assert carry.carry(then, carry.later(state.shifts, track, place)) == record.value[time]

    @invariant()
    def shifts_lie_on_the_ground(self) -> None:
        shifts = [ground.shift for ground in self.session.state.shifts]
        assert all(min(shift.start, shift.start + shift.by) >= 0 for shift in shifts)

    @invariant()
    def state_is_valid(self) -> None:
        state = self.session.state
        unlocked = state.fork()
        alive = [record for record in state.records.values() if record.alive]
        everything = [changes.Set(kind=r.kind, id=r.id, fields={"start": []}, unit=0) for r in alive]
        for track in unlocked.living("track"):
            if track.value["locked"]:
                return
        invariants.check(unlocked, unlocked, everything)


def living(members: dict[str, set[str]]) -> dict[str, set[str]]:
    return {container: set(ids) for container, ids in members.items() if ids}


def owners_alike(one: Session, other: Session) -> bool:
    return owned(one.state) == owned(other.state)


def insert_between(rippled: Session, plain: Session, actor: str, at: int) -> bool:
    """The same insert on both, at the same place of the ground; False where there is no such place."""
    shift = rippled.state.shifts[len(rippled.state.shifts) - 1].shift
    there, edge, by = at, min(shift.start, shift.start + shift.by), shift.by
    if by > 0 and edge < at < edge + by:
        return False
    if at > edge:
        there = at - by
    assert shift.track is not None
    answers = [
        attempt(session, session.write, actor, "mid", writers.ripple_insert("mid", shift.track, start, 2 * FRAME))
        for session, start in ((rippled, at), (plain, there))
    ]
    return not any(isinstance(answer, errors.Refused) for answer in answers)


def wrote_place(session: Session, version: int, id: str, time: str) -> tuple[Place, Any]:
    """The last change with which a version wrote the place of a record."""
    found = [
        (Place(version, index), change)
        for index, change in enumerate(session.event_of(version).changes)
        if getattr(change, "id", None) == id
        and (isinstance(change, changes.Put) or (isinstance(change, changes.Set) and time in change.fields))
    ]
    return found[-1]


def assert_foreign_fields_stand(before: State, after: State, written: list[changes.Change], actor: str) -> None:
    """Skip and fail never touch what another wrote; a ripple carries it along."""
    for record in before.records.values():
        if not record.alive:
            continue
        for field, owner in record.all_owners().items():
            if before.author(owner) == actor:
                continue
            value: Any = record.value.get(field)
            if (record.kind, field) in (("clip", "start"), ("marker", "time")):
                parent = record.value["track_id" if record.kind == "clip" else "parent_id"]
                for change in written:
                    if isinstance(change, changes.Shift) and change.moves and (change.track or TIMELINE) == parent:
                        value += change.by if value >= change.start else 0
            now = after.records[record.id]
            assert now.alive and now.value.get(field) == value


def assert_no_material_lost(before: State, after: State, written: list[changes.Change]) -> None:
    """The undo of a split shows at least what both halves showed."""
    left = next(c.id for c in written if isinstance(c, changes.Set) and "duration" in c.fields)
    right = next(c.id for c in written if isinstance(c, changes.Drop) and c.kind == "clip")
    new = after.records[left].value
    for half in (before.records[left].value, before.records[right].value):
        assert new["source_in"] <= half["source_in"]
        assert new["source_in"] + new["duration"] >= half["source_in"] + half["duration"]
