"""The invariants of the model machine. Numbers are those of the list in README.md beside this file.

Cheap ones are checked after every step, costly ones (zero folds, OTIO, the whole chain) every few steps.
"""

import itertools
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st

from projections import checkpoints, fold, snapshots
from projections.otio import read, write
from tests.fakes.access import WORKSPACE, person
from tests.model.twin import Twin
from tests.validity import assert_valid
from tests.world import assert_befores_hold
from timeline_service.domain import animation, chain, changes, clip_time, event, invariants
from timeline_service.domain.state import State, canonical
from timeline_service.domain.time import MAX_TICKS
from timeline_service.editing.requests import Answer, Submission
from timeline_service.eventstore import integrity
from timeline_service.eventstore.store import EventStore, StoredEvent
from timeline_service.kit.errors import NotFound

if TYPE_CHECKING:
    from tests.model.machine import ModelMachine

EVERY = 5
"""Costly invariants are looked at once in so many versions."""

NONSENSE: tuple[dict[str, Any], ...] = (
    {"type": "no_such_gesture"},
    {"type": "trim", "clip_id": "t0c0", "edge": "middle", "delta": 1},
    {"type": "trim", "clip_id": "t0c0", "edge": "end", "delta": 1.5},
    {"type": "trim", "clip_id": "t0c0", "edge": "end", "delta": True},
    {"type": "move", "clip_ids": ["nowhere"], "delta": 1},
    {"type": "split", "clip_id": "nowhere", "at": 3},
    {"type": "add_marker", "time": -1},
    {"type": "set_timeline", "name": "x", "owner": "me"},
    {"type": "add_track", "kind": "video", "track_id": "t0"},
)


async def check_all(machine: "ModelMachine") -> None:
    """Everything, on the machine's timeline."""
    store, timeline = machine.store, machine.timeline
    head = await store.head(timeline, WORKSPACE)
    assert head is not None
    fresh = await store.read(timeline, WORKSPACE, after_version=machine.twin.version)
    _check_log(machine, fresh, head.version)
    state = await machine.doors[0].reader.state_at(timeline, WORKSPACE)
    for stored in fresh:
        _check_event(machine.met, stored)
        machine.met = fold.replay([(stored.version, str(stored.actor_id), stored.body, 1)], machine.met)
        machine.twin.read(stored.body)
    _check_twin(machine.twin, state)
    assert_valid(state)  # 12, 13, 16, 17: no overlap, no negative time, keyframes unique, nothing dangles
    _check_limits(state)
    assert head.current_version <= head.version, "3: the checkpoint is ahead of the log"
    assert head.current_version == head.version, "3: nothing is behind when all was answered"
    await _check_listeners(machine, head.version)
    await _check_other_door(machine, state)
    if fresh and head.version // EVERY != (head.version - len(fresh)) // EVERY:
        await _check_history(machine, state)


def _check_log(machine: "ModelMachine", fresh: list[StoredEvent], head: int) -> None:
    """4: versions are 1..n without a gap. 5: what was acknowledged is there. 17: ids are never used twice."""
    first = machine.twin.version + 1
    assert [stored.version for stored in fresh] == list(range(first, head + 1)), "4: a gap or a repeat"
    machine.acked.update({stored.version: stored for stored in fresh})
    for key, (_, _, version) in machine.answers.items():
        assert machine.acked[version].gesture_id == key, "5: an acknowledged gesture is somewhere else, or gone"
    assert len({stored.gesture_id for stored in machine.acked.values()}) == head, "7: one id, two events"


def _check_event(met: State, stored: StoredEvent) -> None:
    """Every change tells truly what it met; nothing is written on a track that was locked and stays so."""
    told = event.decode(stored.body, stored.schema_version)
    assert_befores_hold(met, told.changes)
    locked = {track.id for track in met.living("track") if track.value["locked"]}
    opened = {c.id for c in told.changes if isinstance(c, changes.Set) and "locked" in c.fields}
    for change in told.changes:
        if isinstance(change, changes.Shift):
            assert not change.moves or change.track not in locked - opened, "a locked track was shifted"
        elif change.kind in ("clip", "caption") and change.id in met.records and met.records[change.id].alive:
            track = met.records[change.id].value["track_id"]
            assert track not in locked - opened, "something on a locked track was written"


def _check_twin(twin: Twin, state: State) -> None:
    """20: an independent fold of the same bytes sees the same, field by field and owner by owner."""
    alive = {id: record for id, record in state.records.items() if record.alive}
    assert alive.keys() == twin.live.keys(), "20: the twin sees other records"
    for id, record in alive.items():
        assert record.value == twin.live[id], f"20: the twin sees {id} otherwise"
        owners = {field: owner for field, owner in twin.owners[id].items() if owner}
        assert record.all_owners() == owners, f"20: the twin has other owners of {id}"


