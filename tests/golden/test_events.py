"""Events that were once stored are read for ever: they decode, fold to the same states and encode to the same bytes."""

import json
from pathlib import Path

import pytest

from projections import fold
from timeline_service.domain import event, registry, state
from timeline_service.domain.state import State

FOLDERS = sorted((Path(__file__).parent / "events").glob("v*"), key=lambda path: int(path.name[1:]))
HOW = "run `python -m tests.golden.record`"


def test_every_gesture_has_a_golden_event() -> None:
    there = {path.stem for path in FOLDERS[-1].glob("*.json")} - {"index"}
    assert FOLDERS[-1].name == f"v{event.SCHEMA_VERSION}", f"there are no golden events of this schema yet: {HOW}"
    assert there == {*registry.GESTURES, "create_timeline"}, f"a gesture without a golden event: {HOW}"


def staged(path: Path, schema_version: int) -> State:
    """The state after the events of a stage, a body a line."""
    bodies = path.read_bytes().splitlines()
    return fold.replay([(n, "ann", body, schema_version) for n, body in enumerate(bodies, 1)])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_golden_events_fold_as_ever(folder: Path) -> None:
    schema_version = int(folder.name[1:])
    now = None
    stages: dict[str, State] = {}
    for told in json.loads((folder / "index.json").read_text()):
        body = (folder / f"{told['type']}.json").read_bytes()
        row = (told["version"], told["actor"], body, schema_version)
        if "on" in told:
            beneath = stages.setdefault(told["on"], staged(folder / told["on"], schema_version))
            after = fold.replay([row], beneath)
        else:
            after = now = fold.replay([row], now)
        assert state.digest(after) == told["state"], f"{told['type']} folds to another state than it once did"


@pytest.mark.parametrize(
    "path", [p for p in sorted(FOLDERS[-1].glob("*.json")) if p.stem != "index"], ids=lambda path: path.stem
)
def test_golden_events_encode_to_the_same_bytes(path: Path) -> None:
    stored = path.read_bytes()
    body = event.decode(stored)
    assert body.gesture["type"] == path.stem
    assert event.encode(body) == stored


@pytest.mark.parametrize("name", sorted(registry.GESTURES))
def test_golden_gestures_are_still_payloads(name: str) -> None:
    """What the audit log shows can be asked again, its times being ticks."""
    gesture = event.decode((FOLDERS[-1] / f"{name}.json").read_bytes()).gesture
    assert gesture["type"] == name
    assert gesture.keys() <= registry.GESTURES[name].model_fields.keys()
