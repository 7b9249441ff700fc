"""Crop keyframes: on their frame of the source, at any rate, speed and direction."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import FILM, add, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain.time import RATES, Rate

HALF = {"x": 250_000, "y": 0, "width": 500_000, "height": 1_000_000}


def stage() -> World:
    """A clip at [10, 20) that shows its source from frame 100 on, with a keyframe k at source frame 105."""
    world = row(("a", 10, 10))
    world.do("add_crop_keyframe", keyframe_id="k", clip_id="a", frame=105, **HALF)
    return world


def test_add_at_a_source_frame() -> None:
    world = stage()
    assert world.value("k") == {
        "parent_id": "a", "property": "crop", "time": 105 * F, "value": HALF, "interpolation": "linear",
    }  # fmt: skip


def test_add_where_the_playhead_stands() -> None:
    world = row(("a", 10, 10))
    decision = world.do("add_crop_keyframe", keyframe_id="k", clip_id="a", at=15, interpolation="hold", **HALF)
    assert world.value("k")["time"] == 105 * F
    assert decision.body.description == 'added a crop keyframe at 00:00:00:15 to "A"'
    assert decision.body.gesture["at"] == 15 * F


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_frames_are_counted_at_the_rate_of_the_media(rate: Rate) -> None:
    world = row(("a", 0, 10))
    add(world, "b", 10, 10, media={**FILM, "rate": rate.as_dict()}, source_in=0)
    world.do("add_crop_keyframe", keyframe_id="k", clip_id="b", frame=7, **HALF)
    assert world.value("k")["time"] == 7 * rate.ticks_per_frame


def test_frames_are_counted_at_the_rate_of_the_timeline_where_the_media_has_none() -> None:
    world = row(world=World(Rate(30000, 1001)))
    add(world, "a", 0, 10, media={"url": "x"}, source_in=0)
    world.do("add_crop_keyframe", keyframe_id="k", clip_id="a", frame=7, **HALF)
    assert world.value("k")["time"] == 7 * 23_543_520


def test_a_frame_may_lie_in_the_handles_but_not_beyond_the_media() -> None:
    world = stage()
    for frame in (0, 99, 999):
        world.do("add_crop_keyframe", clip_id="a", frame=frame, **HALF)
    with refused("no_handle"):
        world.do("add_crop_keyframe", clip_id="a", frame=1000, **HALF)
    with refused("bad_range"):
        world.do("add_crop_keyframe", clip_id="a", frame=2**53 - 1, **HALF)


@pytest.mark.parametrize("at", [9, 20, 0])
def test_the_playhead_must_stand_on_the_clip(at: int) -> None:
    with refused("outside_clip"):
        stage().do("add_crop_keyframe", clip_id="a", at=at, **HALF)


def test_the_playhead_on_a_fast_and_on_a_reversed_clip() -> None:
    world = row(("a", 10, 10))
    world.write(lambda draft: draft.set("a", {"speed": {"num": 2, "den": 1}}))
    world.do("add_crop_keyframe", keyframe_id="fast", clip_id="a", at=15, **HALF)
    assert world.value("fast")["time"] == 110 * F
    world.write(lambda draft: draft.set("a", {"speed": {"num": 1, "den": 1}, "reversed": True}))
    world.do("add_crop_keyframe", keyframe_id="back", clip_id="a", at=15, **HALF)
    assert world.value("back")["time"] == 105 * F - 1  # the last tick of frame 104 is the first shown of it


def test_pixels_are_measured_in_the_picture_of_the_media() -> None:
    world = stage()
    sides = {"x": 656, "y": 0, "width": 608, "height": 1080}
    world.do("add_crop_keyframe", keyframe_id="px", clip_id="a", frame=1, unit="px", **sides)
    assert world.value("px")["value"] == {"x": 341_667, "y": 0, "width": 316_667, "height": 1_000_000}
    add(world, "n", 30, 5, media={"url": "x"})
    with refused("media_size_unknown"):
        world.do("add_crop_keyframe", clip_id="n", frame=1, unit="px", **sides)
    with refused("bad_rectangle"):
        world.do("add_crop_keyframe", clip_id="a", frame=2, unit="px", **{**sides, "x": 1400})


def test_one_keyframe_at_one_time() -> None:
    world = stage()
    with refused("keyframe_exists") as caught:
        world.do("add_crop_keyframe", keyframe_id="l", clip_id="a", at=15, **HALF)
    assert caught.value.details["keyframe_ids"] == ["k", "l"]
    world.do("add_crop_keyframe", keyframe_id="l", clip_id="a", frame=106, **HALF)
    with refused("keyframe_exists"):
        world.do("move_crop_keyframe", keyframe_id="l", to=105)


ADDRESSES = (
    {"keyframe_id": "k"},
    {"keyframe_id": "k", "clip_id": "a"},
    {"clip_id": "a", "frame": 105},
    {"clip_id": "a", "at": 15},
)


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
def test_a_keyframe_by_its_id_or_its_place(address: dict[str, Any]) -> None:
    world = stage()
    said = world.do("update_crop_keyframe", x=0, interpolation="bezier", **address).body.description
    assert world.value("k")["value"] == {**HALF, "x": 0}
    assert world.value("k")["interpolation"] == "bezier"
    place = "at 00:00:00:15" if "at" in address else "at frame 105 of the source"
    assert said == f'changed the crop keyframe {place} in "A"'
    said = world.do("move_crop_keyframe", to=107, **address).body.description
    assert world.value("k")["time"] == 107 * F
    assert said == f'moved the crop keyframe {place} in "A" to frame 107 of the source'
    world.do("move_crop_keyframe", keyframe_id="k", to={"at": 15})
    said = world.do("delete_crop_keyframe", **address).body.description
    assert not world.alive("k")
    assert said == f'deleted the crop keyframe {place} in "A"'


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ({}, "invalid"),
        ({"clip_id": "a"}, "invalid"),
        ({"frame": 105}, "invalid"),
        ({"clip_id": "a", "frame": 105, "at": 15}, "invalid"),
        ({"keyframe_id": "k", "clip_id": "a", "frame": 105}, "invalid"),
        ({"keyframe_id": "k", "clip_id": "b"}, "keyframe_missing"),
        ({"keyframe_id": "a"}, "keyframe_missing"),
        ({"keyframe_id": "opacity"}, "keyframe_missing"),
        ({"clip_id": "a", "frame": 104}, "keyframe_missing"),
        ({"clip_id": "gone", "frame": 105}, "clip_missing"),
        ({"clip_id": "a", "at": 20}, "outside_clip"),
    ],
)
@pytest.mark.parametrize(
    ("gesture", "params"),
    [("update_crop_keyframe", {"x": 1}), ("move_crop_keyframe", {"to": 1}), ("delete_crop_keyframe", {})],
)
def test_addresses_that_mean_nothing(gesture: str, params: dict[str, Any], address: dict[str, Any], code: str) -> None:
    world = stage()
    value = {"parent_id": "a", "property": "opacity", "time": 104 * F, "value": 1, "interpolation": "hold"}
    world.write(lambda draft: draft.put("keyframe", "opacity", value))
    with refused(code):
        world.do(gesture, **address, **params)


def test_updates_that_change_nothing_or_leave_the_picture() -> None:
    world = stage()
    with refused("no_change"):
        world.do("update_crop_keyframe", keyframe_id="k", x=250_000)
    with refused("no_change"):
        world.do("update_crop_keyframe", keyframe_id="k")
    with refused("bad_rectangle"):
        world.do("update_crop_keyframe", keyframe_id="k", x=500_001)
    world.do("update_crop_keyframe", keyframe_id="k", width=480, unit="px")
    assert world.value("k")["value"] == {**HALF, "width": 250_000}


def test_keyframes_stay_on_their_picture() -> None:
    world = stage()
    world.do("trim", clip_id="a", edge="start", delta=2)
    world.do("move", clip_ids=["a"], delta=100)
    assert world.value("k")["time"] == 105 * F


def test_locked() -> None:
    world = stage()
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("add_crop_keyframe", clip_id="a", frame=1, **HALF)
    for gesture, params in (("update", {"x": 1}), ("move", {"to": 1}), ("delete", {})):
        with refused("track_locked"):
            world.do(f"{gesture}_crop_keyframe", keyframe_id="k", **params)


@pytest.mark.parametrize(
    "params",
    [
        {"x": 1.0},
        {"x": True},
        {"frame": -1},
        {"frame": 1.5},
        {"unit": "%"},
        {"interpolation": "smooth"},
        {"x": 2**53},
        {"z": 1},
    ],
)
def test_payloads_that_are_wrong_in_themselves(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        stage().do("add_crop_keyframe", **{"clip_id": "a", "frame": 1, **HALF, **params})


def test_the_playhead_is_carried() -> None:
    world = stage()
    base = world.state.version
    add(world, "up", 0, 7, mode="insert")
    moved = world.do("move_crop_keyframe", clip_id="a", at=15, to={"at": 18}, base_version=base)
    assert moved.rebased
    assert world.value("k")["time"] == 108 * F
    assert moved.body.gesture["at"] == 22 * F
    assert moved.body.gesture["to"] == {"at": 25 * F}