def _check_limits(state: State) -> None:
    """22: no limit is passed. 23: times are whole numbers within the horizon."""
    assert len(state.records) <= invariants.MAX_RECORDS
    for record in state.records.values():
        for field in ("start", "time", "duration", "source_in", "in_offset", "out_offset"):
            ticks = record.value.get(field, 0)
            assert isinstance(ticks, int), f"23: {field} of {record.id} is no whole number"
            assert abs(ticks) <= MAX_TICKS
        assert "\n" not in record.id


async def _check_listeners(machine: "ModelMachine", head: int) -> None:
    """18: every listener sees every version once, in order; what it missed is fetched by version."""
    for place, door in enumerate(machine.doors):
        await door.hub.catch_up(machine.timeline, head)
        seen = [(frame.from_version, frame.to_version) for frame in machine.frames[place]]
        for (_, end), (begin, _) in itertools.pairwise(seen):
            assert begin == end + 1, f"18: a listener jumped from {end} to {begin}"
        if seen:
            assert seen[-1][1] == head, "18: a listener is behind"


async def _check_other_door(machine: "ModelMachine", state: State) -> None:
    """Another process reads the same; a stranger (21) reads nothing."""
    other = await machine.doors[1].reader.state_at(machine.timeline, WORKSPACE)
    assert canonical(other) == canonical(state), "two processes see different states"
    refused = False
    try:
        await machine.doors[0].submit(person("stranger"), machine.timeline, Submission(gestures=({"type": "x"},)))
    except NotFound:
        refused = True
    assert refused, "21: a stranger got in"


async def _check_history(machine: "ModelMachine", state: State) -> None:
    store, timeline = machine.store, machine.timeline
    log = await store.read(timeline, WORKSPACE)
    for stored in log:
        assert machine.acked[stored.version] == stored, "5: an event has changed since it was acknowledged"
    rows = [(e.version, str(e.actor_id), e.body, e.schema_version) for e in log]
    assert canonical(fold.replay(rows)) == canonical(state), "1: the fold from zero is another state"
    for version, kept in machine.kept.items():
        assert canonical(fold.replay(rows[version:], kept)) == canonical(state), "2: a fold from a state is another"
    _check_snapshot(state)
    _check_chain(log)
    report = await integrity.verify(store, timeline, WORKSPACE)
    assert report is not None
    assert report.ok, "8: the chain is broken"
    _check_rows(log, state)
    _check_bodies(log)
    _check_otio(state)
    _check_future(rows)


def _check_snapshot(state: State) -> None:
    """2: saved and loaded it is the same state, with the same stacks."""
    again = snapshots.load(*snapshots.dump(state))
    assert canonical(again) == canonical(state), "2: a snapshot is another state"
    assert again.stacks == state.stacks
    living = {key: ids for key, ids in state.members.items() if ids}
    assert {key: ids for key, ids in again.members.items() if ids} == living, "2: a snapshot forgot who lies where"


