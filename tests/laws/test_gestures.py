"""Laws that every gesture of the registry keeps, whoever adds it; its payloads come from tests/strategies/gestures."""

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from projections import view
from tests.strategies import parts, worlds
from tests.strategies import registry as payload_registry
from tests.validity import assert_valid
from tests.world import World, assert_befores_hold, values
from timeline_service.domain import changes, errors, event, registry
from timeline_service.domain.decide import Decision
from timeline_service.domain.state import State, canonical

ANY: Final = frozenset({"no_change", "invalid", "track_locked", "timeline_full"})
"""Codes of which docs/gestures.md says that any gesture may be refused with them."""
EACH = pytest.mark.parametrize("name", sorted(registry.GESTURES))


def test_every_gesture_has_a_strategy() -> None:
    """Whoever drops a gesture into the registry says here what its payloads look like."""
    assert sorted(payload_registry.PAYLOADS) == sorted(registry.GESTURES)


@EACH
@given(data=st.data())
def test_laws_of_every_gesture(name: str, data: st.DataObject) -> None:
    """Some gestures of any kind, then this one: each step keeps all laws of one step, the walk those of the log."""
    world = data.draw(worlds.timelines(rich=True))
    forks = [world.state.fork()]
    prints = [canonical(world.state)]
    for _ in range(data.draw(st.integers(0, 2))):
        step(world, data.draw(payload_registry.payloads(world.state)))
        forks.append(world.state.fork())
        prints.append(canonical(world.state))
    for _ in range(2):
        step(world, data.draw(payload_registry.PAYLOADS[name](world.state)))
    live = canonical(world.state)
    assert canonical(world.fold()) == live, "the fold of the log is not the live state"
    for fork, then in zip(forks, prints, strict=True):
        assert canonical(fork) == then, "a state changed after it was forked"
        assert canonical(world.fold(fork)) == live, "a fold that goes on from a snapshot is not the live state"
        assert canonical(fork) == then, "a fold wrote to the state that it started from"
    assert_ids_are_never_reused(world)


def step(world: World, payload: dict[str, Any]) -> Decision | None:
    """Decide and keep one gesture, and check what must hold whether it is refused or not."""
    note(str(payload))
    before, print_before = world.state, canonical(world.state)
    view.duration(before)  # found once, the length has to be kept right
    refused, decision = None, None
    try:
        decision = world.decide(payload)
    except errors.Refused as refusal:
        refused = refusal
    if decision is None:
        assert canonical(before) == print_before, "a refusal changed the state"
        assert refused is not None
        assert refused.stable_code in {*registry.GESTURES[payload["type"]].refuses, *ANY}, "a code that nobody expects"
        assert refused.message
        msgspec.json.encode(refused.details)
        return None
    assert canonical(before) == print_before, "deciding changed the state that it was asked about"
    assert_round_trip(decision)
    assert_befores_hold(before, decision.body.changes)
    assert_valid(decision.state)
    assert view.duration(decision.state) == view.duration(searched(decision.state)), "the length was kept wrongly"
    assert_stored_gesture_decides_alike(world, decision)
    world.keep(decision)
    return decision


def searched(state: State) -> State:
    """The same state, of which nobody has found the length yet."""
    fresh = state.fork()
    fresh.length = None
    return fresh


# ---------------------------------------------------------------- the laws of one step
def assert_round_trip(decision: Decision) -> None:
    """Encode, decode, encode gives the same bytes; integers only outside metadata; a sentence for the audit log."""
    stored = event.encode(decision.body)
    again = event.decode(stored)
    assert event.encode(again) == stored
    assert event.decode_folded(stored).changes == again.changes
    assert decision.body.description
    for path, value in _leaves(msgspec.json.decode(stored)):
        assert not isinstance(value, float) or any("metadata" in str(part) for part in path), path


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def assert_stored_gesture_decides_alike(world: World, decision: Decision) -> None:
    """The stored gesture says all: its times in any wire form, asked again, come to the same event."""
    for choice in range(3):
        payload = _spelled(decision.gesture, world.state, choice)
        assert event.encode(world.decide(payload).body) == event.encode(decision.body)


def _spelled(model: Any, state: State, choice: int) -> dict[str, Any]:
    payload = model.model_dump(exclude_none=True)
    for name in payload:
        value = getattr(model, name)
        if hasattr(value, "in_ticks"):
            payload[name] = parts.form(value.in_ticks(state.rate), state.rate, choice)
        elif hasattr(value, "model_dump"):
            payload[name] = _spelled(value, state, choice)
        elif isinstance(value, list) and any(hasattr(part, "model_dump") for part in value):
            payload[name] = [_spelled(part, state, choice) for part in value]
    return payload


def assert_ids_are_never_reused(world: World) -> None:
    put = [
        change.id
        for _, _, body, _ in world.rows
        for change in event.decode(body).changes
        if isinstance(change, changes.Put)
    ]
    assert len(put) == len(set(put))


# ---------------------------------------------------------------- a gesture that fails leaves later writes alone
@given(data=st.data())
def test_a_fork_never_writes_to_its_origin(data: st.DataObject) -> None:
    """Two futures of one state: neither sees what the other writes, and the origin sees nothing."""
    origin = data.draw(worlds.timelines(locked=False))
    print_before = canonical(origin.state)
    futures = [origin.copy(), origin.copy()]
    for _ in range(3):
        for future in futures:
            step(future, data.draw(payload_registry.payloads(future.state)))
    for future in futures:
        assert canonical(future.fold()) == canonical(future.state)
    assert canonical(origin.state) == print_before


@given(data=st.data())
def test_a_dropped_id_stays_taken(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    clips = parts.living(world.state, "clip")
    if not clips:
        return
    gone = data.draw(st.sampled_from(clips))
    world.do("remove_clip", clip_id=gone)
    with pytest.raises(errors.IdTaken):
        world.do("add_marker", marker_id=gone, time=0)
    with pytest.raises(errors.IdTaken):
        world.do("add_track", track_id=gone, kind="video")
    assert values(world.state) == values(world.fold())
