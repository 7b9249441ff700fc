"""One timeline, several people, two processes, a store: everything that may happen to it, and what must hold then.

The rules are what people and machines do; the invariants are numbered in invariants.py. The same machine runs on the
store in memory and on a real PostgreSQL.
"""

import asyncio
import copy
from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.fakes.access import WORKSPACE, OpenHouse, person
from tests.model import invariants
from tests.model.start import EDGES, FILM, START
from tests.model.twin import Twin
from tests.strategies import registry as payload_registry
from tests.world import ASSETS
from timeline_service.domain import creation
from timeline_service.domain.draft import Media
from timeline_service.domain.state import State, canonical
from timeline_service.editing.announce import Frame, Hub
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.requests import Answer, RestoreRequest, Submission, UndoRequest
from timeline_service.editing.service import Editing
from timeline_service.eventstore.memory import MemoryStore
from timeline_service.eventstore.store import EventStore, StoredEvent

PEOPLE = st.sampled_from(("ann", "bob"))
DOORS = st.sampled_from((0, 0, 1))


async def asset_facts(ids: Sequence[str], workspace_id: UUID) -> dict[str, Media]:
    del workspace_id
    return {name: ASSETS[name] for name in ids if name in ASSETS}


class ModelMachine(RuleBasedStateMachine):
    """See the rules. `doors` are two API processes, so to speak: each has caches and a hub of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store: EventStore = self.run(self.open_store())
        self.serial = 0
        self.twin = Twin()
        self.acked: dict[int, StoredEvent] = {}
        self.answers: dict[str, tuple[dict[str, Any], str, int]] = {}
        self.frames: list[list[Frame]] = [[], []]
        self.kept: dict[int, State] = {}
        self.met = State()
        """The state that the next event will meet."""
        self.doors: list[Editing] = []

    async def open_store(self) -> EventStore:
        return MemoryStore()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        for door in self.doors:
            self.run(door.close())
        self.runner.close()

    # ---- opening
    @initialize()
    def open(self) -> None:
        self.doors = [self.open_door(0), self.open_door(1)]
        request = creation.NewTimeline.model_validate(
            {"name": "Film", "rate": {"num": 24, "den": 1}, "width": 1920, "height": 1080}
        )
        answer = self.run(self.doors[0].create_timeline(person("ann"), WORKSPACE, request))
        self.timeline = answer.timeline_id
        for place, door in enumerate(self.doors):
            self.listen(place, door, 1)
        self.submit("ann", 0, *START)

    def open_door(self, place: int) -> Editing:
        hub = Hub(self.store)
        return Editing(self.store, OpenHouse(), asset_facts, hub, cache_bytes=2**24)  # type: ignore[arg-type]

    def listen(self, place: int, door: Editing, version: int) -> None:
        self.frames[place] = []
        door.hub.attach(self.timeline, self.frames[place].append, workspace_id=WORKSPACE, version=version)

    # ---- asking
    def new_id(self) -> str:
        self.serial += 1
        return f"g{self.serial}"

    def state(self, version: int | None = None) -> State:
        found: State = self.run(self.doors[0].reader.state_at(self.timeline, WORKSPACE, version))
        return found

    def version(self) -> int:
        head = self.run(self.store.head(self.timeline, WORKSPACE))
        version: int = head.version
        return version

    def submit(self, who: str, door: int, *payloads: dict[str, Any], **options: Any) -> Answer | None:
        """Ask; None where it is refused. Either way what must hold of an answer is checked here."""
        given = tuple({"gesture_id": self.new_id(), **payload} for payload in payloads)
        note(f"{who}@{door}: {given} {options}")
        work = self.doors[door].submit(person(who), self.timeline, Submission(gestures=given, **options))
        answer = self.attempt(work)
        if answer is not None and not options.get("dry_run"):
            for payload, result in zip(given, answer.results, strict=True):
                if result.version is not None:
                    self.answers[payload["gesture_id"]] = (payload, who, result.version)
        return answer

    def attempt(self, work: Coroutine[Any, Any, Answer]) -> Answer | None:
        before = self.version()
        print_before = canonical(self.state())
        try:
            answer: Answer | None = self.run(work)
        except EditRefused:
            answer = None
        if answer is None:
            assert self.version() == before, "6: a refusal appended something"
            assert canonical(self.state()) == print_before, "6: a refusal changed the state"
        else:
            assert answer.version <= self.version()  # a repeat may be answered by a process that is behind
        return answer

    # ---- what people do
    @rule(data=st.data(), who=PEOPLE, door=DOORS)
    def gesture(self, data: st.DataObject, who: str, door: int) -> None:
        self.submit(who, door, data.draw(payload_registry.payloads(self.state())))

    @rule(data=st.data(), who=PEOPLE, door=DOORS, name=st.sampled_from(EDGES))
    def work_at_the_edges(self, data: st.DataObject, who: str, door: int, name: str) -> None:
        """What editors do most, and where most goes wrong: at the edges of clips."""
        self.submit(who, door, data.draw(payload_registry.PAYLOADS[name](self.state())))

    @rule(data=st.data(), who=PEOPLE, door=DOORS, atomic=st.booleans())
    def batch(self, data: st.DataObject, who: str, door: int, atomic: bool) -> None:
        """A batch is the same gestures one by one, in one undo step."""
        before = self.state()
        chosen = [data.draw(payload_registry.payloads(before)) for _ in range(3)]
        answer = self.submit(who, door, *chosen, atomic=atomic)
        if answer is not None:
            invariants.batch_is_its_gestures(before, self.state(), answer)

    @rule(data=st.data(), who=PEOPLE, back=st.integers(0, 4))
    def from_an_older_version(self, data: st.DataObject, who: str, back: int) -> None:
        """The author has not seen the newest events: the intent is decided on the head, positions are carried."""
        seen = max(1, self.version() - back)
        payload = data.draw(payload_registry.payloads(self.state(seen)))
        self.submit(who, 0, payload, base_version=seen)

    @rule(data=st.data(), who=PEOPLE)
    def a_plan(self, data: st.DataObject, who: str) -> None:
        """A dry run says what would happen and stores nothing."""
        before = canonical(self.state())
        payload = data.draw(payload_registry.payloads(self.state()))
        answer = self.submit(who, 0, payload, dry_run=True)
        assert canonical(self.state()) == before
        real = self.submit(who, 0, payload)
        assert (answer is None) == (real is None), "a plan and the deed differ"
        if answer is not None and real is not None and real.results[0].version is not None:
            assert len(answer.results[0].changes) == len(real.results[0].changes)

    @rule(
        who=PEOPLE, door=DOORS, kind=st.sampled_from(("undo", "undo", "redo")), policy=st.sampled_from(("skip", "fail"))
    )
    def flip(self, who: str, door: int, kind: str, policy: str) -> None:
        request = UndoRequest(gesture_id=self.new_id(), policy=policy, on_blocked="stop")  # type: ignore[arg-type]
        before = self.state()
        ask = getattr(self.doors[door], kind)
        note(f"{who}@{door}: {kind} {policy}")
        answer = self.attempt(ask(person(who), self.timeline, request))
        if answer is not None and kind == "undo":
            invariants.undo_touches_only_mine(before, self.state(), str(person(who).id), answer)

    @rule(data=st.data(), who=PEOPLE)
    def undo_after_do(self, data: st.DataObject, who: str) -> None:
        """9: an undo takes back exactly what was done, and 10: a redo brings back exactly that."""
        before = canonical_values(self.state())
        chosen = st.sampled_from(EDGES).flatmap(lambda name: payload_registry.PAYLOADS[name](self.state()))
        done = self.submit(who, 0, data.draw(st.one_of(chosen, payload_registry.payloads(self.state()))))
        if done is None or done.results[0].version is None:
            return
        after = canonical_values(self.state())
        request = UndoRequest(gesture_id=self.new_id(), policy="fail")
        assert self.attempt(self.doors[0].undo(person(who), self.timeline, request)) is not None
        assert canonical_values(self.state()) == before, "9: undone it is not as before"
        request = UndoRequest(gesture_id=self.new_id(), policy="fail")
        assert self.attempt(self.doors[0].redo(person(who), self.timeline, request)) is not None
        assert canonical_values(self.state()) == after, "10: redone it is something else"

    @rule(who=PEOPLE, times=st.integers(1, 3))
    def undo_and_redo(self, who: str, times: int) -> None:
        """n undos and n redos are nothing, where nobody came between."""
        before = canonical_values(self.state())
        done = 0
        for _ in range(times):
            request = UndoRequest(gesture_id=self.new_id(), policy="fail")
            if self.attempt(self.doors[0].undo(person(who), self.timeline, request)) is None:
                break
            done += 1
        for _ in range(done):
            request = UndoRequest(gesture_id=self.new_id(), policy="fail")
            assert self.attempt(self.doors[0].redo(person(who), self.timeline, request)) is not None
        assert canonical_values(self.state()) == before, "10: undone and redone is something else"

    @rule(who=PEOPLE, back=st.integers(1, 6))
    def restore(self, who: str, back: int) -> None:
        goal = max(1, self.version() - back)
        wanted = canonical_values(self.state(goal))
        request = RestoreRequest(version=goal, gesture_id=self.new_id())
        note(f"{who}: restore {goal}")
        if self.attempt(self.doors[0].restore(person(who), self.timeline, request)) is not None:
            assert canonical_values(self.state()) == wanted, "a restored version is another"

    @rule(data=st.data(), who=PEOPLE)
    def split_and_join(self, data: st.DataObject, who: str) -> None:
        """15: the halves show what the whole showed and are as long together; joined they are the whole again."""
        before = self.state()
        clip, at = data.draw(invariants.cuts(before))
        if (
            self.submit(who, 0, {"type": "split", "clip_id": clip, "at": {"ticks": at}, "new_id": self.new_id()})
            is None
        ):
            return
        right = f"g{self.serial - 1}"
        invariants.halves_are_the_whole(before, self.state(), clip, right)
        if self.submit(who, 0, {"type": "join", "left_id": clip, "right_id": right}) is not None:
            assert canonical_values(self.state()) == canonical_values(before), "15: joined again it is something else"

    @rule(data=st.data(), who=PEOPLE, scope=st.sampled_from(("track", "sync_locked")))
    def ripple(self, data: st.DataObject, who: str, scope: str) -> None:
        """14: what lies later moves by exactly the length that was taken out, and keeps its order."""
        before = self.state()
        clips = sorted(clip.id for clip in before.living("clip"))
        if clips:
            chosen = data.draw(st.sampled_from(clips))
            gesture = {"type": "ripple_delete", "clip_ids": [chosen], "scope": scope, "single": True}
            if self.submit(who, 0, gesture) is not None:
                invariants.later_moved_exactly(before, self.state(), chosen)

    @rule(who=PEOPLE, track=st.sampled_from(("t0", "t1", "t2")), locked=st.booleans())
    def lock(self, who: str, track: str, locked: bool) -> None:
        self.submit(who, 0, {"type": "lock_track", "track_id": track, "locked": locked})

    @rule(data=st.data())
    def the_past_is_read(self, data: st.DataObject) -> None:
        """1: the state at any version is the fold of the events up to it, whoever reads it from wherever."""
        version = data.draw(st.integers(1, self.version()))
        for door in self.doors:
            state = self.run(door.reader.state_at(self.timeline, WORKSPACE, version))
            assert canonical(state) == canonical(self.run(invariants.folded(self.store, self.timeline, version)))

    @rule(track=st.sampled_from(("t0", "t1", "t2")), at=st.integers(30, 60))
    def what_one_adds_another_furnishes(self, track: str, at: int) -> None:
        """11: undoing an add does not take along what somebody else has put into it since."""
        clip = {"type": "add_clip", "clip_id": self.new_id(), "track_id": track, "media": FILM}
        if self.submit("ann", 0, {**clip, "start": at, "duration": 3, "source_in": 5}) is None:
            return
        note_id = self.new_id()
        marker = {"type": "add_marker", "marker_id": note_id, "parent_id": clip["clip_id"], "time": 6}
        if self.submit("bob", 1, marker) is not None:
            self.flip("ann", 0, "undo", "skip")
            assert self.state().find(note_id) is not None, "11: somebody else's marker was buried"

    # ---- what goes wrong
    @rule(who=PEOPLE, payload=st.sampled_from(invariants.NONSENSE))
    def nonsense(self, who: str, payload: dict[str, Any]) -> None:
        assert self.submit(who, 0, payload) is None

    @rule(data=st.data(), who=PEOPLE, behind=st.integers(1, 3))
    def stale(self, data: st.DataObject, who: str, behind: int) -> None:
        payload = data.draw(payload_registry.payloads(self.state()))
        assert self.submit(who, 0, payload, expected_version=self.version() - behind) is None

    @rule(data=st.data(), door=DOORS)
    def again(self, data: st.DataObject, door: int) -> None:
        """7: a gesture sent again answers what it answered first; with another payload it is refused."""
        if not self.answers:
            return
        key = data.draw(st.sampled_from(sorted(self.answers)))
        payload, who, version = self.answers[key]
        work = self.doors[door].submit(person(who), self.timeline, Submission(gestures=(payload,)))
        answer = self.attempt(work)
        assert answer is not None
        assert (answer.results[0].version, answer.results[0].how, answer.created) == (version, "duplicate", False)
        other = {"type": "set_timeline", "gesture_id": key, "name": "another payload"}
        work = self.doors[door].submit(person(who), self.timeline, Submission(gestures=(other,)))
        assert self.attempt(work) is None

    @rule(data=st.data())
    def two_at_once(self, data: st.DataObject) -> None:
        """Two processes append to one timeline at the same time: both or one, never half, never twice."""
        before = self.state()
        asked = [{"gesture_id": self.new_id(), **data.draw(payload_registry.payloads(before))} for _ in range(2)]
        note(f"at once: {asked}")

        async def both() -> list[Any]:
            doors = zip(self.doors, ("ann", "bob"), asked, strict=True)
            work = [d.submit(person(who), self.timeline, Submission(gestures=(p,))) for d, who, p in doors]
            return await asyncio.gather(*work, return_exceptions=True)

        answers = self.run(both())
        assert all(isinstance(answer, Answer | EditRefused) for answer in answers), answers
        for payload, who, answer in zip(asked, ("ann", "bob"), answers, strict=True):
            if isinstance(answer, Answer) and answer.results[0].version is not None:
                self.answers[payload["gesture_id"]] = (payload, who, answer.results[0].version)

    @rule(data=st.data())
    def a_refusal_and_an_edit_in_one_flush(self, data: st.DataObject) -> None:
        """What is refused leaves nothing behind for whoever is decided after it, in the same breath."""
        payload = {"gesture_id": self.new_id(), **data.draw(payload_registry.payloads(self.state()))}
        refused = {"gesture_id": self.new_id(), "type": "remove_clip", "clip_id": "nowhere"}
        note(f"in one flush: {payload}")

        async def both() -> list[Any]:
            people = zip(("ann", "bob"), (refused, payload), strict=True)
            work = [self.doors[0].submit(person(w), self.timeline, Submission(gestures=(p,))) for w, p in people]
            return await asyncio.gather(*work, return_exceptions=True)

        first, second = self.run(both())
        assert isinstance(first, EditRefused)
        assert isinstance(second, Answer | EditRefused), second
        if isinstance(second, Answer) and second.results[0].version is not None:
            self.answers[payload["gesture_id"]] = (payload, "bob", second.results[0].version)

    @rule(data=st.data(), who=PEOPLE, lead=st.integers(0, 5), tail=st.integers(0, 5))
    def a_long_transition(self, data: st.DataObject, who: str, lead: int, tail: int) -> None:
        """On any cut, as long as the clips and longer than their handles: what is accepted must be shown."""
        left, right = data.draw(invariants.cuts_between(self.state()))
        told = {"in_offset": lead, "out_offset": tail, "left_id": left, "right_id": right}
        self.submit(who, 0, {"type": "add_transition", **told})

    @rule(who=PEOPLE)
    def a_nest_into_itself(self, who: str) -> None:
        """A sequence that would contain itself is refused, however deep."""
        state = self.state()
        for sequence in sorted(state.living("sequence"), key=lambda record: record.id):
            for track in sorted(state.inside(sequence.id, "track"), key=lambda record: record.id):
                clip = {"type": "add_clip", "track_id": track.id, "media": {"sequence_id": sequence.id}}
                assert self.submit(who, 0, {**clip, "start": 90, "duration": 2}) is None

    @rule(place=DOORS)
    def a_process_dies(self, place: int) -> None:
        """All that it held is gone; another takes its place."""
        self.doors[place] = self.open_door(place)
        self.listen(place, self.doors[place], self.version())

    @rule()
    def a_snapshot(self) -> None:
        self.run(invariants.snapshot_now(self.store, self.state()))

    @rule()
    def snapshots_are_dropped(self) -> None:
        self.run(invariants.drop_snapshots(self.store, self.timeline))

    @rule()
    def somebody_keeps_a_state(self) -> None:
        """2: a fold that goes on from here will have to come to the same."""
        state = self.state()
        self.kept = {**dict(list(self.kept.items())[-3:]), state.version: copy.copy(state.fork())}

    # ---- what holds after every step
    @invariant()
    def everything_holds(self) -> None:
        if self.doors:
            self.run(invariants.check_all(self))


def canonical_values(state: State) -> dict[str, Any]:
    """What a reader sees."""
    return {id: dict(record.value) for id, record in state.records.items() if record.alive}