def _check_chain(log: list[StoredEvent]) -> None:
    """8: one changed byte, and the first bad version is named."""
    victim = log[len(log) // 2]
    body = victim.body[:-1] + bytes([victim.body[-1] ^ 1])
    forged = [msgspec.structs.replace(e, body=body) if e is victim else e for e in log]
    genesis = log[0].prev_hash
    assert chain.verify(log, after_version=0, previous=genesis) is None, "8: a sound chain is called broken"
    assert chain.verify(forged, after_version=0, previous=genesis) == victim.version, "8: a forged event passed"


def _check_rows(log: list[StoredEvent], state: State) -> None:
    """3: what the projection writes is what the state says."""
    told = {row[0]: row for row in checkpoints.touched(log)}
    assert told == {row[0]: row for row in checkpoints.records_of(state)}, "3: the rows of records are wrong"


def _check_bodies(log: list[StoredEvent]) -> None:
    """Stored, read and stored again it is the same bytes; the sentence of the audit log is there."""
    for stored in log[-EVERY:]:
        body = event.decode(stored.body, stored.schema_version)
        assert event.encode(body) == stored.body
        assert body.description


def _check_otio(state: State) -> None:
    """19: written, read and written it is the same file."""
    file = write.to_json(state)
    imported = read.from_json(file)
    values = {id: dict(r.value) for id, r in state.records.items() if r.alive and r.kind != "timeline"}
    assert {id: value for _, id, value in imported.records} == values, "19: OTIO lost something"


def _check_future(rows: list[fold.Row]) -> None:
    """25: an event of a release to come is held, never skipped."""
    version, actor, body, schema_version = rows[-1]
    held = False
    try:
        fold.replay([*rows, (version + 1, actor, body, schema_version + 1000)])
    except fold.Poison as poison:
        held = poison.version == version + 1
    assert held, "25: an event of the future was skipped"


# ---------------------------------------------------------------- what rules ask
async def folded(store: EventStore, timeline: Any, version: int) -> State:
    """The events up to a version, folded from zero."""
    log = await store.read(timeline, WORKSPACE, to_version=version)
    return fold.replay([(e.version, str(e.actor_id), e.body, e.schema_version) for e in log])


@st.composite
def cuts(draw: st.DrawFn, state: State) -> tuple[str, int]:
    """A clip and a frame inside it, if there is one."""
    frame = state.rate.ticks_per_frame
    clips = sorted(c.id for c in state.living("clip") if c.value["duration"] > frame)
    clip = draw(st.sampled_from(clips or ["nowhere"]))
    if not clips:
        return clip, 0
    value = state.records[clip].value
    return clip, value["start"] + frame * draw(st.integers(1, (value["duration"] - 1) // frame))


@st.composite
def cuts_between(draw: st.DrawFn, state: State) -> tuple[str, str]:
    """Two clips that touch, if there are any."""
    ends = {(c.value["track_id"], c.value["start"] + c.value["duration"]): c.id for c in state.living("clip")}
    starts = {(c.value["track_id"], c.value["start"]): c.id for c in state.living("clip")}
    pairs = sorted((ends[place], starts[place]) for place in ends.keys() & starts.keys())
    return draw(st.sampled_from(pairs or [("nowhere", "nowhere")]))


def halves_are_the_whole(before: State, after: State, left: str, right: str) -> None:
    """The same source at every tick, the same animation, and not a tick more or less."""
    whole, halves = before.records[left].value, (after.records[left].value, after.records[right].value)
    assert sum(half["duration"] for half in halves) == whole["duration"], "15: the halves are longer or shorter"
    for tick in range(0, whole["duration"], max(1, whole["duration"] // 23)):
        first = tick < halves[0]["duration"]
        half, t = (halves[0], tick) if first else (halves[1], tick - halves[0]["duration"])
        assert clip_time.source_at(half, t) == clip_time.source_at(whole, tick), "15: a half shows something else"
        for name in ("crop", "opacity", "volume", "rotation"):
            own = clip_time.source_at(whole, tick) if name == "crop" else tick
            mine = clip_time.source_at(half, t) if name == "crop" else t
            was = animation.value_at(before, left, name, own)
            assert animation.value_at(after, left if first else right, name, mine) == was, f"15: {name} changed"


def later_moved_exactly(before: State, after: State, gone: str) -> None:
    """14, on the track of the clip that was taken out."""
    clip = before.records[gone].value
    end = clip["start"] + clip["duration"]
    for other in before.inside(clip["track_id"], "clip"):
        if other.id != gone:
            by = clip["duration"] if other.value["start"] >= end else 0
            assert after.records[other.id].value["start"] == other.value["start"] - by, "14: moved by something else"


def batch_is_its_gestures(before: State, after: State, answer: Answer) -> None:
    """The changes told, applied one event after the other, are the state; one undo step if it was atomic."""
    state = before.fork()
    for result in answer.results:
        if result.version is None:
            continue
        told = msgspec.convert(result.changes, list[changes.Change])
        state.take(told, "", None, None)
    values = {id: record.value for id, record in state.records.items() if record.alive}
    assert values == {id: record.value for id, record in after.records.items() if record.alive}, "a batch is more"


def undo_touches_only_mine(before: State, after: State, actor: str, answer: Answer) -> None:
    """11: with `skip` no field that another wrote last is written; only where it lies on the ground may be carried."""
    told = [change for result in answer.results for change in result.changes]
    for change in told:
        if change["op"] == "drop":
            author = before.author(change["exists"][0])
            assert author == actor, "11: a record of another was dropped"
    entry = before.stacks[actor].undo[-1]
    assert entry.versions, "11: an empty entry was undone"
    for change in told:
        if change["op"] != "set":
            continue
        for field, written in change["fields"].items():
            owner = written[2]
            author = before.author(owner) if owner else None
            if author not in (None, actor) and not any(version in entry.versions for version in (owner,)):
                assert written[0] == written[1] or field in ("start", "time"), f"11: {field} of another was undone"
    assert after.version == before.version + 1


async def snapshot_now(store: EventStore, state: State) -> None:
    await checkpoints.snapshot(store, state.fork(), WORKSPACE)


async def drop_snapshots(store: EventStore, timeline: Any) -> None:
    for version in await store.snapshot_versions(timeline, WORKSPACE, snapshots.FOLD_VERSION):
        await store.drop_snapshot(timeline, WORKSPACE, version, snapshots.FOLD_VERSION)
