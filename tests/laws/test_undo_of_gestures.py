"""undo∘do = identity, redo∘undo = identity: for every gesture of the registry, by value and by owner."""

from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.strategies import registry as payload_registry
from tests.strategies import worlds
from tests.world import World, assert_befores_hold, refusal
from timeline_service.domain import event, registry, undo
from timeline_service.domain.draft import Facts
from timeline_service.domain.state import State


def seen(state: State) -> dict[str, Any]:
    """What a reader sees, and whose it is."""
    return {
        record.id: (dict(record.value), record.all_owners(), record.exists)
        for record in state.records.values()
        if record.alive
    }


def flip(world: World, kind: undo.Kind) -> None:
    """Undo or redo the newest step of ann, and keep it."""
    versions = undo.entries_needed(world.state, "ann", kind, "stop")
    events = {version: stored_event(world, version) for version in versions}
    facts = Facts(f"u{world.state.version + 1}")
    reversal = undo.flip(world.state, "ann", kind, "fail", "stop", events, facts)
    assert reversal.body is not None
    assert not reversal.conflicts
    assert_befores_hold(world.state, reversal.body.changes)
    world.state = reversal.state
    world.rows.append((world.state.version, "ann", event.encode(reversal.body), event.SCHEMA_VERSION))


def stored_event(world: World, version: int) -> event.Event:
    _, actor, body, _ = world.rows[version - 1]
    told = event.decode(body)
    return event.Event(version=version, actor=actor, changes=told.changes, type=told.gesture["type"], cause=told.cause)


@pytest.mark.parametrize("name", sorted(registry.GESTURES))
@given(data=st.data())
def test_undo_and_redo_of_every_gesture(name: str, data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False, rich=True))
    for _ in range(data.draw(st.integers(0, 2))):
        payload = data.draw(payload_registry.payloads(world.state))
        refusal(lambda asked: world.keep(world.decide(asked, actor="bob"), "bob"), payload)
    before = seen(world.state)
    payload = data.draw(payload_registry.PAYLOADS[name](world.state))
    note(str(payload))
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    after = seen(world.state)
    for _ in range(2):
        flip(world, "undo")
        assert seen(world.state) == before
        flip(world, "redo")
        assert seen(world.state) == after
    folded = world.fold()
    assert (seen(folded), folded.stacks) == (after, world.state.stacks)


@pytest.mark.parametrize("name", sorted(registry.GESTURES))
@given(data=st.data())
def test_undo_after_what_others_did_elsewhere(name: str, data: st.DataObject) -> None:
    """Ann's gesture, then Bob's ripples and unrelated edits, then Ann's undo: what Bob alone would have made of it."""
    world = data.draw(worlds.timelines(locked=False, rich=True))
    payload = data.draw(payload_registry.PAYLOADS[name](world.state))
    note(str(payload))
    alone = world.copy()
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    for asked in data.draw(strangers(alone.state)):
        if "scope" in asked and name in ("lock_track", "remove_track"):
            continue  # which tracks a ripple moves is what these two are about
        note(str(asked))
        trial = world.copy()
        if refusal(lambda asked=asked, trial=trial: trial.keep(trial.decide(asked, actor="bob"), "bob")):
            continue  # his track is gone, or locked
        alone.keep(alone.decide(asked, actor="bob"), "bob")
        world = trial
    flip(world, "undo")
    assert {id: value for id, (value, _, _) in seen(world.state).items()} == {
        id: value for id, (value, _, _) in seen(alone.state).items()
    }


@st.composite
def strangers(draw: st.DrawFn, state: State) -> list[dict[str, Any]]:
    """Edits that nobody else's edit has anything to do with; ripples at the head move all of a track alike."""
    tracks = sorted(track.id for track in state.living("track"))
    frames = draw(st.integers(1, 5))
    every: list[dict[str, Any]] = [
        {"type": "add_track", "kind": "audio", "track_id": "bobs", "order": "zz"},
        {"type": "set_timeline", "metadata": {"bob": frames}},
        {"type": "add_gap", "track_id": draw(st.sampled_from(tracks)), "at": 0, "duration": frames},
        {"type": "add_gap", "track_id": tracks[0], "at": 0, "duration": frames, "scope": "sync_locked"},
    ]
    return draw(st.lists(st.sampled_from(every), min_size=1, max_size=3, unique_by=str))
