"""Laws of looking at a timeline: nothing is left out of a view, a diff says all that differs, an audit of a sound cut
finds no error.
"""

import contextlib
from typing import Any

import orjson
from hypothesis import given, note
from hypothesis import strategies as st

from projections import blame, diff, health, view
from projections.health_rules import RULES
from tests.strategies import registry as payload_registry
from tests.strategies import worlds
from tests.world import World
from timeline_service.domain import errors, records, registry
from timeline_service.domain.state import State

UNSOUND = {code for code, rule in RULES.items() if rule.severity == "error"} - {"media_missing"}


@st.composite
def edited(draw: st.DrawFn) -> tuple[State, World]:
    """A state, and the world some gestures later."""
    world = draw(worlds.timelines(locked=False))
    before = world.state.fork()
    for name in draw(st.lists(st.sampled_from(sorted(registry.GESTURES)), max_size=4)):
        payload = draw(payload_registry.PAYLOADS[name](world.state))
        note(str(payload))
        with contextlib.suppress(errors.Refused):
            world.do(payload.pop("type"), **payload)
    return before, world


def flat(shown: dict[str, Any], kind: str) -> dict[str, Any]:
    """The fields of a record as the state keeps them."""
    maps = records.KINDS[kind].maps
    value = {name: field for name, field in shown.items() if name not in (*maps, "id")}
    return value | {f"{name}.{key}": field for name in maps for key, field in shown[name].items()}


@given(data=st.data())
def test_a_view_shows_every_living_record_whole(data: st.DataObject) -> None:
    _, world = data.draw(edited())
    shown = orjson.loads(orjson.dumps(view.view(world.state, "")))
    for kind, name in view.LISTS.items():
        there = {record.id: record.value for record in world.state.living(kind)}
        assert [one["id"] for one in shown[name]] == list(dict.fromkeys(one["id"] for one in shown[name]))
        listed = {one["id"]: flat(one, kind) for one in shown[name]}
        if kind == "sequence":
            lengths = {id: value.pop("duration") for id, value in listed.items()}
            assert lengths == {id: view.duration(world.state, id) for id in there}
        assert listed == there
    root = [clip for clip in shown["clips"] if world.value(clip["track_id"])["sequence_id"] is None]
    assert shown["duration"] == max((clip["start"] + clip["duration"] for clip in root), default=0)


@given(data=st.data())
def test_a_diff_says_all_that_differs_and_nothing_else(data: st.DataObject) -> None:
    before, world = data.draw(edited())
    found = orjson.loads(orjson.dumps(diff.diff(before, world.state)))
    fields = {one["id"]: one["fields"] for one in found["records"] if one["fields"]}
    assert fields == differing(before, world.state)
    assert all(one["changes"] and all(one["changes"]) for one in found["records"])
    told = [one for one in found["records"] if one["kind"] != "keyframe"]
    assert bool(found["sentences"]) == bool(told)
    assert diff.affected(found).keys() == found["counts"].keys()
    back = diff.diff(world.state, before)
    mirrored = {
        id: {f: {"before": v["after"], "after": v["before"]} for f, v in one.items()} for id, one in fields.items()
    }
    assert {one["id"]: one["fields"] for one in back["records"] if one["fields"]} == mirrored


def differing(before: State, after: State) -> dict[str, Any]:
    """Record → field → before and after, counted out."""
    found = {}
    for id in before.records.keys() | after.records.keys():
        was, now = (record.value if (record := state.find(id)) else {} for state in (before, after))
        fields = {
            name: {"before": was.get(name), "after": now.get(name)}
            for name in was.keys() | now.keys()
            if was.get(name) != now.get(name)
        }
        if fields:
            found[id] = fields
    return found


@given(data=st.data())
def test_an_audit_of_what_gestures_leave_finds_no_error(data: st.DataObject) -> None:
    _, world = data.draw(edited())
    findings = health.audit(world.state, {})
    assert not [finding for finding in findings if finding.code in UNSOUND]
    for finding in findings:
        shown = orjson.loads(orjson.dumps(finding.shown()))
        assert shown["start"] <= shown["end"]
        assert all(world.alive(id) for id in shown["records"])


@given(data=st.data())
def test_blame_knows_every_field_of_every_record(data: st.DataObject) -> None:
    _, world = data.draw(edited())
    for record in world.state.records.values():
        told = blame.blame(world.state, record.id)
        assert record.value.keys() <= told["fields"].keys()
        assert all(1 <= one["version"] <= world.state.version for one in told["fields"].values())
        assert told["kind"] == record.kind
