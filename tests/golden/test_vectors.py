"""The vectors that clients are held to hold for the service itself: the files say what the code does today."""

import json
from pathlib import Path
from typing import Any

import pytest

from projections import fold
from tests.golden import vectors
from timeline_service.domain import changes, event, registry
from timeline_service.domain.state import State

SESSIONS = sorted(path for path in vectors.FOLD.glob("*.json") if path.stem != "events")
WORLDS = sorted(vectors.DECIDE.glob("*.json"))


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_sessions_fold_to_the_states_that_their_files_say(path: Path) -> None:
    session = json.loads(path.read_text())
    rows = [_row(one) for one in session["events"]]
    for state in session["states"]:
        assert vectors.records_of(fold.replay(rows[: state["version"]])) == state["records"]


def test_golden_events_make_the_difference_that_their_file_says() -> None:
    assert _json(vectors.golden_events()) == json.loads((vectors.FOLD / "events.json").read_text())


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_gestures_come_to_what_their_files_say(path: Path) -> None:
    for world in json.loads(path.read_text())["worlds"]:
        state = vectors.state_of(world)
        assert vectors.records_of(state) == world["records"]
        for case in world["cases"]:
            said = {name: case[name] for name in ("changes", "refused") if name in case}
            assert _json(vectors.outcome(state, case)) == said, case


def test_the_vectors_are_many_and_of_all_kinds() -> None:
    cases = [case for path in WORLDS for world in json.loads(path.read_text())["worlds"] for case in world["cases"]]
    made = [case for case in cases if case.get("changes")]
    assert len(cases) > 2000
    assert len(made) > 1000
    assert {case["gesture"]["type"] for case in made} >= {*vectors.OFTEN, *vectors.LOCAL} - {"set_timeline"}
    assert len({case["refused"] for case in cases if "refused" in case}) > 15
    assert sum("base" in case for case in cases) > 100


def test_every_gesture_stands_in_the_golden_fold_vectors() -> None:
    told = json.loads((vectors.FOLD / "events.json").read_text())["events"]
    assert {entry["type"] for entry in told} >= {*registry.GESTURES}


def test_sessions_hold_undo_redo_and_restore() -> None:
    types = {one["type"] for path in SESSIONS for one in json.loads(path.read_text())["events"]}
    assert types >= {"undo", "redo", "restore"}
    assert len(types) > len(registry.GESTURES) // 2


@pytest.mark.parametrize(
    ("one", "other", "same"), [(1, 1.0, True), (1, True, False), ({"a": 2.0}, {"a": 2}, True), ([1.5], [1], False)]
)
def test_values_are_compared_as_json(one: Any, other: Any, same: bool) -> None:
    assert vectors.same(one, other) is same


def test_a_difference_says_what_came_went_and_was_written() -> None:
    before, after = State(), State()
    for state in (before, after):
        state.apply(changes.Put(kind="sequence", id="kept", value={"name": "a"}, exists=[0], unit=0), 0)
    before.apply(changes.Put(kind="sequence", id="gone", value={"name": "b"}, exists=[0], unit=0), 0)
    after.apply(changes.Put(kind="sequence", id="new", value={"name": "c"}, exists=[0], unit=0), 0)
    told = changes.Set(kind="sequence", id="kept", fields={"metadata.take": [None, 3, 0]}, unit=0)
    after.apply(told, 1)
    assert vectors.difference(before, after) == {
        "gone": None,
        "kept": {"metadata.take": 3},
        "new": {"new": "sequence", "value": {"name": "c"}},
    }


def _row(sent: dict[str, Any]) -> fold.Row:
    body = json.dumps({"gesture": {}, "changes": sent["changes"], "description": ""}).encode()
    return sent["version"], sent["actor"], body, event.SCHEMA_VERSION


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value))
