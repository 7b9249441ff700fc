"""Batches: references to ids made earlier, all or nothing, which assets are asked for, what a dry run answers."""

import uuid
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.stage import F25, stage
from tests.world import World
from timeline_service.domain import registry
from timeline_service.domain.draft import Media, derive_id
from timeline_service.domain.gesture import RecordId
from timeline_service.domain.state import State, canonical
from timeline_service.editing import payloads, references
from timeline_service.editing.command import Edit, Plan
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.leases import NONE
from timeline_service.editing.references import Made
from timeline_service.editing.requests import Submission

WHO = uuid.UUID(int=1)
MARKER = {"type": "add_marker", "time": 5}


async def no_assets(ids: Sequence[str], workspace_id: uuid.UUID) -> dict[str, Media]:
    del ids, workspace_id
    return {}


def edit(*gestures: dict[str, Any], **options: Any) -> Edit:
    read = payloads.read(gestures, atomic=options.get("atomic", True))
    return Edit(WHO, Submission(gestures=gestures, **options), read, no_assets)


def plan(state: State, *gestures: dict[str, Any], **options: Any) -> Plan:
    return edit(*gestures, **options).decide(state, {})


def ref(path: str) -> dict[str, str]:
    return {"$ref": path}


@pytest.fixture
def world() -> World:
    return stage()


def split(**more: Any) -> dict[str, Any]:
    return {"type": "split", "clip_id": "intro", "at": 50, **more}


