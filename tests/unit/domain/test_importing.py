"""Import: the records of a file of ours come in exactly; whatever no gesture could have made is refused."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given

from projections.otio import read, write
from tests.strategies import worlds
from tests.world import World, values
from timeline_service.domain import errors, importing
from timeline_service.domain.draft import Facts


def bring(world: World, data: bytes) -> importing.Brought:
    imported = read.from_json(data)
    return importing.bring_in(
        world.state, imported.timeline, imported.records, imported.origin, Facts("import"), actor="ann"
    )


@given(worlds.timelines())
def test_what_was_exported_comes_in_exactly(world: World) -> None:
    target = World(width=640, height=360)
    assert values(bring(target, write.to_json(world.state)).state) == values(world.state)


def small() -> World:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    world.do("add_clip", clip_id="c1", track_id="v1", media={"asset_id": "film"}, start=0, duration=24)
    window = {"x": 0, "y": 0, "width": 500_000, "height": 1_000_000, "unit": "ppm"}
    world.do("add_crop_keyframe", clip_id="c1", frame=3, **window)
    world.do("add_marker", time=5)
    return world


def test_the_longest_names_that_requests_may_give_come_in() -> None:
    world = World()
    world.do("add_track", track_id="v1", kind="video", order="z" * 200)
    world.do("add_track", track_id="v2", kind="video")  # on top of it: longer than a request may say
    world.do("set_timeline", metadata={"k" * 200: 1})
    assert values(bring(World(), write.to_json(world.state)).state) == values(world.state)


def test_a_file_that_has_nothing_to_do_with_the_timeline_is_refused() -> None:
    world = World()
    world.do("add_track", track_id="other", kind="video")
    world.do("add_clip", clip_id="o", track_id="other", media={"asset_id": "photo"}, start=0, duration=24)
    imported = read.from_json(write.to_json(small().state))
    with pytest.raises(errors.TimelineNotEmpty):
        importing.bring_in(
            world.state, imported.timeline, imported.records, {"id": "another"}, Facts("import"), actor="ann"
        )


def test_ids_that_were_in_use_are_replaced_and_all_that_names_them_follows() -> None:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    world.write(lambda draft: draft.drop("v1"))
    brought = bring(world, write.to_json(small().state))
    assert brought.body.description == "imported 1 clips on 1 tracks"
    track = next(brought.state.living("track"))
    assert track.id != "v1"
    assert [clip.value["track_id"] for clip in brought.state.living("clip")] == [track.id]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("clip", "start", -1),
        ("clip", "start", 1.5),
        ("clip", "start", True),
        ("clip", "duration", 0),
        ("clip", "speed", {"num": 1, "den": 0}),
        ("clip", "name", "a\x00b"),
        ("clip", "surprise", 1),
        ("clip", "metadata.deep", [[float("inf")]]),
        ("clip", "media", {"missing": True, "evil": 1}),
        ("clip", "start", 1),
        ("track", "kind", "smell"),
        ("track", "order", "€"),
        ("keyframe", "value", {"x": 900_000, "y": 0, "width": 500_000, "height": 1}),
        ("keyframe", "property", "soul"),
        ("marker", "time", 2**60),
        ("timeline", "rate", {"num": 7, "den": 1}),
    ],
)
def test_records_that_no_gesture_could_have_made(kind: str, field: str, value: Any) -> None:
    imported = read.from_json(write.to_json(small().state))
    rows, timeline = copy.deepcopy(imported.records), dict(imported.timeline)
    if kind == "timeline":
        timeline[field] = value
    else:
        next(row for row in rows if row[0] == kind)[2][field] = value
    world = World()
    before = orjson.dumps(values(world.state))
    with pytest.raises(errors.Refused):
        importing.bring_in(world.state, timeline, rows, imported.origin, Facts("import"), actor="ann")
    assert orjson.dumps(values(world.state)) == before