COPY = derive_id("g", "copy", "beach")
REFERENCES = {
    "given": (split(new_id="right"), "gestures[0].new_id", "right"),
    "derived": (split(gesture_id="g"), "gestures[0].new_id", derive_id("g", "right")),
    "named, not made": (split(), "gestures[0].clip_id", "intro"),
    "in a map": (split(new_ids={"voice": "sound"}), "gestures[0].new_ids.voice", "sound"),
    "in a map, derived": (split(gesture_id="g"), "gestures[0].new_ids.voice", derive_id("g", "right", "voice")),
    "a copy": ({"type": "duplicate", "clip_ids": ["beach"], "gesture_id": "g"}, "gestures[0].new_ids.beach", COPY),
    "a segment": (
        {"type": "split_segment", "clip_id": "intro", "at": 50, "gesture_id": "g"},
        "gestures[0].new_ids.voice",
        derive_id("g", "right", "voice"),
    ),
    "in a list": ({"type": "move", "clip_ids": ["take1", "take2"], "delta": 50}, "gestures[0].clip_ids[1]", "take2"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_is_the_id_that_an_earlier_gesture_made(world: World, name: str) -> None:
    first, path, expected = REFERENCES[name]
    made = plan(world.state, first, {**MARKER, "marker_id": "m9", "parent_id": ref(path)})
    assert made.state.records["m9"].value["parent_id"] == expected


def test_every_map_of_new_ids_says_how_the_others_are_derived() -> None:
    for name, gesture in registry.GESTURES.items():
        maps = {field for field, one in gesture.model_fields.items() if one.annotation == dict[RecordId, RecordId]}
        assert maps == set(gesture.mints_each), name


def test_references_stand_anywhere_in_a_payload(world: World) -> None:
    clip = {"type": "add_clip", "track_id": "v1", "media": {"generator": "black"}, "start": 700, "duration": 20}
    made = plan(
        world.state,
        {"type": "add_track", "kind": "video", "name": "Top"},
        clip,
        {"type": "move", "clip_ids": [ref("gestures[1].clip_id")], "to": {"track_id": ref("gestures[0].track_id")}},
    )
    gestures = [result.gesture or {} for result in made.results]
    assert made.state.records[gestures[1]["clip_id"]].value["track_id"] == gestures[0]["track_id"]


BAD = {
    "a later gesture": "gestures[1].marker_id",
    "itself": "gestures[0].marker_id",
    "no such gesture": "gestures[499].clip_id",
    "no such parameter": "gestures[0].colour",
    "malformed": "gesture[0].clip_id",
    "a path through nothing": "gestures[0].clip_id.of[3]",
    "too many digits": "gestures[0000].clip_id",
}


@pytest.mark.parametrize("name", BAD)
def test_a_reference_to_nothing_is_refused_and_so_is_the_batch(world: World, name: str) -> None:
    first = split() if "gesture" not in name and name != "itself" else {**MARKER, "parent_id": ref(BAD[name])}
    with pytest.raises(EditRefused) as refused:
        plan(world.state, first, {**MARKER, "parent_id": ref(BAD[name])})
    assert (refused.value.stable_code, refused.value.status) == ("bad_reference", 422)
    assert set(refused.value.details) <= {"index", "gesture_id", "reason", "refers_to"}


def test_two_gestures_that_name_each_other_are_refused(world: World) -> None:
    with pytest.raises(EditRefused) as refused:
        plan(
            world.state,
            {**MARKER, "parent_id": ref("gestures[1].parent_id")},
            {**MARKER, "parent_id": ref("gestures[0].parent_id")},
        )
    assert (refused.value.stable_code, refused.value.details["index"]) == ("bad_reference", 0)


@pytest.mark.parametrize("value", [{"$ref": 7}, {"$ref": ["gestures[0].clip_id"]}, {**ref("gestures[0].id"), "x": 1}])
def test_half_a_reference_is_none(value: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="bad_reference"):
        references.resolve({"clip_id": value}, {0: Made("trim", "g", {"id": "c", "clip_id": "c"})})


def test_what_is_no_id_cannot_be_referred_to() -> None:
    made = {0: Made("rename", "g", {"name": "two words", "count": 3, "clip_id": "c1"})}
    for path in ("gestures[0].name", "gestures[0].count"):
        with pytest.raises(Exception, match="bad_reference"):
            references.resolve({"clip_id": ref(path)}, made)
    assert references.resolve({"clip_id": ref("gestures[0].clip_id")}, made) == {"clip_id": "c1"}


def test_free_json_is_left_alone(world: World) -> None:
    schema = {"schema": ref("#/definitions/take"), "asset_id": "not one of ours"}
    one = edit({"type": "set_timeline", "metadata": schema})
    assert one.decide(world.state, {}).state.records["timeline"].value["metadata.schema"] == ref("#/definitions/take")
    assert list(references.asset_ids(one.payloads[0].params)) == []


def test_a_gesture_that_changed_nothing_still_says_what_it_named(world: World) -> None:
    noop = {"type": "set_timeline", "name": "Film"}
    same = {"type": "update_crop_keyframe", "keyframe_id": "k1", "x": 0}
    made = plan(
        world.state, noop, same, {"type": "delete_crop_keyframe", "keyframe_id": ref("gestures[1].keyframe_id")}
    )
    assert [result.how for result in made.results] == ["noop", "noop", "committed"]


def test_what_refers_to_a_failed_gesture_is_blocked_by_it(world: World) -> None:
    made = plan(
        world.state,
        split(at=700, gesture_id="bad"),
        {**MARKER, "parent_id": ref("gestures[0].new_ids.voice")},
        MARKER,
        atomic=False,
    )
    assert [result.code for result in made.results] == ["at_edge", "blocked_by", None]
    assert (made.results[1].details or {})["by"] == ["bad"]


def test_all_or_nothing(world: World) -> None:
    before = canonical(world.state)
    with pytest.raises(EditRefused) as refused:
        plan(world.state, MARKER, split(), split())
    assert refused.value.details["index"] == 2
    assert canonical(world.state) == before


def test_a_batch_is_the_same_gestures_one_by_one(world: World) -> None:
    gestures = [
        {**split(), "gesture_id": "b1"},
        {"type": "trim", "clip_id": "beach", "edge": "end", "delta": -10, "gesture_id": "b2"},
        {"type": "ripple_delete", "clip_ids": ["beach"], "gesture_id": "b3"},
    ]
    whole = plan(world.state, *gestures)
    state = world.state
    for gesture in gestures:
        state = plan(state, gesture).state
    assert canonical(whole.state) == canonical(state)
    assert [event.gesture_id for event in whole.events] == ["b1", "b2", "b3"]


def test_500_gestures_are_a_batch_and_501_are_not(world: World) -> None:
    made = plan(world.state, *({**MARKER, "time": n} for n in range(500)))
    assert (len(made.events), made.state.version) == (500, world.state.version + 500)
    with pytest.raises(EditRefused) as refused:
        edit(*({**MARKER, "time": n} for n in range(501)))
    assert (refused.value.stable_code, refused.value.details) == ("invalid", {"count": 501})


def test_a_dry_run_says_what_would_differ(world: World) -> None:
    tried = plan(world.state, {"type": "ripple_delete", "clip_ids": ["take1"]}, dry_run=True)
    assert tried.diff is not None
    assert tried.diff["duration"] == {"before": 600 * F25, "after": 550 * F25}
    assert {record["id"] for record in tried.diff["records"]} == {"take1", "take2"}


async def test_assets_are_looked_up_wherever_a_payload_names_them() -> None:
    asked: list[str] = []

    async def facts(ids: Sequence[str], workspace_id: uuid.UUID) -> dict[str, Media]:
        del workspace_id
        asked.extend(ids)
        return {id: Media("video") for id in ids}

    def sent(**params: Any) -> payloads.Payload:
        return payloads.Payload("g", "add_clip", params, {}, (), b"")

    one = Edit(
        WHO,
        Submission(gestures=()),
        (
            sent(media={"asset_id": "a"}),
            sent(records=[{"kind": "clip", "media": {"asset_id": "b"}, "metadata": {"asset_id": "free"}}]),
            sent(replacements={"c1": {"asset_id": "c"}, "c2": {"asset_id": 7}}),
            sent(media={"url": "asset_id"}),
        ),
        facts,
    )
    await one.prepare(SimpleNamespace(workspace_id=WHO, leases=NONE))  # type: ignore[arg-type]
    assert asked == ["a", "b", "c"]
    assert set(one.assets) == {"a", "b", "c"}
